//! How a value looks below a cell: one [`Bundle`] of MIME types for each type of the lab.

mod foreign;
mod lab;
mod tree;
mod values;

use std::fmt::{self, Display, Write as _};

use ndarray::{ArrayView2, Axis};

pub use self::tree::Tree;
use crate::matrix::{Matrix, Vector};
use crate::notebook::format::{decimals, ends, escape, round};

/// One result in several MIME types, as the kernel reads it from standard output.
///
/// ```
/// use lab_core::notebook::Bundle;
///
/// let bundle = Bundle::plain("15.2288").with("text/html", "<b>15.2288</b>");
/// assert!(bundle.to_string().starts_with("EVCXR_BEGIN_CONTENT text/html\n<b>15.2288</b>\nEVCXR_END_CONTENT"));
/// assert_eq!(bundle.get("text/plain"), Some("15.2288"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    parts: Vec<(&'static str, String)>,
}

impl Bundle {
    /// A bundle that holds text only.
    pub fn plain(text: impl Into<String>) -> Bundle {
        Bundle { parts: vec![("text/plain", text.into())] }
    }

    /// A bundle that shows nothing.
    pub(super) fn nothing() -> Bundle {
        Bundle { parts: Vec::new() }
    }

    /// Adds a richer form of the same value; richer forms come before `text/plain`.
    #[must_use]
    pub fn with(mut self, mime: &'static str, content: impl Into<String>) -> Bundle {
        let before_plain = self.parts.len().saturating_sub(1);
        self.parts.insert(before_plain, (mime, content.into()));
        self
    }

    /// The content of one MIME type.
    pub fn get(&self, mime: &str) -> Option<&str> {
        self.parts.iter().find(|(name, _)| *name == mime).map(|(_, content)| content.as_str())
    }
}

impl Display for Bundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (mime, content) in &self.parts {
            writeln!(f, "EVCXR_BEGIN_CONTENT {mime}\n{content}\nEVCXR_END_CONTENT")?;
        }
        Ok(())
    }
}

/// A value that can be shown below a cell.
pub trait Show {
    /// The value in every MIME type that it has.
    fn bundle(&self) -> Bundle;

    /// The value as a part of another, such as a list or a map.
    fn tree(&self) -> Tree {
        Tree::Rich(self.bundle())
    }
}

/// The method that the evcxr kernel calls on a cell's last expression; implemented for everything that is [`Show`].
pub trait EvcxrDisplay {
    /// Prints the value's bundle in one piece, so that output of other threads cannot come between.
    fn evcxr_display(&self);
}

impl<T: Show + ?Sized> EvcxrDisplay for T {
    fn evcxr_display(&self) {
        print!("{}", self.bundle());
    }
}

/// An `Err` shows its message in a box of the class `lab-error`.
impl<T: Show, E: Display> Show for std::result::Result<T, E> {
    fn bundle(&self) -> Bundle {
        match self {
            Ok(value) => value.bundle(),
            Err(error) => failure(error),
        }
    }
}

/// The bundle of an error: its message, marked so that a headless run can fail on it.
pub(crate) fn failure(error: &impl Display) -> Bundle {
    let message = error.to_string();
    let html = format!("<div class=\"lab-error\" role=\"alert\">{}</div>", escape(&message));
    Bundle::plain(format!("Error: {message}")).with("text/html", html)
}

impl Show for Matrix {
    fn bundle(&self) -> Bundle {
        grid(&self.view(), &format!("{} x {} matrix", self.nrows(), self.ncols()))
    }
}

impl Show for Vector {
    fn bundle(&self) -> Bundle {
        grid(&self.view().insert_axis(Axis(0)), &format!("vector of {}", self.len()))
    }
}

/// A large matrix shows this many rows and columns at each end; those in the middle are left out.
const EDGE: usize = 5;

/// A matrix as a table without headings: rounded numbers, the shape as its caption.
fn grid(matrix: &ArrayView2<'_, f64>, caption: &str) -> Bundle {
    let decimals = decimals(matrix.iter().copied(), 6);
    let mut html = format!("<div class=\"lab-table\"><table><caption>{}</caption><tbody>", escape(caption));
    let mut plain = format!("{caption}\n");
    for row in ends(matrix.nrows(), EDGE) {
        html.push_str("<tr>");
        for column in ends(matrix.ncols(), EDGE) {
            let cell = match (row, column) {
                (Some(row), Some(column)) => round(matrix[(row, column)], decimals, 6),
                _ => "…".to_owned(),
            };
            let _ = write!(html, "<td class=\"num\">{cell}</td>");
            let _ = write!(plain, "{cell:>12}");
        }
        html.push_str("</tr>");
        plain.push('\n');
    }
    html.push_str("</tbody></table></div>");
    Bundle::plain(plain.trim_end()).with("text/html", html)
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn a_matrix_shows_its_shape_and_rounded_numbers() {
        let bundle = array![[1.0 / 3.0, 2.0], [-4.5, 1e-9]].bundle();
        let html = bundle.get("text/html").unwrap();
        assert!(html.contains("<caption>2 x 2 matrix</caption>"), "{html}");
        assert!(html.contains("<td class=\"num\">0.333333</td><td class=\"num\">2.000000</td>"), "{html}");
        assert!(html.contains(">1e-9<"), "{html}");
    }

    #[test]
    fn a_long_matrix_leaves_out_its_middle() {
        let bundle = Matrix::from_elem((150, 4), 1.5).bundle();
        assert_eq!(bundle.get("text/html").unwrap().matches("<tr>").count(), 2 * EDGE + 1);
    }

    #[test]
    fn an_error_shows_its_message_escaped() {
        let result: std::result::Result<f64, String> = Err("1 < 2 & rising".to_owned());
        assert_eq!(
            result.bundle().get("text/html"),
            Some("<div class=\"lab-error\" role=\"alert\">1 &lt; 2 &amp; rising</div>")
        );
        assert_eq!(result.bundle().get("text/plain"), Some("Error: 1 < 2 & rising"));
    }

    #[test]
    fn richer_types_come_first_and_text_last() {
        let text = Bundle::plain("p").with("text/html", "h").with("text/csv", "c").to_string();
        let order: Vec<usize> =
            ["text/html", "text/csv", "text/plain"].iter().map(|mime| text.find(mime).unwrap()).collect();
        assert!(order.is_sorted(), "{text}");
    }
}
