//! A report's own table or matrix beside ours, cell by cell.

use std::fmt::Write as _;

use crate::error::{Error, Result};
use crate::matrix::Matrix;
use crate::notebook::display::{Bundle, Show, failure};
use crate::notebook::format::escape;

/// Two matrices of one shape. Each column shows the reported cells, ours, and the differences. The HTML class of a
/// difference rates it: `same` within half a unit of the last digit shown, `near` within the tolerance, else `far`.
#[derive(Debug, Clone)]
pub struct Comparison {
    reported: Matrix,
    ours: Matrix,
    rows: Vec<String>,
    columns: Vec<String>,
    decimals: usize,
    within: f64,
    caption: String,
    problem: Option<Error>,
}

/// A report's matrix (m, n) beside ours, at four decimals.
///
/// ```
/// use lab_core::prelude::*;
///
/// let shown = compare(&array![[0.5], [1.0]], &array![[0.5], [1.25]])?.columns(["accuracy"]).decimals(2).bundle();
/// let html = shown.get("text/html").unwrap();
/// assert!(html.contains("class=\"num same\"") && html.contains("class=\"num far\"") && html.contains(">+0.25</td>"));
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
/// [`Error::Shape`] where the shapes differ.
pub fn compare(reported: &Matrix, ours: &Matrix) -> Result<Comparison> {
    if reported.dim() != ours.dim() {
        return Err(Error::shape("our matrix, like the reported one,", reported.dim(), ours.dim()));
    }
    let named = |what: &str, count: usize| (0..count).map(|at| format!("{what} {at}")).collect();
    Ok(Comparison {
        rows: named("row", ours.nrows()),
        columns: named("column", ours.ncols()),
        reported: reported.clone(),
        ours: ours.clone(),
        decimals: 4,
        within: 0.01,
        caption: String::new(),
        problem: None,
    })
}

impl Comparison {
    /// Names the rows.
    #[must_use]
    pub fn rows<T: Into<String>>(mut self, names: impl IntoIterator<Item = T>) -> Comparison {
        self.rows = self.named(names, self.ours.nrows());
        self
    }

    /// Names the columns.
    #[must_use]
    pub fn columns<T: Into<String>>(mut self, names: impl IntoIterator<Item = T>) -> Comparison {
        self.columns = self.named(names, self.ours.ncols());
        self
    }

    /// Shows this many decimals.
    #[must_use]
    pub fn decimals(self, decimals: usize) -> Comparison {
        Comparison { decimals, ..self }
    }

    /// Differences up to this are near.
    #[must_use]
    pub fn within(self, within: f64) -> Comparison {
        Comparison { within, ..self }
    }

    /// Adds a caption.
    #[must_use]
    pub fn caption(self, caption: impl Into<String>) -> Comparison {
        Comparison { caption: caption.into(), ..self }
    }

    fn named<T: Into<String>>(&mut self, names: impl IntoIterator<Item = T>, count: usize) -> Vec<String> {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        if names.len() != count {
            let (rule, found) = ("one for each row or column", names.len().to_string());
            self.problem.get_or_insert(Error::Param { name: "names", rule, found });
        }
        names
    }

    /// The HTML class of a difference, and the style that colours it in Jupyter; the exported pages have styles of
    /// their own.
    fn rate(&self, difference: f64) -> (&'static str, &'static str) {
        let half = 0.5 * 10_f64.powi(-i32::try_from(self.decimals).unwrap_or(i32::MAX));
        match difference.abs() {
            d if d <= half * (1.0 + 1e-9) => ("same", ""),
            d if d <= self.within => ("near", " style=\"background: rgba(213, 112, 15, 0.18)\""),
            _ => ("far", " style=\"background: rgba(212, 73, 79, 0.30)\""),
        }
    }

    fn html(&self) -> String {
        let mut html = "<div class=\"lab-table lab-compare\"><table>".to_owned();
        if !self.caption.is_empty() {
            let _ = write!(html, "<caption>{}</caption>", escape(&self.caption));
        }
        html.push_str("<thead><tr><th></th>");
        for name in &self.columns {
            let name = escape(name);
            let _ = write!(
                html,
                "<th scope=\"col\">{name}, reported</th><th scope=\"col\">ours</th><th scope=\"col\">difference</th>"
            );
        }
        html.push_str("</tr></thead><tbody>");
        let decimals = self.decimals;
        for (at, name) in self.rows.iter().enumerate() {
            let _ = write!(html, "<tr><th scope=\"row\">{}</th>", escape(name));
            for (reported, ours) in self.reported.row(at).iter().zip(self.ours.row(at)) {
                let difference = ours - reported;
                let (class, style) = self.rate(difference);
                let shown = format!("{difference:+.decimals$}");
                let nothing = !shown.bytes().any(|byte| (b'1'..=b'9').contains(&byte));
                let shown = if nothing { shown.replace(['+', '-'], "") } else { shown };
                let _ = write!(
                    html,
                    "<td class=\"num\">{reported:.decimals$}</td><td class=\"num\">{ours:.decimals$}</td>\
                     <td class=\"num {class}\"{style}>{shown}</td>"
                );
            }
            html.push_str("</tr>");
        }
        html.push_str("</tbody></table></div>");
        html
    }
}

impl Show for Comparison {
    fn bundle(&self) -> Bundle {
        if let Some(problem) = &self.problem {
            return failure(problem);
        }
        let plain = format!("{}\nreported\n{}\nours\n{}", self.caption, self.reported, self.ours);
        Bundle::plain(plain.trim()).with("text/html", self.html())
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn differences_are_rated_by_their_size() {
        let shown =
            compare(&array![[1.0, 1.0, 1.0]], &array![[1.004, 1.05, 0.8]]).unwrap().decimals(2).within(0.1);
        let html = shown.html();
        let classes: Vec<&str> =
            ["num same\"", "num near\"", "num far\""].into_iter().filter(|c| html.contains(c)).collect();
        assert_eq!(classes.len(), 3, "{html}");
        assert!(html.contains(">-0.20<") && html.contains(">+0.05<") && html.contains(">0.00<"), "{html}");
    }

    #[test]
    fn shapes_and_names_must_fit() {
        assert!(compare(&array![[1.0]], &array![[1.0, 2.0]]).is_err());
        let shown = compare(&array![[1.0]], &array![[1.0]]).unwrap().rows(["a", "b"]);
        assert!(shown.bundle().get("text/html").unwrap().contains("lab-error"));
    }
}
