//! Reads a table of numbers with a last column of labels.

use std::collections::HashMap;
use std::path::Path;

use csv_core::{ReadFieldResult, Reader};

use super::Labelled;
use crate::{Error, Matrix, Result};

/// One row of the file: the line it starts on, from 1, and its fields without surrounding white space.
struct Record {
    line: usize,
    fields: Vec<String>,
}

pub(super) fn read(path: &Path) -> Result<Labelled> {
    let file = |e: std::io::Error| Error::File { path: path.display().to_string(), reason: e.to_string() };
    parse(&std::fs::read(path).map_err(file)?)
}

/// Parses the bytes of a table; the first row is a header where none of its feature fields is a number.
pub(super) fn parse(bytes: &[u8]) -> Result<Labelled> {
    let mut records = records(bytes)?;
    let Some(first) = records.first() else { return Err(Error::Empty { what: "the table" }) };
    let columns = first.fields.len();
    if columns < 2 {
        let reason =
            "must hold at least one feature and a label, separated by a comma, found one field".into();
        return Err(Error::Data { row: first.line, column: 0, reason });
    }
    let header = first.fields[..columns - 1].iter().all(|field| field.parse::<f64>().is_err());
    let features = if header {
        let mut names = records.remove(0).fields;
        names.pop();
        names
    } else {
        (1..columns).map(|j| format!("x{j}")).collect()
    };
    if records.is_empty() {
        return Err(Error::Empty { what: "the table below its header" });
    }
    let (mut classes, mut number_of) = (Vec::new(), HashMap::new());
    let (mut values, mut y) = (Vec::with_capacity(records.len() * (columns - 1)), Vec::new());
    for Record { line, mut fields } in records {
        let found = fields.len();
        let label = fields.pop().filter(|_| found == columns).ok_or_else(|| Error::Data {
            row: line,
            column: 0,
            reason: format!("must have {columns} fields like the first row, found {found}"),
        })?;
        for (j, field) in fields.iter().enumerate() {
            values.push(number(field).map_err(|reason| Error::Data { row: line, column: j + 1, reason })?);
        }
        check_label(&label).map_err(|reason| Error::Data { row: line, column: columns, reason })?;
        y.push(*number_of.entry(label).or_insert_with_key(|label: &String| {
            classes.push(label.clone());
            classes.len() - 1
        }));
    }
    let mut values = values.into_iter();
    let x = Matrix::from_shape_simple_fn((y.len(), columns - 1), || values.next().unwrap_or_default());
    Ok(Labelled { x, y, classes, features })
}

/// Splits the bytes into rows: RFC 4180 with LF, CRLF or CR; blank lines are skipped.
fn records(mut bytes: &[u8]) -> Result<Vec<Record>> {
    let mut reader = Reader::new();
    let mut records = Vec::new();
    let (mut line, mut start) = (1, 1);
    let (mut fields, mut field, mut buffer) = (Vec::new(), Vec::new(), [0; 256]);
    loop {
        if fields.is_empty() && field.is_empty() {
            // Blank lines before the row belong to none.
            let blank = bytes.iter().take_while(|b| matches!(b, b'\n' | b'\r')).count();
            line += line_feeds(&bytes[..blank]);
            bytes = &bytes[blank..];
            start = line;
        }
        let (result, read, written) = reader.read_field(bytes, &mut buffer);
        field.extend_from_slice(&buffer[..written]);
        line += line_feeds(&bytes[..read]);
        bytes = &bytes[read..];
        match result {
            ReadFieldResult::InputEmpty | ReadFieldResult::OutputFull => {}
            ReadFieldResult::Field { record_end } => {
                let text = String::from_utf8(std::mem::take(&mut field)).map_err(|_| Error::Data {
                    row: start,
                    column: fields.len() + 1,
                    reason: "must be UTF-8 text, found other bytes".into(),
                })?;
                fields.push(text.trim().to_owned());
                if record_end {
                    let fields = std::mem::take(&mut fields);
                    if fields.iter().any(|field| !field.is_empty()) || fields.len() > 1 {
                        records.push(Record { line: start, fields });
                    }
                }
            }
            ReadFieldResult::End => return Ok(records),
        }
    }
}

#[expect(clippy::naive_bytecount, reason = "reading takes far longer than counting")]
fn line_feeds(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&b| b == b'\n').count()
}

/// A finite number, or what is wrong with it.
fn number(field: &str) -> std::result::Result<f64, String> {
    match field.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        Ok(value) => Err(format!("must be a finite number, found {value} from {}", quoted(field))),
        Err(_) if field.is_empty() => Err("must be a number, found an empty field".into()),
        Err(_) => Err(format!("must be a number, found {}", quoted(field))),
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

/// The text in quotation marks, control characters escaped, cut after 40 characters.
fn quoted(text: &str) -> String {
    let short: String = text.chars().take(40).collect();
    if short.len() < text.len() { format!("{short:?}…") } else { format!("{text:?}") }
}
