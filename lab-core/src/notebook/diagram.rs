//! Diagrams of boxes and lines from data: the graph of an expression with its values, a network with its weights.

mod layout;

use std::fmt::Write as _;

use self::layout::{Layout, Spot};
use crate::error::{Error, Result};
use crate::notebook::display::{Bundle, Show, failure};
use crate::notebook::palette::series;
use crate::notebook::svg::{Svg, px, width};

/// Boxes with lines between them, laid out from left to right: a box stands right of all that lead to it.
///
/// ```
/// use lab_core::prelude::*;
///
/// let diagram = Diagram::new("The tape of y = (a + b) · a", "Three boxes: a and b lead to a + b, and both to y.")
///     .node("a", "a\nvalue 2\ngradient 5")
///     .node("b", "b\nvalue 1\ngradient 2")
///     .node("sum", "a + b\nvalue 3")
///     .node("y", "y\nvalue 6")
///     .edge("a", "sum", "").edge("b", "sum", "").edge("sum", "y", "").edge("a", "y", "∂y/∂a = 3");
/// assert!(diagram.svg()?.contains("gradient 5"));
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Diagram {
    title: String,
    about: String,
    nodes: Vec<Node>,
    edges: Vec<Edge>,
    problem: Option<Error>,
}

#[derive(Debug, Clone)]
struct Node {
    id: String,
    lines: Vec<String>,
}

#[derive(Debug, Clone)]
struct Edge {
    from: usize,
    to: usize,
    label: String,
    weight: Option<f64>,
}

/// Lengths in pixels: of a line of text, and around the text of a box.
const LINE: f64 = 16.0;
const PADDING: (f64, f64) = (10.0, 6.0);
/// How much wider a diagram's text is than that of a chart.
const STRETCH: f64 = 1.08;
/// Least pixels between two layers: where arrows join them, and where weights do; and around the label of an arrow.
const LAYERS: [f64; 2] = [76.0, 170.0];
const AROUND_LABEL: f64 = 24.0;

impl Diagram {
    /// An empty diagram; `about` says in one or two sentences what is to be seen, for readers who cannot see it.
    pub fn new(title: &str, about: &str) -> Diagram {
        let mut new = Diagram {
            title: title.to_owned(),
            about: about.to_owned(),
            nodes: Vec::new(),
            edges: Vec::new(),
            problem: None,
        };
        for (name, text) in [("title", title), ("about", about)] {
            if text.trim().is_empty() {
                new.refuse(name, "some words: a diagram has a title and a description", &format!("{text:?}"));
            }
        }
        new
    }

    /// A box with one or more lines of text; the first is its heading. Boxes without lines between them stand in the order
    /// in which they come.
    #[must_use]
    pub fn node(mut self, id: &str, text: &str) -> Diagram {
        if self.nodes.iter().any(|node| node.id == id) {
            self.refuse("id", "new for each node", id);
        }
        self.nodes.push(Node { id: id.to_owned(), lines: text.lines().map(str::to_owned).collect() });
        self
    }

    /// An arrow from one box to another, with a label or none (`""`).
    #[must_use]
    pub fn edge(self, from: &str, to: &str, label: &str) -> Diagram {
        self.connect(from, to, label, None)
    }

    /// A line whose width is a weight's size and whose colour is its sign.
    #[must_use]
    pub fn weight(mut self, from: &str, to: &str, weight: f64) -> Diagram {
        if !weight.is_finite() {
            self.refuse("weight", "finite", &weight.to_string());
        }
        self.connect(from, to, "", Some(weight))
    }

    fn connect(mut self, from: &str, to: &str, label: &str, weight: Option<f64>) -> Diagram {
        let find = |id: &str| self.nodes.iter().position(|node| node.id == id);
        match (find(from), find(to)) {
            (Some(from), Some(to)) => self.edges.push(Edge { from, to, label: label.to_owned(), weight }),
            _ => self.refuse("edge", "between nodes that have been added before", &format!("{from} -> {to}")),
        }
        self
    }

    /// The diagram as one SVG document.
    ///
    /// # Errors
    /// The first mistake made on the way here, [`Error::Empty`] without boxes, [`Error::Param`] for arrows in a circle.
    pub fn svg(&self) -> Result<String> {
        if let Some(problem) = &self.problem {
            return Err(problem.clone());
        }
        if self.nodes.is_empty() {
            return Err(Error::Empty { what: "a diagram" });
        }
        let sizes: Vec<(f64, f64)> = self.nodes.iter().map(Node::size).collect();
        let ends: Vec<(usize, usize)> = self.edges.iter().map(|edge| (edge.from, edge.to)).collect();
        let labels = self.edges.iter().map(|edge| width(&edge.label) * STRETCH + AROUND_LABEL);
        let labels: Vec<f64> = labels.collect();
        let weighted = self.edges.iter().any(|edge| edge.weight.is_some());
        let layout = Layout::of(&sizes, &ends, &labels, LAYERS[usize::from(weighted)]).ok_or_else(|| {
            Error::Param {
                name: "edges",
                rule: "without a circle: each box stands right of those that lead to it",
                found: "a circle".into(),
            }
        })?;
        let mut svg = Svg::default();
        self.draw_edges(&mut svg, &layout);
        for (node, spot) in self.nodes.iter().zip(&layout.nodes) {
            node.draw(&mut svg, *spot);
        }
        let (wide, mut high) = layout.size;
        if weighted {
            for (at, (sign, words)) in [(1.0, "positive"), (-1.0, "negative")].into_iter().enumerate() {
                let x = 20.0 + 110.0 * at as f64;
                svg.line((x, high + 6.0), (x + 24.0, high + 6.0), &pen(sign, 1.0));
                svg.text((x + 30.0, high + 10.0), "class=\"entry\"", words);
            }
            high += 24.0;
        }
        Ok(svg.document((wide.max(width(&self.title) * 1.3), high), &self.title, &self.about))
    }

