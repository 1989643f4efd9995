//! Every kind of chart by both renderers: plotly's JSON and the SVG show the same traces, ranges and names. The same
//! charts go into a notebook, on which the browser's tests compare what plotly really draws with the SVG.

use std::fs;
use std::path::Path;

use lab_core::notebook::{Chart, Labels, Show};
use lab_core::{Matrix, Result, Scale, iris, pca};
use serde_json::{Value, json};

/// Where the browser's tests look for the notebook.
const GALLERY: &str = "gallery.ipynb";

fn chart(title: &str) -> Chart {
    Chart::new(Labels { title, x: "epoch", y: "loss (cm²)", about: "What is to be seen." })
}

/// Values that fall from 9 over so many decades.
fn falling(n: usize, decades: f64) -> Vec<f64> {
    (0..n).map(|at| 9.0 * 10_f64.powf(-decades * at as f64 / n as f64)).collect()
}

/// One chart of every kind, and of every kind of axis.
fn gallery() -> Result<Vec<(&'static str, Chart)>> {
    let flowers = iris().scaled(Scale::Centre)?;
    let scores = pca(&flowers.x, 2)?.scores;
    let widths = flowers.x.column(1).to_owned();
    let grid: Vec<f64> = (0..41).map(|at| f64::from(at) / 10.0 - 2.0).collect();
    let bowl =
        Matrix::from_shape_fn((41, 41), |(i, j)| (1.0 + grid[j] * grid[j] + 4.0 * grid[i] * grid[i]).log10());
    let path: Vec<f64> = (0..30).map(|at| 1.8 * 0.85_f64.powi(at)).collect();
    let steps: Vec<(String, Matrix)> =
        (1..4).map(|step| (format!("step {step}"), f64::from(step) * &scores)).collect();
    let words = ["one", "two", "three"];
    let x: Vec<usize> = (0..50).collect();
    let (low, high) = (falling(50, 1.0), falling(50, 0.5));
    let panels = |count: usize| {
        let panel = |at: usize| chart(&format!("panel {at}")).line("loss", 0..9, falling(9, at as f64));
        Chart::side_by_side("Panels", "Several panels.", (1..=count).map(panel).collect::<Vec<_>>())
    };
    Ok(vec![
        (
            "lines",
            chart("Lines").line("descent", 0..50, &low).line("other", 0..50, &high).horizontal(2.0, "SVD"),
        ),
        ("one line on a long axis", chart("Long").line("descent", [0, 50_000], [-0.002, 0.013])),
        ("many decades", chart("Decades").line("descent", 1..300, falling(299, 9.0)).log_y()),
        ("three decades", chart("Three").line("descent", 1..300, falling(299, 2.5)).log_y().log_x()),
        ("less than a decade", chart("Less").line("descent", 1..30, falling(29, 0.6)).log_y()),
        (
            "points",
            chart("Points").points("a", [1, 2, 3], [2.0, 1.0, 4.0]).hover(words).points("b", [2], [2]),
        ),
        ("classes", chart("Classes").classes(&scores, &flowers).equal_axes()),
        ("slider", chart("Slider").moving_classes(steps, &flowers)),
        ("band", chart("Band").band("5 to 95 %", &x, &low, &high).line("median", &x, falling(50, 0.7))),
        ("bars", chart("Bars").bars("a", words, [1.0, 2.5, 3.0]).bars("b", words, [2.0, 1.0, -0.5])),
        (
            "bars with long names",
            chart("Names")
                .bars("a", (0..9).map(|k| format!("a rather long name {k}")), 0..9)
                .vertical(1.0, "one"),
        ),
        (
            "histograms",
            chart("Histograms")
                .histogram("all", &widths, 0.1)
                .histogram("few", [0.5, 0.55, 0.9], 0.1)
                .vertical(0.8, "here"),
        ),
        ("boxes", chart("Boxes").boxed("widths", &widths).boxed("skewed", widths.mapv(f64::exp))),
        (
            "heat",
            chart("Heat").heat("cm", ["a", "b"], ["c", "d"], &ndarray::array![[1.5, -2.0], [0.25, 1e-5]]),
        ),
        (
            "large heat",
            chart("Cells").heat(
                "cm",
                (0..20).map(|k| k.to_string()),
                (0..20).map(|k| k.to_string()),
                &Matrix::eye(20),
            ),
        ),
        (
            "contour",
            chart("Surface").contour("log₁₀ loss", &grid, &grid, &bowl).line("descent", &path, &path),
        ),
        ("two panels", panels(2)),
        ("nine panels", panels(9)),
        (
            "panels of two kinds",
            Chart::side_by_side(
                "Kinds",
                "A heat map and a line.",
                [
                    chart("Heat").heat("cm", words, words, &Matrix::eye(3)),
                    chart("Line").line("loss", 0..50, &low),
                ],
            ),
        ),
    ])
}

