//! Report C.

use super::{Judge, b};
use crate::claims::sweeps::{self, greatest, mean, median, squares};
use crate::claims::{Claim, Finding, Held, Rule};
use crate::error::Result;
use crate::evaluate::accuracy;
use crate::factorise::{Factors, GdParams, gd_factorise, gd_factorise_from};
use crate::loss::Loss;
use crate::matrix::Matrix;
use crate::mlp::{MlpParams, Trained, train_mlp};
use crate::random::{Init, Random, Seed};
use crate::svd::truncated_svd;

pub(super) const JUDGES: &[(&str, Judge)] = &[
    ("C1-goal", goal),
    ("C1-sgd", |claim| b::stochastic(claim, Loss::Frobenius)),
    ("C1-error", error),
    ("C1-gd", |claim| claim.sample(&sweeps::last_two(sweeps::norm_descents()?).0)),
    ("C1-svd", |claim| claim.number(best_norm(2)?)),
    ("C1-gap", gap),
    ("C1-local", local),
    ("C1-annealing", annealing),
    ("C1-curve", |claim| claim.figure(&curve_features(&sweeps::norm_descents()?[0].losses)?)),
    ("C2-xavier", xavier),
    ("C2-acc", |claim| claim.sample(&sweeps::accuracies(sweeps::networks_c()?)[1])),
    ("C2-validate", validate),
    ("C2-curve", |claim| claim.figure(&mlp_features(sweeps::networks_c()?))),
];

/// The norm that the best fit of this rank leaves.
fn best_norm(rank: usize) -> Result<f64> {
    Ok(sweeps::best_loss(rank)?.sqrt())
}

fn on_the_norm() -> GdParams {
    GdParams { loss: Loss::Frobenius, ..sweeps::descent() }
}

/// The report's objective is the squared norm, but its code descends on the norm. Do both descents end at the same
/// norm, at one rate or after more steps at a larger one?
fn goal(claim: &Claim) -> Result<Finding> {
    let norm = median(&sweeps::last_two(sweeps::norm_descents()?).1);
    let square = median(&sweeps::last_two(sweeps::descents()?).1).sqrt();
    let long = sweeps::descend_from(20, GdParams { lr: 0.1, epochs: 4000, ..on_the_norm() })?;
    let end = median(&sweeps::last_two(&long).1);
    let stated = Held::new(
        "norm after 1000 epochs on the norm over that on its square",
        norm / square,
        Rule::Within(0.99, 1.01),
    );
    let weaker =
        Held::new("the same after 4000 epochs at lr 0.1 on the norm", end / square, Rule::Within(0.99, 1.01));
    claim.decide(&stated, Some(&weaker))
}

/// Is the gradient the error that remains? Compares their sizes and directions, far from the optimum and near it.
fn error(claim: &Claim) -> Result<Finding> {
    let a = sweeps::flowers()?;
    let long = GdParams { lr: 0.02, epochs: 5400, ..on_the_norm() };
    let [far, near] = [GdParams { epochs: 0, ..long }, long].map(|p| gd_factorise(a, &p));
    let best = truncated_svd(a, 2)?.reconstruct();
    let at = |factors: Factors| {
        let fit = factors.reconstruct();
        let (gradient, still) = (-Loss::Frobenius.gradient(&(a - &fit)), &best - &fit);
        let cosine = -(&gradient * &still).sum() / (squares(&gradient) * squares(&still)).sqrt();
        (squares(&gradient).sqrt() / squares(&still).sqrt(), cosine)
    };
    let (far, near) = (at(far?), at(near?));
    let what = "length of the gradient over that of the error, near the optimum over far from it";
    let stated = Held::new(what, near.0 / far.0, Rule::Within(0.9, 1.1));
    let weaker =
        Held::new("cosine between minus the gradient and the error, at the start", far.1, Rule::AtLeast(0.5));
    claim.decide(&stated, Some(&weaker))
}

/// Is the gap to the truncated SVD small?
fn gap(claim: &Claim) -> Result<Finding> {
    let (printed, best) = (super::claim("C1-gd")?.value()?, best_norm(2)?);
    let found = best_norm(1)?.powi(2) - printed.powi(2);
    let second = best_norm(1)?.powi(2) - best.powi(2);
    let stated = Held::new("printed norm over the SVD's", printed / best, Rule::AtMost(1.1));
    let weaker =
        Held::new("share found of what the second direction explains", found / second, Rule::AtLeast(0.5));
    claim.decide(&stated, Some(&weaker))
}

