//! Gradient descent on centred iris: the edge of stability, and the saddle point near which descent on the norm rests.

use ndarray::s;

use super::control::{Settings, number, range, seed, select};
use super::draw::{descend, ending, figure, view};
use super::{Explorable, View, explorable};
use crate::claims::sweeps::{best_loss, descent, flowers};
use crate::error::{Error, Result};
use crate::factorise::{GdParams, gd_factorise, gd_factorise_from};
use crate::loss::Loss;
use crate::matrix::Matrix;
use crate::notebook::chart::{Chart, Labels};
use crate::random::{Random, Seed};
use crate::svd::truncated_svd;

pub(super) fn edge_of_stability() -> Explorable {
    explorable(
        "edge-of-stability",
        "The edge of stability",
        "The rate decides: small ones are slow, and beyond 1/(2σ₁) descent diverges. Try 0.002, 0.015, 0.019 and 0.025.",
        vec![range("lr", "learning rate", (0.0005, 0.03, 0.0005), 0.01), seed("seed of the start", 0)],
        edge,
    )
}

fn edge(settings: &Settings) -> Result<View> {
    let (a, lr) = (flowers()?, settings.number("lr"));
    let (edge, least) = (1.0 / (2.0 * truncated_svd(a, 1)?.s[0]), best_loss(2)?);
    let (run, diverged) = descend(a, &GdParams { lr, seed: settings.whole("seed").into(), ..descent() })?;
    let end = run.losses[run.losses.len() - 1];
    let fate = match diverged {
        Some(epoch) => format!("The run diverges at epoch {epoch}; the curve is drawn up to there."),
        None => format!("The loss ends at {}; the SVD's is {}.", figure(end), figure(least)),
    };
    let side = if lr > edge { "above" } else { "below" };
    let about = format!("Loss against epochs at the rate {lr}, {side} the edge at {edge:.4}. {fate}");
    let (x, y) = ("epoch", "squared Frobenius loss (cm²)");
    let chart = Chart::new(Labels { title: "Gradient descent on centred iris", x, y, about: &about })
        .line("gradient descent", 0..run.losses.len(), &run.losses)
        .horizontal(least, "truncated SVD")
        .log_y()
        .x_range(0.0, 1000.0)
        .y_range(10.0, 20_000.0);
    let said = vec![
        ("edge 1/(2σ₁)", format!("{edge:.4}")),
        ("the run", ending(diverged)),
        (if diverged.is_some() { "last finite loss (cm²)" } else { "final loss (cm²)" }, figure(end)),
        ("loss of the SVD (cm²)", figure(least)),
    ];
    Ok(view(chart, said))
}

pub(super) fn saddle() -> Explorable {
    explorable(
        "saddle",
        "Past the saddle",
        "On the norm, plain descent rests at the best rank-1 fit: a saddle, not a minimum. Does patience help, a larger rate, \
         a kick, or an optimiser with memory?",
        vec![
            range("lr", "learning rate", (0.005, 0.2, 0.005), 0.01),
            range("epochs", "epochs", (100.0, 4000.0, 100.0), 1000.0),
            select("optimiser", "optimiser", &["plain", "momentum", "Adam"]),
            number("kick", "kick halfway (standard deviation)", (0.0, 1.0, 0.05), 0.0),
            seed("seed of the start", 0),
        ],
        past_saddle,
    )
}

fn past_saddle(settings: &Settings) -> Result<View> {
    let a = flowers()?;
    let values = truncated_svd(a, 4)?.s;
    let left = |rank: usize| values.slice(s![rank..]).mapv(|s| s * s).sum().sqrt();
    let (losses, diverged) = losses(a, settings)?;
    let end = losses[losses.len() - 1];
    let place = if end < 0.99 * left(1) { "past the saddle" } else { "at the saddle or above it" };
    let about = format!(
        "The norm that is left, against epochs: it ends at {end:.3} cm, {place}. The best rank-1 fit leaves {:.3} cm, the best \
         rank-2 fit {:.3} cm.",
        left(1),
        left(2)
    );
    let (x, y) = ("epoch", "norm left, ‖A - ÛV̂ᵀ‖ (cm)");
    let chart = Chart::new(Labels { title: "Descent on the norm, rank 2", x, y, about: &about })
        .line("gradient descent", 0..losses.len(), &losses)
        .horizontal(left(1), "best rank-1 fit: the saddle")
        .horizontal(left(2), "best rank-2 fit")
        .log_y()
        .y_range(3.0, 50.0);
    let under = losses.iter().position(|loss| *loss < 0.99 * left(1));
    let said = vec![
        ("norm left (cm)", figure(end)),
        ("1 % below the saddle", under.map_or("not yet".into(), |epoch| format!("from epoch {epoch} on"))),
        ("the run", ending(diverged)),
    ];
    Ok(view(chart, said))
}

/// The norms of the run, and the epoch at which it diverges. The kick perturbs both factors halfway through, where the
/// optimiser starts anew.
fn losses(a: &Matrix, settings: &Settings) -> Result<(Vec<f64>, Option<usize>)> {
    let (seed, epochs, kick) = (settings.whole("seed"), settings.count("epochs"), settings.number("kick"));
    let (lr, optimiser) = (settings.number("lr"), settings.optimiser());
    let p = GdParams { lr, epochs, optimiser, loss: Loss::Frobenius, seed: seed.into(), ..descent() };
    let first = GdParams { epochs: epochs / 2, ..p };
    if kick > 0.0
        && let Ok(half) = gd_factorise(a, &first)
    {
        let mut random = Random::new(Seed::Portable(seed + 10_000));
        let mut kicked = |x: &Matrix| x + kick * random.normal(x.dim());
        let (u, v) = (kicked(&half.u), kicked(&half.v));
        match gd_factorise_from(a, u, v, &GdParams { epochs: epochs - first.epochs, ..p }) {
            Ok(on) => {
                return Ok((half.losses.into_iter().chain(on.losses.into_iter().skip(1)).collect(), None));
            }
            Err(Error::Diverged { epoch, .. }) => return Ok((half.losses, Some(first.epochs + epoch))),
            Err(error) => return Err(error),
        }
    }
    let (run, diverged) = descend(a, &p)?;
    Ok((run.losses, diverged))
}
