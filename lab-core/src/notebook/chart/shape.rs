//! What is drawn for a mark: bins counted, quartiles taken, levels and colours chosen.

use std::collections::BTreeMap;

use super::axis::{Ruler, Spacing, six_digits};
use super::{Kind, Mark, Panel};
use crate::evaluate::Summary;
use crate::matrix::Matrix;
use crate::notebook::palette::ColourScale;

/// What is drawn for a mark.
#[derive(Debug)]
pub(super) enum Shape<'a> {
    Line {
        x: &'a [f64],
        y: &'a [f64],
    },
    Points {
        x: &'a [f64],
        y: &'a [f64],
        #[cfg_attr(not(feature = "notebook"), expect(dead_code, reason = "the SVG has no hover"))]
        text: &'a [String],
    },
    Band {
        x: &'a [f64],
        low: &'a [f64],
        high: &'a [f64],
    },
    /// Bars whose left edges stand at `at + offset`, in the axis' positions; those of histograms lie over one another.
    Bars {
        at: Vec<f64>,
        offset: f64,
        width: f64,
        heights: Vec<f64>,
        overlaid: bool,
    },
    Box {
        at: usize,
        quartiles: Summary,
        whiskers: (f64, f64),
        outliers: Vec<f64>,
    },
    Heat {
        z: &'a Matrix,
        colours: ColourScale,
    },
    Contour {
        x: &'a [f64],
        y: &'a [f64],
        z: &'a Matrix,
        levels: Vec<f64>,
        colours: ColourScale,
    },
}

/// Bars take this share of their place.
const FILLED: f64 = 0.8;
/// A heat map of at most so many cells shows the number in each cell.
const NUMBERED: usize = 100;
const MOST_LEVELS: usize = 12;

impl<'a> Shape<'a> {
    /// What is drawn for a mark of this panel, whose x axis has these words.
    pub fn of(mark: &'a Mark, panel: &'a Panel, words: Option<&[String]>) -> Shape<'a> {
        match &mark.kind {
            Kind::Line { x, y } => Shape::Line { x, y },
            Kind::Points { x, y, text } => Shape::Points { x, y, text },
            Kind::Band { x, low, high } => Shape::Band { x, low, high },
            Kind::Bars { labels, values } => {
                let bars = || panel.marks.iter().filter(|mark| matches!(mark.kind, Kind::Bars { .. }));
                let width = FILLED / bars().count() as f64;
                let rank = bars().take_while(|other| !std::ptr::eq(*other, mark)).count();
                let place = |label| words.into_iter().flatten().position(|word| word == label).unwrap_or(0);
                let at = labels.iter().map(|label| place(label) as f64).collect();
                let offset = rank as f64 * width - FILLED / 2.0;
                Shape::Bars { at, offset, width, heights: values.clone(), overlaid: false }
            }
            Kind::Histogram { values, width } => {
                let (at, heights) = bins(values, *width);
                Shape::Bars { at, offset: -width / 2.0, width: *width, heights, overlaid: true }
            }
            Kind::Box { values } => {
                let at = words.into_iter().flatten().position(|word| *word == mark.name).unwrap_or(0);
                boxed(at, values)
            }
            Kind::Heat { z, .. } => Shape::Heat { z, colours: ColourScale::over(z.iter().copied()) },
            Kind::Contour { x, y, z } => {
                let (low, high) = z.iter().fold((f64::MAX, f64::MIN), |(l, h), &v| (l.min(v), h.max(v)));
                let heights =
                    Ruler { range: (low, high), ..Ruler::numbers("", false, (low, high), MOST_LEVELS) };
                let levels: Vec<f64> = heights.ticks().iter().map(|tick| six_digits(tick.at)).collect();
                let half = match heights.spacing {
                    Spacing::Steps { step, .. } => step / 2.0,
                    _ => 0.0,
                };
                let ends = (levels.first().unwrap_or(&low) - half, levels.last().unwrap_or(&high) + half);
                Shape::Contour { x, y, z, levels, colours: ColourScale::pale(ends.0, ends.1) }
            }
        }
    }

    /// The values that a shape covers along an axis, and whether it needs a margin.
    pub fn extent(&self, vertical: bool) -> (Vec<f64>, bool) {
        match self {
            Shape::Line { x, y } => (if vertical { y } else { x }.to_vec(), vertical),
            Shape::Points { x, y, .. } => (if vertical { y } else { x }.to_vec(), true),
            Shape::Band { low, high, .. } if vertical => ([*low, *high].concat(), true),
            Shape::Band { x, .. } => (x.to_vec(), false),
            Shape::Bars { heights, .. } if vertical => ([heights.as_slice(), &[0.0]].concat(), true),
            Shape::Bars { at, offset, width, .. } => {
                (at.iter().flat_map(|at| [at + offset, at + offset + width]).collect(), true)
            }
            Shape::Box { whiskers: (low, high), outliers, .. } => {
                ([outliers.as_slice(), &[*low, *high]].concat(), true)
            }
            Shape::Heat { .. } => (Vec::new(), false),
            Shape::Contour { x, y, .. } => (if vertical { y } else { x }.to_vec(), false),
        }
    }
}

/// The middle of each bin of this width, and how many per cent of the values fall into it; bins are centred on multiples
/// of the width.
fn bins(values: &[f64], width: f64) -> (Vec<f64>, Vec<f64>) {
    let places: Vec<f64> =
        values.iter().map(|value| (value / width).round()).filter(|p| p.is_finite()).collect();
    let (low, high) =
        places.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), &p| (l.min(p), h.max(p)));
    if low > high {
        return (Vec::new(), Vec::new());
    }
    let mut counts = BTreeMap::new();
    for place in &places {
        #[allow(clippy::cast_possible_truncation)] // the number of a bin
        let bin = (place - low) as i64;
        *counts.entry(bin).or_insert(0_usize) += 1;
    }
    let share = 100.0 / places.len() as f64;
    counts.into_iter().map(|(bin, count)| ((low + bin as f64) * width, count as f64 * share)).unzip()
}

/// Quartiles, whiskers to the last value within 1.5 interquartile ranges, and the values beyond.
fn boxed<'a>(at: usize, values: &[f64]) -> Shape<'a> {
    let finite: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    let none = Summary {
        min: f64::NAN,
        q1: f64::NAN,
        median: f64::NAN,
        q3: f64::NAN,
        max: f64::NAN,
        mean: f64::NAN,
    };
    let quartiles = Summary::of(&finite).unwrap_or(none);
    let reach = 1.5 * (quartiles.q3 - quartiles.q1);
    let fences = quartiles.q1 - reach..=quartiles.q3 + reach;
    let (inside, outliers): (Vec<f64>, Vec<f64>) =
        finite.into_iter().partition(|value| fences.contains(value));
    let whiskers = inside.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), &v| (l.min(v), h.max(v)));
    Shape::Box { at, quartiles, whiskers, outliers }
}

/// Whether the cells of a heat map have their numbers in them.
pub(super) fn numbered(z: &Matrix) -> bool {
    z.len() <= NUMBERED
}
