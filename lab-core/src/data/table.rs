//! From rows of text to a table of numbers with a last column of labels.

use std::collections::HashMap;
use std::io::Read;

use super::Labelled;
use crate::csv::{Row, Rows, number, quoted};
use crate::error::{Error, Result};
use crate::matrix::Matrix;

/// A table as far as it has been read.
struct Table {
    /// Fields of each row: the features and the label.
    columns: usize,
    values: Vec<f64>,
    y: Vec<usize>,
    classes: Vec<String>,
    number_of: HashMap<String, usize>,
}

/// Reads a table; its first row is a header where none of its feature fields is a number. Errors call the source `name`.
pub(super) fn read(source: impl Read, name: String) -> Result<Labelled> {
    let mut rows = Rows::of(source, name)?;
    let Some(first) = rows.next()? else { return Err(Error::Empty { what: "the table" }) };
    let columns = first.len();
    if columns < 2 {
        let reason = "must hold at least one feature and a label, separated by a comma, found one field";
        return Err(first.error_in_all(reason.into()));
    }
    let fields: Vec<&str> = first.fields().collect::<Result<_>>()?;
    let header = fields[..columns - 1].iter().all(|field| field.parse::<f64>().is_err());
    let mut table =
        Table { columns, values: Vec::new(), y: Vec::new(), classes: Vec::new(), number_of: HashMap::new() };
    let features = if header {
        fields[..columns - 1].iter().map(|&name| name.to_owned()).collect()
    } else {
        table.push(&first)?;
        (1..columns).map(|j| format!("x{j}")).collect()
    };
    while let Some(row) = rows.next()? {
        table.push(&row)?;
    }
    if table.y.is_empty() {
        return Err(Error::Empty { what: "the table below its header" });
    }
    let mut values = table.values.into_iter();
    let x = Matrix::from_shape_simple_fn((table.y.len(), columns - 1), || values.next().unwrap_or_default());
    Ok(Labelled { x, y: table.y, classes: table.classes, features })
}

impl Table {
    fn push(&mut self, row: &Row<'_>) -> Result<()> {
        let (columns, found) = (self.columns, row.len());
        if found != columns {
            return Err(
                row.error_in_all(format!("must have {columns} fields like the first row, found {found}"))
            );
        }
        for (at, field) in row.fields().enumerate() {
            let field = field?;
            if at + 1 < columns {
                self.values.push(number(field).map_err(|reason| row.error(at, reason))?);
            } else {
                check_label(field).map_err(|reason| row.error(at, reason))?;
                let class = self.class(field);
                self.y.push(class);
            }
        }
        Ok(())
    }

    /// The number of a class, a new one at its first appearance.
    fn class(&mut self, label: &str) -> usize {
        if let Some(&number) = self.number_of.get(label) {
            return number;
        }
        self.number_of.insert(label.to_owned(), self.classes.len());
        self.classes.push(label.to_owned());
        self.classes.len() - 1
    }
}

fn check_label(label: &str) -> std::result::Result<(), String> {
    if label.is_empty() {
        return Err("must be a label, found an empty field".into());
    }
    if label.contains(['\n', '\r']) {
        return Err(format!(
            "must be a label on one line, found {}: is a quotation mark left open?",
            quoted(label)
        ));
    }
    Ok(())
}
