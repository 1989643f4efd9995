//! Charts in the house style: no chart without a title, both axis names and a description in words.
//!
//! `Chart` collects what to draw, [`figure`] decides everything that a reader compares (ranges, ticks, bins, quartiles,
//! legend), and two renderers show it: [`plotly`] on screen, [`svg`] on paper and wherever no script runs.

mod axis;
mod contour;
mod figure;
#[cfg(feature = "notebook")]
mod plotly;
mod shape;
mod svg;
#[cfg(all(test, feature = "notebook"))]
mod tests;
mod traces;

use std::borrow::Borrow;

use self::figure::Figure;
use crate::error::{Error, Result};
use crate::matrix::Matrix;
#[cfg(feature = "notebook")]
use crate::notebook::display::{Bundle, Show, failure};

/// What every chart must say in words: the fields have no default, so a chart without them does not compile, and
/// empty ones are refused.
#[derive(Debug, Clone, Copy)]
pub struct Labels<'a> {
    /// The title.
    pub title: &'a str,
    /// The x axis' name, with its unit.
    pub x: &'a str,
    /// The y axis' name, with its unit.
    pub y: &'a str,
    /// One or two sentences that say what is to be seen, for readers who cannot see it.
    pub about: &'a str,
}

/// One chart, built step by step and shown as the last value of a cell.
///
/// ```
/// use lab_core::prelude::*;
///
/// let losses = [9.0, 4.0, 2.0, 1.5];
/// let chart = Chart::new(Labels {
///     title: "Loss of gradient descent",
///     x: "epoch",
///     y: "squared Frobenius loss (cm²)",
///     about: "The loss falls from 9 to 1.5 in three epochs and stays above the SVD's 1.2.",
/// })
/// .line("gradient descent", 0..4, &losses)
/// .horizontal(1.2, "truncated SVD");
/// assert_eq!(chart.json()?["data"][0]["name"], "gradient descent");
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Chart {
    title: String,
    about: String,
    panels: Vec<Panel>,
    problem: Option<Error>,
}

/// One pair of axes and what is drawn on it.
#[derive(Debug, Clone)]
struct Panel {
    title: String,
    x: Axis,
    y: Axis,
    equal: bool,
    marks: Vec<Mark>,
    rules: Vec<Rule>,
    steps: Vec<Step>,
}

/// An axis as the caller describes it; [`axis::Ruler`] is the axis as it is drawn.
#[derive(Debug, Clone)]
struct Axis {
    name: String,
    log: bool,
    range: Option<(f64, f64)>,
}

/// One trace: its name in the legend, its colour and its data.
#[derive(Debug, Clone)]
struct Mark {
    name: String,
    colour: usize,
    kind: Kind,
}

impl Mark {
    /// Whether it is drawn in a colour of its own; heat maps and contours are drawn in a scale of colours.
    fn has_colour(&self) -> bool {
        !matches!(self.kind, Kind::Heat { .. } | Kind::Contour { .. })
    }
}

#[derive(Debug, Clone)]
enum Kind {
    Line { x: Vec<f64>, y: Vec<f64> },
    Points { x: Vec<f64>, y: Vec<f64>, text: Vec<String> },
    Band { x: Vec<f64>, low: Vec<f64>, high: Vec<f64> },
    Bars { labels: Vec<String>, values: Vec<f64> },
    Histogram { values: Vec<f64>, width: f64 },
    Box { values: Vec<f64> },
    Heat { x: Vec<String>, y: Vec<String>, z: Matrix },
    Contour { x: Vec<f64>, y: Vec<f64>, z: Matrix },
}

/// A dashed line across the whole panel, with its label.
#[derive(Debug, Clone)]
struct Rule {
    at: f64,
    label: String,
    vertical: bool,
}

/// One position of the slider: the coordinates of the panel's last `points.len()` traces.
#[derive(Debug, Clone)]
struct Step {
    label: String,
    points: Vec<(Vec<f64>, Vec<f64>)>,
}

impl Chart {
    /// An empty chart.
    pub fn new(labels: Labels<'_>) -> Chart {
        let axis = |name: &str| Axis { name: name.to_owned(), log: false, range: None };
        let said = [("title", labels.title), ("x", labels.x), ("y", labels.y), ("about", labels.about)];
        let problem =
            said.into_iter().find(|(_, text)| text.trim().is_empty()).map(|(name, text)| Error::Param {
                name,
                rule: "some words: a chart has a title, two axis names and a description",
                found: format!("{text:?}"),
            });
        let panel = Panel {
            title: String::new(),
            x: axis(labels.x),
            y: axis(labels.y),
            equal: false,
            marks: Vec::new(),
            rules: Vec::new(),
            steps: Vec::new(),
        };
        Chart { title: labels.title.to_owned(), about: labels.about.to_owned(), panels: vec![panel], problem }
    }

