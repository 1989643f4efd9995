//! One panel: frame, grid, ticks, names, lines across, and the scale of colours.

use super::marks::{self, Plane};
use crate::notebook::chart::axis::{Ruler, Scale, Tick, colour_ticks};
use crate::notebook::chart::figure::Drawn;
use crate::notebook::palette::{ColourScale, QUIET};
use crate::notebook::svg::{FONT, Svg, px, width};

/// Names of bars stand aslant by this angle (in degrees) where they would touch, and end in … beyond this width.
const SLANT: f64 = 35.0;
const LONGEST: f64 = 150.0;
/// Lengths in pixels: from a tick to its text, and what the name of an axis and the scale of colours take.
const APART: f64 = 6.0;
const NAME: f64 = 24.0;
const COLOURS: f64 = 84.0;

/// Draws a panel into its cell, whose upper left corner and size are given in pixels.
pub(super) fn draw(svg: &mut Svg, drawn: &Drawn<'_>, corner: (f64, f64), cell: (f64, f64)) {
    let (across, up) = (drawn.x.ticks(), drawn.y.ticks());
    let widest = |ticks: &[Tick]| ticks.iter().map(|tick| width(&shortened(&tick.text))).fold(0.0, f64::max);
    let last = across.last().map_or(0.0, |tick| width(&tick.text) / 2.0 + 4.0);
    let right = if drawn.colours().is_some() { COLOURS } else { last.clamp(18.0, 40.0) };
    let top = if drawn.panel.title.is_empty() { 10.0 } else { 30.0 };
    let upright = NAME + widest(&up) + APART;
    let room = (cell.0 - upright - right) / (across.len().max(1)) as f64;
    let slanted = matches!(drawn.x.scale, Scale::Words(_)) && widest(&across) > room - 8.0;
    let hanging = if slanted { widest(&across) * SLANT.to_radians().cos() - room / 2.0 } else { 0.0 };
    let left = upright.max(hanging);
    let texts = if slanted { widest(&across) * SLANT.to_radians().sin() + FONT } else { FONT + 2.0 };
    let bottom = APART + texts + NAME;
    let mut size = (cell.0 - left - right, cell.1 - top - bottom);
    let mut origin = (corner.0 + left, corner.1 + top);
    if drawn.panel.equal {
        let spans = [&drawn.x, &drawn.y].map(|ruler| ruler.range.1 - ruler.range.0);
        let unit = (size.0 / spans[0]).min(size.1 / spans[1]);
        let fitted = (unit * spans[0], unit * spans[1]);
        origin = (origin.0 + (size.0 - fitted.0) / 2.0, origin.1 + (size.1 - fitted.1) / 2.0);
        size = fitted;
    }
    let plane = Plane { x: &drawn.x, y: &drawn.y, size };
    svg.raw(format_args!("<g class=\"panel\" transform=\"translate({} {})\">", px(origin.0), px(origin.1)));
    if !drawn.panel.title.is_empty() {
        svg.text((size.0 / 2.0, -10.0), "text-anchor=\"middle\" class=\"heading\"", &drawn.panel.title);
    }
    grid(svg, drawn, size, &across, &up);
    svg.raw(format_args!("<svg width=\"{}\" height=\"{}\">", px(size.0), px(size.1)));
    for (mark, shape) in drawn.panel.marks.iter().zip(&drawn.shapes) {
        marks::draw(svg, &plane, mark, shape);
    }
    svg.raw("</svg>");
    svg.raw(format_args!("<path class=\"axis\" fill=\"none\" d=\"M0 0V{}H{}\"/>", px(size.1), px(size.0)));
    ticks(svg, drawn, size, &across, &up, slanted);
    let middle = "text-anchor=\"middle\"";
    svg.text((size.0 / 2.0, size.1 + bottom - 8.0), middle, drawn.x.name);
    let (x, y) = (14.0 - upright, size.1 / 2.0);
    let turned = format!("{middle} transform=\"rotate(-90 {} {})\"", px(x), px(y));
    svg.text((x, y), &turned, drawn.y.name);
    rules(svg, drawn, size);
    if let Some((name, colours)) = drawn.colours() {
        colour_bar(svg, name, &colours, size);
    }
    svg.raw("</g>");
}