    fn draw_edges(&self, svg: &mut Svg, layout: &Layout) {
        let weights = self.edges.iter().filter_map(|edge| edge.weight);
        let largest = weights.fold(0.0, |most: f64, weight| most.max(weight.abs()));
        for (edge, route) in self.edges.iter().zip(&layout.routes) {
            let d = curve(route, edge.weight.is_some());
            let Some(weight) = edge.weight else {
                let (x, y) = route[route.len() - 1];
                svg.raw(format_args!("<path class=\"edge\" d=\"{d}\"/>"));
                svg.raw(format_args!("<path class=\"tip\" d=\"M{} {}l-8-4v8z\"/>", px(x), px(y)));
                let (from, to) = (route[0], route[1]);
                let place = (f64::midpoint(from.0, to.0), f64::midpoint(from.1, to.1) - 5.0);
                if !edge.label.is_empty() {
                    svg.text(place, "class=\"quiet\" text-anchor=\"middle\"", &edge.label);
                }
                continue;
            };
            let share = if largest > 0.0 { weight.abs() / largest } else { 0.0 };
            svg.raw(format_args!("<path d=\"{d}\" {}/>", pen(weight, share)));
        }
    }

    fn refuse(&mut self, name: &'static str, rule: &'static str, found: &str) {
        self.problem.get_or_insert(Error::Param { name, rule, found: found.to_owned() });
    }
}

/// A line through all places: straight, or leaving and entering level.
fn curve(route: &[Spot], straight: bool) -> String {
    let mut d = format!("M{} {}", px(route[0].0), px(route[0].1));
    for pair in route.windows(2) {
        let [(x0, y0), (x1, y1)] = [pair[0], pair[1]];
        let (middle, from, to, end) = (px(f64::midpoint(x0, x1)), px(y0), px(y1), px(x1));
        let _ = if straight {
            write!(d, "L{end} {to}")
        } else {
            write!(d, "C{middle} {from} {middle} {to} {end} {to}")
        };
    }
    d
}

/// The stroke of a weight: its sign, and its size as a share of the largest.
fn pen(sign: f64, share: f64) -> String {
    let colour = series(usize::from(sign < 0.0));
    let thick = px(0.3 + 3.7 * share);
    format!("fill=\"none\" stroke=\"{colour}\" stroke-width=\"{thick}\" stroke-opacity=\"0.8\"")
}

impl Node {
    fn size(&self) -> (f64, f64) {
        let widest = self.lines.iter().map(|line| width(line) * STRETCH).fold(12.0, f64::max);
        (widest + 2.0 * PADDING.0, LINE * self.lines.len().max(1) as f64 + 2.0 * PADDING.1)
    }

    fn draw(&self, svg: &mut Svg, (x, y): Spot) {
        let (w, h) = self.size();
        svg.rect((x - w / 2.0, y - h / 2.0), (x + w / 2.0, y + h / 2.0), "rx=\"5\" class=\"box\"");
        for (at, line) in self.lines.iter().enumerate() {
            let class = if at == 0 { "heading" } else { "quiet" };
            let place = (x, y - h / 2.0 + PADDING.1 + LINE * (at as f64 + 1.0) - 4.0);
            svg.text(place, &format!("class=\"{class}\" text-anchor=\"middle\""), line);
        }
    }
}

impl Show for Diagram {
    fn bundle(&self) -> Bundle {
        match self.svg() {
            Ok(svg) => Bundle::plain(format!("{} - {}", self.title, self.about)).with("image/svg+xml", svg),
            Err(error) => failure(&error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network() -> Diagram {
        let nodes = Diagram::new("N", "A network.").node("x", "x").node("h", "h\n0.5").node("y", "y");
        nodes.weight("x", "h", 2.0).weight("h", "y", -1.0)
    }

    #[test]
    fn a_weight_is_a_width_and_its_sign_a_colour() {
        let svg = network().svg().unwrap();
        assert!(svg.contains(&format!("stroke=\"{}\" stroke-width=\"4\"", series(0))), "{svg}");
        assert!(svg.contains(&format!("stroke=\"{}\" stroke-width=\"2.1\"", series(1))), "{svg}");
        assert!(svg.contains("<title>N</title><desc>A network.</desc>"), "{svg}");
        assert_eq!(network().bundle().get("text/plain"), Some("N - A network."));
    }

    #[test]
    fn mistakes_are_named() {
        let said = |diagram: Diagram| diagram.svg().unwrap_err().to_string();
        assert!(said(network().edge("x", "z", "")).contains("x -> z"));
        assert!(said(network().edge("y", "x", "")).contains("circle"));
        assert!(said(network().node("x", "again")).contains("new for each node"));
        assert!(said(network().weight("x", "y", f64::NAN)).contains("finite"));
        assert!(said(Diagram::new("", "about")).contains("title"));
        assert!(matches!(Diagram::new("T", "about").svg(), Err(Error::Empty { .. })));
    }
}
