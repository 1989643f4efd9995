//! Exercises of the descents, answered on the page.

use super::control::{Settings, number, select};
use super::draw::{cloud, figure, per_cent, view};
use super::{Explorable, View, explorable};
use crate::claims::sweeps::{best_loss, descent};
use crate::data::iris;
use crate::error::Result;
use crate::exercises::{
    arrived, balanced, balanced_start, left_the_plateau, norms, plateau, quick_descents, relu_gradient,
};
use crate::factorise::GdParams;
use crate::notebook::answer::Answer;
use crate::notebook::chart::{Chart, Labels};
use crate::random::{Init, Seed};
use crate::sweeps::band;

/// A view of an exercise.
fn task(chart: Chart, said: Vec<(&str, String)>, answer: Answer) -> View {
    View { answer: Some(answer), ..view(chart, said) }
}

/// Draws the runs that do not diverge: a band that holds nine in ten of them, and their median. Also says how many
/// diverge.
fn spread(chart: Chart, runs: &[Option<Vec<f64>>], of: impl Fn(f64) -> f64) -> Result<(Chart, String)> {
    let finite: Vec<Vec<f64>> =
        runs.iter().flatten().map(|run| run.iter().map(|value| of(*value)).collect()).collect();
    let diverged = format!("{} of {}", runs.len() - finite.len(), runs.len());
    let Some(epochs) = finite.first().map(Vec::len) else {
        return Ok((chart, diverged));
    };
    let at = |q| band(finite.iter().map(Vec::as_slice), q);
    let chart = chart.band("nine in ten runs", 0..epochs, at(0.05)?, at(0.95)?);
    Ok((chart.line("median run", 0..epochs, at(0.5)?), diverged))
}

pub(super) fn try_rate() -> Explorable {
    explorable(
        "try-rate",
        "Exercise: a faster descent",
        "Choose a rate at which at least 95 of 100 runs come within 0.00001 of the SVD's loss in 400 epochs.",
        vec![number("lr", "your learning rate", (0.001, 0.03, 0.0005), 0.01)],
        rate,
    )
}

fn rate(settings: &Settings) -> Result<View> {
    let (lr, least) = (settings.number("lr"), best_loss(2)?);
    let runs = quick_descents(lr)?;
    let answer = arrived(lr, &runs, least);
    let about =
        format!("How far the losses of 100 runs at the rate {lr} are above the SVD's, epoch by epoch.");
    let (title, y) = ("100 runs of 400 epochs", "loss above the SVD's (cm²)");
    let chart = Chart::new(Labels { title, x: "epoch", y, about: &about })
        .horizontal(1e-5, "near enough")
        .log_y()
        .x_range(0.0, 400.0)
        .y_range(1e-8, 1e4);
    let chart = if runs.iter().all(Option::is_none) { chart.points("no run", [0.0], [1e4]) } else { chart };
    let (chart, diverged) = spread(chart, &runs, |loss| (loss - least).max(1e-13))?;
    Ok(task(chart, vec![("diverged", diverged)], answer))
}

/// The start that the controls `init` and `size` describe: uniform between 0 and the size, or normal around 0.
fn init_of(settings: &Settings) -> Init {
    let size = settings.number("size");
    match settings.text("init") {
        "normal" => Init::Normal { mean: 0.0, std: size },
        _ => Init::Uniform { low: 0.0, high: size },
    }
}

pub(super) fn try_start() -> Explorable {
    explorable(
        "try-start",
        "Exercise: a balanced start",
        "Choose a start from which Û ends at U√Σ up to a rotation or reflection alone: at most one ten-thousandth of it may be \
         left.",
        vec![
            select("init", "distribution", &["uniform on (0, size)", "normal"]),
            number("size", "size", (0.0001, 2.0, 0.0001), 1.0),
        ],
        balanced_cloud,
    )
}

