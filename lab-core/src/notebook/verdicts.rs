//! The table of verdicts, and each report's scoreboard.

use std::collections::HashSet;

use polars::prelude::{Column, DataFrame};

use crate::claims::{Claim, Finding, Verdict, claims};
use crate::error::{Error, Result};
use crate::notebook::format::escape;
use crate::notebook::table::{IntoTable, Table};

/// A column of the table of verdicts: its name, and the text of a finding's cell.
type TextColumn = (&'static str, fn(&Finding) -> String);

/// The table of verdicts: a row for each claim, with what was reported, our finding, the rule that it is held against
/// and the verdict; the reason stands below. Claims of several reports are grouped under a heading for each, and show
/// their questions.
///
/// ```
/// use lab_core::prelude::*;
///
/// let svd = claim("B12-svd")?.number(15.228833347803338)?;
/// let html = verdicts(&[svd.clone()])?.bundle().get("text/html").unwrap().to_owned();
/// assert!(html.contains("<tr data-claim=\"B12-svd\" data-verdict=\"reproduced\">"));
///
/// let both = verdicts(&[claim("A12-svd")?.number(15.228833347803338)?, svd])?;
/// assert_eq!(both.frame().get_column_names()[..3], ["report", "claim", "question"]);
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
/// [`Error::Claim`] if a claim comes twice, [`Error::Empty`] without findings.
pub fn verdicts(findings: &[Finding]) -> Result<Table> {
    if findings.is_empty() {
        return Err(Error::Empty { what: "findings" });
    }
    let mut seen = HashSet::new();
    if let Some(twice) = findings.iter().find(|finding| !seen.insert(&finding.claim.id)) {
        return Err(twice.claim.error("is in this table twice".into()));
    }
    let mut columns: Vec<TextColumn> = vec![
        ("claim", |finding| finding.claim.id.clone()),
        ("quantity", |finding| finding.claim.quantity.clone()),
        ("reported", Finding::reported),
        ("ours", |finding| finding.ours.clone()),
        ("held against", |finding| finding.rule.clone()),
        ("verdict", |finding| finding.verdict.to_string()),
        ("note", |finding| finding.claim.note.clone()),
    ];
    let several = findings.iter().any(|finding| finding.claim.report != findings[0].claim.report);
    if several {
        columns.insert(0, ("report", |finding| finding.claim.report.clone()));
        columns.insert(2, ("question", |finding| finding.claim.question.clone()));
    }
    let columns = columns
        .into_iter()
        .map(|(name, cell)| Column::new(name.into(), findings.iter().map(cell).collect::<Vec<String>>()))
        .collect();
    let frame = DataFrame::new(findings.len(), columns)
        .map_err(|error| findings[0].claim.error(error.to_string()))?;
    let attributes = findings.iter().map(|finding| {
        format!(" data-claim=\"{}\" data-verdict=\"{}\"", escape(&finding.claim.id), finding.verdict)
    });
    let table = frame.table().row_attributes(attributes.collect()).last_below();
    Ok(if several { table.grouped() } else { table })
}

/// One report's questions and how many of their claims came to each verdict.
///
/// ```
/// use lab_core::prelude::*;
///
/// // Report B has more claims than this one: the scoreboard names those left out.
/// let findings = [claim("B12-svd")?.number(15.228833347803338)?];
/// assert!(scoreboard("B", &findings).unwrap_err().to_string().contains("B1"));
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
/// [`Error::Claim`] if a claim of the report has no finding, [`Error::Empty`] if there is no such report.
pub fn scoreboard(report: &str, findings: &[Finding]) -> Result<DataFrame> {
    let claims: Vec<Claim> = claims()?.into_iter().filter(|claim| claim.report == report).collect();
    if claims.is_empty() {
        return Err(Error::Empty { what: "the list of the report's claims" });
    }
    if let Some(left_out) =
        claims.iter().find(|claim| findings.iter().all(|found| found.claim.id != claim.id))
    {
        return Err(left_out.error("has not been checked".into()));
    }
    let mut questions: Vec<&str> = claims.iter().map(|claim| claim.question.as_str()).collect();
    questions.sort_unstable();
    questions.dedup();
    let count = |question: &str, verdict: Verdict| {
        let here =
            findings.iter().filter(|found| found.claim.report == report && found.claim.question == question);
        here.filter(|found| found.verdict == verdict).count() as u64
    };
    let mut columns = vec![Column::new("question".into(), &questions)];
    for verdict in Verdict::ALL {
        let counts: Vec<u64> = questions.iter().map(|question| count(question, verdict)).collect();
        columns.push(Column::new(verdict.to_string().into(), counts));
    }
    DataFrame::new(questions.len(), columns).map_err(|error| claims[0].error(error.to_string()))
}
