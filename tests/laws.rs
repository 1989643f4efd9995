//! Laws that hold for every input, tried on random ones (proptest; failures are kept in `proptest-regressions`).

use std::num::NonZeroUsize;

use lab_core::{
    Batch, Bias, GdParams, Gradient, Init, Labelled, Loss, Mask, Matrix, Mlp, MlpParams, Observations, Order,
    Output, Random, Reduction, Seed, SgdParams, cross_entropy, cross_entropy_gradient, gd_factorise,
    gd_factorise_from, sgd_factorise_from, sgd_factorise_masked, sgd_factorise_masked_from,
    sgd_factorise_observed, train_mlp_from, truncated_svd,
};
use lab_tests::{differences, distance, normal};
use ndarray::Axis;
use proptest::prelude::*;

const LOSSES: [Loss; 3] = [Loss::SumSquared, Loss::MeanSquared, Loss::Frobenius];

/// A matrix (2 to 9, 2 to 6) of standard normal numbers, and a rank that it allows.
fn problem() -> impl Strategy<Value = (Matrix, usize)> {
    (2..=9_usize, 2..=6_usize, any::<u64>())
        .prop_flat_map(|(m, n, seed)| (Just(normal((m, n), seed)), 1..=m.min(n)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// The expression, the formulas and central differences agree on the gradient: a step is -lr times it.
    #[test]
    fn three_ways_to_one_gradient((a, rank) in problem(), which in 0..3_usize, seed: u64) {
        let (loss, lr) = (LOSSES[which], 0.5);
        let (u0, v0) = (normal((a.nrows(), rank), seed), normal((a.ncols(), rank), !seed));
        let by_differences = differences(&u0, |u| loss.value(&(&a - u.dot(&v0.t()))));
        for gradient in [Gradient::Autodiff, Gradient::Analytic] {
            let p = GdParams { rank, epochs: 1, lr, loss, gradient, ..Default::default() };
            let u = gd_factorise_from(&a, u0.clone(), v0.clone(), &p).unwrap().u;
            prop_assert!(distance(&((&u0 - u) / lr), &by_differences) < 1e-6, "{gradient:?}");
        }
    }

    /// Both gradients lead to the same factors and losses.
    #[test]
    fn the_formulas_follow_the_expression((a, rank) in problem(), which in 0..3_usize, seed in 0..1000_u64) {
        let p = GdParams { rank, epochs: 60, lr: 0.005, loss: LOSSES[which], seed: Seed::Portable(seed), ..Default::default() };
        let autodiff = gd_factorise(&a, &p).unwrap();
        let formulas = gd_factorise(&a, &GdParams { gradient: Gradient::Analytic, ..p }).unwrap();
        prop_assert!(distance(&formulas.u, &autodiff.u) < 1e-10);
        prop_assert!(distance(&formulas.v, &autodiff.v) < 1e-10);
        for (found, expected) in formulas.losses.iter().zip(&autodiff.losses) {
            prop_assert!((found - expected).abs() <= 1e-10 * expected, "{found:e} is not {expected:e}");
        }
    }

    /// Eckart and Young: no factors of the same rank have a smaller loss than the truncated SVD.
    #[test]
    fn nothing_beats_the_svd((a, rank) in problem(), which in 0..3_usize, seed in 0..1000_u64) {
        let loss = LOSSES[which];
        let p = GdParams { rank, loss, seed: Seed::Portable(seed), gradient: Gradient::Analytic, ..Default::default() };
        let bound = loss.value(&(&a - truncated_svd(&a, rank).unwrap().reconstruct()));
        for found in gd_factorise(&a, &p).unwrap().losses {
            prop_assert!(found >= bound - 1e-9, "{found:e} is below {bound:e}");
        }
    }

    /// An all-true mask is no mask, bit for bit.
    #[test]
    fn an_all_true_mask_is_no_mask((a, rank) in problem(), seed: u64) {
        let (u0, v0) = (normal((a.nrows(), rank), seed), normal((a.ncols(), rank), !seed));
        let p = SgdParams { rank, epochs: 20, lr: 0.005, ..Default::default() };
        let all = Mask::from_elem(a.dim(), true);
        let masked = sgd_factorise_masked_from(&a, &all, u0.clone(), v0.clone(), &p).unwrap();
        prop_assert_eq!(masked, sgd_factorise_from(&a, u0, v0, &p).unwrap());
    }

    /// What a hidden cell holds never matters.
    #[test]
    fn hidden_cells_never_matter((a, rank) in problem(), seed: u64, hidden in any::<f64>()) {
        let (u0, v0) = (normal((a.nrows(), rank), seed), normal((a.ncols(), rank), !seed));
        let p = SgdParams { rank, epochs: 20, lr: 0.005, ..Default::default() };
        let mut observed = normal(a.dim(), seed ^ 1).mapv(|x| x > 0.0);
        observed[[0, 0]] = true;
        let run = |hidden: f64| {
            let mut a = a.clone();
            a.zip_mut_with(&observed, |a, &seen| if !seen { *a = hidden });
            sgd_factorise_masked_from(&a, &observed, u0.clone(), v0.clone(), &p).unwrap()
        };
        let expected = run(0.0);
        prop_assert_eq!(&run(hidden), &expected);
        prop_assert_eq!(&run(f64::NAN), &expected);
    }

    /// Observed cells in their order, in one block: the masked definition, bit for bit.
    #[test]
    fn one_block_is_the_sequential_definition((a, rank) in problem(), seed in 0..1000_u64) {
        let mut observed = normal(a.dim(), seed).mapv(|x| x > 0.0);
        observed[[0, 0]] = true;
        let p = SgdParams { rank, epochs: 20, lr: 0.005, seed: Seed::Portable(seed), ..Default::default() };
        let cells = Observations::masked(&a, &observed).unwrap();
        let found = sgd_factorise_observed(&cells, Some(&cells), &p, Order::Stored, NonZeroUsize::MIN).unwrap();
        prop_assert_eq!(&found.factors, &sgd_factorise_masked(&a, &observed, &p).unwrap());
        prop_assert_eq!(found.train_rmse, found.held_out_rmse);
    }

    /// Where a matrix has the rank looked for, the loss falls by many powers of ten and the formulas still follow.
    #[test]
    fn small_losses_are_as_exact_as_large_ones(m in 20..60_usize, n in 3..6_usize, seed: u64) {
        let a = normal((m, 2), seed).dot(&normal((2, n), !seed));
        let (u0, v0) = (normal((m, 2), seed ^ 1), normal((n, 2), seed ^ 2));
        let p = GdParams { epochs: 400, lr: 0.002, ..Default::default() };
        let autodiff = gd_factorise_from(&a, u0.clone(), v0.clone(), &p).unwrap();
        let formulas = gd_factorise_from(&a, u0, v0, &GdParams { gradient: Gradient::Analytic, ..p }).unwrap();
        let norm = Loss::Frobenius.value(&a);
        for (found, expected) in formulas.losses.iter().zip(&autodiff.losses) {
            let rounding = 1e-14 * norm * expected.sqrt() + 1e-28 * norm * norm; // of one residual's cells
            prop_assert!((found - expected).abs() <= 1e-10 * expected + rounding, "{found:e} is not {expected:e}");
        }
    }

    /// Rows in another order: the same factors with U's rows in that order, up to the order of sums.
    #[test]
    fn permuting_rows_permutes_u((a, rank) in problem(), seed: u64) {
        let (u0, v0) = (normal((a.nrows(), rank), seed), normal((a.ncols(), rank), !seed));
        let order = Random::new(Seed::Portable(seed)).permutation(a.nrows());
        for gradient in [Gradient::Autodiff, Gradient::Analytic] {
            let p = GdParams { rank, epochs: 20, lr: 0.002, gradient, ..Default::default() };
            let plain = gd_factorise_from(&a, u0.clone(), v0.clone(), &p).unwrap();
            let permuted =
                gd_factorise_from(&a.select(Axis(0), &order), u0.select(Axis(0), &order), v0.clone(), &p).unwrap();
            prop_assert!(distance(&permuted.u, &plain.u.select(Axis(0), &order)) < 1e-10);
            prop_assert!(distance(&permuted.v, &plain.v) < 1e-10);
        }
    }

    /// The network's formulas follow the expression in every variant.
    #[test]
    fn the_networks_formulas_follow_the_expression(
        seed: u64,
        bias in prop::sample::select(vec![Bias::Scalar, Bias::PerUnit, Bias::Frozen]),
        reduction in prop::sample::select(vec![Reduction::Sum, Reduction::Mean]),
        output in prop::sample::select(vec![Output::Logits, Output::Relu]),
        rows in 1..40_usize, hidden in 1..20_usize, classes in 1..6_usize, batch in 0..12_usize,
    ) {
        let mut random = Random::new(Seed::Portable(seed));
        let y = random.permutation(rows).into_iter().map(|row| row % classes).collect();
        let names = |n: usize| (0..n).map(|i| i.to_string()).collect();
        let train = Labelled { x: random.normal((rows, 3)), y, classes: names(classes), features: names(3) };
        let batch = NonZeroUsize::new(batch).map_or(Batch::Full, Batch::Size);
        let p = MlpParams { hidden, epochs: 15, lr: 0.002, bias, reduction, batch, output, init: Init::FanIn, ..Default::default() };
        let mut start = Mlp::start(3, classes, &p).unwrap();
        start.b1.fill(0.1);
        start.b2.fill(0.05);
        let autodiff = train_mlp_from(&train, Some(&train), start.clone(), &p).unwrap();
        let formulas = MlpParams { gradient: Gradient::Analytic, ..p };
        let formulas = train_mlp_from(&train, Some(&train), start, &formulas).unwrap();
        for (found, expected) in formulas.losses.iter().zip(&autodiff.losses) {
            prop_assert!((found - expected).abs() <= 1e-9 * expected.max(1e-6), "{found:e} is not {expected:e}");
        }
        prop_assert!(distance(&formulas.mlp.w1, &autodiff.mlp.w1) < 1e-9);
        prop_assert!(distance(&formulas.mlp.w2, &autodiff.mlp.w2) < 1e-9);
    }
}

/// The gradient of every loss is the slope of its value, cell by cell.
#[test]
fn gradients_are_the_slopes_of_the_values() {
    let e = ndarray::array![[0.5, -1.5, 2.0], [0.0, 0.25, -0.75]];
    for loss in LOSSES.into_iter().chain([Loss::Huber { delta: 1.0 }]) {
        assert!(distance(&loss.gradient(&e), &differences(&e, |e| loss.value(e))) < 1e-7, "{loss:?}");
    }
    for reduction in [Reduction::Sum, Reduction::Mean] {
        let slopes = differences(&e, |z| cross_entropy(z, &[2, 0], reduction).unwrap());
        let gradient = cross_entropy_gradient(&e, &[2, 0], reduction).unwrap();
        assert!(distance(&gradient, &slopes) < 1e-7, "{reduction:?}");
    }
}
