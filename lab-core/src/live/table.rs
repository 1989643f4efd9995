//! The reader's own table, factorised in the page: its data is sent nowhere.

use super::control::{Settings, file, number, range, seed};
use super::draw::{cloud, descend, ending, figure, panel, per_cent, view};
use super::{Explorable, View, explorable};
use crate::data::{Labelled, Scale, iris};
use crate::error::Result;
use crate::exercises::{edge_factor, small};
use crate::loss::Loss;
use crate::notebook::chart::{Chart, Labels};
use crate::svd::truncated_svd;

/// More points than this on a chart hide each other, and make it large.
const DRAWN: usize = 2000;

pub(super) fn your_table() -> Explorable {
    explorable(
        "your-table",
        "Your own table",
        "Drop a CSV file: numbers, and the class in the last column. It stays in this page. Try the rate from a tenth of the edge \
         to just above it.",
        vec![
            file("csv", "your CSV file (iris without one)"),
            number("rank", "rank", (2.0, 4.0, 1.0), 2.0),
            range("rate", "learning rate, as a share of the edge 1/(2σ₁)", (0.05, 1.2, 0.05), 0.5),
            seed("seed of the start", 0),
        ],
        factorised,
    )
}

/// The reader's table or iris, standardised.
fn rows(settings: &Settings) -> Result<Labelled> {
    let csv = settings.text("csv");
    let table = if csv.is_empty() { iris() } else { Labelled::from_reader(csv.as_bytes())? };
    table.scaled(Scale::Standardise)
}

fn factorised(settings: &Settings) -> Result<View> {
    let rows = rows(settings)?;
    let rank = settings.count("rank");
    let svd = truncated_svd(&rows.x, rank)?;
    let least = Loss::SumSquared.value(&(&rows.x - &svd.reconstruct()));
    let lr = settings.number("rate") / (2.0 * svd.s[0]);
    let (run, diverged) = descend(&rows.x, &small(lr, rank, settings.whole("seed").into()))?;
    let end = run.losses[run.losses.len() - 1];
    let kept = 1.0 - least / Loss::SumSquared.value(&rows.x);
    let about = format!(
        "Left the loss against epochs, which ends at {}; the SVD's is {}. Right the rows on the first two columns of Û, by class. \
         Rank {rank} can keep {} of the squares of {} rows.",
        figure(end),
        figure(least),
        per_cent(kept),
        rows.y.len()
    );
    let losses = panel("Loss", "epoch", "squared norm (standardised)")
        .line("gradient descent", 0..run.losses.len(), &run.losses)
        .horizontal(least, "truncated SVD")
        .log_y();
    let high = 1.5 * run.losses[0].max(least);
    let losses = losses.y_range((0.7 * least).max(1e-3 * high), high);
    let shown = thinned(&rows);
    let places = run.u.select(ndarray::Axis(0), &shown);
    let some =
        Labelled { x: places.clone(), y: shown.iter().map(|row| rows.y[*row]).collect(), ..rows.clone() };
    let charts = [losses, cloud("Rows of Û", "no unit", &places, &some)];
    let chart =
        Chart::side_by_side(&format!("{} rows, {} features", rows.y.len(), rows.x.ncols()), &about, charts);
    let said = vec![
        ("rows, features, classes", format!("{}, {}, {}", rows.y.len(), rows.x.ncols(), rows.classes.len())),
        ("edge 1/(2σ₁)", figure(1.0 / (2.0 * svd.s[0]))),
        ("loss at the end", figure(end)),
        ("loss of the SVD", figure(least)),
        ("squares that this rank can keep", per_cent(kept)),
        ("the run", ending(diverged)),
    ];
    Ok(view(chart, said))
}

/// The rows that are drawn: all, or every so many.
fn thinned(rows: &Labelled) -> Vec<usize> {
    (0..rows.y.len()).step_by(rows.y.len().div_ceil(DRAWN).max(1)).collect()
}

pub(super) fn try_factor() -> Explorable {
    explorable(
        "try-factor",
        "Exercise: where does descent stop to converge?",
        "Find a factor with which lr = factor / σ₁ just fails within 600 epochs, while 0.8 times it still converges. Which one is \
         it by theory?",
        vec![
            file("csv", "your CSV file (iris without one)"),
            number("factor", "factor", (0.01, 2.0, 0.01), 0.25),
        ],
        factor,
    )
}

fn factor(settings: &Settings) -> Result<View> {
    let (rows, factor) = (rows(settings)?, settings.number("factor"));
    let answer = edge_factor(&rows.x, factor)?;
    let svd = truncated_svd(&rows.x, 2)?;
    let least = Loss::SumSquared.value(&(&rows.x - &svd.reconstruct()));
    let run = |factor: f64| descend(&rows.x, &small(factor / svd.s[0], 2, 0.into()));
    let runs = [("your factor", run(factor)?), ("0.8 times it", run(0.8 * factor)?)];
    let high = 1.5 * runs[0].1.0.losses[0].max(least);
    let (title, x, y) = ("Two rates", "epoch", "squared norm (standardised)");
    let about = "Loss against epochs with your factor and with 0.8 times it, and the SVD's loss.";
    let mut chart =
        Chart::new(Labels { title, x, y, about }).log_y().y_range((0.7 * least).max(1e-3 * high), high);
    let mut said = Vec::new();
    for (name, (run, diverged)) in &runs {
        chart = chart.line(name, 0..run.losses.len(), &run.losses);
        said.push((*name, format!("{}, {}", ending(*diverged), figure(run.losses[run.losses.len() - 1]))));
    }
    let shown = view(chart.horizontal(least, "truncated SVD"), said);
    Ok(View { answer: Some(answer), ..shown })
}
