//! No panic is reachable: arbitrary files and arbitrary arguments end in a result or in an error.
//!
//! Deterministic mangling by proptest rather than a coverage-guided fuzzer: those need a nightly compiler, and the
//! inputs here are small enough that random ones reach every check. `PROPTEST_CASES=100000` runs longer.

use std::num::NonZeroUsize;

use lab_core::{
    Batch, Bias, Family, GdParams, Gradient, Init, Labelled, Loss, Mask, Matrix, Mlp, MlpParams,
    Observations, Optimiser, Order, Output, Random, Reduction, Scale, Seed, SgdParams, Summary, Vector,
    accuracy, align, cross_entropy, cross_entropy_gradient, gd_factorise, gd_factorise_from, pca,
    principal_angles, scale, sgd_factorise, sgd_factorise_masked, sgd_factorise_masked_from,
    sgd_factorise_observed, train_mlp, train_mlp_from, truncated_svd,
};
use proptest::prelude::*;

/// Numbers that break careless code, and ordinary ones.
fn number() -> impl Strategy<Value = f64> {
    let odd =
        [0.0, -0.0, 1.0, -1.0, 1e-320, 1e200, -1e308, f64::MAX, f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
    prop_oneof![6 => -3.0..3.0_f64, 1 => prop::sample::select(odd.to_vec())]
}

fn of_shape((m, n): (usize, usize)) -> impl Strategy<Value = Matrix> {
    // Half of the matrices hold ordinary numbers only, so that the work behind the checks is reached too.
    let values = prop_oneof![
        prop::collection::vec(number().boxed(), m * n),
        prop::collection::vec((-3.0..3.0_f64).boxed(), m * n)
    ];
    values.prop_map(move |values| Matrix::from_shape_fn((m, n), |(i, j)| values[i * n + j]))
}

fn any_matrix() -> impl Strategy<Value = Matrix> {
    (0..5_usize, 0..5_usize).prop_flat_map(of_shape)
}

fn any_init() -> impl Strategy<Value = Init> {
    prop_oneof![
        (number(), number()).prop_map(|(low, high)| Init::Uniform { low, high }),
        (number(), number()).prop_map(|(mean, std)| Init::Normal { mean, std }),
        prop::sample::select(vec![Init::XavierUniform, Init::XavierNormal, Init::FanIn]),
    ]
}

fn any_seed() -> impl Strategy<Value = Seed> {
    prop_oneof![any::<u64>().prop_map(Seed::Portable), any::<u64>().prop_map(Seed::Torch)]
}

fn any_gradient() -> impl Strategy<Value = Gradient> {
    prop::sample::select(vec![Gradient::Autodiff, Gradient::Analytic])
}

fn any_loss() -> impl Strategy<Value = Loss> {
    let plain = vec![Loss::SumSquared, Loss::MeanSquared, Loss::Frobenius, Loss::Absolute];
    prop_oneof![4 => prop::sample::select(plain), 1 => number().prop_map(|delta| Loss::Huber { delta })]
}

fn any_optimiser() -> impl Strategy<Value = Optimiser> {
    let share = || prop_oneof![4 => 0.0..1.0_f64, 1 => number()];
    prop_oneof![
        3 => Just(Optimiser::Plain),
        1 => share().prop_map(|beta| Optimiser::Momentum { beta }),
        1 => share().prop_map(|beta| Optimiser::Nesterov { beta }),
        1 => (share(), share(), number())
            .prop_map(|(beta1, beta2, epsilon)| Optimiser::Adam { beta1, beta2, epsilon }),
    ]
}

/// A side of a matrix, or a number of blocks: small, or far too large.
fn any_side() -> impl Strategy<Value = usize> {
    prop_oneof![8 => 0..7_usize, 1 => prop::sample::select(vec![1 << 16, (1 << 32) - 1, 1 << 32, usize::MAX])]
}

fn any_table() -> impl Strategy<Value = Labelled> {
    (any_matrix(), prop::collection::vec(0..4_usize, 0..6), 0..4_usize).prop_map(|(x, y, classes)| Labelled {
        x,
        y,
        classes: (0..classes).map(|class| class.to_string()).collect(),
        features: vec![],
    })
}

fn finite(values: &[f64]) -> bool {
    values.iter().all(|value| value.is_finite())
}

/// Every reader sees the bytes.
fn assert_read(bytes: &[u8]) {
    if let Ok(table) = Labelled::from_reader(bytes) {
        assert_consistent(&table);
    }
    if let Ok(cells) = Observations::from_reader(bytes) {
        assert!(!is_empty(&cells));
    }
}

/// Places in a text, and the bytes to write there.
fn any_places() -> impl Strategy<Value = Vec<(prop::sample::Index, u8)>> {
    prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6)
}

