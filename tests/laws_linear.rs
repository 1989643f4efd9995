//! Laws of the data, the decompositions and the alignments, tried on random inputs (proptest).

use std::process::Command;

use lab_core::{
    Error, Family, GdParams, Gradient, Labelled, Matrix, Random, Scale, Seed, Summary, align, gd_factorise,
    pca, principal_angles, run_seeds, scale, truncated_svd,
};
use lab_tests::{distance, normal};
use ndarray::{Axis, array, concatenate, s};
use proptest::prelude::*;

fn orthogonal(n: usize, seed: u64) -> Matrix {
    truncated_svd(&normal((n, n), seed), n).unwrap().u
}

fn shape() -> impl Strategy<Value = (usize, usize)> {
    (1..=12_usize, 1..=7_usize)
}

/// The decompositions of a tall matrix and of its transpose.
fn assert_decomposed((m, n): (usize, usize), seed: u64) {
    let a = normal((m, n), seed);
    let (tall, wide) = (truncated_svd(&a, n).unwrap(), truncated_svd(&a.t().to_owned(), n).unwrap());
    assert!(distance(&tall.reconstruct(), &a) < 1e-13);
    assert!(distance(&tall.u.t().dot(&tall.u), &Matrix::eye(n)) < 1e-13);
    assert!(distance(&wide.reconstruct(), &tall.reconstruct().t().to_owned()) < 1e-13);
    let second = nalgebra::DMatrix::from_fn(m, n, |i, j| a[[i, j]]).singular_values();
    assert!(tall.s.iter().zip(second.iter()).all(|(ours, theirs)| (ours - theirs).abs() < 1e-13 * tall.s[0]));
}