/// Is the plateau a local minimum? Runs 200 seeds for longer at a larger rate, and computes the curvature of the loss
/// at the best rank-1 fit, which is negative at a saddle point.
fn local(claim: &Claim) -> Result<Finding> {
    let long = sweeps::descend_from(200, GdParams { lr: 0.1, epochs: 4000, ..on_the_norm() })?;
    let above = greatest(&sweeps::last_two(&long).1) - best_norm(2)?;
    let what = "norm above the SVD's after 4000 epochs at lr 0.1, largest of 200 runs (cm)";
    let stated = Held::new(what, above, Rule::AtLeast(0.01));
    let second = truncated_svd(sweeps::flowers()?, 2)?.s[1];
    let bend = -2.0 * second / best_norm(1)?;
    let weaker =
        Held::new("curvature at the best rank-1 fit along the second pair", bend, Rule::AtLeast(0.0));
    claim.decide(&stated, Some(&weaker))
}

/// How many epochs after its thousandth the run of seed 0 takes to leave the plateau, with noise added to V̂ at the
/// thousandth.
fn leaves_after(noise: f64, lr: f64, kick: u64) -> Result<f64> {
    let (a, plateau) = (sweeps::flowers()?, 0.99 * best_norm(1)?);
    let run = &sweeps::norm_descents()?[0];
    let v = &run.v + Random::new(Seed::Portable(kick)).normal((4, 2)) * noise;
    let on = gd_factorise_from(a, run.u.clone(), v, &GdParams { lr, epochs: 20_000, ..on_the_norm() })?;
    Ok(on.losses.iter().rposition(|loss| *loss > plateau).unwrap_or(0) as f64)
}

/// Would random kicks help? Compares them with patience and with a larger learning rate.
fn annealing(claim: &Claim) -> Result<Finding> {
    let kicked = |noise: f64| -> Result<f64> {
        let runs: Vec<f64> = (0..5).map(|kick| leaves_after(noise, 0.01, kick)).collect::<Result<_>>()?;
        Ok(median(&runs))
    };
    let kicked = kicked(0.1)?.min(kicked(0.5)?).min(kicked(2.0)?);
    let (patient, larger) = (leaves_after(0.0, 0.01, 0)?, leaves_after(0.0, 0.1, 0)?);
    let what = format!(
        "epochs on the plateau after the best of three kicks, over those at lr 0.1 without ({larger})"
    );
    let stated = Held::new(what, kicked / larger, Rule::AtMost(1.0));
    let weaker =
        Held::new(format!("over those of patience ({patient})"), kicked / patient, Rule::AtMost(0.9));
    claim.decide(&stated, Some(&weaker))
}

/// What figure 3 shows: 1000 epochs, a fall, and a straight line at the bottom at the printed height.
fn curve_features(losses: &[f64]) -> Result<Vec<Held>> {
    let (rank1, last) = (best_norm(1)?, losses.len().saturating_sub(1));
    let rises = losses.windows(2).filter(|pair| pair[1] > pair[0]).count();
    let after_fifths = |n: usize| losses[n * last / 5] / losses[last];
    Ok(vec![
        Held::new(
            "norm before the last update (cm)",
            losses[last.saturating_sub(1)],
            Rule::Within(7.14, 7.17),
        ),
        Held::new("epochs", last as f64, Rule::Within(1000.0, 1000.0)),
        Held::new("norm at the start over that at the end", losses[0] / losses[last], Rule::AtLeast(3.0)),
        Held::new("epochs in which it rises", rises as f64, Rule::AtMost(0.0)),
        Held::new("at four fifths of the way, over the end", after_fifths(4), Rule::AtMost(1.01)),
        Held::new("at two fifths of the way, over the end", after_fifths(2), Rule::AtLeast(1.05)),
        Held::new("end over the best rank-1 fit", losses[last] / rank1, Rule::Within(0.99, 1.01)),
    ])
}

