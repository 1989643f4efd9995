//! Checks of the notebooks' exercises whose answer is a number or a choice. A check cell and a page call the same
//! function.
//!
//! Each check says whether the answer is right, and what was found. Exercises that ask for a program are checked in
//! their notebook.

mod networks;

pub use networks::{STAGES, free_units, mended_network, stop_after};
pub(crate) use networks::{bad_ends, freed, hundred_networks, mended, test_losses};

use crate::align::{Family, align};
use crate::claims::sweeps::{best_loss, descent, flowers, sheet_one, squares};
use crate::descent::{Optimiser, check_lr};
use crate::error::{Error, Result};
use crate::evaluate::run_seeds;
use crate::factorise::{Factors, GdParams, gd_factorise};
use crate::loss::{Loss, Reduction, cross_entropy_gradient};
use crate::matrix::Matrix;
use crate::notebook::answer::{Answer, answer};
use crate::random::{Init, Seed};
use crate::svd::truncated_svd;

/// How many seeds an exercise tries, and how many of them must succeed.
const SEEDS: u64 = 100;
const ENOUGH: usize = 95;

/// Checks an answer to report A's exercise: a rate at which 95 of 100 descents come within 10⁻⁵ of the SVD's loss in
/// 400 epochs.
///
/// ```
/// let found = lab_core::exercises::faster_descent(0.016)?;
/// assert!(found.is_right(), "{found}");
/// # Ok::<(), lab_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::Param`] for a rate that is not finite and above 0; a run that diverges counts as one
/// that does not arrive.
pub fn faster_descent(lr: f64) -> Result<Answer> {
    check_lr(lr)?;
    Ok(arrived(lr, &quick_descents(lr)?, best_loss(2)?))
}

/// The losses of 400 epochs from each seed; `None` where the run diverges.
pub(crate) fn quick_descents(lr: f64) -> Result<Vec<Option<Vec<f64>>>> {
    losses_of(flowers()?, &GdParams { lr, epochs: 400, ..descent() })
}

/// The answer of [`faster_descent`], from the losses of these runs.
pub(crate) fn arrived(lr: f64, runs: &[Option<Vec<f64>>], least: f64) -> Answer {
    let count = ended(runs, |loss| loss - least < 1e-5);
    answer(count >= ENOUGH, format!("{count} of {SEEDS} runs arrive at lr {lr}"))
}

fn losses_of(a: &Matrix, p: &GdParams) -> Result<Vec<Option<Vec<f64>>>> {
    run_seeds(0..SEEDS, |seed| losses_of_run(gd_factorise(a, &GdParams { seed: seed.into(), ..*p })))
}