/// Large enough for its basis to be made beside the decomposition of its triangle.
#[test]
fn a_large_svd_is_a_decomposition() {
    assert_decomposed((600, 400), 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// U and V are orthonormal, s descends, the sign convention holds, all of it multiplies back to A at any scale, and
    /// nalgebra finds the same singular values.
    #[test]
    fn svd_is_a_decomposition((m, n) in shape(), seed: u64, exponent in -200..200_i32) {
        let a = normal((m, n), seed) * 10_f64.powi(exponent);
        let svd = truncated_svd(&a, m.min(n)).unwrap();
        prop_assert!(distance(&svd.reconstruct(), &a) < 1e-13);
        for vectors in [&svd.u, &svd.v] {
            prop_assert!(distance(&vectors.t().dot(vectors), &Matrix::eye(m.min(n))) < 1e-13);
        }
        prop_assert!(svd.s.iter().zip(svd.s.iter().skip(1)).all(|(high, low)| high >= low));
        for axis in svd.v.columns() {
            let largest = axis.iter().fold(0.0_f64, |largest, x| if x.abs() > largest.abs() { *x } else { largest });
            prop_assert!(largest > 0.0);
        }
        if exponent.abs() < 100 {
            let second = nalgebra::DMatrix::from_fn(m, n, |i, j| a[[i, j]]).singular_values();
            for (ours, theirs) in svd.s.iter().zip(second.iter()) {
                prop_assert!((ours - theirs).abs() < 1e-13 * svd.s[0]);
            }
        }
    }

    /// The same for a matrix that is decomposed in blocks of rows, and for its transpose.
    #[test]
    fn a_tall_svd_is_a_decomposition(m in 1600..3000_usize, n in 1..=9_usize, seed: u64) {
        assert_decomposed((m, n), seed);
    }

    /// Eckart and Young: no product of that rank is closer than the truncated SVD.
    #[test]
    fn nothing_of_that_rank_is_closer((m, n) in shape(), seed: u64, rank in 1..=7_usize) {
        let rank = rank.min(m).min(n);
        let a = normal((m, n), seed);
        let loss = |b: &Matrix| (&a - b).mapv(|e| e * e).sum();
        let best = truncated_svd(&a, rank).unwrap();
        let tail: f64 = truncated_svd(&a, m.min(n)).unwrap().s.iter().skip(rank).map(|s| s * s).sum();
        prop_assert!((loss(&best.reconstruct()) - tail).abs() < 1e-12 * a.len() as f64);
        let nearby = (&best.u + &(normal((m, rank), !seed) * 1e-3)) * &best.s;
        prop_assert!(loss(&nearby.dot(&best.v.t())) >= tail - 1e-12);
    }

    /// PCA is the SVD of the centred matrix.
    #[test]
    fn pca_is_the_svd_of_the_centred_matrix(m in 2..=12_usize, n in 1..=7_usize, seed: u64) {
        let x = normal((m, n), seed) + 3.0;
        let rank = m.min(n);
        let (pca, centred) = (pca(&x, rank).unwrap(), scale(&x, Scale::Centre).unwrap());
        let svd = truncated_svd(&centred, rank).unwrap();
        prop_assert!(distance(&pca.scores, &(&svd.u * &svd.s)) < 1e-13);
        prop_assert!(distance(&pca.scores, &centred.dot(&pca.components)) < 1e-12);
        prop_assert!(distance(&(pca.scores.dot(&pca.components.t()) + &pca.mean), &x) < 1e-12);
        let by_columns = scale(&x, Scale::Centre).unwrap().mapv(|d| d * d).sum() / (m - 1) as f64;
        prop_assert!((pca.total_variance - by_columns).abs() < 1e-12 * by_columns);
        prop_assert!((pca.variance.sum() - by_columns).abs() < 1e-12 * by_columns);
    }

    /// A known rotation or reflection, scale and shift are found again; a wider family never fits worse.
    #[test]
    fn known_maps_are_recovered(extra in 1..=8_usize, n in 1..=4_usize, seed: u64, factor in 0.01..100.0_f64) {
        let source = normal((n + extra, n), seed);
        let (q, shift) = (orthogonal(n, !seed), normal((1, n), seed ^ 1));
        for (family, linear) in [
            (Family::Rotation, q.clone()),
            (Family::Similarity, &q * factor),
            (Family::Affine, normal((n, n), seed ^ 2) + Matrix::eye(n) * 3.0),
        ] {
            let target = source.dot(&linear) + &shift;
            let found = align(&source, &target, family).unwrap();
            prop_assert!(distance(&found.linear, &linear) < 1e-9, "{family:?}");
            prop_assert!(distance(&found.shift.clone().insert_axis(Axis(0)), &shift) < 1e-6, "{family:?}");
            prop_assert!(distance(&found.aligned, &target) < 1e-9 && found.relative_error < 1e-9, "{family:?}");
        }
        let noisy = source.dot(&q) * factor + normal((n + extra, n), seed ^ 3);
        let error = |family| align(&source, &noisy, family).unwrap().relative_error;
        prop_assert!(error(Family::Affine) <= error(Family::Similarity) + 1e-12);
        prop_assert!(error(Family::Similarity) <= error(Family::Rotation) + 1e-12);
        prop_assert!(error(Family::Similarity) <= 1.0 + 1e-12);
    }

    /// A basis turned by a known angle, down to 1e-12, comes back with all its digits, in either order of arguments
    /// and whatever basis of the two spaces is given.
    #[test]
    fn known_angles_are_found(n in 1..=3_usize, seed: u64, exponent in -12.0..0.0_f64) {
        let m = 2 * n + 1;
        let q = orthogonal(m, seed);
        let angles: Vec<f64> = (0..n).map(|k| 10_f64.powf(exponent) * (1.0 + k as f64) / 2.0).collect();
        let a = q.slice(s![.., ..n]).to_owned();
        let b = Matrix::from_shape_fn((m, n), |(i, k)| angles[k].cos() * q[[i, k]] + angles[k].sin() * q[[i, n + k]]);
        let mixed = b.dot(&(normal((n, n), !seed) * 0.1 + Matrix::eye(n)));
        for found in [principal_angles(&a, &b), principal_angles(&b, &a), principal_angles(&a, &mixed)] {
            for (found, known) in found.unwrap().iter().zip(&angles) {
                prop_assert!((found - known).abs() < 1e-13, "found {found:e}, known {known:e}");
            }
        }
    }

    /// Scaled columns have mean 0, and variance 1 or 1 / variance.
    #[test]
    fn scaled_columns(m in 2..=12_usize, n in 1..=5_usize, seed: u64) {
        let x = normal((m, n), seed) * 5.0 + 100.0;
        let variance = |x: &Matrix, j: usize| {
            let mean = x.column(j).sum() / m as f64;
            x.column(j).iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (m - 1) as f64
        };
        let [centred, standard, by_variance] =
            [Scale::Centre, Scale::Standardise, Scale::Variance].map(|how| scale(&x, how).unwrap());
        for j in 0..n {
            prop_assert!(centred.column(j).sum().abs() < 1e-10 * m as f64);
            prop_assert!((variance(&standard, j) - 1.0).abs() < 1e-9);
            prop_assert!((variance(&by_variance, j) * variance(&x, j) - 1.0).abs() < 1e-9);
        }
    }

    /// A shuffle moves rows with their classes, and numbers the classes by first appearance.
    #[test]
    fn shuffles_keep_rows_together(labels in prop::collection::vec(0..4_usize, 1..30), seed: u64, torch: bool) {
        let names = ["a", "b", "c", "d"].map(String::from).to_vec();
        let x = Matrix::from_shape_fn((labels.len(), 1), |(i, _)| i as f64);
        let table = Labelled { x, y: labels.clone(), classes: names.clone(), features: vec!["row".into()] };
        let shuffled = table.shuffled(if torch { Seed::Torch(seed) } else { Seed::Portable(seed) });
        let mut seen = 0;
        for (row, &class) in shuffled.x.column(0).iter().zip(&shuffled.y) {
            let old = labels.iter().enumerate().find(|&(i, _)| (i as f64 - row).abs() < 0.5).unwrap().1;
            prop_assert_eq!(&shuffled.classes[class], &names[*old]);
            prop_assert!(class <= seen);
            seen = seen.max(class + 1);
        }
        let mut rows: Vec<f64> = shuffled.x.iter().copied().collect();
        rows.sort_by(f64::total_cmp);
        prop_assert_eq!(rows, (0..labels.len()).map(|i| i as f64).collect::<Vec<_>>());
        prop_assert_eq!(shuffled.classes.len(), 4);
    }

    /// A summary is in order, within the sample, and blind to the sample's order.
    #[test]
    fn summaries_are_ordered(mut values in prop::collection::vec(-1e6..1e6_f64, 1..40)) {
        let summary = Summary::of(&values).unwrap();
        let Summary { min, q1, median, q3, max, mean } = summary;
        prop_assert!(min <= q1 && q1 <= median && median <= q3 && q3 <= max);
        prop_assert!(min - 1e-9 <= mean && mean <= max + 1e-9);
        values.reverse();
        prop_assert_eq!(Summary::of(&values), Some(summary));
    }

    /// Results come in seed order, and the first error in seed order wins.
    #[test]
    fn seeds_stay_in_order(start in 0..1000_u64, count in 0..200_u64, bad in 0..300_u64) {
        let run = |seed| {
            let found = u64::to_string(&seed);
            if seed >= start + bad { Err(Error::Param { name: "seed", rule: "small", found }) } else { Ok(seed) }
        };
        let expected: Result<Vec<u64>, Error> = (start..start + count).map(run).collect();
        prop_assert_eq!(run_seeds(start..start + count, run), expected);
    }
}

/// Portable streams are frozen: no update of a library may change what a published seed gives.
#[test]
fn portable_streams_stay_as_they_are() {
    let mut random = Random::new(Seed::Portable(42));
    assert_eq!(random.uniform((1, 2)), array![[0.348_254_468_548_076_3, 0.285_698_571_262_962_05]]);
    assert_eq!(random.normal((1, 2)), array![[-0.006_918_009_300_419_063, -0.212_410_469_073_476_16]]);
    assert_eq!(random.permutation(8), [6, 1, 4, 2, 5, 7, 3, 0]);
}

/// A hash of the numbers' bits.
fn bits<'a>(numbers: impl Iterator<Item = &'a f64>) -> u64 {
    numbers.fold(0, |hash: u64, x| hash.rotate_left(5).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ x.to_bits())
}

