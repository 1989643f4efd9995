//! The five reports' own words: their listings, and what became of each statement.

use polars::prelude::{Column, DataFrame};

use crate::claims::Finding;
use crate::csv::{Row, Rows};
use crate::error::{Error, Result};
use crate::notebook::table::{IntoTable, Table};

/// The reports' text, as they were when this crate was built.
const TEXTS: [(&str, &str); 5] = [
    ("A", include_str!("../../data/reports/report_A.txt")),
    ("B", include_str!("../../data/reports/report_B.txt")),
    ("C", include_str!("../../data/reports/report_C.txt")),
    ("D", include_str!("../../data/reports/report_D.txt")),
    ("E", include_str!("../../data/reports/report_E.txt")),
];

/// Each statement, listing, table and heading of the reports, with its claims or the reason why it has none.
const STATEMENTS: &str = include_str!("../../data/reports/statements.csv");

/// A listing of a report: report and number, counted from 1.
///
/// ```
/// let first = lab_core::notebook::listing("E", 1)?;
/// assert!(first.contains("for r in range(rank):"));
/// # Ok::<(), lab_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::Param`] if the report has no such listing.
pub fn listing(report: &str, number: usize) -> Result<String> {
    let kind = format!("snippet {number}");
    let statement = statements()?.into_iter().find(|s| s.report == report && s.kind == kind);
    let statement = statement.ok_or_else(|| Error::Param {
        name: "listing",
        rule: "one that the report has, counted from 1",
        found: format!("report {report}, listing {number}"),
    })?;
    Ok(statement.text)
}

/// One part of a report.
struct Statement {
    report: String,
    lines: String,
    kind: String,
    text: String,
    claims: Vec<String>,
    reason: String,
}

fn statements() -> Result<Vec<Statement>> {
    let mut rows = Rows::of(STATEMENTS.as_bytes(), "the statements".into())?;
    let mut statements = Vec::new();
    rows.next()?; // the header
    while let Some(row) = rows.next()? {
        statements.push(statement(&row)?);
    }
    Ok(statements)
}

fn statement(row: &Row<'_>) -> Result<Statement> {
    let fields: Vec<&str> = row.fields().collect::<Result<_>>()?;
    let &[report, lines, kind, text, claims, reason] = fields.as_slice() else {
        return Err(row.error_in_all(format!("must have 6 fields, found {}", fields.len())));
    };
    let whole = TEXTS.iter().find(|(name, _)| *name == report).map(|(_, text)| *text);
    let whole = whole.ok_or_else(|| row.error(0, format!("must be a report, A to E, found {report:?}")))?;
    let (from, to) = lines.split_once('-').unwrap_or((lines, lines));
    let span =
        from.parse::<usize>().ok().zip(to.parse::<usize>().ok()).filter(|(from, to)| 0 < *from && from <= to);
    let (from, to) =
        span.ok_or_else(|| row.error(1, format!("must be a line or from-to, found {lines:?}")))?;
    let quoted: Vec<&str> = whole.lines().skip(from - 1).take(to + 1 - from).collect();
    Ok(Statement {
        report: report.to_owned(),
        lines: lines.to_owned(),
        kind: kind.to_owned(),
        text: if text.is_empty() { quoted.join("\n") } else { text.to_owned() },
        claims: claims.split_whitespace().map(str::to_owned).collect(),
        reason: reason.to_owned(),
    })
}

/// What a report writes in TeX, and how it is shown: replaced in this order.
const TEX: [(&str, &str); 13] = [
    (r"\mathbf{X}", "X"),
    (r"\mathbf{U}", "U"),
    (r"\hat{X}", "X\u{302}"),
    (r"\hat{A}", "A\u{302}"),
    (r"\hat{U}", "U\u{302}"),
    (r"\hat{V}", "V\u{302}"),
    (r"\mathcal{U}", "U"),
    (r"\frac{1}{\sqrt{n}}", "1/√n"),
    (r"\|", "‖"),
    ("^T", "ᵀ"),
    ("^2", "²"),
    ("_k", "ₖ"),
    ("$", ""),
];

/// A sentence without TeX.
fn readable(text: &str) -> String {
    let has_tex = text.contains(['\\', '$']);
    let replace = |text: String, (tex, plain): (&str, &str)| text.replace(tex, plain);
    if has_tex { TEX.into_iter().fold(text.to_owned(), replace) } else { text.to_owned() }
}

