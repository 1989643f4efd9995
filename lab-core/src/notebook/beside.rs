//! PyTorch and Rust, line beside line.

use std::fmt::Write as _;

use crate::error::Error;
use crate::notebook::display::{Bundle, Show, failure};
use crate::notebook::format::{LEFT, escape};
use crate::notebook::report::listing;

mod pairs;

use pairs::pairs;

/// A table with Python on the left and Rust on the right: statements that do the same are in one row, and faulty ones
/// are marked, with the reason below.
#[derive(Debug, Clone)]
pub struct Beside {
    title: String,
    python: Vec<String>,
    rust: Vec<String>,
    remarks: Vec<Remark>,
    problem: Option<Error>,
}

#[derive(Debug, Clone)]
struct Remark {
    /// The statement on the left that it belongs to.
    at: usize,
    text: String,
    fault: bool,
}

/// A report's listing beside the Rust that does the same, which is the [`source!`](crate::source) of a function of the
/// notebook: what is shown is what runs.
///
/// ```
/// use lab_core::prelude::*;
///
/// let rust = "fn sgd_factorise(a: &Matrix, rank: usize) {\n    let u = random.uniform((a.nrows(), rank));\n}";
/// let html = side_by_side("E", 1, rust)
///     .fault("for r in range(rank):", "range(m) was meant")
///     .bundle();
/// assert!(html.get("text/html").unwrap().contains("class=\"fault\""));
/// ```
pub fn side_by_side(report: &str, number: usize, rust: &str) -> Beside {
    match listing(report, number) {
        Ok(python) => beside(&format!("Report {report}, listing {number}"), &python, rust),
        Err(error) => Beside { problem: Some(error), ..beside("", "", rust) },
    }
}

/// [`side_by_side`] for any two texts; the title names the left one.
pub fn beside(title: &str, python: &str, rust: &str) -> Beside {
    Beside {
        title: title.to_owned(),
        python: joined(&python.lines().map(without_number).collect::<Vec<_>>(), python_goes_on),
        rust: joined(&rust.lines().collect::<Vec<_>>(), rust_goes_on),
        remarks: Vec::new(),
        problem: None,
    }
}

impl Beside {
    /// Marks the Python line that contains `line` as faulty, and says why.
    #[must_use]
    pub fn fault(self, line: &str, why: &str) -> Beside {
        self.remark(line, why, true)
    }

    /// A remark below the Python line that contains `line`.
    #[must_use]
    pub fn note(self, line: &str, remark: &str) -> Beside {
        self.remark(line, remark, false)
    }

    fn remark(mut self, line: &str, text: &str, fault: bool) -> Beside {
        let found = self.python.iter().position(|statement| statement.contains(line));
        if let Some(at) = found {
            self.remarks.push(Remark { at, text: text.to_owned(), fault });
        } else {
            let (rule, found) = ("part of a line of the listing", format!("{line:?}"));
            self.problem.get_or_insert(Error::Param { name: "line", rule, found });
        }
        self
    }

    fn html(&self) -> String {
        let mut html = format!(
            "<div class=\"lab-beside\"><table><thead><tr><th scope=\"col\"{LEFT}>{} (Python)</th><th scope=\"col\"{LEFT}>Rust, as it runs \
             here</th></tr></thead><tbody>",
            escape(&self.title)
        );
        for (left, right) in pairs(&self.python, &self.rust) {
            let remarks = || self.remarks.iter().filter(|remark| Some(remark.at) == left);
            let class = if remarks().any(|remark| remark.fault) { " class=\"fault\"" } else { "" };
            let code = |side: &[String], at: Option<usize>| {
                at.map_or(String::new(), |at| format!("<pre><code>{}</code></pre>", escape(&side[at])))
            };
            let (left, right) = (code(&self.python, left), code(&self.rust, right));
            let _ = write!(html, "<tr{class}><td{LEFT}>{left}</td><td{LEFT}>{right}</td></tr>");
            for remark in remarks() {
                let (class, word) = if remark.fault { ("fault-note", "Fault: ") } else { ("note", "") };
                let text = with_code(&remark.text);
                let _ = write!(html, "<tr class=\"{class}\"><td colspan=\"2\"{LEFT}>{word}{text}</td></tr>");
            }
        }
        html.push_str("</tbody></table></div>");
        html
    }
}

impl Show for Beside {
    fn bundle(&self) -> Bundle {
        if let Some(problem) = &self.problem {
            return failure(problem);
        }
        let plain = format!("{}\n{}\n\nRust\n{}", self.title, self.python.join("\n"), self.rust.join("\n"));
        Bundle::plain(plain).with("text/html", self.html())
    }
}

/// A remark with what stands between backticks as code.
fn with_code(remark: &str) -> String {
    let parts = remark.split('`').map(escape).enumerate();
    parts.map(|(at, part)| if at % 2 == 1 { format!("<code>{part}</code>") } else { part }).collect()
}

