//! A Polars frame as HTML, text and CSV.

use std::fmt::Write as _;

use polars::prelude::{AnyValue, Column, DataFrame};

use super::display::{Bundle, Show, ends};
use crate::{Error, Matrix, Result};

/// Frames of more rows than this show their first and last ten.
const MAX_ROWS: usize = 60;

/// A frame with what its display needs beside the data.
///
/// ```
/// use lab_core::prelude::*;
///
/// let frame = df!["method" => ["GD", "SVD"], "loss (cm²)" => [15.228847, 15.228833]].unwrap();
/// let html = frame.caption("Rank-2 losses").digits(8).bundle().get("text/html").unwrap().to_owned();
/// assert!(html.contains("<caption>Rank-2 losses</caption>"));
/// assert!(html.contains("<td class=\"num\">15.228847</td>"));
/// ```
#[derive(Debug, Clone)]
pub struct Table {
    frame: DataFrame,
    caption: Option<String>,
    digits: usize,
    row_attributes: Vec<String>,
}

/// Turns a frame into a [`Table`] by naming what should differ from the default display.
pub trait IntoTable: Sized {
    /// The frame as a table of six significant digits, without caption.
    fn table(self) -> Table;

    /// Adds a caption.
    fn caption(self, caption: impl Into<String>) -> Table {
        Table { caption: Some(caption.into()), ..self.table() }
    }

    /// Shows this many significant digits.
    fn digits(self, digits: usize) -> Table {
        Table { digits: digits.max(1), ..self.table() }
    }
}

impl IntoTable for Table {
    fn table(self) -> Table {
        self
    }
}

impl IntoTable for DataFrame {
    fn table(self) -> Table {
        Table { frame: self, caption: None, digits: 6, row_attributes: Vec::new() }
    }
}

impl Table {
    /// The frame behind the table.
    pub fn frame(&self) -> &DataFrame {
        &self.frame
    }

    /// HTML attributes of each row, in order; they must be escaped.
    pub(super) fn row_attributes(self, row_attributes: Vec<String>) -> Table {
        Table { row_attributes, ..self }
    }

    fn html(&self) -> String {
        let columns = self.frame.columns();
        let mut html = "<div class=\"lab-table\"><table>".to_owned();
        if let Some(caption) = &self.caption {
            let _ = write!(html, "<caption>{}</caption>", escape(caption));
        }
        html.push_str("<thead><tr>");
        for column in columns {
            let (dtype, name) = (column.dtype().to_string(), column.name().as_str());
            let _ = write!(html, "<th scope=\"col\" title=\"{}\">{}</th>", escape(&dtype), escape(name));
        }
        html.push_str("</tr></thead><tbody>");
        let decimals: Vec<usize> =
            columns.iter().map(|column| decimals(floats(column), self.digits)).collect();
        let edge = if self.frame.height() > MAX_ROWS { 10 } else { MAX_ROWS };
        for row in ends(self.frame.height(), edge) {
            let attributes = row.and_then(|row| self.row_attributes.get(row)).map_or("", String::as_str);
            let _ = write!(html, "<tr{attributes}>");
            for (column, &decimals) in columns.iter().zip(&decimals) {
                let class = if column.dtype().is_numeric() { " class=\"num\"" } else { "" };
                let cell = row.map_or("…".to_owned(), |row| cell(column, row, decimals));
                let _ = write!(html, "<td{class}>{cell}</td>");
            }
            html.push_str("</tr>");
        }
        html.push_str("</tbody></table></div>");
        html
    }

    fn csv(&self) -> String {
        let columns = self.frame.columns();
        let mut csv =
            columns.iter().map(|column| quote(column.name().as_str())).collect::<Vec<_>>().join(",");
        for row in 0..self.frame.height() {
            let cells: Vec<String> =
                columns.iter().map(|column| quote(&full_precision(column, row))).collect();
            csv.push('\n');
            csv.push_str(&cells.join(","));
        }
        csv
    }
}

impl Show for Table {
    fn bundle(&self) -> Bundle {
        let plain = match &self.caption {
            Some(caption) => format!("{caption}\n{}", self.frame),
            None => self.frame.to_string(),
        };
        Bundle::plain(plain).with("text/html", self.html()).with("text/csv", self.csv())
    }
}

impl Show for DataFrame {
    fn bundle(&self) -> Bundle {
        self.clone().table().bundle()
    }
}

/// A matrix `(m, n)` as a frame of `m` rows and `n` named columns.
///
/// ```
/// use lab_core::prelude::*;
///
/// let frame = matrix_frame(&array![[1.0, 2.0], [3.0, 4.0]], &["first axis", "second axis"]).unwrap();
/// assert_eq!(frame.shape(), (2, 2));
/// ```
///
/// # Errors
/// [`Error::Shape`] if there is not one name for each column, [`Error::Param`] if a name comes twice.
pub fn matrix_frame(matrix: &Matrix, names: &[impl AsRef<str>]) -> Result<DataFrame> {
    if names.len() != matrix.ncols() {
        return Err(Error::Shape {
            what: "names".into(),
            expected: format!("one for each of the {} columns", matrix.ncols()),
            found: names.len().to_string(),
        });
    }
    let columns = names
        .iter()
        .zip(matrix.columns())
        .map(|(name, values)| Column::new(name.as_ref().into(), values.to_vec()))
        .collect();
    DataFrame::new(matrix.nrows(), columns).map_err(|error| Error::Param {
        name: "names",
        rule: "different from one another",
        found: error.to_string(),
    })
}