/// What the next test runs in processes of its own: a run whose bits it prints.
#[test]
fn bits_of_a_run_over_seeds() {
    let runs = run_seeds(0..40, |seed| {
        let x = concatenate![Axis(0), normal((30, 3), seed), Random::new(Seed::Torch(seed)).normal((5, 3))];
        let pca = pca(&x, 2)?;
        Ok(bits(pca.scores.iter().chain(&pca.variance)))
    });
    let a = normal((600, 400), 0); // on threads of its own
    let p = GdParams { rank: 9, epochs: 50, lr: 1e-5, gradient: Gradient::Analytic, ..Default::default() };
    let large = [gd_factorise(&a, &p).unwrap().u, truncated_svd(&a, 9).unwrap().u].map(|u| bits(u.iter()));
    println!("bits: {:x?} {large:x?}", runs.unwrap());
}

/// The same seeds give the same bits on 1, 2 and 3 threads.
#[test]
fn bits_do_not_depend_on_the_threads() {
    let on = |threads: &str| {
        let run = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "bits_of_a_run_over_seeds", "--nocapture"])
            .env("LAB_THREADS", threads)
            .output()
            .unwrap();
        let text = String::from_utf8(run.stdout).unwrap();
        text.lines().find(|line| line.contains("bits: ")).unwrap().to_owned()
    };
    let one = on("1");
    assert_eq!(one, on("2"));
    assert_eq!(one, on("3"));
}