fn shortened(words: &str) -> String {
    let mut short = words.to_owned();
    while width(&short) > LONGEST {
        short =
            short.trim_end_matches('…').chars().rev().skip(1).collect::<Vec<_>>().into_iter().rev().collect();
        short.push('…');
    }
    short
}

/// Where a tick stands along an axis of this length.
fn along(ruler: &Ruler<'_>, tick: &Tick, length: f64) -> f64 {
    (tick.at - ruler.range.0) / (ruler.range.1 - ruler.range.0) * length
}

fn grid(svg: &mut Svg, drawn: &Drawn<'_>, size: (f64, f64), across: &[Tick], up: &[Tick]) {
    let mut d = String::new();
    if !matches!(drawn.x.scale, Scale::Words(_)) {
        d.extend(
            across.iter().map(|tick| format!("M{} 0V{}", px(along(&drawn.x, tick, size.0)), px(size.1))),
        );
    }
    if !matches!(drawn.y.scale, Scale::Words(_)) {
        let height = |tick| px(size.1 - along(&drawn.y, tick, size.1));
        d.extend(up.iter().map(|tick| format!("M0 {}H{}", height(tick), px(size.0))));
    }
    svg.raw(format_args!("<path class=\"grid\" d=\"{d}\"/>"));
}

/// The texts of the ticks.
fn ticks(svg: &mut Svg, drawn: &Drawn<'_>, size: (f64, f64), across: &[Tick], up: &[Tick], slanted: bool) {
    for tick in across {
        let (x, y) = (along(&drawn.x, tick, size.0), size.1 + APART + FONT - 2.0);
        if slanted {
            let turned =
                format!("class=\"x\" text-anchor=\"end\" transform=\"rotate(-{SLANT} {} {})\"", px(x), px(y));
            svg.text((x, y), &turned, &shortened(&tick.text));
        } else {
            svg.text((x, y), "class=\"x\" text-anchor=\"middle\"", &shortened(&tick.text));
        }
    }
    for tick in up {
        let place = (-APART, size.1 - along(&drawn.y, tick, size.1) + 4.0);
        svg.text(place, "class=\"y\" text-anchor=\"end\"", &shortened(&tick.text));
    }
}

/// Dashed lines across the panel with their labels.
fn rules(svg: &mut Svg, drawn: &Drawn<'_>, size: (f64, f64)) {
    let style = format!("stroke=\"{QUIET}\" stroke-width=\"1.5\" stroke-dasharray=\"6 4\"");
    for (rule, note) in drawn.notes() {
        let at = (note.at.0 * size.0, (1.0 - note.at.1) * size.1);
        let seen = |share: f64| (-0.001..=1.001).contains(&share);
        if !(seen(note.at.0) && seen(note.at.1)) {
            continue;
        }
        if rule.vertical {
            svg.line((at.0, 0.0), (at.0, size.1), &style);
        } else {
            svg.line((0.0, at.1), (size.0, at.1), &style);
        }
        let (x, anchor) = if note.ends { (at.0 - 5.0, "end") } else { (at.0 + 5.0, "start") };
        let y = if rule.vertical { at.1 + FONT } else { at.1 - 5.0 };
        svg.text((x, y), &format!("class=\"rule\" text-anchor=\"{anchor}\""), &rule.label);
    }
}

/// The scale of colours on the right, in small steps.
fn colour_bar(svg: &mut Svg, name: &str, colours: &ColourScale, (wide, high): (f64, f64)) {
    const STEPS: u8 = 24;
    let (x, step) = (wide + 14.0, high / f64::from(STEPS));
    let value = |share: f64| colours.low + share * (colours.high - colours.low);
    for k in 0..STEPS {
        let fill = format!("fill=\"{}\"", colours.hex(value((f64::from(k) + 0.5) / f64::from(STEPS))));
        let y = high - f64::from(k) * step;
        svg.rect((x, y), (x + 12.0, y - step - 0.5), &fill);
    }
    for Tick { at, text } in colour_ticks(colours) {
        let y = high - (at - colours.low) / (colours.high - colours.low) * high;
        svg.text((x + 17.0, y + 4.0), "class=\"z\"", &text);
    }
    let (x, y) = (x + 62.0, high / 2.0);
    let turned = format!("text-anchor=\"middle\" transform=\"rotate(-90 {} {})\"", px(x), px(y));
    svg.text((x, y), &turned, name);
}
