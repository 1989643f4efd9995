//! One experiment over many seeds: what the notebooks and the checks of the claims have in common.

use std::ops::Range;

use crate::data::Labelled;
use crate::error::{Error, Result};
use crate::evaluate::{quantile, run_seeds};
use crate::factorise::{Factors, GdParams, gd_factorise};
use crate::matrix::Matrix;
use crate::mlp::{MlpParams, Trained, train_mlp};

/// Gradient descent on `a` (m, n), once from each seed.
///
/// ```
/// use lab_core::{GdParams, descents, final_losses};
/// use ndarray::array;
///
/// let runs = descents(&array![[2.0, 4.0], [1.0, 2.1]], 0..3, &GdParams { rank: 1, ..Default::default() })?;
/// assert_eq!(final_losses(&runs).len(), 3);
/// # Ok::<(), lab_core::Error>(())
/// ```
///
/// # Errors
/// Those of [`gd_factorise`], of the first seed that fails.
pub fn descents(a: &Matrix, seeds: Range<u64>, p: &GdParams) -> Result<Vec<Factors>> {
    run_seeds(seeds, |seed| gd_factorise(a, &GdParams { seed: seed.into(), ..*p }))
}

/// A network trained for each seed, which shuffles the rows, splits off the first `train_rows` for training (the others
/// validate), and draws the start.
///
/// ```
/// use lab_core::{MlpParams, Scale, final_accuracies, iris, networks};
///
/// let runs = networks(&iris().scaled(Scale::Variance)?, 100, 0..3, &MlpParams::default())?;
/// let (training, validation) = final_accuracies(&runs);
/// assert_eq!((training.len(), validation.len()), (3, 3));
/// # Ok::<(), lab_core::Error>(())
/// ```
///
/// # Errors
/// Those of [`Labelled::split_at`] and [`train_mlp`], of the first seed that fails.
pub fn networks(
    data: &Labelled,
    train_rows: usize,
    seeds: Range<u64>,
    p: &MlpParams,
) -> Result<Vec<Trained>> {
    run_seeds(seeds, |seed| {
        let (train, validation) = data.shuffled(seed.into()).split_at(train_rows)?;
        train_mlp(&train, Some(&validation), &MlpParams { seed: seed.into(), ..*p })
    })
}

/// The loss after the last update, of each run.
///
/// ```
/// # use lab_core::{GdParams, Scale, descents, final_losses, iris, scale};
/// let runs = descents(&scale(&iris().x, Scale::Centre)?, 0..3, &GdParams::default())?;
/// assert!(final_losses(&runs).iter().all(|&loss| loss >= 15.2288)); // the SVD's
/// # Ok::<(), lab_core::Error>(())
/// ```
pub fn final_losses(runs: &[Factors]) -> Vec<f64> {
    runs.iter().map(|run| last(&run.losses)).collect()
}

/// The accuracies after the last epoch, of each run: in training, in validation.
///
/// ```
/// # use lab_core::{MlpParams, Scale, final_accuracies, iris, networks};
/// let runs = networks(&iris().scaled(Scale::Variance)?, 100, 0..3, &MlpParams::default())?;
/// let (train, validation) = final_accuracies(&runs);
/// assert_eq!((train.len(), validation.len()), (3, 3));
/// # Ok::<(), lab_core::Error>(())
/// ```
pub fn final_accuracies(runs: &[Trained]) -> (Vec<f64>, Vec<f64>) {
    let of = |history: fn(&Trained) -> &[f64]| runs.iter().map(|run| last(history(run))).collect();
    (of(|run| &run.train_accuracy), of(|run| &run.validation_accuracy))
}

fn last(history: &[f64]) -> f64 {
    history.last().copied().unwrap_or(f64::NAN)
}

/// A quantile at each epoch over several histories, such as the losses of many runs.
///
/// ```
/// let median = lab_core::band([&[3.0, 2.0][..], &[5.0, 1.0], &[4.0, 0.0]], 0.5)?;
/// assert_eq!(median, [4.0, 1.0]);
/// # Ok::<(), lab_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::Empty`] without histories, [`Error::Shape`] where they differ in length, [`Error::Param`] for `q` outside
/// 0 to 1.
pub fn band<'a>(histories: impl IntoIterator<Item = &'a [f64]>, q: f64) -> Result<Vec<f64>> {
    let histories: Vec<&[f64]> = histories.into_iter().collect();
    let Some(first) = histories.first() else { return Err(Error::Empty { what: "the list of histories" }) };
    if let Some(other) = histories.iter().find(|history| history.len() != first.len()) {
        return Err(Error::Shape {
            what: "each history".into(),
            expected: first.len().to_string(),
            found: other.len().to_string(),
        });
    }
    if !(0.0..=1.0).contains(&q) {
        return Err(Error::Param { name: "q", rule: "0 to 1", found: q.to_string() });
    }
    let at = |epoch: usize| {
        let mut sorted: Vec<f64> = histories.iter().map(|history| history[epoch]).collect();
        sorted.sort_by(f64::total_cmp);
        quantile(&sorted, q)
    };
    Ok((0..first.len()).map(at).collect())
}
