//! What is drawn inside a panel.

use std::fmt::Write as _;

use crate::notebook::chart::Mark;
use crate::notebook::chart::axis::Ruler;
use crate::notebook::chart::contour::loops;
use crate::notebook::chart::shape::{Shape, numbered};
use crate::notebook::format::{escape, significant};
use crate::notebook::palette::{QUIET, series};
use crate::notebook::svg::{Svg, px, simplified};

/// Dashes of the series in turn, as plotly's solid, dash, dot and dashdot.
const DASHES: [&str; 4] = ["", "9 6", "2 3", "9 4 2 4"];

/// A panel's inside: its size in pixels and its axes.
pub(super) struct Plane<'a> {
    pub x: &'a Ruler<'a>,
    pub y: &'a Ruler<'a>,
    pub size: (f64, f64),
}

impl Plane<'_> {
    /// Where a pair of values stands, from the upper left corner; `None` for a gap.
    fn at(&self, x: f64, y: f64) -> Option<(f64, f64)> {
        let place = (self.x.share(x) * self.size.0, (1.0 - self.y.share(y)) * self.size.1);
        (place.0.is_finite() && place.1.is_finite()).then(|| {
            let far = |value: f64, size: f64| value.clamp(-20.0 * size, 21.0 * size);
            (far(place.0, self.size.0), far(place.1, self.size.1))
        })
    }

    /// Where a position along an axis stands, such as a word's.
    fn spot(&self, x: f64, y: f64) -> (f64, f64) {
        let share = |ruler: &Ruler<'_>, at: f64| (at - ruler.range.0) / (ruler.range.1 - ruler.range.0);
        (share(self.x, x) * self.size.0, (1.0 - share(self.y, y)) * self.size.1)
    }
}

/// The stroke of a line of this colour.
pub(super) fn pen(colour: usize) -> String {
    let dash = DASHES[colour % DASHES.len()];
    let dash = if dash.is_empty() { String::new() } else { format!(" stroke-dasharray=\"{dash}\"") };
    format!("fill=\"none\" stroke=\"{}\" stroke-width=\"2\" stroke-linejoin=\"round\"{dash}", series(colour))
}

/// One mark as a group that carries its name.
pub(super) fn draw(svg: &mut Svg, plane: &Plane<'_>, mark: &Mark, shape: &Shape<'_>) {
    svg.raw(format_args!("<g class=\"trace\" data-name=\"{}\">", escape(&mark.name)));
    let colour = series(mark.colour);
    match shape {
        Shape::Line { x, y } => {
            svg.raw(format_args!("<path d=\"{}\" {}/>", path(plane, x, y), pen(mark.colour)));
        }
        Shape::Points { x, y, .. } => {
            let places: Vec<_> = x.iter().zip(*y).filter_map(|(&x, &y)| plane.at(x, y)).collect();
            symbols(svg, mark.colour, &places);
        }
        Shape::Band { x, low, high } => {
            let (there, back) = (path(plane, x, high), path(plane, &reversed(x), &reversed(low)));
            svg.raw(format_args!(
                "<path d=\"{there}{}Z\" fill=\"{colour}\" fill-opacity=\"0.25\"/>",
                back.replacen('M', "L", 1)
            ));
        }
        Shape::Bars { at, offset, width, heights, overlaid } => {
            let opacity = if *overlaid { 0.65 } else { 1.0 };
            svg.raw(format_args!("<g fill=\"{colour}\" fill-opacity=\"{opacity}\">"));
            let ground = plane.y.share(0.0);
            let ground = if ground.is_finite() { (1.0 - ground) * plane.size.1 } else { plane.size.1 };
            for (at, height) in at.iter().zip(heights).filter(|(_, height)| height.is_finite()) {
                let left = plane.spot(at + offset, 0.0).0;
                let right = plane.spot(at + offset + width, 0.0).0;
                let top = (1.0 - plane.y.share(*height)) * plane.size.1;
                svg.rect((left, ground), (right, if top.is_finite() { top } else { ground }), "");
            }
            svg.raw("</g>");
        }
        Shape::Box { at, quartiles, whiskers, outliers } => {
            let across = |share: f64| plane.spot(*at as f64 + share, 0.0).0;
            let up = |value: f64| (1.0 - plane.y.share(value)) * plane.size.1;
            let stroke = format!("stroke=\"{colour}\" stroke-width=\"1.5\"");
            let fill = format!("fill=\"{colour}\" fill-opacity=\"0.35\" {stroke}");
            for (from, to) in [(quartiles.q3, whiskers.1), (quartiles.q1, whiskers.0)] {
                svg.line((across(0.0), up(from)), (across(0.0), up(to)), &stroke);
                svg.line((across(-0.12), up(to)), (across(0.12), up(to)), &stroke);
            }
            svg.rect((across(-0.25), up(quartiles.q1)), (across(0.25), up(quartiles.q3)), &fill);
            svg.line((across(-0.25), up(quartiles.median)), (across(0.25), up(quartiles.median)), &stroke);
            dots(
                svg,
                colour,
                4.0,
                "round",
                &outliers.iter().map(|value| (across(0.0), up(*value))).collect::<Vec<_>>(),
            );
        }
        Shape::Heat { z, colours } => {
            let rows = z.nrows();
            for ((i, j), value) in z.indexed_iter().filter(|(_, value)| value.is_finite()) {
                let (x, y) = (j as f64, (rows - 1 - i) as f64); // the first row is on top
                let (from, to) = (plane.spot(x - 0.5, y - 0.5), plane.spot(x + 0.5, y + 0.5));
                svg.rect(
                    from,
                    to,
                    &format!("fill=\"{}\" shape-rendering=\"crispEdges\"", colours.hex(*value)),
                );
                if numbered(z) {
                    let (x, y) = plane.spot(x, y);
                    let style = format!("text-anchor=\"middle\" style=\"fill:{}\"", colours.ink_on(*value));
                    svg.text((x, y + 4.0), &style, &significant(*value, 4));
                }
            }
        }
        Shape::Contour { x, y, z, levels, colours } => {
            svg.rect((0.0, 0.0), plane.size, &format!("fill=\"{}\"", colours.hex(colours.low)));
            let step = levels.get(1).map_or(0.0, |second| second - levels[0]);
            svg.raw(format_args!("<g stroke=\"{QUIET}\" stroke-width=\"0.5\" fill-rule=\"evenodd\">"));
            for level in levels {
                let mut d = String::new();
                for curve in loops(x, y, z, *level) {
                    let places: Vec<_> = curve.iter().filter_map(|&(x, y)| plane.at(x, y)).collect();
                    d.push_str(&stroke(&places));
                    d.push('Z');
                }
                svg.raw(format_args!("<path d=\"{d}\" fill=\"{}\"/>", colours.hex(level + step / 2.0)));
            }
            svg.raw("</g>");
        }
    }
    svg.raw("</g>");
}

