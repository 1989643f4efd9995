//! Report D.

use ndarray::{Axis, s};

use super::Judge;
use crate::align::{Family, align, principal_angles};
use crate::claims::sweeps::{self, RUNS, least, median, squares};
use crate::claims::{Claim, Finding, Held, Rule};
use crate::error::Result;
use crate::evaluate::run_seeds;
use crate::matrix::Matrix;
use crate::mlp::{MlpParams, Output, Trained, train_mlp};
use crate::svd::{pca, truncated_svd};

pub(super) const JUDGES: &[(&str, Judge)] = &[
    ("D1-gd", |claim| claim.number(median(&sweeps::last_two(sweeps::long_descents()?).1) / cells()?)),
    ("D1-svd", svd),
    ("D1-shapes", shapes),
    ("D1-definition", definition),
    ("D1-pca", by_svd),
    ("D1-eckart", eckart),
    ("D1-caption", caption),
    ("D1-projection", projection),
    ("D1-curves", curves),
];

fn cells() -> Result<f64> {
    Ok(sweeps::flowers()?.len() as f64)
}

/// The mean of the squares that the truncated SVD leaves, and what leaving out Σ gives for 1 to 4 columns.
fn svd(claim: &Claim) -> Result<Finding> {
    let (a, cells) = (sweeps::flowers()?, cells()?);
    let whole = truncated_svd(a, 4)?;
    let without: Vec<f64> = (1..=4)
        .map(|rank| {
            let fit = whole.u.slice(s![.., ..rank]).dot(&whole.v.slice(s![.., ..rank]).t());
            squares(&(a - &fit)) / cells
        })
        .collect();
    claim.mistaken(squares(&(a - &truncated_svd(a, 2)?.reconstruct())) / cells, &without)
}

/// The report's code says `n, m = A.shape # m x n matrix` and `Uh ... # m x r matrix`. Does Û have m rows?
fn shapes(claim: &Claim) -> Result<Finding> {
    let (n, m) = sweeps::flowers()?.dim();
    let rows = sweeps::descents()?[0].u.nrows();
    let what = format!("rows of Û, where the comment promises m = {m}, and n is {n}");
    claim.decide(&Held::new(what, rows as f64, Rule::Within(m as f64, m as f64)), None)
}

/// The sentence defines the error as the squared norm; the printed number is its mean over the cells.
fn definition(claim: &Claim) -> Result<Finding> {
    let printed = super::claim("D1-gd")?.value()?;
    let norm = median(&sweeps::last_two(sweeps::long_descents()?).1);
    let stated = Held::new("squared norm over the printed loss", norm / printed, Rule::Within(0.99, 1.01));
    let mean = Held::new(
        "the same for the mean over 600 cells",
        norm / printed / cells()?,
        Rule::Within(0.99, 1.01),
    );
    claim.decide(&stated, Some(&mean))
}

/// Does the SVD give the PCA? Checks `C v = s² / (n - 1) v` for the covariance matrix C, which is computed without the
/// SVD.
fn by_svd(claim: &Claim) -> Result<Finding> {
    let a = sweeps::flowers()?;
    let divisor = a.nrows() as f64 - 1.0;
    let (covariance, svd): (Matrix, _) = (a.t().dot(a) / divisor, truncated_svd(a, 4)?);
    let expected = &svd.v * &svd.s.mapv(|s| s * s / divisor);
    let rest = (covariance.dot(&svd.v) - expected).mapv(f64::abs).into_iter().fold(0.0, f64::max);
    let scale = svd.s[0] * svd.s[0] / divisor;
    claim.decide(
        &Held::new("‖C v - s²/(n - 1) v‖ over the largest eigenvalue", rest / scale, Rule::AtMost(1e-9)),
        None,
    )
}

/// Does any run of descent end below the truncated SVD?
fn eckart(claim: &Claim) -> Result<Finding> {
    let a = sweeps::flowers()?;
    let bound = squares(&(a - &truncated_svd(a, 2)?.reconstruct()));
    let excess = least(&sweeps::last_two(sweeps::long_descents()?).1) / bound - 1.0;
    claim.decide(
        &Held::new(
            format!("least relative excess of {RUNS} runs over the SVD"),
            excess,
            Rule::AtLeast(-1e-12),
        ),
        None,
    )
}

