//! Report E.

use super::Judge;
use crate::claims::sweeps::{self, RUNS, least, median, sheet_one, squares};
use crate::claims::{Claim, Finding, Held, Rule};
use crate::error::Result;
use crate::evaluate::run_seeds;
use crate::factorise::{GdParams, SgdParams, gd_factorise, sgd_factorise_masked};
use crate::matrix::Matrix;
use crate::svd::truncated_svd;

pub(super) const JUDGES: &[(&str, Judge)] = &[
    ("E11-code", |claim| two_rows(claim, |_, _| true, "E12-loss")),
    ("E12-factors", factors),
    ("E12-loss", |claim| claim.sample(&losses(sweeps::whole_visits()?))),
    ("E12-norm", norm),
    ("E21-code", printed_svd),
    ("E21-svd", |claim| claim.number(best_loss(2)?)),
    ("E21-better", better),
    ("E21-eckart", eckart),
    ("E31-code", |claim| two_rows(claim, sweeps::observed, "E32-loss")),
    ("E32-completed", |claim| {
        let parts = claim.matrices()?;
        claim.printed_matrices(squares(&(sheet_one() - parts[0].dot(&parts[1].t()))), None)
    }),
    ("E32-loss", |claim| claim.sample(&losses(sweeps::completions()?))),
    ("E32-close", close),
    ("E32-except", except),
    ("E32-carried", carried),
    ("E32-major", major),
    ("E32-independent", independent),
];

fn losses(runs: &[(f64, Matrix)]) -> Vec<f64> {
    runs.iter().map(|(loss, _)| *loss).collect()
}

fn best_loss(rank: usize) -> Result<f64> {
    let a = sheet_one();
    Ok(squares(&(&a - &truncated_svd(&a, rank)?.reconstruct())))
}

/// The loop as printed visits `range(rank)`, two rows: does any start reach the loss printed below it?
fn two_rows(claim: &Claim, seen: fn(usize, usize) -> bool, printed: &str) -> Result<Finding> {
    let runs = losses(&sweeps::visits(RUNS, |row, column| row < 2 && seen(row, column))?);
    let printed = super::claim(printed)?.value()?;
    let what = format!("least error of {RUNS} runs of the printed loop (median {:.1})", median(&runs));
    claim.decide(&Held::new(what, least(&runs), Rule::AtMost(printed + 5e-5)), None)
}

/// The printed factors, as they stand and with the sign of V[0][1] mended.
fn factors(claim: &Claim) -> Result<Finding> {
    let printed = claim.matrices()?;
    let mut mended = printed[1].clone();
    mended[[0, 1]] *= -1.0;
    let loss = |v: &Matrix| squares(&(sheet_one() - printed[0].dot(&v.t())));
    claim.printed_matrices(loss(&printed[1]), Some(loss(&mended)))
}

/// The report says that ‖A - ÛV̂‖ is about 0.1221. Is that the norm, or its square?
fn norm(claim: &Claim) -> Result<Finding> {
    let loss = median(&losses(sweeps::whole_visits()?));
    let printed = super::claim("E12-loss")?.value()?;
    let stated = Held::new(
        format!("norm, median of {RUNS} runs"),
        loss.sqrt(),
        Rule::Within(0.99 * printed, 1.01 * printed),
    );
    let weaker = Held::new("its square", loss, Rule::Within(0.99 * printed, 1.01 * printed));
    claim.decide(&stated, Some(&weaker))
}

/// The printed code sets `S[-1] = 0`, whatever `rank` is. Measures the rank of its result for rank = 1, and the
/// distance of its result from the truncated SVD for rank = 2.
fn printed_svd(claim: &Claim) -> Result<Finding> {
    let a = sheet_one();
    let printed = |_rank: usize| -> Result<Matrix> {
        let mut whole = truncated_svd(&a, 3)?;
        whole.s[2] = 0.0;
        Ok(whole.reconstruct())
    };
    let rank = truncated_svd(&printed(1)?, 3)?.s.iter().filter(|s| **s > 1e-9).count();
    let stated = Held::new("rank of the result for rank = 1", rank as f64, Rule::Within(1.0, 1.0));
    let distance = squares(&(printed(2)? - truncated_svd(&a, 2)?.reconstruct())).sqrt();
    claim.decide(
        &stated,
        Some(&Held::new("distance from the truncated SVD for rank = 2", distance, Rule::AtMost(1e-9))),
    )
}

fn descend(runs: u64, epochs: usize) -> Result<Vec<f64>> {
    let a = sheet_one();
    run_seeds(0..runs, |seed| {
        let p = GdParams { epochs, seed: seed.into(), ..sweeps::descent() };
        Ok(gd_factorise(&a, &p)?.losses[epochs])
    })
}

/// Is the SVD's result better than descent's? After 1000 epochs, and with patience.
fn better(claim: &Claim) -> Result<Finding> {
    let best = best_loss(2)?;
    let excess = |losses: &[f64]| median(losses) / best - 1.0;
    let what = "relative excess over the SVD's loss of full-batch descent, 10 000 epochs, median of 100";
    let patient = Held::new(what, excess(&descend(100, 10_000)?), Rule::AtLeast(1e-6));
    let sgd = excess(&losses(sweeps::whole_visits()?));
    let stopped = Held::new("of the report's SGD, 1000 epochs", sgd, Rule::AtLeast(1e-6));
    claim.decide(&patient, Some(&stopped))
}