/// A report from its first line to its last: what it says, the claims in it, the verdicts, and the numbers that decide;
/// where it makes no claim, the reason. Every claim of the report needs its finding.
///
/// ```no_run
/// use lab_core::prelude::*;
///
/// let table = statement_table("E", &check_report("E")?)?;
/// assert_eq!(table.frame().get_column_names()[..2], ["lines", "statement"]);
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
/// [`Error::Claim`] for a claim without a finding, [`Error::Empty`] if there is no such report.
pub fn statement_table(report: &str, findings: &[Finding]) -> Result<Table> {
    let statements: Vec<Statement> = statements()?.into_iter().filter(|s| s.report == report).collect();
    if statements.is_empty() {
        return Err(Error::Empty { what: "the report's text" });
    }
    let mut cells: [Vec<String>; 5] = Default::default();
    let mut push = |row: [String; 5]| cells.iter_mut().zip(row).for_each(|(column, cell)| column.push(cell));
    for statement in statements.iter().filter(|statement| statement.kind != "heading") {
        let said = match statement.kind.as_str() {
            "sentence" | "caption" => readable(&statement.text),
            kind => kind.replace("snippet", "listing"),
        };
        if statement.claims.is_empty() {
            let (lines, reason) = (statement.lines.clone(), statement.reason.clone());
            push([lines, said.clone(), String::new(), String::new(), reason]);
        }
        for (at, id) in statement.claims.iter().enumerate() {
            let found = findings.iter().find(|finding| finding.claim.id == *id);
            let found = found
                .ok_or_else(|| Error::Claim { id: id.clone(), reason: "has not been checked".into() })?;
            let (lines, said) =
                if at == 0 { (statement.lines.clone(), said.clone()) } else { <_>::default() };
            let decided = format!("{} ({})", found.ours, found.rule);
            push([lines, said, id.clone(), found.verdict.to_string(), decided]);
        }
    }
    let names = ["lines", "statement", "claim", "verdict", "decided by, or why there is no claim"];
    let columns = names.into_iter().zip(cells).map(|(name, cells)| Column::new(name.into(), cells)).collect();
    let frame = DataFrame::new_infer_height(columns);
    Ok(frame.map_err(|error| Error::Claim { id: report.into(), reason: error.to_string() })?.table())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::claims::claims;

    #[test]
    fn every_line_of_the_reports_is_accounted_for() {
        let statements = statements().unwrap();
        for (report, text) in TEXTS {
            let of_report = || statements.iter().filter(|s| s.report == report);
            let all: String = of_report().flat_map(|s| s.text.split_whitespace()).collect();
            let whole: String =
                text.lines().filter(|line| *line != "```").flat_map(str::split_whitespace).collect();
            assert_eq!(all, whole, "report {report}: a statement is missing, altered or out of order");
        }
    }

    #[test]
    fn no_statement_is_shown_with_tex() {
        let goal = r"minimise $\|A - \hat{U}\hat{V}^T\|_F^2$ in {1, 2}";
        assert_eq!(readable(goal), "minimise ‖A - U\u{302}V\u{302}ᵀ‖_F² in {1, 2}");
        for statement in statements().unwrap().iter().filter(|s| ["sentence", "caption"].contains(&&*s.kind))
        {
            let shown = readable(&statement.text);
            assert!(!shown.contains(['\\', '$']), "{shown}");
        }
    }

    #[test]
    fn every_statement_has_claims_or_a_reason_and_every_claim_a_statement() {
        let (statements, claims) = (statements().unwrap(), claims().unwrap());
        for statement in &statements {
            let (lines, report) = (&statement.lines, &statement.report);
            assert!(
                statement.claims.is_empty() != statement.reason.is_empty() || !statement.claims.is_empty(),
                "{report} {lines}"
            );
        }
        let said: HashSet<&String> = statements.iter().flat_map(|s| &s.claims).collect();
        let known: HashSet<&String> = claims.iter().map(|claim| &claim.id).collect();
        assert_eq!(said, known);
    }

    #[test]
    fn listings_are_found_by_report_and_number() {
        assert!(listing("A", 1).unwrap().starts_with("def gd_factorise_ad("));
        assert!(listing("C", 2).unwrap().contains("def validate(model"));
        assert!(listing("A", 3).is_err() && listing("F", 1).is_err());
    }
}