/// The losses of a run, or `None` where it diverged; any other error, an interrupt for instance, stays one.
fn losses_of_run(run: Result<Factors>) -> Result<Option<Vec<f64>>> {
    match run {
        Ok(run) => Ok(Some(run.losses)),
        Err(Error::Diverged { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// How many runs end at a loss that meets a condition.
fn ended(runs: &[Option<Vec<f64>>], condition: impl Fn(f64) -> bool) -> usize {
    let last = runs.iter().flatten().filter_map(|losses| losses.last());
    last.filter(|loss| condition(**loss)).count()
}

/// Checks an answer to report A's exercise: a start from which Û ends at U√Σ up to a rotation or reflection, which
/// leaves at most one ten-thousandth of U√Σ.
///
/// ```
/// use lab_core::{Init, exercises::balanced_start};
///
/// assert!(balanced_start(Init::Uniform { low: 0.0, high: 0.001 })?.is_right());
/// # Ok::<(), lab_core::Error>(())
/// ```
///
/// # Errors
/// Those of [`gd_factorise`].
pub fn balanced_start(init: Init) -> Result<Answer> {
    let (_, _, left) = balanced(init, Seed::default())?;
    Ok(answer(left <= 1e-4, format!("the best rotation leaves {left:.1e} of U√Σ")))
}

/// Û rotated onto U√Σ; U√Σ itself; and the share of U√Σ that the rotation leaves.
pub(crate) fn balanced(init: Init, seed: Seed) -> Result<(Matrix, Matrix, f64)> {
    let svd = truncated_svd(flowers()?, 2)?;
    let root = &svd.u * &svd.s.mapv(f64::sqrt);
    let p = GdParams { init, lr: 0.005, epochs: 8000, seed, ..descent() };
    let turned = align(&gd_factorise(flowers()?, &p)?.u, &root, Family::Rotation)?;
    Ok((turned.aligned, root, turned.relative_error.powi(2)))
}

/// Checks an answer to report C's exercise: a start from which 95 of 100 plain descents on the norm, at the rate 0.01,
/// have left the plateau after 1000 epochs.
///
/// ```
/// use lab_core::{Init, exercises::better_start};
///
/// assert!(better_start(Init::Uniform { low: 0.0, high: 0.1 })?.is_right());
/// # Ok::<(), lab_core::Error>(())
/// ```
///
/// # Errors
/// Those of [`Init::check`].
pub fn better_start(init: Init) -> Result<Answer> {
    init.check()?;
    let p = GdParams { init, epochs: 1000, ..descent() };
    Ok(left_the_plateau(&p, &norms(&p)?, plateau()?))
}

/// Checks an answer to report C's exercise: an optimiser and a rate with which 95 of 100 descents on the norm have left
/// the plateau after 200 epochs.
///
/// ```
/// use lab_core::{Optimiser, exercises::past_the_plateau};
///
/// assert!(past_the_plateau(Optimiser::ADAM, 0.03)?.is_right());
/// # Ok::<(), lab_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::Param`] for the rate and for the optimiser's constants.
pub fn past_the_plateau(optimiser: Optimiser, lr: f64) -> Result<Answer> {
    check_lr(lr)?;
    optimiser.check()?;
    let p = GdParams { optimiser, lr, epochs: 200, ..descent() };
    Ok(left_the_plateau(&p, &norms(&p)?, plateau()?))
}

/// The norms that descents leave, from each seed; `None` where the run diverges.
pub(crate) fn norms(p: &GdParams) -> Result<Vec<Option<Vec<f64>>>> {
    losses_of(flowers()?, &GdParams { loss: Loss::Frobenius, ..*p })
}

/// The norm that the best rank-1 fit leaves of centred iris.
pub(crate) fn plateau() -> Result<f64> {
    Ok(best_loss(1)?.sqrt())
}

/// The answer to an exercise on the norm, from the losses of these runs.
pub(crate) fn left_the_plateau(p: &GdParams, runs: &[Option<Vec<f64>>], plateau: f64) -> Answer {
    let count = ended(runs, |norm| norm < 0.99 * plateau);
    answer(count >= ENOUGH, format!("{count} of {SEEDS} runs have left after {} epochs", p.epochs))
}

/// Checks an answer to report D's exercise: the gradient at the outputs -0.5, 1.0 and 0.2 of a row of class 0, before
/// the ReLU, to two decimals.
///
/// ```
/// let found = lab_core::exercises::relu_gradient([0.0, 0.55, 0.25])?;
/// assert!(found.is_right(), "{found}");
/// # Ok::<(), lab_core::Error>(())
/// ```
///
/// # Errors
/// None in practice: the outputs and the label are fixed and valid.
pub fn relu_gradient(mine: [f64; 3]) -> Result<Answer> {
    let outputs = ndarray::array![[-0.5, 1.0, 0.2]];
    let arriving = cross_entropy_gradient(&outputs.mapv(|z: f64| z.max(0.0)), &[0], Reduction::Mean)?;
    let gradient = arriving * outputs.mapv(|z| if z > 0.0 { 1.0 } else { 0.0 });
    let gaps = gradient.iter().zip(mine).map(|(found, mine)| (found - mine).abs()).collect::<Vec<_>>();
    let worst = gaps.into_iter().fold(0.0, f64::max);
    Ok(answer(worst < 0.01, format!("the largest difference is {worst:.2}")))
}

/// Checks an answer to report E's exercise: the a21 that an exact completion with a10 = 2 has, to two decimals.
///
/// ```
/// let found = lab_core::exercises::predicted_cell(0.0)?;
/// assert!(!found.is_right() && found.why().starts_with("the third singular value is "));
/// # Ok::<(), lab_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::NotFinite`] for a prediction that is not finite.
pub fn predicted_cell(a21: f64) -> Result<Answer> {
    let mut completed = sheet_one();
    (completed[[1, 0]], completed[[2, 1]]) = (2.0, a21);
    let third = truncated_svd(&completed, 3)?.s[2];
    Ok(answer(third < 0.002, format!("the third singular value is {third:.4}, rank 2 needs 0")))
}

/// Checks an answer in the notebook `your_data`: a factor with which `lr = factor / σ₁` just fails in 600 epochs at
/// rank 2, while 0.8 times that rate still converges.
///
/// ```
/// use lab_core::{Scale, exercises::edge_factor, iris};
///
/// let x = iris().scaled(Scale::Standardise)?.x;
/// assert!(edge_factor(&x, 0.55)?.is_right());
/// # Ok::<(), lab_core::Error>(())
/// ```
///
/// # Errors
/// Those of [`truncated_svd`]; [`Error::Param`] for a factor that is not finite and above 0.
pub fn edge_factor(x: &Matrix, factor: f64) -> Result<Answer> {
    check_lr(factor)?;
    let svd = truncated_svd(x, 2)?;
    let least = squares(&(x - &svd.reconstruct()));
    let converges = |factor: f64| -> Result<bool> {
        let run = gd_factorise(x, &small(factor / svd.s[0], 2, Seed::default()));
        Ok(losses_of_run(run)?.is_some_and(|losses| losses[losses.len() - 1] < 1.01 * least))
    };
    let (fails, below) = (!converges(factor)?, converges(0.8 * factor)?);
    Ok(answer(fails && below, format!("your factor fails: {fails}; 0.8 times it converges: {below}")))
}

/// A descent of 600 epochs on a table from a small normal start.
pub(crate) fn small(lr: f64, rank: usize, seed: Seed) -> GdParams {
    let init = Init::Normal { mean: 0.0, std: 0.01 };
    GdParams { rank, lr, epochs: 600, init, seed, ..descent() }
}