/// A listing's line without the number that stands before it in report B.
fn without_number(line: &str) -> &str {
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    if rest.len() < line.len() { rest.strip_prefix(' ').unwrap_or(rest) } else { line }
}

/// Lines put together into statements; `goes_on` says of the lines so far and the next one whether they belong together.
fn joined(lines: &[&str], goes_on: fn(&str, &str) -> bool) -> Vec<String> {
    let mut statements: Vec<String> = Vec::new();
    for line in lines.iter().filter(|line| !line.trim().is_empty()) {
        match statements.last_mut() {
            Some(so_far) if goes_on(so_far, line) => {
                so_far.push('\n');
                so_far.push_str(line);
            }
            _ => statements.push((*line).to_owned()),
        }
    }
    statements
}

fn open_brackets(text: &str, pairs: [(char, char); 2]) -> bool {
    let count = |bracket: char| text.chars().filter(|c| *c == bracket).count();
    pairs.into_iter().any(|(open, close)| count(open) > count(close))
}

fn python_goes_on(so_far: &str, next: &str) -> bool {
    next.trim_start().starts_with('↪')
        || so_far.trim_end().ends_with("->")
        || open_brackets(so_far, [('(', ')'), ('[', ']')])
}

fn rust_goes_on(so_far: &str, next: &str) -> bool {
    next.trim_start().starts_with(['.', '+', '-', '*'])
        || so_far.trim_end().ends_with('=')
        || open_brackets(so_far, [('(', ')'), ('[', ']')])
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUST: &str =
        "fn sgd_factorise(a: &Matrix, rank: usize, num_epochs: usize, lr: f64) -> (Matrix, Matrix) {
    let (m, n) = a.dim();
    let mut random = Random::new(Seed::Torch(0));
    let mut u = random.uniform((m, rank));
    let mut v = random.uniform((n, rank));
    for epoch in 0..num_epochs {
        for r in 0..m {
            for c in 0..n {
                let e = a[[r, c]] - u.row(r).dot(&v.row(c));
                u.row_mut(r).scaled_add(lr * e, &v.row(c));
                v.row_mut(c).scaled_add(lr * e, &u.row(r));
            }
        }
    }
    (u, v)
}";

    #[test]
    fn statements_of_one_meaning_stand_in_one_row() {
        let shown = side_by_side("E", 1, RUST);
        let rows = pairs(&shown.python, &shown.rust);
        let partner = |python: &str| {
            let row = rows.iter().find(|(left, _)| left.is_some_and(|at| shown.python[at].contains(python)));
            row.and_then(|(_, right)| *right).map_or("", |at| shown.rust[at].trim())
        };
        assert!(partner("def sgd_factorise").starts_with("fn sgd_factorise"));
        assert!(partner("torch.rand((m").starts_with("let mut u"), "{}", partner("torch.rand((m"));
        assert!(partner("torch.rand((n").starts_with("let mut v"));
        assert!(partner("for r in").starts_with("for r in 0..m"));
        assert!(partner("e = A[").starts_with("let e ="));
        assert!(partner("V[c] +=").starts_with("v.row_mut"));
        assert_eq!(rows.iter().filter(|(left, _)| left.is_some()).count(), shown.python.len());
        assert_eq!(rows.iter().filter(|(_, right)| right.is_some()).count(), shown.rust.len());
    }

    #[test]
    fn remarks_hold_code() {
        assert_eq!(with_code("`a < b` holds"), "<code>a &lt; b</code> holds");
    }

    #[test]
    fn wrapped_and_numbered_lines_are_read() {
        let wrapped = side_by_side("C", 1, RUST).python;
        assert!(wrapped[0].contains("torch.Tensor, torch.Tensor]:"), "{wrapped:?}");
        let numbered = side_by_side("B", 1, RUST).python;
        assert!(
            numbered[0].starts_with("def sgd_factorise_ad") && numbered[0].ends_with("torch.Tensor]:"),
            "{numbered:?}"
        );
        assert!(numbered[1].starts_with("    m, n = A.shape"), "{numbered:?}");
    }

    #[test]
    fn a_remark_needs_its_line_and_a_listing_must_exist() {
        let html = |shown: Beside| shown.bundle().get("text/html").unwrap().to_owned();
        let good = html(side_by_side("E", 1, RUST).fault("range(rank)", "rows < 3").note("return", "both"));
        assert!(
            good.contains(&format!(
                "<tr class=\"fault-note\"><td colspan=\"2\"{LEFT}>Fault: rows &lt; 3</td></tr>"
            )),
            "{good}"
        );
        assert!(good.contains("<tr class=\"note\">"), "{good}");
        assert!(html(side_by_side("E", 1, RUST).fault("range(m)", "")).contains("lab-error"));
        assert!(html(side_by_side("E", 9, RUST)).contains("lab-error"));
    }
}
