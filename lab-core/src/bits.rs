//! Tests that equal seeds give equal bits on any number of threads, and on lanes of every width. The test on threads
//! uses sizes above the thresholds from which work is spread, and checks that threads were started.

use std::num::NonZeroUsize;

use crate::data::{Labelled, Scale, iris};
use crate::descent::{Gradient, Optimiser};
use crate::factorise::{GdParams, Order, SgdParams, gd_factorise, sgd_factorise, sgd_factorise_observed};
use crate::loss::Loss;
use crate::matrix::Matrix;
use crate::mlp::{Batch, Bias, MlpParams, train_mlp};
use crate::observations::Observations;
use crate::random::{Init, Random, Seed};
use crate::svd::{pca, truncated_svd};
use crate::threads::tests::on;

fn normal(shape: (usize, usize), seed: u64) -> Matrix {
    Random::new(Seed::Portable(seed)).normal(shape)
}

fn bits<'a>(numbers: impl IntoIterator<Item = &'a f64>) -> Vec<u64> {
    numbers.into_iter().map(|x| x.to_bits()).collect()
}

fn descent(shape: (usize, usize), p: &GdParams) -> Vec<u64> {
    let found = gd_factorise(&normal(shape, 0), p).unwrap();
    bits(found.u.iter().chain(&found.v).chain(&found.losses))
}

const FORMULAS: GdParams = GdParams {
    rank: 7,
    epochs: 5,
    lr: 1e-5,
    loss: Loss::SumSquared,
    gradient: Gradient::Analytic,
    init: Init::Uniform { low: 0.0, high: 1.0 },
    seed: Seed::Portable(1),
    optimiser: Optimiser::Plain,
};

/// On the residual: few epochs of a matrix that is not much taller than wide.
fn residual_path(shape: (usize, usize)) -> Vec<u64> {
    descent(shape, &FORMULAS)
}

/// In the space of A's columns: many epochs.
fn gram_path(shape: (usize, usize)) -> Vec<u64> {
    descent(shape, &GdParams { rank: 9, epochs: 50, ..FORMULAS })
}

fn whole_gradients(shape: (usize, usize)) -> Vec<u64> {
    let p = GdParams { loss: Loss::Huber { delta: 0.5 }, optimiser: Optimiser::ADAM, ..FORMULAS };
    descent(shape, &p)
}

fn expression(shape: (usize, usize)) -> Vec<u64> {
    descent(shape, &GdParams { gradient: Gradient::Autodiff, ..FORMULAS })
}

fn completion((m, n): (usize, usize)) -> Vec<u64> {
    let observed = normal((m, n), 3).mapv(|x| x > -0.5);
    let cells = Observations::masked(&normal((m, 3), 1).dot(&normal((3, n), 2)), &observed).unwrap();
    let p = SgdParams { rank: 3, epochs: 2, penalty: 0.01, ..Default::default() };
    let blocks = NonZeroUsize::new(4).unwrap();
    let found = sgd_factorise_observed(&cells, Some(&cells), &p, Order::Shuffled, blocks).unwrap();
    bits(found.factors.u.iter().chain(&found.factors.v).chain(&found.train_rmse).chain(&found.held_out_rmse))
}

fn svd(shape: (usize, usize), rank: usize) -> Vec<u64> {
    let found = truncated_svd(&normal(shape, 4), rank).unwrap();
    bits(found.u.iter().chain(&found.s).chain(&found.v))
}

/// The leading triples of a large matrix whose singular values fall fast.
fn leading_triples() -> Vec<u64> {
    let a = normal((2300, 4), 5).dot(&normal((4, 1000), 6));
    let found = truncated_svd(&a, 2).unwrap();
    bits(found.u.iter().chain(&found.s).chain(&found.v))
}

fn network(optimiser: Optimiser) -> Vec<u64> {
    let flowers: Labelled = iris().scaled(Scale::Standardise).unwrap();
    let batch = Batch::Size(NonZeroUsize::new(16).unwrap());
    let p = MlpParams {
        epochs: 5,
        batch,
        bias: Bias::PerUnit,
        gradient: Gradient::Analytic,
        optimiser,
        ..Default::default()
    };
    let found = train_mlp(&flowers, Some(&flowers), &p).unwrap();
    bits(found.mlp.w1.iter().chain(&found.mlp.b1).chain(&found.mlp.w2).chain(&found.losses))
}

/// A name, and a run that is large enough for threads.
type Run = (&'static str, fn() -> Vec<u64>);

#[test]
fn the_number_of_threads_changes_no_bit() {
    let runs: [Run; 9] = [
        ("residual path", || residual_path((900, 400))),
        ("gram path", || gram_path((600, 400))),
        ("whole gradients", || whole_gradients((1200, 700))),
        ("expression", || expression((900, 400))),
        ("completion", || completion((600, 500))),
        ("SVD by one block", || svd((600, 400), 9)),
        ("SVD by blocks of rows", || svd((3000, 9), 9)),
        ("leading triples", leading_triples),
        ("PCA", || {
            let found = pca(&normal((3000, 9), 7), 2).unwrap();
            bits(found.scores.iter().chain(&found.variance))
        }),
    ];
    for (name, run) in runs {
        let (alone, started) = on(1, run);
        assert_eq!(started, 0, "{name}");
        for threads in [2, 3] {
            let (found, started) = on(threads, run);
            assert!(started > 0, "{name} is too small for threads");
            assert!(found == alone, "{name} differs on {threads} threads");
        }
    }
}

/// Plain arithmetic, AVX2 and AVX-512 agree, as far as this processor has them.
#[cfg(target_arch = "x86_64")]
#[test]
fn the_width_of_the_lanes_changes_no_bit() {
    let runs: [Run; 8] = [
        ("residual path", || residual_path((90, 70))),
        ("gram path", || gram_path((60, 40))),
        ("whole gradients", || whole_gradients((60, 45))),
        ("expression", || expression((90, 70))),
        ("completion", || completion((90, 70))),
        ("cell by cell", || {
            let p = SgdParams { rank: 13, epochs: 3, ..Default::default() };
            bits(&sgd_factorise(&normal((30, 20), 8), &p).unwrap().u)
        }),
        ("network", || network(Optimiser::Plain)),
        ("network by Adam", || network(Optimiser::ADAM)),
    ];
    for (name, run) in runs {
        let results = crate::lanes::tests::on_each_width(|| on(1, run).0);
        for (width, found) in &results[1..] {
            assert!(*found == results[0].1, "{name}: {width:?} and plain arithmetic differ");
        }
    }
}
