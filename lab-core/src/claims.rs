//! The claims of the five reports: what each says, the computation that checks it, and the verdict that every run must
//! reach again.
//!
//! [`check`] is the one implementation of each claim's check: notebooks, overview and tests share it. The flow is
//! `sweeps` (runs over many seeds, made once) -> `checks` (what a claim is held against) -> `judge` (the verdict).

mod checks;
mod judge;
pub(crate) mod sweeps;
mod verdict;

pub use checks::{check, check_report};
pub use judge::{Held, Rule};
use ndarray::Array2;
pub use verdict::{Check, Verdict};

use crate::csv::{Row, Rows};
use crate::error::{Error, Result};
use crate::evaluate::Summary;
use crate::matrix::Matrix;

/// `data/claims.csv` as it was when this crate was built.
const CSV: &str = include_str!("../data/claims.csv");

/// A claim beside our own result, and the verdict that follows.
///
/// ```
/// let claim = lab_core::claim("B12-svd")?;
/// let finding = claim.number(15.228_833_347_803_338)?; // ours; the report prints fewer digits
/// assert_eq!(finding.verdict, lab_core::Verdict::Reproduced);
/// # Ok::<(), lab_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The claim.
    pub claim: Claim,
    /// Our number, which decides the verdict.
    pub value: f64,
    /// Our measurement in words, with its numbers.
    pub ours: String,
    /// The rule that the numbers are held against, in words.
    pub rule: String,
    /// The verdict that follows from the number and the rule.
    pub verdict: Verdict,
}

impl Finding {
    /// The reported figure as text: a number as printed, a table as its medians, several matrices as their count.
    pub(crate) fn reported(&self) -> String {
        match self.claim.matrices() {
            Ok(matrices) if matrices.len() > 1 => format!("{} matrices", matrices.len()),
            Ok(matrices) if matrices[0].len() > 1 => {
                let medians: Vec<String> = matrices[0]
                    .columns()
                    .into_iter()
                    .filter_map(|column| Summary::of(&column.to_vec()))
                    .map(|summary| format!("{:.3}", summary.median))
                    .collect();
                format!("medians {}", medians.join(" / "))
            }
            _ => self.claim.reported.clone(),
        }
    }
}

/// One line of `data/claims.csv`.
///
/// ```
/// let claim = lab_core::claim("B12-svd")?;
/// assert_eq!((claim.report.as_str(), claim.check), ("B", lab_core::Check::Exact));
/// # Ok::<(), lab_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// The report, `A` to `E`.
    pub report: String,
    /// The question in the report's own numbering.
    pub question: String,
    /// The claim's name, such as `B12-gd`.
    pub id: String,
    /// What is claimed.
    pub quantity: String,
    /// The report's figure: a number; a table or matrices (`;` between rows, `|` between matrices); or the word
    /// `claim`, `code` or `figure`.
    pub reported: String,
    /// How it is checked.
    pub check: Check,
    /// What our own measurement must agree with: a number, or quantiles such as `q1=7.155;median=7.160`.
    pub reference: String,
    /// How closely: a distance, a range `low..high`, or for quantiles a share of the runs.
    pub tolerance: String,
    /// The verdict that every run must reach again.
    pub verdict: Verdict,
    /// Why, in a few words; may be empty.
    pub note: String,
}

impl Claim {
    /// Reads all claims of a CSV text with the columns of `data/claims.csv`.
    ///
    /// # Errors
    /// [`Error::Data`] with the line and column of the first cell that breaks a rule.
    pub fn read_all(csv: &str) -> Result<Vec<Claim>> {
        let mut rows = Rows::of(csv.as_bytes(), "the claims".into())?;
        let mut claims = Vec::new();
        let header: Vec<String> = rows.next()?.map_or(Ok(Vec::new()), |row| cells(&row))?;
        if header != COLUMNS {
            let reason = format!("the columns must be {COLUMNS:?}, found {header:?}");
            return Err(Error::Data { row: 1, column: 0, reason });
        }
        while let Some(row) = rows.next()? {
            claims.push(Claim::from_row(&row)?);
        }
        Ok(claims)
    }

