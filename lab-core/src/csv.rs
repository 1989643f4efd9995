//! Comma-separated text, a row at a time: RFC 4180 with LF, CRLF or CR. Every table that the crate reads comes through here.

use std::io::{BufRead, BufReader, Chain, Cursor, Read};

use csv_core::{ReadRecordResult, Reader};

use crate::error::{Error, Result};

const BYTE_ORDER_MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

/// The rows of a text in their order, blank ones left out.
pub(crate) struct Rows<R> {
    source: BufReader<Chain<Cursor<Vec<u8>>, R>>,
    /// What errors call the source: its path, say.
    name: String,
    parser: Reader,
    /// The line that the parser has reached, from 1.
    line: usize,
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

/// One row: its fields without the white space around them.
pub(crate) struct Row<'a> {
    /// The line on which it begins, from 1.
    pub line: usize,
    bytes: &'a [u8],
    ends: &'a [usize],
}

impl<R: Read> Rows<R> {
    /// The rows of a source; a byte order mark at its beginning is skipped.
    ///
    /// # Errors
    /// [`Error::File`] where it cannot be read.
    pub fn of(mut source: R, name: String) -> Result<Rows<R>> {
        let mut start = Vec::new();
        source.by_ref().take(3).read_to_end(&mut start).map_err(|error| unreadable(&name, &error))?;
        if start == BYTE_ORDER_MARK {
            start.clear();
        }
        let source = BufReader::with_capacity(1 << 16, Cursor::new(start).chain(source));
        Ok(Rows { source, name, parser: Reader::new(), line: 1, bytes: vec![0; 256], ends: vec![0; 16] })
    }

    /// The next row; `None` after the last.
    ///
    /// # Errors
    /// [`Error::File`] where the source cannot be read.
    pub fn next(&mut self) -> Result<Option<Row<'_>>> {
        loop {
            self.skip_line_ends()?;
            let line = self.line;
            let Some(fields) = self.parse()? else { return Ok(None) };
            if fields > 1 || !self.bytes[..self.ends[0]].trim_ascii().is_empty() {
                return Ok(Some(Row { line, bytes: &self.bytes, ends: &self.ends[..fields] }));
            }
        }
    }

    /// Skips the ends of lines, so that a row begins where its first field does.
    fn skip_line_ends(&mut self) -> Result<()> {
        loop {
            let input = self.source.fill_buf().map_err(|error| unreadable(&self.name, &error))?;
            let ends = input.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
            let all = ends == input.len();
            self.line += line_feeds(&input[..ends]);
            self.source.consume(ends);
            if !all || ends == 0 {
                return Ok(());
            }
        }
    }

    /// Parses one row into `bytes` and `ends`; the number of its fields.
    fn parse(&mut self) -> Result<Option<usize>> {
        let (mut written, mut fields) = (0, 0);
        loop {
            let input = self.source.fill_buf().map_err(|error| unreadable(&self.name, &error))?;
            let (result, read, bytes, ends) =
                self.parser.read_record(input, &mut self.bytes[written..], &mut self.ends[fields..]);
            self.line += line_feeds(&input[..read]);
            self.source.consume(read);
            (written, fields) = (written + bytes, fields + ends);
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.bytes.resize(2 * self.bytes.len(), 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(2 * self.ends.len(), 0),
                ReadRecordResult::Record => return Ok(Some(fields)),
                ReadRecordResult::End => return Ok(None),
            }
        }
    }
}

impl<'a> Row<'a> {
    /// The number of fields: at least 1.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// The fields from left to right.
    pub fn fields(&self) -> impl Iterator<Item = Result<&'a str>> {
        let (line, bytes, ends) = (self.line, self.bytes, self.ends);
        (0..ends.len()).map(move |at| {
            let start = if at == 0 { 0 } else { ends[at - 1] };
            let text = std::str::from_utf8(&bytes[start..ends[at]]);
            text.map(str::trim).map_err(|_| Error::Data {
                row: line,
                column: at + 1,
                reason: "must be UTF-8 text, found other bytes".into(),
            })
        })
    }

    /// An error about one field, counted from 0.
    pub fn error(&self, field: usize, reason: String) -> Error {
        Error::Data { row: self.line, column: field + 1, reason }
    }

    /// An error about the whole row.
    pub fn error_in_all(&self, reason: String) -> Error {
        Error::Data { row: self.line, column: 0, reason }
    }
}

/// A finite number, or what is wrong with it.
pub(crate) fn number(field: &str) -> std::result::Result<f64, String> {
    match field.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        Ok(value) => Err(format!("must be a finite number, found {value} from {}", quoted(field))),
        Err(_) if field.is_empty() => Err("must be a number, found an empty field".into()),
        Err(_) => Err(format!("must be a number, found {}", quoted(field))),
    }
}

/// The text in quotation marks, control characters escaped, cut after 40 characters.
pub(crate) fn quoted(text: &str) -> String {
    let short: String = text.chars().take(40).collect();
    if short.len() < text.len() { format!("{short:?}…") } else { format!("{text:?}") }
}

/// An error about the source as a whole.
pub(crate) fn unreadable(name: &str, error: &std::io::Error) -> Error {
    Error::File { path: name.to_owned(), reason: error.to_string() }
}

#[expect(clippy::naive_bytecount, reason = "reading takes far longer than counting")]
fn line_feeds(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&b| b == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A source that gives one byte at a time.
    struct Slow<'a>(&'a [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let count = buffer.len().min(self.0.len()).min(1);
            buffer[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    fn rows(source: impl Read) -> Vec<(usize, Vec<String>)> {
        let (mut rows, mut found) = (Rows::of(source, "text".into()).unwrap(), Vec::new());
        while let Some(row) = rows.next().unwrap() {
            found.push((row.line, row.fields().map(|field| field.unwrap().to_owned()).collect()));
        }
        found
    }

    #[test]
    fn rows_know_their_lines_however_the_bytes_come() {
        let text = "\u{feff}a,\"b, \"\"c\"\"\nd\", \r\n\r\n  \n e ,f,g\rh\n\n";
        let cells = |cells: &[&str]| cells.iter().map(|&cell| cell.to_owned()).collect::<Vec<_>>();
        let expected =
            [(1, cells(&["a", "b, \"c\"\nd", ""])), (5, cells(&["e", "f", "g"])), (5, cells(&["h"]))];
        assert_eq!(rows(text.as_bytes()), expected);
        assert_eq!(rows(Slow(text.as_bytes())), expected);
    }

    #[test]
    fn long_fields_and_many_of_them_are_read() {
        let long = "x".repeat(5000);
        let line = vec![long.as_str(); 40].join(",");
        let found = rows(format!("{line}\n{line}").as_bytes());
        assert_eq!(found.len(), 2);
        assert!(found.iter().all(|(_, fields)| fields.len() == 40 && fields.iter().all(|f| *f == long)));
    }
}
