//! The runs behind the checks: a thousand seeds a variant, each made once in a process and kept.

use std::sync::OnceLock;

use ndarray::array;

use crate::data::{Labelled, Scale, iris, scale};
use crate::descent::Gradient;
use crate::error::Result;
use crate::evaluate::{Summary, run_seeds};
use crate::factorise::{Factors, GdParams, SgdParams, gd_factorise, sgd_factorise_masked};
use crate::loss::{Loss, Reduction};
use crate::matrix::Matrix;
use crate::mlp::{Batch, Bias, Mlp, MlpParams, Output, Trained, train_mlp, train_mlp_from};
use crate::random::{Init, Random};
use crate::svd::truncated_svd;

/// A run is bad if its training accuracy ends below this: at 0.70 or less, as accuracies are whole hundredths. Run 4 of
/// report A is one.
pub(crate) const BAD: f64 = 0.705;

/// How many seeds a sweep has.
pub(super) const RUNS: u64 = 1000;

/// Computes a value at its first use and keeps it. An error is not kept: the next use computes again.
fn once<T: Clone>(cell: &'static OnceLock<T>, make: impl FnOnce() -> Result<T>) -> Result<&'static T> {
    if let Some(made) = cell.get() {
        return Ok(made);
    }
    let made = make()?;
    Ok(cell.get_or_init(|| made))
}

/// Centred iris (150, 4), what reports A to D factorise.
pub(crate) fn flowers() -> Result<&'static Matrix> {
    static MADE: OnceLock<Matrix> = OnceLock::new();
    once(&MADE, || scale(&iris().x, Scale::Centre))
}

/// Sheet 1's matrix (3, 3), what report E factorises.
pub(crate) fn sheet_one() -> Matrix {
    array![[0.3374, 0.6005, 0.1735], [3.3359, 0.0492, 1.8374], [2.9407, 0.5301, 2.2620]]
}

/// The squared norm that the best fit of this rank leaves of centred iris.
pub(crate) fn best_loss(rank: usize) -> Result<f64> {
    let a = flowers()?;
    Ok(squares(&(a - &truncated_svd(a, rank)?.reconstruct())))
}

/// `‖E‖²`.
pub(crate) fn squares(residual: &Matrix) -> f64 {
    Loss::SumSquared.value(residual)
}

pub(crate) fn median(values: &[f64]) -> f64 {
    Summary::of(values).map_or(f64::NAN, |s| s.median)
}

pub(super) fn mean(values: &[f64]) -> f64 {
    Summary::of(values).map_or(f64::NAN, |s| s.mean)
}

pub(super) fn least(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

pub(super) fn greatest(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

/// The share of a sample that meets a condition.
pub(super) fn share(values: &[f64], condition: impl Fn(f64) -> bool) -> f64 {
    values.iter().filter(|&&value| condition(value)).count() as f64 / values.len() as f64
}

/// The default descent, by formulas instead of expressions: the same numbers, faster.
pub(crate) fn descent() -> GdParams {
    GdParams { gradient: Gradient::Analytic, ..Default::default() }
}

/// Gradient descent on iris from the seeds 0 to `runs` - 1.
pub(super) fn descend_from(runs: u64, p: GdParams) -> Result<Vec<Factors>> {
    let a = flowers()?;
    run_seeds(0..runs, |seed| gd_factorise(a, &GdParams { seed: seed.into(), ..p }))
}

/// The sheet's descent, 1000 epochs (reports A and B).
pub(super) fn descents() -> Result<&'static Vec<Factors>> {
    static MADE: OnceLock<Vec<Factors>> = OnceLock::new();
    once(&MADE, || descend_from(RUNS, descent()))
}

/// Report D's descent, 2000 epochs.
pub(super) fn long_descents() -> Result<&'static Vec<Factors>> {
    static MADE: OnceLock<Vec<Factors>> = OnceLock::new();
    once(&MADE, || descend_from(RUNS, GdParams { epochs: 2000, ..descent() }))
}

/// Report C's descent, on the norm instead of its square.
pub(super) fn norm_descents() -> Result<&'static Vec<Factors>> {
    static MADE: OnceLock<Vec<Factors>> = OnceLock::new();
    once(&MADE, || descend_from(RUNS, GdParams { loss: Loss::Frobenius, ..descent() }))
}

/// The losses before the last update and after it, of each run.
pub(super) fn last_two(runs: &[Factors]) -> (Vec<f64>, Vec<f64>) {
    let at = |back: usize| runs.iter().map(|run| run.losses[run.losses.len() - back]).collect();
    (at(2), at(1))
}

/// Iris as the networks see it: divided by its variance, shuffled by the seed, the first 100 rows for training.
pub(crate) fn split(seed: u64) -> Result<(Labelled, Labelled)> {
    static SCALED: OnceLock<Labelled> = OnceLock::new();
    once(&SCALED, || iris().scaled(Scale::Variance))?.shuffled(seed.into()).split_at(100)
}

