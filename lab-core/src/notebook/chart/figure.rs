//! A chart with everything decided that both renderers draw: panels with their axes, shapes and legend.

use super::axis::Ruler;
use super::shape::Shape;
use super::{Axis, Chart, Kind, Mark, Panel, Rule, Step};
use crate::error::{Error, Result};
use crate::notebook::palette::ColourScale;

/// A chart as it is drawn.
#[derive(Debug)]
pub(super) struct Figure<'a> {
    pub title: &'a str,
    pub about: &'a str,
    pub panels: Vec<Drawn<'a>>,
    /// The marks in the legend; none where a single series needs no legend.
    pub legend: Vec<&'a Mark>,
    /// Rows and columns of panels.
    pub grid: (usize, usize),
}

/// One panel as it is drawn.
#[derive(Debug)]
pub(super) struct Drawn<'a> {
    pub panel: &'a Panel,
    pub x: Ruler<'a>,
    pub y: Ruler<'a>,
    /// What is drawn for each mark of the panel, in the same order.
    pub shapes: Vec<Shape<'a>>,
}

/// Where the label of a line across the panel stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Note {
    /// Shares of the panel's width and height.
    pub at: (f64, f64),
    /// Whether the text ends there.
    pub ends: bool,
}

impl<'a> Figure<'a> {
    /// With `narrow`, panels stand below one another, with fewer ticks.
    pub fn of(chart: &'a Chart, narrow: bool) -> Result<Figure<'a>> {
        let columns = match chart.panels.len() {
            _ if narrow => 1,
            4 => 2,
            few => few.min(3),
        };
        let grid = (chart.panels.len().div_ceil(columns), columns);
        let panels =
            chart.panels.iter().map(|panel| Drawn::of(panel, grid, narrow)).collect::<Result<Vec<_>>>()?;
        let marks = || chart.panels.iter().flat_map(|panel| &panel.marks);
        let mut legend: Vec<&Mark> = Vec::new();
        // Boxes are named on their axis.
        for mark in marks().filter(|mark| mark.has_colour() && !matches!(mark.kind, Kind::Box { .. })) {
            if legend.iter().all(|other| other.name != mark.name) {
                legend.push(mark);
            }
        }
        let surfaces = marks().any(|mark| matches!(mark.kind, Kind::Contour { .. }));
        if legend.len() < 2 && !surfaces {
            legend.clear();
        }
        Ok(Figure { title: &chart.title, about: &chart.about, panels, legend, grid })
    }

    /// The positions of the slider.
    pub fn steps(&self) -> impl Iterator<Item = &'a Step> {
        self.panels.iter().flat_map(|drawn| &drawn.panel.steps)
    }
}