fn assert_read_mangled(mut bytes: Vec<u8>, places: Vec<(prop::sample::Index, u8)>) {
    for (place, byte) in places {
        let place = place.index(bytes.len());
        bytes[place] = byte;
    }
    assert_read(&bytes);
}

fn is_empty(cells: &Observations) -> bool {
    let (rows, columns) = cells.dim();
    cells.len() == 0 || rows == 0 || columns == 0
}

fn assert_consistent(table: &Labelled) {
    assert_eq!(table.x.nrows(), table.y.len());
    assert_eq!(table.x.ncols(), table.features.len());
    assert!(table.y.iter().all(|&class| class < table.classes.len()));
    assert!(table.x.iter().all(|value| value.is_finite()));
}

proptest! {
    #[test]
    fn arbitrary_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        assert_read(&bytes);
    }

    /// The bytes that matter to the parser, in any order.
    #[test]
    fn arbitrary_punctuation(text in "[0-9a.,;\"'\r\n \t+e\u{e9}-]{0,200}") {
        assert_read(text.as_bytes());
    }

    /// A valid table with some bytes overwritten.
    #[test]
    fn mangled_tables(rows in 1..8_usize, places in any_places()) {
        let bytes = (0..rows).fold(b"width,height,kind\r\n".to_vec(), |mut text, i| {
            text.extend(format!("{i}.5,-{i}e-1,\"kind {}\"\r\n", i % 3).bytes());
            text
        });
        assert_read_mangled(bytes, places);
    }

    /// A valid table of observations with some bytes overwritten.
    #[test]
    fn mangled_observations(rows in 1..8_usize, places in any_places()) {
        let bytes = (0..rows).fold(b"user,item,rating\n".to_vec(), |mut text, i| {
            text.extend(format!("{i},\"{}\",{i}.25\r\n", 7 * i).bytes());
            text
        });
        assert_read_mangled(bytes, places);
    }

    /// Observations of anything, split and completed in any way: a result or an error.
    #[test]
    fn completions(
        dim in (any_side(), any_side()),
        cells in prop::collection::vec((0..6_usize, 0..6_usize, number()), 0..12),
        count in 0..14_usize,
        (rank, epochs, lr, penalty) in (0..5_usize, 0..4_usize, number(), number()),
        (init, seed, blocks) in (any_init(), any_seed(), any_side()),
        stored in any::<bool>(),
    ) {
        if let Ok(cells) = Observations::new(dim, cells) {
            prop_assert!(!is_empty(&cells));
            let parts = cells.split(count, &mut Random::new(seed));
            let (train, test) = parts.map_or((cells, None), |(train, test)| (train, Some(test)));
            let p = SgdParams { rank, epochs, lr, init, seed, penalty };
            let order = if stored { Order::Stored } else { Order::Shuffled };
            let blocks = NonZeroUsize::new(blocks).unwrap_or(NonZeroUsize::MIN);
            if let Ok(found) = sgd_factorise_observed(&train, test.as_ref(), &p, order, blocks) {
                prop_assert!(found.factors.losses.len() == epochs + 1 && finite(&found.factors.losses));
                prop_assert_eq!(found.held_out_rmse.len(), test.map_or(0, |_| epochs + 1));
            }
        }
    }

    /// Factorisations of anything from anywhere: finite losses or an error.
    #[test]
    fn factorisations(
        (a, u0, v0) in (any_matrix(), any_matrix(), any_matrix()),
        seen in (0..5_usize, 0..5_usize, any::<u64>()),
        (rank, epochs, lr) in (0..5_usize, 0..4_usize, number()),
        (init, seed, gradient) in (any_init(), any_seed(), any_gradient()),
        (loss, optimiser, penalty) in (any_loss(), any_optimiser(), number()),
        fitting in any::<bool>(),
    ) {
        let gd = GdParams { rank, epochs, lr, loss, gradient, init, seed, optimiser };
        let sgd = SgdParams { rank, epochs, lr, init, seed, penalty };
        let shape = if fitting { a.dim() } else { (seen.0, seen.1) };
        let mask = Mask::from_shape_fn(shape, |(i, j)| seen.2 >> (5 * i + j) & 1 == 1);
        for factors in [
            gd_factorise(&a, &gd),
            gd_factorise_from(&a, u0.clone(), v0.clone(), &gd),
            sgd_factorise(&a, &sgd),
            sgd_factorise_masked(&a, &mask, &sgd),
            sgd_factorise_masked_from(&a, &mask, u0, v0, &sgd),
        ].into_iter().flatten() {
            prop_assert!(factors.losses.len() == epochs + 1 && finite(&factors.losses));
        }
    }

    #[test]
    fn decompositions_and_alignments((a, b) in (any_matrix(), any_matrix()), rank in 0..6_usize) {
        for how in [Scale::Centre, Scale::Standardise, Scale::Variance] {
            if let Ok(scaled) = scale(&a, how) {
                prop_assert!(scaled.iter().all(|x| x.is_finite()));
            }
        }
        if let Ok(svd) = truncated_svd(&a, rank) {
            prop_assert!(svd.u.iter().chain(&svd.s).chain(&svd.v).all(|x| x.is_finite()));
        }
        let _ = pca(&a, rank);
        for family in [Family::Rotation, Family::Similarity, Family::Affine] {
            if let Ok(found) = align(&a, &b, family) {
                prop_assert!(found.linear.iter().all(|x| x.is_finite()));
            }
        }
        if let Ok(angles) = principal_angles(&a, &b) {
            prop_assert!(angles.iter().all(|angle| (0.0..=std::f64::consts::FRAC_PI_2 + 1e-15).contains(angle)));
        }
    }

    #[test]
    fn networks(
        (train, validation) in (any_table(), any_table()),
        (w1, w2, b) in (any_matrix(), any_matrix(), prop::collection::vec(number(), 0..4)),
        (hidden, epochs, lr) in (0..4_usize, 0..3_usize, number()),
        (init, seed, gradient) in (any_init(), any_seed(), any_gradient()),
        bias in prop::sample::select(vec![Bias::Scalar, Bias::PerUnit, Bias::Frozen]),
        reduction in prop::sample::select(vec![Reduction::Sum, Reduction::Mean]),
        output in prop::sample::select(vec![Output::Logits, Output::Relu]),
        (batch, optimiser) in (0..4_usize, any_optimiser()),
    ) {
        let batch = NonZeroUsize::new(batch).map_or(Batch::Full, Batch::Size);
        let p = MlpParams { hidden, epochs, lr, init, bias, reduction, batch, output, gradient, seed, optimiser };
        let start = Mlp { w1, b1: Vector::from(b.clone()), w2, b2: Vector::from(b), output };
        let _ = (start.logits(&train.x), start.predict(&validation.x));
        for trained in [
            train_mlp(&train, None, &p),
            train_mlp(&train, Some(&validation), &p),
            train_mlp_from(&train, Some(&validation), start, &p),
        ].into_iter().flatten() {
            prop_assert!(trained.losses.len() == epochs + 1 && finite(&trained.losses));
        }
    }

    #[test]
    fn everything_else(
        table in any_table(),
        (logits, labels) in (any_matrix(), prop::collection::vec(0..5_usize, 0..6)),
        values in prop::collection::vec(number(), 0..6),
        (seed, rows) in (any_seed(), 0..8_usize),
    ) {
        let shuffled = table.shuffled(seed);
        prop_assert_eq!(shuffled.x.nrows(), shuffled.y.len());
        if let Ok((first, second)) = table.split_at(rows) {
            prop_assert_eq!(first.y.len() + second.y.len(), table.x.nrows().min(table.y.len()));
        }
        let _ = (table.scaled(Scale::Variance), accuracy(&labels, &table.y));
        let _ = (cross_entropy(&logits, &labels, Reduction::Mean), cross_entropy_gradient(&logits, &labels, Reduction::Sum));
        if let Some(summary) = Summary::of(&values) {
            prop_assert!(summary.min <= summary.median && summary.median <= summary.max);
        }
    }
}
