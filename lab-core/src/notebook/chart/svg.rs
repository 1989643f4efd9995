//! From a [`Figure`] to SVG, for paper and for wherever no script runs.

mod marks;
mod panel;

use super::figure::Figure;
use super::{Kind, Mark};
use crate::notebook::palette::series;
use crate::notebook::svg::{Svg, width};

/// Sizes in CSS pixels: a page of A4 between its margins is 658 wide.
const WIDTH: [f64; 3] = [720.0, 720.0, 840.0];
const TALL: f64 = 390.0;
const LOW: f64 = 280.0;
const NARROW: f64 = 300.0;
const LINE: f64 = 20.0;
/// The width of a legend's sample, and the space after a name.
const SAMPLE: (f64, f64) = (28.0, 22.0);

/// The whole picture, in a narrow place of a width or as large as it likes.
pub(super) fn document(figure: &Figure<'_>, narrow: Option<f64>) -> String {
    let (rows, columns) = figure.grid;
    let whole = narrow.unwrap_or(WIDTH[columns - 1]);
    let high = if rows == 1 { TALL } else { LOW };
    let cell = (whole / columns as f64, narrow.map_or(high, |_| NARROW));
    let mut svg = Svg::default();
    for (index, drawn) in figure.panels.iter().enumerate() {
        let corner = ((index % columns) as f64 * cell.0, (index / columns) as f64 * cell.1);
        panel::draw(&mut svg, drawn, corner, cell);
    }
    let mut below = rows as f64 * cell.1 + 6.0;
    if let Some(step) = figure.steps().last() {
        svg.text((whole / 2.0, below + 8.0), "text-anchor=\"middle\" class=\"quiet\"", &step.label);
        below += LINE;
    }
    for line in lines(&figure.legend, whole - 40.0) {
        let mut left = (whole - extent(line)) / 2.0;
        for mark in line {
            sample(&mut svg, mark, (left, below + 6.0));
            svg.text((left + SAMPLE.0, below + 10.0), "class=\"entry\"", &mark.name);
            left += entry(mark);
        }
        below += LINE;
    }
    svg.document((whole, below + 6.0), figure.title, figure.about)
}

fn entry(mark: &Mark) -> f64 {
    SAMPLE.0 + width(&mark.name) + SAMPLE.1
}

fn extent(line: &[&Mark]) -> f64 {
    line.iter().map(|mark| entry(mark)).sum::<f64>() - SAMPLE.1
}

/// The legend in lines that fit.
fn lines<'a, 'b>(mut marks: &'b [&'a Mark], room: f64) -> Vec<&'b [&'a Mark]> {
    let mut lines = Vec::new();
    while !marks.is_empty() {
        let fits = (1..=marks.len()).take_while(|&count| extent(&marks[..count]) <= room).last().unwrap_or(1);
        let (line, rest) = marks.split_at(fits);
        lines.push(line);
        marks = rest;
    }
    lines
}

fn sample(svg: &mut Svg, mark: &Mark, (x, y): (f64, f64)) {
    match &mark.kind {
        Kind::Line { .. } => svg.line((x, y), (x + 22.0, y), &marks::pen(mark.colour)),
        Kind::Points { .. } => marks::symbols(svg, mark.colour, &[(x + 11.0, y)]),
        kind => {
            let opacity = if matches!(kind, Kind::Band { .. }) { 0.25 } else { 0.8 };
            let fill = format!("fill=\"{}\" fill-opacity=\"{opacity}\"", series(mark.colour));
            svg.rect((x + 4.0, y - 5.0), (x + 18.0, y + 5.0), &fill);
        }
    }
}