impl<'a> Drawn<'a> {
    fn of(panel: &'a Panel, (rows, columns): (usize, usize), narrow: bool) -> Result<Drawn<'a>> {
        for axis in [&panel.x, &panel.y] {
            let Some((low, high)) = axis.range.filter(|(low, high)| {
                !(low < high && (low - high).is_finite() && !(axis.log && *low <= 0.0))
            }) else {
                continue;
            };
            let rule = "rising and finite, and above 0 on a logarithmic axis";
            return Err(Error::Param { name: "range", rule, found: format!("{low} to {high}") });
        }
        let words = words(panel)?;
        let shapes: Vec<Shape<'a>> =
            panel.marks.iter().map(|mark| Shape::of(mark, panel, words[0].as_deref())).collect();
        let dense = if narrow { 2 } else { columns - 1 };
        let most = [[8, 6, 5][dense], if rows == 1 { 6 } else { 5 }];
        let named = [usize::MAX, [24, 12, 8][dense]]; // all names of rows are shown, those of columns thinned out
        let [x, y] = [(&panel.x, false), (&panel.y, true)].map(|(axis, vertical)| {
            let at = usize::from(vertical);
            match &words[at] {
                Some(words) => Ruler::words(&axis.name, words.clone(), named[1 - at]),
                None => Ruler::numbers(&axis.name, axis.log, range(axis, &shapes, panel, vertical), most[at]),
            }
        });
        Ok(Drawn { panel, x, y, shapes })
    }

    /// Each line across the panel, and where its label stands: beside the top of an upright one, on the side where the
    /// next line is farther away, and each one step lower than the last; on the left end of a flat one, where falling
    /// curves are far away.
    pub fn notes(&self) -> impl Iterator<Item = (&'a Rule, Note)> {
        let upright: Vec<f64> =
            self.panel.rules.iter().filter(|rule| rule.vertical).map(|rule| self.x.share(rule.at)).collect();
        let mut seen = 0;
        self.panel.rules.iter().map(move |rule| {
            if !rule.vertical {
                return (rule, Note { at: (0.0, self.y.share(rule.at)), ends: false });
            }
            let across = self.x.share(rule.at);
            let before = upright.iter().copied().filter(|other| *other < across).fold(0.0, f64::max);
            let after = upright.iter().copied().filter(|other| *other > across).fold(1.0, f64::min);
            seen += 1;
            let height = 1.0 - 0.07 * f64::from(seen - 1);
            (rule, Note { at: (across, height), ends: across - before > after - across })
        })
    }

    /// The scale of colours of the panel, with the name of what it measures.
    pub fn colours(&self) -> Option<(&'a str, ColourScale)> {
        let mut marks = self.panel.marks.iter().zip(&self.shapes);
        marks.find_map(|(mark, shape)| match shape {
            Shape::Heat { colours, .. } | Shape::Contour { colours, .. } => {
                Some((mark.name.as_str(), *colours))
            }
            _ => None,
        })
    }
}

/// The words of both axes, `None` for an axis of numbers.
fn words(panel: &Panel) -> Result<[Option<Vec<String>>; 2]> {
    let mut found: [Option<Vec<String>>; 2] = [None, None];
    let mut numbers = [false, false];
    for mark in &panel.marks {
        let (x, y): (Option<Vec<String>>, Option<Vec<String>>) = match &mark.kind {
            Kind::Bars { labels, .. } => (Some(labels.clone()), None),
            Kind::Box { .. } => (Some(vec![mark.name.clone()]), None),
            // The first row is on top.
            Kind::Heat { x, y, .. } => (Some(x.clone()), Some(y.iter().rev().cloned().collect())),
            _ => (None, None),
        };
        for (at, words) in [x, y].into_iter().enumerate() {
            let Some(words) = words else {
                numbers[at] = true;
                continue;
            };
            let known = found[at].get_or_insert_default();
            for word in words {
                if matches!(mark.kind, Kind::Heat { .. }) || !known.contains(&word) {
                    known.push(word);
                }
            }
        }
    }
    if (0..2).any(|at| numbers[at] && found[at].is_some()) {
        let rule = "all of words or all of numbers along one axis: bars, boxes and heat maps stand at words";
        return Err(Error::Param { name: "marks", rule, found: "both in one panel".into() });
    }
    Ok(found)
}

/// The range of an axis of numbers: as asked, or so that everything is seen, with a margin of 5 % where marks would
/// touch the frame. A surface fills its panel, and bars stand on the axis.
fn range(axis: &Axis, shapes: &[Shape<'_>], panel: &Panel, vertical: bool) -> (f64, f64) {
    if let Some(range) = axis.range {
        return range;
    }
    let surface = shapes.iter().find(|shape| matches!(shape, Shape::Contour { .. }));
    let (mut values, mut airy) = (Vec::new(), false);
    for shape in surface.map_or(shapes, std::slice::from_ref) {
        let (covered, air) = shape.extent(vertical);
        values.extend(covered);
        airy |= air;
    }
    let on = |value: f64| if axis.log { value.log10() } else { value };
    let finite = |value: &f64| value.is_finite() && (!axis.log || *value > 0.0);
    let rules =
        panel.rules.iter().filter(|rule| rule.vertical != vertical && surface.is_none() && finite(&rule.at));
    let bounds = |values: &mut dyn Iterator<Item = f64>| {
        values
            .filter(finite)
            .map(on)
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)))
    };
    let own = bounds(&mut values.into_iter());
    let (low, high) = rules.map(|rule| on(rule.at)).fold(own, |(l, h), v| (l.min(v), h.max(v)));
    airy |= own != (low, high); // a line across the panel must not lie on the frame
    let (low, high) = match (low, high) {
        (low, high) if low < high => (low, high),
        (low, high) if low.is_finite() && high.is_finite() => (low - 0.5, high + 0.5), // one value
        _ => (0.0, 1.0),
    };
    let air = if airy { 0.05 * (high - low) } else { 0.0 };
    let grounded = vertical && shapes.iter().any(|shape| matches!(shape, Shape::Bars { .. }));
    let ends = (
        if grounded && low == 0.0 { 0.0 } else { low - air },
        if grounded && high == 0.0 { 0.0 } else { high + air },
    );
    if axis.log { (10_f64.powf(ends.0), 10_f64.powf(ends.1)) } else { ends }
}

/// Whether this axis' ticks are to be pinned, because plotly would set its own at the bars of a histogram.
#[cfg(feature = "notebook")]
pub(super) fn pinned(shapes: &[Shape<'_>], ruler: &Ruler<'_>) -> bool {
    ruler.scale == super::axis::Scale::Linear
        && shapes.iter().any(|shape| matches!(shape, Shape::Bars { overlaid: true, .. }))
}