/// The network of report A: weights uniform on (0, 1), scalar biases, the summed loss.
pub(crate) fn net_a() -> MlpParams {
    let init = Init::Uniform { low: 0.0, high: 1.0 };
    MlpParams { init, reduction: Reduction::Sum, gradient: Gradient::Analytic, ..Default::default() }
}

/// The network of report B: normal weights, one bias a unit, the summed loss.
pub(crate) fn net_b() -> MlpParams {
    MlpParams { init: MlpParams::default().init, bias: Bias::PerUnit, ..net_a() }
}

/// The network of report C: normal weights over √fan-in, one bias a unit, the mean loss of batches of 16.
pub(super) fn net_c() -> MlpParams {
    let batch = std::num::NonZeroUsize::new(16).map_or(Batch::Full, Batch::Size);
    MlpParams { init: Init::FanIn, reduction: Reduction::Mean, batch, ..net_b() }
}

/// The network of report D: normal weights, biases that never move, a ReLU on the output, the mean loss.
pub(crate) fn net_d() -> MlpParams {
    MlpParams { bias: Bias::Frozen, reduction: Reduction::Mean, output: Output::Relu, ..net_b() }
}

/// A thousand networks, each with its seed's split and start.
pub(super) fn networks(p: MlpParams) -> Result<Vec<Trained>> {
    run_seeds(0..RUNS, |seed| {
        let (train, validation) = split(seed)?;
        train_mlp(&train, Some(&validation), &MlpParams { seed: seed.into(), ..p })
    })
}

pub(crate) fn networks_a() -> Result<&'static Vec<Trained>> {
    static MADE: OnceLock<Vec<Trained>> = OnceLock::new();
    once(&MADE, || networks(net_a()))
}

pub(super) fn networks_b() -> Result<&'static Vec<Trained>> {
    static MADE: OnceLock<Vec<Trained>> = OnceLock::new();
    once(&MADE, || networks(net_b()))
}

pub(super) fn networks_d() -> Result<&'static Vec<Trained>> {
    static MADE: OnceLock<Vec<Trained>> = OnceLock::new();
    once(&MADE, || networks(net_d()))
}

/// A thousand networks of report C, whose biases are drawn like its weights, as matrices of one row.
pub(super) fn networks_c() -> Result<&'static Vec<Trained>> {
    static MADE: OnceLock<Vec<Trained>> = OnceLock::new();
    once(&MADE, || {
        run_seeds(0..RUNS, |seed| {
            let (train, validation) = split(seed)?;
            let p = MlpParams { seed: (RUNS + seed).into(), ..net_c() };
            train_mlp_from(&train, Some(&validation), start_c(&p, 2 * RUNS + seed)?, &p)
        })
    })
}

/// Where a network of report C starts: weights from `p`, biases from a stream of their own.
pub(super) fn start_c(p: &MlpParams, biases: u64) -> Result<Mlp> {
    let (mut start, mut random) = (Mlp::start(4, 3, p)?, Random::new(biases.into()));
    start.b1 = p.init.sample((1, 12), &mut random).row(0).to_owned();
    start.b2 = p.init.sample((1, 3), &mut random).row(0).to_owned();
    Ok(start)
}

/// The accuracies after the last epoch: training, validation.
pub(super) fn accuracies(runs: &[Trained]) -> [Vec<f64>; 2] {
    let last = |history: &[f64]| history.last().copied().unwrap_or(f64::NAN);
    [
        runs.iter().map(|run| last(&run.train_accuracy)).collect(),
        runs.iter().map(|run| last(&run.validation_accuracy)).collect(),
    ]
}

/// Element-wise SGD on sheet 1's matrix over the cells for which `visited` is true. Returns the squared error over all
/// nine cells and the completed matrix, for each of `runs` seeds.
pub(super) fn visits(runs: u64, visited: impl Fn(usize, usize) -> bool) -> Result<Vec<(f64, Matrix)>> {
    let (a, mask) =
        (sheet_one(), crate::matrix::Mask::from_shape_fn((3, 3), |(row, column)| visited(row, column)));
    run_seeds(0..runs, |seed| {
        let p = SgdParams { seed: seed.into(), ..Default::default() };
        let fit = sgd_factorise_masked(&a, &mask, &p)?.reconstruct();
        Ok((squares(&(&a - &fit)), fit))
    })
}

/// Whether a cell is observed in exercise 3.2 of sheet 1.
pub(crate) fn observed(row: usize, column: usize) -> bool {
    !matches!((row, column), (1, 0) | (2, 1))
}

/// Exercise 1.2's runs, over all cells.
pub(super) fn whole_visits() -> Result<&'static Vec<(f64, Matrix)>> {
    static MADE: OnceLock<Vec<(f64, Matrix)>> = OnceLock::new();
    once(&MADE, || visits(RUNS, |_, _| true))
}

/// Exercise 3.2's runs.
pub(super) fn completions() -> Result<&'static Vec<(f64, Matrix)>> {
    static MADE: OnceLock<Vec<(f64, Matrix)>> = OnceLock::new();
    once(&MADE, || visits(RUNS, observed))
}
