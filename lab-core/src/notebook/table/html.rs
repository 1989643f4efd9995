//! A table's HTML, and how its numbers are rounded for reading.

use std::fmt::Write as _;

use polars::prelude::{AnyValue, Column};

use super::{Table, full_precision};
use crate::notebook::format::{LEFT, decimals, ends, escape, round};

/// Frames of more rows than this show their first and last ten.
const MAX_ROWS: usize = 60;

impl Table {
    pub(super) fn html(&self) -> String {
        let (front, back) = (usize::from(self.grouped), usize::from(self.below));
        let columns = &self.frame.columns()[front..self.frame.width() - back];
        let mut html = "<div class=\"lab-table\"><table>".to_owned();
        if let Some(caption) = &self.caption {
            let _ = write!(html, "<caption>{}</caption>", escape(caption));
        }
        html.push_str("<thead><tr>");
        for column in columns {
            let (dtype, name) = (column.dtype().to_string(), column.name().as_str());
            let style = if column.dtype().is_numeric() { "" } else { LEFT };
            let _ =
                write!(html, "<th scope=\"col\" title=\"{}\"{style}>{}</th>", escape(&dtype), escape(name));
        }
        html.push_str("</tr></thead><tbody>");
        let decimals: Vec<usize> =
            columns.iter().map(|column| decimals(floats(column), self.digits)).collect();
        let edge = if self.frame.height() > MAX_ROWS { 10 } else { MAX_ROWS };
        for row in ends(self.frame.height(), edge) {
            html.push_str(&row.map_or(String::new(), |row| self.heading(row, columns.len())));
            let attributes = row.and_then(|row| self.row_attributes.get(row)).map_or("", String::as_str);
            let _ = write!(html, "<tr{attributes}>");
            for (column, &decimals) in columns.iter().zip(&decimals) {
                let class = if column.dtype().is_numeric() { " class=\"num\"" } else { LEFT };
                let cell = row.map_or("…".to_owned(), |row| cell(column, row, decimals, self.digits));
                let _ = write!(html, "<td{class}>{cell}</td>");
            }
            html.push_str("</tr>");
            html.push_str(&row.map_or(String::new(), |row| self.line_below(row, columns.len())));
        }
        html.push_str("</tbody></table></div>");
        html
    }

    /// The heading of the group that begins with this row, if one does.
    fn heading(&self, row: usize, width: usize) -> String {
        let Some(column) = self.frame.columns().first().filter(|_| self.grouped) else {
            return String::new();
        };
        let [here, before] =
            [Some(row), row.checked_sub(1)].map(|row| row.map(|row| full_precision(column, row)));
        if here == before {
            return String::new();
        }
        let end = if row == 0 { "" } else { "</tbody><tbody>" };
        let words = format!("{} {}", column.name(), here.unwrap_or_default());
        let words = words[..1].to_uppercase() + &words[1..];
        format!(
            "{end}<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"{width}\"{LEFT}>{}</th></tr>",
            escape(&words)
        )
    }

    /// The text of the last column as a line below this row, from the second column on.
    fn line_below(&self, row: usize, width: usize) -> String {
        let column = self.frame.columns().last().filter(|_| self.below);
        let words = column.map_or(String::new(), |column| full_precision(column, row));
        if words.is_empty() {
            return words;
        }
        let columns = width - 1;
        format!("<tr class=\"below\"><td></td><td colspan=\"{columns}\"{LEFT}>{}</td></tr>", escape(&words))
    }
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
fn cell(column: &Column, row: usize, decimals: usize, digits: usize) -> String {
    match column.get(row) {
        Ok(AnyValue::Float64(value)) => round(value, decimals, digits),
        Ok(AnyValue::Float32(value)) => round(f64::from(value), decimals, digits),
        _ => escape(&full_precision(column, row)),
    }
}

#[cfg(test)]
mod tests {
    use polars::df;

    use super::super::IntoTable;
    use super::LEFT;

    #[test]
    fn groups_have_headings_and_sentences_lines_of_their_own() {
        let frame = df!["report" => ["A", "A", "B"], "claim" => ["x", "y", "z"], "n" => [1, 2, 3],
                        "note" => ["because", "", "<so>"]];
        let html = frame.unwrap().table().grouped().last_below().html();
        let row = |claim, n| format!("<tr><td{LEFT}>{claim}</td><td class=\"num\">{n}</td></tr>");
        let group = |name| {
            format!("<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"2\"{LEFT}>Report {name}</th></tr>")
        };
        let below = |words| format!("<tr class=\"below\"><td></td><td colspan=\"1\"{LEFT}>{words}</td></tr>");
        let first = [group("A"), row("x", 1), below("because"), row("y", 2)].concat();
        let second = [group("B"), row("z", 3), below("&lt;so&gt;")].concat();
        assert!(html.contains(&format!("<tbody>{first}</tbody><tbody>{second}</tbody>")), "{html}");
        assert!(!html.contains("report</th>") && !html.contains("note</th>"), "{html}");
    }
}
