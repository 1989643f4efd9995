//! Scatter plots of the iris flowers: Û beside the SVD's U and the scores of PCA.

use super::control::{Settings, range, seed, select};
use super::draw::{cloud as drawn, figure, per_cent, view};
use super::{Explorable, View, explorable};
use crate::align::{Family, align};
use crate::claims::sweeps::{descent, flowers};
use crate::data::iris;
use crate::error::Result;
use crate::factorise::{GdParams, gd_factorise};
use crate::matrix::Matrix;
use crate::notebook::chart::Chart;
use crate::svd::{TruncatedSvd, truncated_svd};

pub(super) fn cloud() -> Explorable {
    explorable(
        "cloud",
        "Û beside the scores",
        "Û spans the plane of the scores, but a rotation does not make it theirs. Move the epochs from 0 on, then align Û to \
         each target by either map.",
        vec![
            range("epochs", "epochs", (0.0, 1000.0, 10.0), 1000.0),
            select("target", "align to", &["the scores UΣ", "U√Σ", "U"]),
            select("map", "by", &["a rotation with one scale", "an affine map", "nothing"]),
            seed("seed of the start", 0),
        ],
        aligned,
    )
}

fn aligned(settings: &Settings) -> Result<View> {
    let (a, rows) = (flowers()?, iris());
    let (target, name) = (settings.text("target"), settings.text("target").trim_start_matches("the scores "));
    let power = match target {
        "U" => 0.0,
        "U√Σ" => 0.5,
        _ => 1.0,
    };
    let plot = scaled(&truncated_svd(a, 2)?, power);
    let p = GdParams { epochs: settings.count("epochs"), seed: settings.whole("seed").into(), ..descent() };
    let run = gd_factorise(a, &p)?;
    let loss = run.losses[p.epochs];
    let family = match settings.text("map") {
        "an affine map" => Some(Family::Affine),
        "nothing" => None,
        _ => Some(Family::Similarity),
    };
    let (shown, title, unit) = match family {
        Some(family) => (align(&run.u, &plot, family)?.aligned, "Û, aligned", unit(power)),
        None => (run.u.clone(), "Û as it is", "√cm"),
    };
    let share = left(&run.u, &plot, Family::Similarity)?;
    let affine = left(&run.u, &plot, Family::Affine)?;
    let about = format!(
        "Two scatter plots of the flowers by species: Û after {} epochs, and {name}. A rotation with one scale leaves {} of \
         {name}, an affine map {}.",
        p.epochs,
        per_cent(share),
        per_cent(affine)
    );
    let charts = [drawn(title, unit, &shown, &rows), drawn(target, self::unit(power), &plot, &rows)];
    let chart = Chart::side_by_side(&format!("Û after {} epochs", p.epochs), &about, charts);
    let said = vec![
        ("left by a rotation with one scale", per_cent(share)),
        ("left by an affine map", per_cent(affine)),
        ("loss (cm²)", figure(loss)),
    ];
    Ok(view(chart, said))
}

/// The share of a plot's sum of squares that the best map of `u` onto it does not explain.
fn left(u: &Matrix, plot: &Matrix, family: Family) -> Result<f64> {
    Ok(align(u, plot, family)?.relative_error.powi(2))
}

/// U Σ^p.
fn scaled(svd: &TruncatedSvd, power: f64) -> Matrix {
    &svd.u * &svd.s.mapv(|s| s.powf(power))
}

fn unit(power: f64) -> &'static str {
    match power {
        0.0 => "no unit",
        0.5 => "√cm",
        1.0 => "cm",
        _ => "cmᵖ",
    }
}

pub(super) fn power_of_sigma() -> Explorable {
    explorable(
        "power-of-sigma",
        "How much of Σ?",
        "The power 0 shows U, 1 the projections, one half what a balanced start finds. At which power does a rotation carry Û \
         onto the cloud best?",
        vec![range("power", "power of Σ", (0.0, 1.0, 0.05), 1.0), seed("seed of Û's start", 0)],
        power,
    )
}

fn power(settings: &Settings) -> Result<View> {
    let (a, rows, power) = (flowers()?, iris(), settings.number("power"));
    let svd = truncated_svd(a, 2)?;
    let plot = scaled(&svd, power);
    let p = GdParams { epochs: 2000, seed: settings.whole("seed").into(), ..descent() };
    let map = align(&gd_factorise(a, &p)?.u, &plot, Family::Similarity)?;
    let share = map.relative_error.powi(2);
    let stretch = (svd.s[0] / svd.s[1]).powf(power);
    let about = format!(
        "Two scatter plots of the flowers by species: U times Σ to the power {power}, {stretch:.2} times as long as wide, and Û \
         turned and scaled to fit it best, which leaves {} of it.",
        per_cent(share)
    );
    let charts = [
        drawn(&format!("UΣ to the power {power}"), unit(power), &plot, &rows),
        drawn("Û, turned and scaled", unit(power), &map.aligned, &rows),
    ];
    let chart = Chart::side_by_side("From U to the projections", &about, charts);
    let said = vec![
        ("length over width", figure(stretch)),
        ("left by Û's best rotation with one scale", per_cent(share)),
    ];
    Ok(view(chart, said))
}
