//! Report B.

use super::{Judge, a};
use crate::claims::sweeps::{self, mean};
use crate::claims::{Claim, Finding, Held, Rule};
use crate::error::Result;
use crate::evaluate::run_seeds;
use crate::factorise::{GdParams, gd_factorise, gd_factorise_from};
use crate::loss::{Loss, Reduction, cross_entropy};
use crate::mlp::{MlpParams, train_mlp, train_mlp_from};
use crate::svd::pca;
use ndarray::s;

pub(super) const JUDGES: &[(&str, Judge)] = &[
    ("B11-sgd", |claim| stochastic(claim, Loss::SumSquared)),
    ("B12-gd", |claim| claim.sample(&sweeps::last_two(sweeps::descents()?).1)),
    ("B12-svd", |claim| claim.number(sweeps::best_loss(2)?)),
    ("B13-rotated", |claim| a::rotated(claim, &pca(sweeps::flowers()?, 2)?.scores, "the PCA scores")),
    ("B13-variance", a::variance),
    ("B22-table", |claim| claim.table(&sweeps::accuracies(sweeps::networks_b()?))),
    ("B22-always", always),
    ("B22-overfit", overfit),
    ("B22-init", init),
];

/// Is the descent stochastic? If an epoch visited cells or rows one by one, it would end elsewhere when they come in
/// another order.
pub(super) fn stochastic(claim: &Claim, loss: Loss) -> Result<Finding> {
    let (x, p) = (sweeps::flowers()?, GdParams { loss, epochs: 100, ..sweeps::descent() });
    let start = gd_factorise(x, &GdParams { epochs: 0, ..p })?;
    let forwards = gd_factorise_from(x, start.u.clone(), start.v.clone(), &p)?;
    let reversed = |m: &crate::matrix::Matrix| m.slice(s![..;-1, ..]).to_owned();
    let backwards = gd_factorise_from(&reversed(x), reversed(&start.u), start.v, &p)?;
    let difference = (forwards.losses[p.epochs] / backwards.losses[p.epochs] - 1.0).abs();
    let what = "relative change of the loss when the rows come in reverse order";
    claim.decide(&Held::new(what, difference, Rule::AtLeast(1e-6)), None)
}

/// Is training accuracy always higher?
fn always(claim: &Claim) -> Result<Finding> {
    let [train, test] = sweeps::accuracies(sweeps::networks_b()?);
    let higher: Vec<f64> = train.iter().zip(&test).map(|(train, test)| f64::from(train > test)).collect();
    let what = format!("share of {} runs, each on its own split", sweeps::RUNS);
    let held = |rule| Held::new(what.clone(), mean(&higher), rule);
    claim.decide(&held(Rule::AtLeast(1.0)), Some(&held(Rule::AtLeast(0.5))))
}

/// Mean validation cross entropy (nats a row) over 100 splits after each of these numbers of epochs.
pub(super) fn validation_losses(epochs: &[usize]) -> Result<Vec<f64>> {
    let runs: Vec<Vec<f64>> = run_seeds(0..100, |seed| {
        let (train, validation) = sweeps::split(seed)?;
        let p = MlpParams { seed: seed.into(), ..sweeps::net_b() };
        let (mut net, mut done) = (crate::mlp::Mlp::start(4, 3, &p)?, 0);
        let stages = epochs.iter().map(|&until| {
            let stage = MlpParams { epochs: until - done, ..p };
            net = train_mlp_from(&train, None, net.clone(), &stage)?.mlp;
            done = until;
            cross_entropy(&net.logits(&validation.x)?, &validation.y, Reduction::Mean)
        });
        stages.collect()
    })?;
    Ok((0..epochs.len()).map(|at| mean(&runs.iter().map(|run| run[at]).collect::<Vec<f64>>())).collect())
}

/// Does the network overfit? Then the loss on unseen rows would rise while training goes on.
fn overfit(claim: &Claim) -> Result<Finding> {
    let at = validation_losses(&[50, 100, 1000])?;
    let what =
        |from, to| format!("validation loss, mean of 100 splits, epoch {to} minus epoch {from} (nats)");
    let stated = Held::new(what(50, 100), at[1] - at[0], Rule::AtLeast(0.0));
    let weaker = Held::new(what(100, 1000), at[2] - at[1], Rule::AtLeast(0.02));
    claim.decide(&stated, Some(&weaker))
}

/// Do other initial weights give other results? Compares the standard deviation over starts on one split with that over
/// splits from one start.
fn init(claim: &Claim) -> Result<Finding> {
    let spread = |split_of: fn(u64) -> u64, start_of: fn(u64) -> u64| -> Result<f64> {
        let runs = run_seeds(0..100, |at| {
            let (train, test) = sweeps::split(split_of(at))?;
            train_mlp(&train, Some(&test), &MlpParams { seed: start_of(at).into(), ..sweeps::net_b() })
        })?;
        let [_, test] = sweeps::accuracies(&runs);
        let centre = mean(&test);
        Ok(mean(&test.iter().map(|t| (t - centre).powi(2)).collect::<Vec<f64>>()).sqrt())
    };
    let (starts, splits) = (spread(|_| 0, |at| at)?, spread(|at| at, |_| 0)?);
    let what = format!(
        "SD of the test accuracy over 100 starts on one split (over 100 splits from one start: {splits:.3})"
    );
    claim.decide(&Held::new(what, starts, Rule::AtLeast(0.002)), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn training_in_stages_is_training_at_once() {
        let (train, validation) = sweeps::split(0).unwrap();
        let p = MlpParams { epochs: 70, seed: 0.into(), ..sweeps::net_b() };
        let net = train_mlp(&train, None, &p).unwrap().mlp;
        let whole =
            cross_entropy(&net.logits(&validation.x).unwrap(), &validation.y, Reduction::Mean).unwrap();
        let first = |stages: &[usize]| validation_losses(stages).unwrap();
        assert!((first(&[20, 70])[1] - first(&[70])[0]).abs() < 1e-12);
        assert!(whole.is_finite());
    }
}