fn reversed(values: &[f64]) -> Vec<f64> {
    values.iter().rev().copied().collect()
}

/// A line through pairs of values, interrupted where there is none.
fn path(plane: &Plane<'_>, x: &[f64], y: &[f64]) -> String {
    let places: Vec<Option<(f64, f64)>> = x.iter().zip(y).map(|(&x, &y)| plane.at(x, y)).collect();
    places
        .split(Option::is_none)
        .map(|run| stroke(&run.iter().flatten().copied().collect::<Vec<_>>()))
        .collect()
}

/// A run of places as a path, simplified.
fn stroke(places: &[(f64, f64)]) -> String {
    let mut d = String::new();
    for (at, (x, y)) in simplified(places).into_iter().enumerate() {
        let command = if at == 0 { 'M' } else { 'L' };
        let _ = write!(d, "{command}{} {}", px(x), px(y));
    }
    d
}

/// Points by the symbol of their colour: circle, square, diamond, triangle, cross, x.
pub(super) fn symbols(svg: &mut Svg, colour: usize, places: &[(f64, f64)]) {
    let ink = series(colour);
    let outline = match colour % 6 {
        0 => return dots(svg, ink, 7.0, "round", places),
        1 => return dots(svg, ink, 6.0, "square", places),
        2 => ("m0-4.5l4.5 4.5-4.5 4.5-4.5-4.5z", true),
        3 => ("m0-4.5l4.2 7.4h-8.4z", true),
        4 => ("m-4 0h8m-4-4v8", false),
        _ => ("m-3-3l6 6m0-6l-6 6", false),
    };
    let d = at_each(places, outline.0);
    let style =
        if outline.1 { format!("fill=\"{ink}\"") } else { format!("stroke=\"{ink}\" stroke-width=\"2.4\"") };
    svg.raw(format_args!("<path d=\"{d}\" {style} opacity=\"0.85\"/>"));
}

/// Round or square dots, drawn as the caps of lines of almost no length.
fn dots(svg: &mut Svg, ink: &str, size: f64, cap: &str, places: &[(f64, f64)]) {
    let d = at_each(places, "h.01");
    let style = format!("stroke=\"{ink}\" stroke-width=\"{size}\" stroke-linecap=\"{cap}\" opacity=\"0.85\"");
    svg.raw(format_args!("<path d=\"{d}\" {style}/>"));
}

/// The same outline at each place.
fn at_each(places: &[(f64, f64)], outline: &str) -> String {
    places.iter().fold(String::new(), |mut d, (x, y)| {
        let _ = write!(d, "M{} {}{outline}", px(*x), px(*y));
        d
    })
}
