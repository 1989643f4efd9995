//! Report A.

use super::Judge;
use crate::align::{Family, align};
use crate::claims::sweeps::{self, BAD, RUNS, best_loss, mean, median, share, squares};
use crate::claims::{Claim, Finding, Held, Rule};
use crate::error::Result;
use crate::evaluate::run_seeds;
use crate::matrix::Matrix;
use crate::mlp::{MlpParams, train_mlp, train_mlp_from};
use crate::random::{Random, Seed};
use crate::svd::{pca, truncated_svd};

pub(super) const JUDGES: &[(&str, Judge)] = &[
    ("A12-gd", |claim| claim.sample(&sweeps::last_two(sweeps::descents()?).0)),
    ("A12-svd", |claim| claim.mistaken(best_loss(2)?, &sweeps::last_two(sweeps::descents()?).0)),
    ("A13-rotated", |claim| rotated(claim, &truncated_svd(sweeps::flowers()?, 2)?.u, "U")),
    ("A13-variance", variance),
    ("A22-table", |claim| claim.table(&sweeps::accuracies(sweeps::networks_a()?))),
    ("A22-some", some),
    ("A22-start", start),
    ("A22-stuck", stuck),
];

/// Is Û this plot, rotated and scaled? Measures the share that the best rotation or reflection with one scale leaves,
/// and the share that the best affine map leaves.
pub(super) fn rotated(claim: &Claim, plot: &Matrix, name: &str) -> Result<Finding> {
    let left = |family: Family| -> Result<f64> {
        let runs = sweeps::descents()?.iter();
        let shares = runs.map(|run| Ok(align(&run.u, plot, family)?.relative_error.powi(2)));
        Ok(median(&shares.collect::<Result<Vec<f64>>>()?))
    };
    let what = |map: &str| format!("share of {name} that {map} leaves, median of {RUNS} runs");
    let similar = Held::new(what("a rotation with one scale"), left(Family::Similarity)?, Rule::AtMost(0.01));
    let affine = Held::new(what("an affine map"), left(Family::Affine)?, Rule::AtMost(0.01));
    claim.decide(&similar, Some(&affine))
}

/// Does the variance that a plane keeps and the variance that it loses have the same sum for every plane? Tries 500
/// random planes and that of PCA.
pub(super) fn variance(claim: &Claim) -> Result<Finding> {
    let a = sweeps::flowers()?;
    let (total, mut random) = (squares(a), Random::new(Seed::Portable(0)));
    let sum = |directions: &Matrix| -> Result<f64> {
        let basis = truncated_svd(directions, 2)?.u;
        let fit = a.dot(&basis).dot(&basis.t());
        Ok(squares(&fit) + squares(&(a - &fit)))
    };
    let planes: Vec<f64> = (0..500).map(|_| sum(&random.normal((4, 2)))).collect::<Result<_>>()?;
    let sums = planes.into_iter().chain([sum(&pca(a, 2)?.components)?]);
    let gap = sums.map(|kept_and_lost| (kept_and_lost / total - 1.0).abs()).fold(0.0, f64::max);
    let what = format!("largest relative distance of kept + lost from the total of {total:.4}, 501 planes");
    claim.decide(&Held::new(what, gap, Rule::AtMost(1e-9)), None)
}

/// Were the accuracies low for some runs? In the printed table one of ten is.
fn some(claim: &Claim) -> Result<Finding> {
    let printed = super::claim("A22-table")?.matrices()?.remove(0);
    let low = printed.column(0).iter().filter(|accuracy| **accuracy < BAD).count();
    let ours = share(&sweeps::accuracies(sweeps::networks_a()?)[0], |accuracy| accuracy < BAD);
    let stated = Held::new("printed runs at 0.70 or less", low as f64, Rule::AtLeast(2.0));
    let weaker = Held::new(format!("share of {RUNS} runs at 0.70 or less"), ours, Rule::AtLeast(0.01));
    claim.decide(&stated, Some(&weaker))
}

/// The seeds whose run ends badly.
fn bad_seeds() -> Result<Vec<u64>> {
    let ends = &sweeps::accuracies(sweeps::networks_a()?)[0];
    Ok((0..RUNS).zip(ends).filter(|(_, accuracy)| **accuracy < BAD).map(|(seed, _)| seed).collect())
}

/// Trains every bad seed again as `p` says, from its own start, on the split of the seed `other` places further on.
fn again(p: MlpParams, other: u64) -> Result<Vec<f64>> {
    let bad = bad_seeds()?;
    run_seeds(0..bad.len() as u64, |at| {
        let seed = usize::try_from(at).map_or(0, |at| bad[at]);
        let trained =
            train_mlp(&sweeps::split(seed + other)?.0, None, &MlpParams { seed: seed.into(), ..p })?;
        Ok(trained.train_accuracy[p.epochs])
    })
}

/// Were the initial weights to blame? Trains from the same weights with smaller steps, and with the same steps on other
/// splits.
fn start(claim: &Claim) -> Result<Finding> {
    let slow = MlpParams { lr: 0.001, epochs: 1000, ..sweeps::net_a() };
    let stated = Held::new(
        "bad starts trained at lr 0.001, share at 0.70 or less",
        share(&again(slow, 0)?, |accuracy| accuracy < BAD),
        Rule::AtLeast(0.5),
    );
    let splits = (1..=20).map(|other| Ok(share(&again(sweeps::net_a(), RUNS * other)?, |a| a < BAD)));
    let elsewhere = mean(&splits.collect::<Result<Vec<f64>>>()?);
    let usual = share(&sweeps::accuracies(sweeps::networks_a()?)[0], |accuracy| accuracy < BAD);
    let weaker =
        Held::new("bad starts on other splits, share at 0.70 or less", elsewhere, Rule::AtLeast(2.0 * usual));
    claim.decide(&stated, Some(&weaker))
}

/// Is a bad run stuck? Each is trained on from where it ended, with a tenth of the rate.
fn stuck(claim: &Claim) -> Result<Finding> {
    let bad = bad_seeds()?;
    let ends = run_seeds(0..bad.len() as u64, |at| {
        let seed = usize::try_from(at).map_or(0, |at| bad[at]);
        let (train, _) = sweeps::split(seed)?;
        let end = train_mlp(&train, None, &MlpParams { seed: seed.into(), ..sweeps::net_a() })?.mlp;
        let on = MlpParams { lr: 0.001, epochs: 10_000, ..sweeps::net_a() };
        Ok(train_mlp_from(&train, None, end, &on)?.train_accuracy[on.epochs])
    })?;
    let stay = share(&ends, |accuracy| accuracy < BAD);
    let what = format!(
        "of {} bad runs, share that stays at 0.70 or less in 10 000 more epochs at lr 0.001",
        bad.len()
    );
    let held = |rule| Held::new(what.clone(), stay, rule);
    claim.decide(&held(Rule::AtLeast(0.5)), Some(&held(Rule::AtLeast(0.05))))
}