/// Is 1/√n Xavier's rule? Compares the variances of W1 under both, and measures that of a hidden unit's input.
fn xavier(claim: &Claim) -> Result<Finding> {
    let mut random = Random::new(Seed::Portable(0));
    let mut variance = |init: Init| {
        let draws = (0..1000).map(|_| init.sample((4, 12), &mut random).mapv(|w| w * w).mean());
        mean(&draws.map(|mean| mean.unwrap_or(f64::NAN)).collect::<Vec<f64>>())
    };
    let (theirs, glorot) = (variance(Init::FanIn), variance(Init::XavierNormal));
    let stated =
        Held::new("variance of W1 over that of Xavier's rule", theirs / glorot, Rule::Within(0.9, 1.1));
    let weaker = Held::new("fan-in times the variance of W1", 4.0 * theirs, Rule::Within(0.9, 1.1));
    claim.decide(&stated, Some(&weaker))
}

/// Is the printed `validate` right for the rows that it is given? It predicts global rows instead: the check gives it
/// the same rows in reverse order, with their labels.
fn validate(claim: &Claim) -> Result<Finding> {
    let (train, data_va) = sweeps::split(0)?;
    let net = train_mlp(&train, None, &MlpParams { seed: 1.into(), ..sweeps::net_c() })?.mlp;
    let printed = |_validation_data: &Matrix, labels: &[usize]| accuracy(&net.predict(&data_va.x)?, labels);
    let mut labels = data_va.y.clone();
    labels.reverse();
    let reversed = data_va.x.slice(ndarray::s![..;-1, ..]).to_owned();
    let right = accuracy(&net.predict(&reversed)?, &labels)?;
    let difference = (printed(&reversed, &labels)? - right).abs();
    let what = format!("error of its accuracy on the same rows in reverse order ({right} is right)");
    claim.decide(&Held::new(what, difference, Rule::AtMost(0.0)), None)
}

/// What figure 4 shows: a loss that falls steeply, then gently, for 100 epochs.
fn mlp_features(runs: &[Trained]) -> Vec<Held> {
    let typical = |t: usize| median(&runs.iter().map(|run| run.losses[t]).collect::<Vec<f64>>());
    let (start, end) = (typical(0), typical(100));
    let rises = (1..=100).filter(|t| typical(*t) > typical(t - 1)).count();
    let fallen = |t: usize| (start - typical(t)) / (start - end);
    vec![
        Held::new("mean loss after 100 epochs, median (nats)", end, Rule::Within(0.15, 0.35)),
        Held::new("loss before training, median (nats)", start, Rule::Within(1.4, 1.9)),
        Held::new("epochs in which the median rises", rises as f64, Rule::AtMost(0.0)),
        Held::new("share of the fall within 10 epochs", fallen(10), Rule::Within(0.4, 0.8)),
        Held::new("share of the fall within 50 epochs", fallen(50), Rule::AtLeast(0.85)),
        Held::new("epochs", runs[0].losses.len() as f64 - 1.0, Rule::Within(100.0, 100.0)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::claim;

    #[test]
    fn a_curve_of_another_shape_does_not_pass_for_figure_3() {
        let claim = claim("C1-curve").unwrap();
        let run = |p| gd_factorise(sweeps::flowers().unwrap(), &p).unwrap().losses;
        assert!(claim.figure(&curve_features(&run(on_the_norm())).unwrap()).is_ok());
        let squared: Vec<f64> = run(sweeps::descent()).iter().map(|loss| loss.sqrt()).collect();
        let straight: Vec<f64> = (0..=1000).map(|t| 29.0 - 21.8381e-3 * f64::from(t)).collect();
        for other in [
            squared,
            straight,
            run(GdParams { lr: 0.02, ..on_the_norm() }),
            run(GdParams { epochs: 800, ..on_the_norm() }),
        ] {
            assert!(claim.figure(&curve_features(&other).unwrap()).is_err());
        }
    }

    #[test]
    fn another_network_does_not_pass_for_figure_4() {
        let claim = claim("C2-curve").unwrap();
        assert!(claim.figure(&mlp_features(sweeps::networks_c().unwrap())).is_ok());
        let full_batch = MlpParams { batch: crate::mlp::Batch::Full, ..sweeps::net_c() };
        for other in [sweeps::networks(full_batch).unwrap(), sweeps::networks_d().unwrap().clone()] {
            assert!(claim.figure(&mlp_features(&other)).is_err());
        }
    }
}