    /// Charts beside each other under one title; their own titles stand above the panels. Traces of the same name have one
    /// colour and one legend entry. Charts may be given by reference: a cell that moves a variable in its last expression
    /// is compiled twice and shown as plain text.
    pub fn side_by_side(
        title: &str,
        about: &str,
        charts: impl IntoIterator<Item = impl Borrow<Chart>>,
    ) -> Chart {
        let mut whole = Chart::new(Labels { title, x: "-", y: "-", about });
        whole.panels.clear();
        let mut names: Vec<String> = Vec::new();
        for chart in charts {
            let Chart { title, mut panels, problem, .. } = chart.borrow().clone();
            let marks = panels.iter_mut().flat_map(|panel| &mut panel.marks);
            for mark in marks.filter(|mark| mark.has_colour()) {
                mark.colour = names.iter().position(|name| *name == mark.name).unwrap_or_else(|| {
                    names.push(mark.name.clone());
                    names.len() - 1
                });
            }
            whole.panels.extend(panels.into_iter().map(|panel| Panel { title: title.clone(), ..panel }));
            whole.problem = whole.problem.or(problem);
        }
        if whole.panels.iter().filter(|panel| !panel.steps.is_empty()).count() > 1 {
            whole.refuse("charts", "at most one with a slider", "two or more");
        }
        whole
    }

    /// A dashed horizontal line at `y = at`.
    #[must_use]
    pub fn horizontal(mut self, at: f64, label: &str) -> Chart {
        self.panel().rules.push(Rule { at, label: label.to_owned(), vertical: false });
        self
    }

    /// A dashed vertical line at `x = at`.
    #[must_use]
    pub fn vertical(mut self, at: f64, label: &str) -> Chart {
        self.panel().rules.push(Rule { at, label: label.to_owned(), vertical: true });
        self
    }

    /// A logarithmic x axis.
    #[must_use]
    pub fn log_x(mut self) -> Chart {
        self.panel().x.log = true;
        self
    }

    /// A logarithmic y axis.
    #[must_use]
    pub fn log_y(mut self) -> Chart {
        self.panel().y.log = true;
        self
    }

    /// The same scale on both axes, so that angles and shapes are true.
    #[must_use]
    pub fn equal_axes(mut self) -> Chart {
        self.panel().equal = true;
        self
    }

    /// The part of the x axis that is shown.
    #[must_use]
    pub fn x_range(mut self, low: f64, high: f64) -> Chart {
        self.panel().x.range = Some((low, high));
        self
    }

    /// The part of the y axis that is shown.
    #[must_use]
    pub fn y_range(mut self, low: f64, high: f64) -> Chart {
        self.panel().y.range = Some((low, high));
        self
    }

    /// The chart as plotly's JSON: `data`, `layout` (with the description in `meta.description`), `config` and, with a
    /// slider, `frames`; numbers rounded to six significant digits.
    ///
    /// # Errors
    /// The first mistake made on the way here: an empty label, lengths that do not match, an empty chart, words and
    /// numbers on one axis.
    #[cfg(feature = "notebook")]
    pub fn json(&self) -> Result<serde_json::Value> {
        Ok(plotly::json(&self.figure(false)?))
    }

    /// The chart as one SVG document: text is text, title and description are inside, and its colours follow the
    /// reader's light or dark setting. A slider stands at its last step.
    ///
    /// # Errors
    /// The first mistake made on the way here, as for `json`.
    pub fn svg(&self) -> Result<String> {
        Ok(svg::document(&self.figure(false)?, None))
    }

    /// [`Chart::svg`] for a place that is so many CSS pixels wide: below 560, panels stand below one another, so that
    /// no text shrinks.
    ///
    /// # Errors
    /// As [`Chart::svg`].
    pub fn svg_within(&self, width: f64) -> Result<String> {
        let narrow = (width < 560.0).then(|| width.max(280.0));
        Ok(svg::document(&self.figure(narrow.is_some())?, narrow))
    }

    /// The description of the chart in words.
    pub(crate) fn about(&self) -> &str {
        &self.about
    }

    fn figure(&self, narrow: bool) -> Result<Figure<'_>> {
        match &self.problem {
            Some(problem) => Err(problem.clone()),
            None if self.panels.iter().all(|panel| panel.marks.is_empty()) => {
                Err(Error::Empty { what: "a chart" })
            }
            None => Figure::of(self, narrow),
        }
    }

    /// The panel being built: the last.
    fn panel(&mut self) -> &mut Panel {
        let last = self.panels.len() - 1;
        &mut self.panels[last]
    }

    /// Keeps the first mistake, to be reported when the chart is shown.
    fn refuse(&mut self, name: &'static str, rule: &'static str, found: &str) {
        self.problem.get_or_insert(Error::Param { name, rule, found: found.to_owned() });
    }
}

#[cfg(feature = "notebook")]
impl Show for Chart {
    fn bundle(&self) -> Bundle {
        match self.figure(false) {
            Ok(figure) => Bundle::plain(format!("{} - {}", self.title, self.about))
                .with("application/vnd.plotly.v1+json", plotly::json(&figure).to_string())
                .with("image/svg+xml", svg::document(&figure, None)),
            Err(error) => failure(&error),
        }
    }
}
