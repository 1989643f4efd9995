//! The exercises of the networks.

use super::SEEDS;
use crate::claims::sweeps::{BAD, net_b, split};
use crate::data::{Scale, iris};
use crate::descent::Gradient;
use crate::error::Result;
use crate::evaluate::{Summary, run_seeds};
use crate::loss::{Reduction, cross_entropy};
use crate::mlp::{Mlp, MlpParams, Trained, train_mlp, train_mlp_from};
use crate::notebook::answer::{Answer, answer};
use crate::sweeps::{final_accuracies, networks};

/// Checks an answer to report A's exercise: parameters of a network with which none of its bad seeds ends at 0.70 or
/// less in 100 epochs.
///
/// ```
/// use lab_core::{Bias, MlpParams, Reduction, exercises::free_units};
///
/// let mine = MlpParams { reduction: Reduction::Sum, bias: Bias::PerUnit, ..Default::default() };
/// let found = free_units(&[3, 4], &mine)?;
/// assert!(found.why().ends_with("of 2 bad seeds end at 0.70 or less"));
/// # Ok::<(), lab_core::Error>(())
/// ```
///
/// # Errors
/// Those of [`train_mlp`].
pub fn free_units(bad: &[u64], mine: &MlpParams) -> Result<Answer> {
    Ok(freed(&bad_ends(bad, mine)?))
}

/// Training accuracies of the bad seeds after 100 epochs.
pub(crate) fn bad_ends(bad: &[u64], mine: &MlpParams) -> Result<Vec<f64>> {
    run_seeds(0..bad.len() as u64, |at| {
        let seed = usize::try_from(at).map_or(0, |at| bad[at]);
        let p = MlpParams { seed: seed.into(), epochs: 100, ..*mine };
        Ok(train_mlp(&split(seed)?.0, None, &p)?.train_accuracy[100])
    })
}

/// The answer of [`free_units`], from these accuracies.
pub(crate) fn freed(ends: &[f64]) -> Answer {
    let low = ends.iter().filter(|accuracy| **accuracy < BAD).count();
    answer(low == 0, format!("{low} of {} bad seeds end at 0.70 or less", ends.len()))
}

/// The epochs after which report B's networks are measured, to find their least test loss.
///
/// ```
/// assert_eq!(lab_core::exercises::STAGES.last(), Some(&1000));
/// ```
pub const STAGES: [usize; 12] = [10, 20, 35, 50, 75, 100, 150, 200, 350, 500, 750, 1000];

/// Checks an answer to report B's exercise: a number of epochs after which a hundred of its networks have a mean test
/// loss within 2 % of `least`, the least of those that the notebook's chart shows.
///
/// ```
/// let found = lab_core::exercises::stop_after(10, 0.2)?;
/// assert!(!found.is_right() && found.why().ends_with("least of all 0.200"));
/// # Ok::<(), lab_core::Error>(())
/// ```
///
/// # Errors
/// Those of [`train_mlp`].
pub fn stop_after(epochs: usize, least: f64) -> Result<Answer> {
    let loss = test_loss(epochs)?;
    Ok(answer(loss <= 1.02 * least, format!("test loss {loss:.3}; least of all {least:.3}")))
}

/// The mean test loss of report B's networks after each of [`STAGES`], over a hundred seeds.
pub(crate) fn test_losses() -> Result<Vec<f64>> {
    let followed = run_seeds(0..SEEDS, |seed| {
        let (training, testing) = split(seed)?;
        let p = MlpParams { seed: seed.into(), ..net_b() };
        let (mut net, mut done) = (Mlp::start(training.x.ncols(), training.classes.len(), &p)?, 0);
        let mut losses = Vec::with_capacity(STAGES.len());
        for until in STAGES {
            net = train_mlp_from(&training, None, net, &MlpParams { epochs: until - done, ..p })?.mlp;
            done = until;
            losses.push(cross_entropy(&net.logits(&testing.x)?, &testing.y, Reduction::Mean)?);
        }
        Ok(losses)
    })?;
    let mean =
        |stage: usize| followed.iter().map(|losses| losses[stage]).sum::<f64>() / followed.len() as f64;
    Ok((0..STAGES.len()).map(mean).collect())
}

/// The mean test loss of report B's networks after so many epochs, over a hundred seeds.
fn test_loss(epochs: usize) -> Result<f64> {
    let losses = run_seeds(0..SEEDS, |seed| {
        let (training, testing) = split(seed)?;
        let p = MlpParams { epochs, seed: seed.into(), ..net_b() };
        let net = train_mlp(&training, None, &p)?.mlp;
        cross_entropy(&net.logits(&testing.x)?, &testing.y, Reduction::Mean)
    })?;
    Ok(losses.iter().sum::<f64>() / losses.len() as f64)
}

/// Checks an answer to report D's exercise: a network whose median training accuracy over a hundred runs is at least
/// 0.95 after 100 epochs at the rate 0.01.
///
/// ```
/// use lab_core::{Bias, MlpParams, Reduction, exercises::mended_network};
///
/// let mine = MlpParams { bias: Bias::PerUnit, reduction: Reduction::Sum, ..Default::default() };
/// assert!(mended_network(&mine)?.is_right());
/// # Ok::<(), lab_core::Error>(())
/// ```
///
/// # Errors
/// Those of [`train_mlp`].
pub fn mended_network(mine: &MlpParams) -> Result<Answer> {
    Ok(mended(&hundred_networks(mine)?))
}

/// A hundred networks with the parameters given, but the sheet's rate and epochs.
pub(crate) fn hundred_networks(mine: &MlpParams) -> Result<Vec<Trained>> {
    let p = MlpParams { epochs: 100, lr: 0.01, gradient: Gradient::Analytic, ..*mine };
    networks(&iris().scaled(Scale::Variance)?, 100, 0..SEEDS, &p)
}

/// The answer of [`mended_network`], from these networks.
pub(crate) fn mended(runs: &[Trained]) -> Answer {
    let (training, _) = final_accuracies(runs);
    let median = Summary::of(&training).map_or(f64::NAN, |s| s.median);
    answer(median >= 0.95, format!("the median training accuracy is {median:.3}"))
}