fn balanced_cloud(settings: &Settings) -> Result<View> {
    let (init, rows) = (init_of(settings), iris());
    let answer = balanced_start(init)?;
    let (turned, root, left) = balanced(init, Seed::default())?;
    let about = format!(
        "Two scatter plots by species: Û rotated onto U√Σ, and U√Σ, of which {} is left.",
        per_cent(left)
    );
    let charts = [cloud("Û, rotated", "√cm", &turned, &rows), cloud("U√Σ", "√cm", &root, &rows)];
    let chart = Chart::side_by_side("Where your start leads", &about, charts);
    Ok(task(chart, vec![("left by the best rotation", format!("{left:.1e}"))], answer))
}

/// A hundred descents on the norm, beside the plateau.
fn on_the_norm(p: &GdParams) -> Result<View> {
    let (runs, line) = (norms(p)?, plateau()?);
    let answer = left_the_plateau(p, &runs, line);
    let about = format!("The norms that 100 runs leave, epoch by epoch, beside the plateau at {line:.3} cm.");
    let (title, y) = ("100 runs on the norm", "norm left (cm)");
    let chart = Chart::new(Labels { title, x: "epoch", y, about: &about })
        .horizontal(line, "best rank-1 fit: the plateau")
        .log_y()
        .y_range(3.0, 100.0);
    let chart = if runs.iter().all(Option::is_none) { chart.points("no run", [0.0], [100.0]) } else { chart };
    let (chart, diverged) = spread(chart, &runs, |norm| norm)?;
    Ok(task(chart, vec![("diverged", diverged)], answer))
}

pub(super) fn try_better_start() -> Explorable {
    explorable(
        "try-better-start",
        "Exercise: a better start",
        "Keep plain descent, the norm, and the rate 0.01. Choose a start from which at least 95 of 100 runs have left the plateau \
         after 1000 epochs.",
        vec![
            select("init", "distribution", &["uniform on (0, size)", "normal"]),
            number("size", "size", (0.0001, 2.0, 0.0001), 1.0),
        ],
        |settings| on_the_norm(&GdParams { init: init_of(settings), ..descent() }),
    )
}

pub(super) fn try_plateau() -> Explorable {
    explorable(
        "try-plateau",
        "Exercise: leave the plateau in 200 epochs",
        "Keep the report's start, its loss and its rank. Choose an optimiser and a rate with which at least 95 of 100 runs have left \
         the plateau after 200 epochs.",
        vec![
            select("optimiser", "optimiser", &["plain", "momentum", "Nesterov", "Adam"]),
            number("lr", "learning rate", (0.001, 0.5, 0.001), 0.01),
        ],
        plateaus,
    )
}

fn plateaus(settings: &Settings) -> Result<View> {
    let (optimiser, lr) = (settings.optimiser(), settings.number("lr"));
    on_the_norm(&GdParams { optimiser, lr, epochs: 200, ..descent() })
}

pub(super) fn try_gradient() -> Explorable {
    let slope = |name, label| number(name, label, (-2.0, 2.0, 0.01), 0.0);
    explorable(
        "try-gradient",
        "Exercise: predict the gradient",
        "A row of class 0 has the outputs -0.5, 1.0 and 0.2 before the ReLU. Which gradient of the cross entropy arrives at them, \
         to two decimals?",
        vec![
            slope("first", "at the output -0.5"),
            slope("second", "at the output 1.0"),
            slope("third", "at the output 0.2"),
        ],
        gradient,
    )
}

fn gradient(settings: &Settings) -> Result<View> {
    let mine = ["first", "second", "third"].map(|name| settings.number(name));
    let answer = relu_gradient(mine)?;
    let about = "Three pairs of bars: the outputs of the row after the ReLU, and your gradient at each.";
    let (title, classes) = ("One row before the loss", ["class 0, its own", "class 1", "class 2"]);
    let chart = Chart::new(Labels { title, x: "output", y: "value", about })
        .bars("output after the ReLU", classes, [0.0, 1.0, 0.2])
        .bars("your gradient", classes, mine);
    let yours = mine.map(figure).join(", ");
    Ok(task(chart, vec![("your gradient", yours)], answer))
}
