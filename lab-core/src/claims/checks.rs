//! The checks: one function for each claim, in one file for each report.

mod a;
mod b;
mod c;
mod d;
mod e;

use super::{Claim, Finding, claim, claims};
use crate::error::{Error, Result};

type Judge = fn(&Claim) -> Result<Finding>;

/// Computes the verdict on one claim. Runs over many seeds are made at the first claim that needs them and kept, so a
/// check takes up to a few seconds once.
///
/// ```
/// let svd = lab_core::check("B12-svd")?;
/// assert_eq!(svd.verdict, lab_core::Verdict::Reproduced);
/// assert!((svd.value - 15.228833).abs() < 5e-7);
/// # Ok::<(), lab_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::Claim`] if there is no such claim, if the verdict is not the one on record, or if our number has drifted from
/// the reference on record.
pub fn check(id: &str) -> Result<Finding> {
    let claim = claim(id)?;
    let judges = [a::JUDGES, b::JUDGES, c::JUDGES, d::JUDGES, e::JUDGES];
    let found = judges.into_iter().flatten().find(|(name, _)| *name == id);
    let (_, judge) = found.ok_or_else(|| Error::Claim { id: id.into(), reason: "has no check".into() })?;
    judge(&claim)
}

/// The verdicts on all claims of one report, in its order.
///
/// ```no_run
/// let findings = lab_core::check_report("E")?; // some seconds
/// assert!(findings.iter().all(|finding| finding.claim.report == "E"));
/// # Ok::<(), lab_core::Error>(())
/// ```
///
/// # Errors
/// As [`check`], and [`Error::Empty`] if there is no such report.
pub fn check_report(report: &str) -> Result<Vec<Finding>> {
    let ids: Vec<String> =
        claims()?.into_iter().filter(|claim| claim.report == report).map(|claim| claim.id).collect();
    if ids.is_empty() {
        return Err(Error::Empty { what: "the list of the report's claims" });
    }
    ids.iter().map(|id| check(id)).collect()
}
