//! What the explorables' charts have in common.

use super::View;
use crate::data::Labelled;
use crate::error::{Error, Result};
use crate::factorise::{Factors, GdParams, gd_factorise};
use crate::matrix::Matrix;
use crate::notebook::chart::{Chart, Labels};
use crate::notebook::format::significant;

/// A chart of its own, or a panel of another.
pub(super) fn panel(title: &str, x: &str, y: &str) -> Chart {
    Chart::new(Labels { title, x, y, about: "One panel of a chart." })
}

/// The rows as points, coloured by class, on axes of one scale that are symmetric about 0.
pub(super) fn cloud(title: &str, unit: &str, at: &Matrix, rows: &Labelled) -> Chart {
    let (x, y) = (format!("first column ({unit})"), format!("second column ({unit})"));
    let farthest = at.iter().fold(0.0, |far: f64, value| far.max(value.abs()));
    let reach = if farthest > 0.0 { 1.05 * farthest } else { 1.0 };
    let chart = panel(title, &x, &y).classes(at, rows).equal_axes();
    chart.x_range(-reach, reach).y_range(-reach, reach)
}

/// A view without an exercise.
pub(super) fn view(chart: Chart, said: Vec<(&str, String)>) -> View {
    let said = said.into_iter().map(|(what, value)| (what.to_owned(), value)).collect();
    View { chart, said, answer: None }
}

/// A number for reading, at six significant digits.
pub(super) fn figure(value: f64) -> String {
    significant(value, 6)
}

/// A share as text, in per cent.
pub(super) fn per_cent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// A descent as far as it stays finite, and the epoch at which it no longer does.
pub(super) fn descend(a: &Matrix, p: &GdParams) -> Result<(Factors, Option<usize>)> {
    let (mut p, mut diverged) = (*p, None);
    loop {
        match gd_factorise(a, &p) {
            Ok(run) => return Ok((run, diverged)),
            // The shorter run may take another fast path, on which the last digits and so the last epochs differ.
            Err(Error::Diverged { epoch, .. }) if epoch > 0 => {
                (p.epochs, diverged) = (epoch - 1, diverged.or(Some(epoch)));
            }
            Err(error) => return Err(error),
        }
    }
}

/// How a run ended, in words.
pub(super) fn ending(diverged: Option<usize>) -> String {
    diverged.map_or("stays finite".into(), |epoch| format!("diverges at epoch {epoch}"))
}
