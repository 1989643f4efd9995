//! The lab's own results: one row for each field, with its shape and its beginning.

use std::fmt::Write as _;

use super::{Bundle, Show};
use crate::align::Alignment;
use crate::data::Labelled;
use crate::evaluate::Summary;
use crate::factorise::Factors;
use crate::matrix::{Matrix, Vector};
use crate::mlp::{Mlp, Trained};
use crate::notebook::format::{LEFT, escape, significant};
use crate::svd::{Pca, TruncatedSvd};

/// One row: a field's name, its shape, and its first numbers.
type Row = (&'static str, String, String);

fn number(name: &'static str, value: f64) -> Row {
    (name, String::new(), significant(value, 6))
}

fn vector(name: &'static str, values: &Vector) -> Row {
    (name, values.len().to_string(), start(values.as_slice().unwrap_or_default()))
}

fn matrix(name: &'static str, values: &Matrix) -> Row {
    let first: Vec<f64> = values.rows().into_iter().take(1).flatten().copied().collect();
    (name, format!("{} x {}", values.nrows(), values.ncols()), start(&first))
}

/// First and last of a history, such as the losses of a run.
fn history(name: &'static str, values: &[f64]) -> Row {
    let ends = match values {
        [] => String::new(),
        [only] => significant(*only, 6),
        [first, .., last] => format!("{} … {}", significant(*first, 6), significant(*last, 6)),
    };
    (name, values.len().to_string(), ends)
}

/// The first four numbers.
fn start(values: &[f64]) -> String {
    let mut text: Vec<String> = values.iter().take(4).map(|value| significant(*value, 6)).collect();
    if values.len() > 4 {
        text.push("…".to_owned());
    }
    text.join(", ")
}

fn sheet(caption: &str, rows: &[Row]) -> Bundle {
    let mut html = format!(
        "<div class=\"lab-table\"><table><caption>{}</caption><thead><tr><th scope=\"col\"{LEFT}>field</th>\
         <th scope=\"col\"{LEFT}>shape</th><th scope=\"col\"{LEFT}>begins with</th></tr></thead><tbody>",
        escape(caption)
    );
    let mut plain = caption.to_owned();
    for (name, shape, values) in rows {
        let _ = write!(
            html,
            "<tr><th scope=\"row\"{LEFT}>{name}</th><td{LEFT}>{shape}</td><td{LEFT}>{values}</td></tr>"
        );
        let _ = write!(plain, "\n{name:>20}  {shape:<10}  {values}");
    }
    html.push_str("</tbody></table></div>");
    Bundle::plain(plain).with("text/html", html)
}

impl Show for Labelled {
    fn bundle(&self) -> Bundle {
        let caption = format!(
            "{} rows of {} in {} classes",
            self.y.len(),
            self.features.join(", "),
            self.classes.len()
        );
        let labels: Vec<f64> = self.y.iter().take(5).map(|label| *label as f64).collect();
        let y = ("y", self.y.len().to_string(), start(&labels));
        let classes = ("classes", self.classes.len().to_string(), escape(&self.classes.join(", ")));
        sheet(&caption, &[matrix("x", &self.x), y, classes])
    }
}

impl Show for Factors {
    fn bundle(&self) -> Bundle {
        let epochs = self.losses.len().saturating_sub(1);
        let caption = format!("Factors of rank {} after {epochs} epochs", self.u.ncols());
        sheet(&caption, &[matrix("u", &self.u), matrix("v", &self.v), history("losses", &self.losses)])
    }
}

impl Show for TruncatedSvd {
    fn bundle(&self) -> Bundle {
        let caption = format!("Truncated SVD of rank {}", self.s.len());
        sheet(&caption, &[matrix("u", &self.u), vector("s", &self.s), matrix("v", &self.v)])
    }
}

impl Show for Pca {
    fn bundle(&self) -> Bundle {
        let kept = 100.0 * self.variance.sum() / self.total_variance;
        let caption = format!("{} principal components, {kept:.1} % of the variance", self.variance.len());
        let rows = [
            vector("mean", &self.mean),
            matrix("components", &self.components),
            matrix("scores", &self.scores),
            vector("variance", &self.variance),
            number("total_variance", self.total_variance),
        ];
        sheet(&caption, &rows)
    }
}

impl Show for Alignment {
    fn bundle(&self) -> Bundle {
        let caption = format!("Alignment with relative error {}", significant(self.relative_error, 4));
        let rows = [
            matrix("linear", &self.linear),
            vector("shift", &self.shift),
            matrix("aligned", &self.aligned),
            number("relative_error", self.relative_error),
        ];
        sheet(&caption, &rows)
    }
}

impl Show for Summary {
    fn bundle(&self) -> Bundle {
        let rows = [
            number("min", self.min),
            number("q1", self.q1),
            number("median", self.median),
            number("q3", self.q3),
            number("max", self.max),
            number("mean", self.mean),
        ];
        sheet("Summary", &rows)
    }
}

impl Show for Mlp {
    fn bundle(&self) -> Bundle {
        let caption = format!("Network {}-{}-{}", self.w1.nrows(), self.w1.ncols(), self.w2.ncols());
        let rows =
            [matrix("w1", &self.w1), vector("b1", &self.b1), matrix("w2", &self.w2), vector("b2", &self.b2)];
        sheet(&caption, &rows)
    }
}

impl Show for Trained {
    fn bundle(&self) -> Bundle {
        let caption = format!("Network after {} epochs", self.losses.len().saturating_sub(1));
        let rows = [
            history("losses", &self.losses),
            history("train_accuracy", &self.train_accuracy),
            history("validation_accuracy", &self.validation_accuracy),
        ];
        sheet(&caption, &rows)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn factors_show_shapes_and_the_fall_of_the_loss() {
        let factors =
            Factors { u: Matrix::ones((3, 2)), v: Matrix::ones((4, 2)), losses: vec![9.0, 2.0, 1.25] };
        let html = factors.bundle().get("text/html").unwrap().to_owned();
        assert!(html.contains("<caption>Factors of rank 2 after 2 epochs</caption>"), "{html}");
        let row = format!("<th scope=\"row\"{LEFT}>v</th><td{LEFT}>4 x 2</td><td{LEFT}>1, 1</td>");
        assert!(html.contains(&row), "{html}");
        assert!(html.contains("9 … 1.25"), "{html}");
    }

    #[test]
    fn a_pca_says_how_much_variance_it_keeps() {
        let pca = crate::svd::pca(&array![[1.0, 0.0], [-1.0, 0.0], [0.0, 0.5], [0.0, -0.5]], 1).unwrap();
        let plain = pca.bundle().get("text/plain").unwrap().to_owned();
        assert!(plain.starts_with("1 principal components, 80.0 % of the variance"), "{plain}");
    }

    #[test]
    fn long_vectors_are_cut_and_empty_histories_are_no_error() {
        assert_eq!(start(&[1.0, 2.0, 3.0, 4.0, 5.0]), "1, 2, 3, 4, …");
        assert_eq!(history("losses", &[]).2, "");
        assert_eq!(
            Summary::of(&[1.0, 2.0]).unwrap().bundle().get("text/html").unwrap().matches("<tr>").count(),
            7
        );
    }
}