/// Is U the projection? Compares it with the scores of PCA, with one scale for both axes and with one for each.
fn caption(claim: &Claim) -> Result<Finding> {
    let a = sweeps::flowers()?;
    let (u, scores) = (truncated_svd(a, 2)?.u, pca(a, 2)?.scores);
    let left = |family| -> Result<f64> { Ok(align(&u, &scores, family)?.relative_error.powi(2)) };
    let stated = Held::new(
        "share of the projections that U with one scale leaves",
        left(Family::Similarity)?,
        Rule::AtMost(0.01),
    );
    let weaker = Held::new("with a scale for each axis", left(Family::Affine)?, Rule::AtMost(1e-9));
    claim.decide(&stated, Some(&weaker))
}

/// Figure 2: do U and Û span one plane?
fn projection(claim: &Claim) -> Result<Finding> {
    let u = truncated_svd(sweeps::flowers()?, 2)?.u;
    let runs = sweeps::long_descents()?.iter();
    let angles: Vec<f64> =
        runs.map(|run| Ok(principal_angles(&run.u, &u)?[1].to_degrees())).collect::<Result<_>>()?;
    let spread = |m: &Matrix| m.std_axis(Axis(0), 0.0);
    let ratio = spread(&u)[0] / spread(&u)[1];
    claim.figure(&[
        Held::new(
            format!("angle between the planes of U and Û, median of {RUNS} runs (°)"),
            median(&angles),
            Rule::AtMost(0.1),
        ),
        Held::new(
            "spread of U along the first axis over that along the second",
            ratio,
            Rule::Within(0.99, 1.01),
        ),
    ])
}

/// Figure 3: both accuracies rise, and more slowly than without the ReLU on the output.
fn curves(claim: &Claim) -> Result<Finding> {
    let plain = MlpParams { output: Output::Logits, ..sweeps::net_d() };
    let without = run_seeds(0..RUNS, |seed| {
        train_mlp(&sweeps::split(seed)?.0, None, &MlpParams { seed: seed.into(), ..plain })
    })?;
    claim.figure(&curve_features(sweeps::networks_d()?, &without))
}

/// What report D's learning curves show, beside the same network without the ReLU on its output.
fn curve_features(runs: &[Trained], without: &[Trained]) -> Vec<Held> {
    let at = |runs: &[Trained], t: usize| {
        median(&runs.iter().map(|run| run.train_accuracy[t]).collect::<Vec<_>>())
    };
    let loss = |t: usize| median(&runs.iter().map(|run| run.losses[t]).collect::<Vec<_>>());
    let rises = (10..=100).step_by(10).filter(|t| at(runs, *t) >= at(runs, t - 10)).count();
    let [_, validation] = sweeps::accuracies(runs);
    vec![
        Held::new("training accuracy at epoch 100, median", at(runs, 100), Rule::Within(0.58, 0.70)),
        Held::new("its rise over 100 epochs", at(runs, 100) - at(runs, 0), Rule::AtLeast(0.2)),
        Held::new("of ten stretches, those in which it does not fall", rises as f64, Rule::AtLeast(10.0)),
        Held::new("what the ReLU costs", at(without, 100) - at(runs, 100), Rule::AtLeast(0.1)),
        Held::new(
            "training minus validation accuracy, median",
            at(runs, 100) - median(&validation),
            Rule::Within(-0.05, 0.1),
        ),
        Held::new("loss at epoch 100 over loss at the start", loss(100) / loss(0), Rule::Within(0.2, 0.9)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::claim;

    #[test]
    fn another_network_does_not_pass_for_figure_3() {
        let claim = claim("D1-curves").unwrap();
        let theirs = sweeps::networks_d().unwrap();
        let plain = sweeps::networks(MlpParams { output: Output::Logits, ..sweeps::net_d() }).unwrap();
        assert!(claim.figure(&curve_features(theirs, &plain)).is_ok());
        assert!(claim.figure(&curve_features(&plain, &plain)).is_err());
        assert!(claim.figure(&curve_features(sweeps::networks_b().unwrap(), &plain)).is_err());
    }
}
