//! A Polars frame as HTML, text and CSV.

mod html;

use polars::prelude::{AnyValue, Column, DataFrame};

use crate::error::{Error, Result};
use crate::matrix::Matrix;
use crate::notebook::display::{Bundle, Show};

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
    grouped: bool,
    below: bool,
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
        Table {
            frame: self,
            caption: None,
            digits: 6,
            row_attributes: Vec::new(),
            grouped: false,
            below: false,
        }
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

    /// Groups the rows under a heading for each value of the first column, which is then not shown; rows of one value
    /// must follow one another.
    pub(super) fn grouped(self) -> Table {
        Table { grouped: true, ..self }
    }

    /// Shows the last column as a line of its own below each row: a column of sentences would leave the others too
    /// little width.
    pub(super) fn last_below(self) -> Table {
        Table { below: true, ..self }
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

/// A CSV field, quoted where RFC 4180 asks for it.
fn quote(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use polars::df;

    use super::*;

    #[test]
    fn html_is_escaped_and_numbers_are_marked() {
        let frame = df!["a<b" => ["<script>", "\"x\" & y"], "n" => [1.5, 2.25]].unwrap();
        let html = frame.caption("1 < 2").bundle().get("text/html").unwrap().to_owned();
        assert!(html.contains("<caption>1 &lt; 2</caption>"), "{html}");
        assert!(html.contains("<th scope=\"col\" title=\"f64\">n</th>"), "{html}");
        assert!(
            html.contains("<td style=\"text-align:left\">&lt;script&gt;</td><td class=\"num\">1.50</td>"),
            "{html}"
        );
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