/// The text between `start` and `end`, as often as it occurs.
fn between<'a>(text: &'a str, start: &str, end: &str) -> Vec<&'a str> {
    text.split(start).skip(1).filter_map(|rest| rest.split(end).next()).collect()
}

#[test]
fn both_renderers_show_the_same() -> Result<()> {
    for (kind, chart) in gallery()? {
        let (json, svg) = (chart.json()?, chart.svg()?);
        let data = json["data"].as_array().expect("there are traces");
        let names: Vec<&str> = data.iter().filter_map(|trace| trace["name"].as_str()).collect();
        assert_eq!(between(&svg, "class=\"trace\" data-name=\"", "\""), names, "{kind}: traces");

        let shown = |trace: &&Value| trace["showlegend"] == true;
        let entries: Vec<&str> =
            data.iter().filter(shown).filter_map(|trace| trace["name"].as_str()).collect();
        let drawn: Vec<&str> = between(&svg, "class=\"entry\">", "</text>");
        assert_eq!(
            drawn,
            if json["layout"]["showlegend"] == true { entries } else { Vec::new() },
            "{kind}: legend"
        );

        let layout = json["layout"].as_object().expect("there is a layout");
        let axes = layout.keys().filter(|key| key.starts_with("xaxis")).count();
        assert_eq!(svg.matches("class=\"panel\"").count(), axes, "{kind}: panels");
        for (key, axis) in layout.iter().filter(|(key, _)| key.contains("axis")) {
            assert_eq!(axis["autorange"], false, "{kind}: {key} has the range that the SVG has");
            let name = axis["title"]["text"].as_str().expect("an axis has a name");
            assert!(svg.contains(&format!(">{name}</text>")), "{kind}: {name}");
        }
        for note in json["layout"]["annotations"].as_array().into_iter().flatten() {
            let words = note["text"].as_str().expect("a note has a text");
            assert!(svg.contains(&format!(">{words}</text>")), "{kind}: {words}");
        }
        let title = json["layout"]["title"]["text"].as_str().expect("a chart has a title");
        assert!(svg.contains(&format!("<title>{title}</title><desc>")), "{kind}");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{kind}: {svg}");
    }
    Ok(())
}

#[test]
fn the_gallery_is_written_for_the_browser() -> Result<()> {
    let cells: Vec<Value> = gallery()?
        .into_iter()
        .enumerate()
        .map(|(at, (kind, chart))| {
            let bundle = chart.bundle();
            let part = |mime: &str| bundle.get(mime).expect("a chart has every form").to_owned();
            let plot: Value = serde_json::from_str(&part("application/vnd.plotly.v1+json")).expect("plotly's form is JSON");
            let data = json!({ "application/vnd.plotly.v1+json": plot, "image/svg+xml": part("image/svg+xml"),
                               "text/plain": part("text/plain") });
            let output = json!({ "output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": data });
            json!({ "cell_type": "code", "id": format!("chart-{at}"), "metadata": {}, "execution_count": 1,
                    "source": kind, "outputs": [output] })
        })
        .collect();
    let notebook = json!({ "nbformat": 4, "nbformat_minor": 5, "metadata": { "language_info": { "name": "rust" } }, "cells": cells });
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(GALLERY);
    fs::write(path, notebook.to_string()).expect("the temporary folder is writable");
    Ok(())
}