/// Does any run come below the SVD?
fn eckart(claim: &Claim) -> Result<Finding> {
    let sgd = losses(sweeps::whole_visits()?);
    let lowest = least(&sgd).min(least(&descend(RUNS, 1000)?)) - best_loss(2)?;
    claim.decide(
        &Held::new(format!("least excess of {} runs over the SVD", 2 * RUNS), lowest, Rule::AtLeast(-1e-12)),
        None,
    )
}

/// The printed Â minus A, cell by cell.
fn misses() -> Result<Matrix> {
    Ok(&super::claim("E32-completed")?.matrices()?[2] - &sheet_one())
}

/// Is the completed matrix very close to the original?
fn close(claim: &Claim) -> Result<Finding> {
    let mut sorted: Vec<f64> = misses()?.mapv(f64::abs).into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    let stated = Held::new("largest miss of a cell", sorted[8], Rule::AtMost(0.1));
    claim.decide(&stated, Some(&Held::new("largest but one", sorted[7], Rule::AtMost(0.1))))
}

/// Are all cells close except a10?
fn except(claim: &Claim) -> Result<Finding> {
    let (misses, mut others) = (misses()?.mapv(f64::abs), misses()?.mapv(f64::abs));
    others[[1, 0]] = 0.0;
    let other = others.fold(0.0, |largest: f64, miss| largest.max(*miss));
    let what = format!("largest miss of the other cells over that of a10 ({:.3})", misses[[1, 0]]);
    claim.decide(&Held::new(what, other / misses[[1, 0]], Rule::AtMost(0.1)), None)
}

/// Is a10 the major part of the error?
fn major(claim: &Claim) -> Result<Finding> {
    let misses = misses()?;
    let share = misses[[1, 0]].powi(2) / squares(&misses);
    claim.decide(&Held::new("share of the squared error in a10", share, Rule::AtLeast(0.5)), None)
}

/// Do the observed cells determine the hidden ones? Measures the spread of a10 over runs that fit, and how far a21 is
/// from the value that rank 2 and a10 require.
fn carried(claim: &Claim) -> Result<Finding> {
    let a = sheet_one();
    let mask = crate::matrix::Mask::from_shape_fn((3, 3), |(row, column)| sweeps::observed(row, column));
    let fits: Vec<Matrix> = run_seeds(0..200, |seed| {
        let p = SgdParams { epochs: 10_000, seed: seed.into(), ..Default::default() };
        Ok(sgd_factorise_masked(&a, &mask, &p)?.reconstruct())
    })?;
    let mut a10: Vec<f64> = fits.iter().map(|fit| fit[[1, 0]]).collect();
    a10.sort_by(f64::total_cmp);
    let off = fits.iter().map(|fit| (fit[[2, 1]] - on_the_curve(&a, fit[[1, 0]])).abs());
    let spread = Held::new(
        "a10 of 200 runs that fit, 95th minus 5th percentile",
        a10[190] - a10[9],
        Rule::AtMost(0.1),
    );
    let tied = Held::new(
        "a21 from the value that rank 2 and a10 ask for, median",
        median(&off.collect::<Vec<f64>>()),
        Rule::AtMost(0.01),
    );
    claim.decide(&spread, Some(&tied))
}

/// The a21 that gives a matrix with the seven observed cells and this a10 rank 2: where its determinant is 0.
fn on_the_curve(a: &Matrix, a10: f64) -> f64 {
    let rest = a[[2, 0]] * (a[[0, 1]] * a[[1, 2]] - a[[0, 2]] * a[[1, 1]])
        + a[[2, 2]] * (a[[0, 0]] * a[[1, 1]] - a[[0, 1]] * a10);
    rest / (a[[0, 0]] * a[[1, 2]] - a[[0, 2]] * a10)
}

/// Does a10 hold more information of its own than other cells? With one cell hidden, completion at rank 2 misses it by
/// 1 over the entry of (A⁻¹)ᵀ in its place. With a10 and a21 hidden, even the nearest exact completion has an error.
fn independent(claim: &Claim) -> Result<Finding> {
    let a = sheet_one();
    let whole = truncated_svd(&a, 3)?;
    let inverse = (&whole.v / &whole.s).dot(&whole.u.t());
    let alone = inverse.t().mapv(|entry| 1.0 / entry.abs());
    let mut others = alone.clone();
    others[[1, 0]] = 0.0;
    let hardest = others.fold(0.0, |largest: f64, miss| largest.max(*miss));
    let nearest = (0..3000)
        .map(|i| 1e-3 * f64::from(i))
        .map(|a10| (a10 - a[[1, 0]]).powi(2) + (on_the_curve(&a, a10) - a[[2, 1]]).powi(2));
    let nearest = nearest.fold(f64::INFINITY, f64::min);
    let what = format!(
        "miss of a10 hidden alone over the largest of the others (with a21, no exact completion errs by less than {nearest:.4})"
    );
    claim.decide(&Held::new(what, alone[[1, 0]] / hardest, Rule::AtLeast(1.0)), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_holds_matrices_of_rank_two() {
        let mut a = sheet_one();
        for a10 in [-1.0, 0.5, 2.0] {
            a[[1, 0]] = a10;
            a[[2, 1]] = on_the_curve(&sheet_one(), a10);
            assert!(truncated_svd(&a, 3).unwrap().s[2] < 1e-12);
        }
    }
}