    fn from_row(row: &Row<'_>) -> Result<Claim> {
        let at = |column: usize| move |reason: String| row.error(column - 1, reason);
        let found = row.len();
        let [report, question, id, quantity, reported, check, reference, tolerance, verdict, note] =
            <[String; COLUMNS.len()]>::try_from(cells(row)?).map_err(|_| {
                row.error_in_all(format!("a claim has {} cells, found {found}", COLUMNS.len()))
            })?;
        let claim = Claim {
            check: check.parse().map_err(at(6))?,
            verdict: verdict.parse().map_err(at(9))?,
            report,
            question,
            id,
            quantity,
            reported,
            reference,
            tolerance,
            note,
        };
        let word = matches!(claim.reported.as_str(), "claim" | "code" | "figure");
        let fits = match claim.check {
            Check::Exact | Check::Distribution => !word && claim.matrices().is_ok(),
            Check::Law => matches!(claim.reported.as_str(), "claim" | "code"),
            Check::Figure => claim.reported == "figure",
        };
        let rule =
            "reported must be numbers for exact and distribution, claim or code for law, figure for figure";
        if fits { Ok(claim) } else { Err(at(5)(format!("{rule}, found {:?}", claim.reported))) }
    }

    /// The reported figure as a number.
    ///
    /// # Errors
    /// [`Error::Claim`] if it is none.
    pub fn value(&self) -> Result<f64> {
        self.reported
            .parse()
            .map_err(|_| self.error(format!("reported is not a number: {:?}", self.reported)))
    }

    /// The reported table or matrices, in the report's order.
    ///
    /// # Errors
    /// [`Error::Claim`] if a cell is not a number or the rows differ in length.
    pub fn matrices(&self) -> Result<Vec<Matrix>> {
        self.reported.split('|').map(|text| self.matrix(text)).collect()
    }

    fn matrix(&self, text: &str) -> Result<Matrix> {
        let wrong =
            |()| self.error(format!("reported must be rows of numbers of one length, found {text:?}"));
        let cells: std::result::Result<Vec<f64>, ()> =
            text.replace(';', " ").split_whitespace().map(|cell| cell.parse().map_err(drop)).collect();
        let rows = text.split(';').count();
        let cells = cells.map_err(wrong)?;
        let columns = cells.len() / rows;
        let even = text.split(';').all(|row| row.split_whitespace().count() == columns);
        if !even || columns == 0 {
            return Err(wrong(()));
        }
        Array2::from_shape_vec((rows, columns), cells).map_err(|_| wrong(()))
    }

    /// An error about this claim.
    pub(crate) fn error(&self, reason: String) -> Error {
        Error::Claim { id: self.id.clone(), reason }
    }
}

const COLUMNS: [&str; 10] = [
    "report",
    "question",
    "id",
    "quantity",
    "reported",
    "check",
    "reference",
    "tolerance",
    "verdict",
    "note",
];

fn cells(row: &Row<'_>) -> Result<Vec<String>> {
    row.fields().map(|field| field.map(str::to_owned)).collect()
}

/// All claims, in the order of the reports.
///
/// ```
/// assert!(lab_core::claims()?.iter().any(|claim| claim.id == "B12-svd"));
/// # Ok::<(), lab_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::Data`] if the embedded table breaks a rule.
pub fn claims() -> Result<Vec<Claim>> {
    Claim::read_all(CSV)
}

/// One claim by its name.
///
/// ```
/// let claim = lab_core::claim("B12-svd")?;
/// assert_eq!(claim.value()?, 15.228833);
/// # Ok::<(), lab_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::Claim`] if there is none of this name.
pub fn claim(id: &str) -> Result<Claim> {
    let found = claims()?.into_iter().find(|claim| claim.id == id);
    found.ok_or_else(|| Error::Claim { id: id.to_owned(), reason: "no such claim in data/claims.csv".into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_claim_has_its_own_name_and_a_readable_figure() {
        let claims = claims().unwrap();
        let mut ids: Vec<&str> = claims.iter().map(|claim| claim.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), claims.len());
        assert!(claims.iter().all(|claim| claim.id.starts_with(&claim.report)));
    }

    #[test]
    fn tables_and_matrices_are_read() {
        let matrices = claim("E12-factors").unwrap().matrices().unwrap();
        assert_eq!(matrices.iter().map(Matrix::dim).collect::<Vec<_>>(), [(3, 2), (3, 2)]);
        assert_eq!(claim("A22-table").unwrap().matrices().unwrap()[0].dim(), (10, 2));
    }

    #[test]
    fn a_broken_table_is_refused_with_its_place() {
        let broken = CSV.replacen(",reproduced,", ",perfect,", 1);
        let error = Claim::read_all(&broken).unwrap_err().to_string();
        assert!(error.starts_with("row 2, column 9") && error.contains("perfect"), "{error}");
        assert!(matches!(claim("Z99"), Err(Error::Claim { .. })));
    }
}