/// The numbers of a float column.
fn floats(column: &Column) -> impl Iterator<Item = f64> + '_ {
    (0..column.len()).filter_map(|row| match column.get(row) {
        Ok(AnyValue::Float64(value)) => Some(value),
        Ok(AnyValue::Float32(value)) => Some(f64::from(value)),
        _ => None,
    })
}

/// One cell for reading: rounded and escaped, empty for a null.
fn cell(column: &Column, row: usize, decimals: usize) -> String {
    match column.get(row) {
        Ok(AnyValue::Float64(value)) => round(value, decimals),
        Ok(AnyValue::Float32(value)) => round(f64::from(value), decimals),
        _ => escape(&full_precision(column, row)),
    }
}

/// One cell as it is stored; empty for a null.
fn full_precision(column: &Column, row: usize) -> String {
    match column.get(row) {
        Ok(AnyValue::Null) | Err(_) => String::new(),
        Ok(AnyValue::String(text)) => text.to_owned(),
        Ok(AnyValue::StringOwned(text)) => text.to_string(),
        Ok(AnyValue::Float64(value)) => value.to_string(),
        Ok(value) => value.to_string(),
    }
}

/// The decimals at which every number of a column keeps `digits` significant ones, trailing zeros not counted.
pub(super) fn decimals(values: impl Iterator<Item = f64>, digits: usize) -> usize {
    values
        .filter(|value| value.is_finite() && !is_tiny(*value))
        .map(|value| needed(value, digits))
        .max()
        .unwrap_or(0)
}

fn needed(value: f64, digits: usize) -> usize {
    let scientific = format!("{:.*e}", digits - 1, value);
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return 0 };
    let kept =
        mantissa.trim_start_matches('-').trim_end_matches('0').trim_end_matches('.').replace('.', "").len();
    let exponent: i64 = exponent.parse().unwrap_or(0);
    usize::try_from(i64::try_from(kept).unwrap_or(0) - 1 - exponent).unwrap_or(0)
}

/// Below this, a number is shown in scientific notation.
fn is_tiny(value: f64) -> bool {
    value != 0.0 && value.abs() < 1e-4
}

/// A number rounded for reading.
pub(super) fn round(value: f64, decimals: usize) -> String {
    if is_tiny(value) || value.abs() >= 1e9 {
        return format!("{value:.5e}");
    }
    let text = format!("{value:.decimals$}");
    if text.bytes().any(|byte| (b'1'..=b'9').contains(&byte)) { text } else { text.replace('-', "") }
}

/// A CSV field, quoted where RFC 4180 asks for it.
fn quote(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

/// A number at so many significant digits.
pub(super) fn significant(value: f64, digits: usize) -> String {
    round(value, decimals([value].into_iter(), digits))
}

/// Text made safe inside HTML elements and quoted attributes.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use polars::df;

    use super::*;

    #[test]
    fn a_column_shares_its_decimals() {
        assert_eq!(decimals([0.92, 1.0, 0.5].into_iter(), 6), 2);
        assert_eq!(decimals([15.228_833_347, 2.0].into_iter(), 6), 4);
        assert_eq!(decimals([1000.0, 150.0].into_iter(), 6), 0);
        assert_eq!(decimals([f64::NAN, 1e-9].into_iter(), 6), 0);
        assert_eq!(decimals([0.000_25].into_iter(), 2), 5);
    }

    #[test]
    fn numbers_are_rounded_for_reading() {
        assert_eq!(round(-0.000_4, 2), "0.00");
        assert_eq!(round(-0.5, 1), "-0.5");
        assert_eq!(round(3.0e-12, 2), "3.00000e-12");
        assert_eq!(round(f64::INFINITY, 2), "inf");
    }

    #[test]
    fn html_is_escaped_and_numbers_are_marked() {
        let frame = df!["a<b" => ["<script>", "\"x\" & y"], "n" => [1.5, 2.25]].unwrap();
        let html = frame.caption("1 < 2").bundle().get("text/html").unwrap().to_owned();
        assert!(html.contains("<caption>1 &lt; 2</caption>"), "{html}");
        assert!(html.contains("<th scope=\"col\" title=\"f64\">n</th>"), "{html}");
        assert!(html.contains("<td>&lt;script&gt;</td><td class=\"num\">1.50</td>"), "{html}");
        assert!(!html.contains("<script>"), "{html}");
    }

    #[test]
    fn csv_keeps_full_precision_and_quotes() {
        let frame = df!["name" => ["a,b", "c"], "x" => [0.1 + 0.2, 1.0]].unwrap();
        let bundle = frame.bundle();
        assert_eq!(bundle.get("text/csv"), Some("name,x\n\"a,b\",0.30000000000000004\nc,1"));
    }

    #[test]
    fn nulls_are_empty_and_long_frames_shortened() {
        let frame = df!["x" => [Some(1.0), None]].unwrap();
        assert!(frame.bundle().get("text/html").unwrap().contains("<td class=\"num\"></td>"));
        let long = df!["x" => (0..150).map(f64::from).collect::<Vec<_>>()].unwrap();
        assert_eq!(long.bundle().get("text/html").unwrap().matches("<tr>").count(), 1 + 10 + 1 + 10);
    }

    #[test]
    fn names_must_fit_the_matrix() {
        let matrix = Matrix::zeros((3, 2));
        assert!(matches!(matrix_frame(&matrix, &["one"]), Err(Error::Shape { .. })));
        assert!(matches!(matrix_frame(&matrix, &["one", "one"]), Err(Error::Param { .. })));
    }
}
