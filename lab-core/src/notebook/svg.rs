//! Writing SVG: text stays text, a title and a description are inside, and colours follow the reader's setting.

use std::fmt::{Display, Write as _};

use crate::notebook::format::escape;

/// The style of every picture: dark on white, and light on dark where the reader has chosen that. Selectors name the
/// class, because a picture may stand inside a page.
const STYLE: &str = "\
svg.lab-chart{font:12px system-ui,-apple-system,\"Segoe UI\",Roboto,\"Noto Sans\",\"Liberation Sans\",sans-serif}\
.lab-chart text{fill:#1d2023}.lab-chart .quiet{fill:#5b6168}.lab-chart .heading{font-weight:600}\
.lab-chart .paper{fill:#fff}.lab-chart .box{fill:#f6f6f3;stroke:#9a9fa5}.lab-chart .grid{stroke:#e3e3de}.lab-chart .axis{stroke:#9a9fa5}\
.lab-chart .edge{stroke:#9a9fa5;fill:none}.lab-chart .tip{fill:#9a9fa5}\
@media (prefers-color-scheme:dark){.lab-chart text{fill:#e4e5e7}.lab-chart .quiet{fill:#a4aab1}.lab-chart .paper{fill:#16181b}\
.lab-chart .box{fill:#1e2125;stroke:#6c737b}.lab-chart .grid{stroke:#33373d}.lab-chart .axis,.lab-chart .edge{stroke:#6c737b}.lab-chart .tip{fill:#6c737b}}";
/// The height of the title above a picture.
pub(super) const HEAD: f64 = 34.0;
/// The size of letters that the style sets.
pub(super) const FONT: f64 = 12.0;

/// The body of a picture as it is written.
#[derive(Debug, Default)]
pub(super) struct Svg {
    body: String,
}

impl Svg {
    /// Adds markup as it is.
    pub fn raw(&mut self, markup: impl Display) {
        let _ = write!(self.body, "{markup}");
    }

    /// Text at a place, with more attributes such as `text-anchor="end"`.
    pub fn text(&mut self, (x, y): (f64, f64), attributes: &str, words: &str) {
        let space = if attributes.is_empty() { "" } else { " " };
        let (x, y) = (px(x), px(y));
        self.raw(format_args!("<text x=\"{x}\" y=\"{y}\"{space}{attributes}>{}</text>", escape(words)));
    }

    /// A straight line.
    pub fn line(&mut self, (x1, y1): (f64, f64), (x2, y2): (f64, f64), attributes: &str) {
        let [x1, y1, x2, y2] = [x1, y1, x2, y2].map(px);
        self.raw(format_args!("<path d=\"M{x1} {y1}L{x2} {y2}\" {attributes}/>"));
    }

    /// A rectangle by two opposite corners.
    pub fn rect(&mut self, (x1, y1): (f64, f64), (x2, y2): (f64, f64), attributes: &str) {
        let [x, y] = [x1.min(x2), y1.min(y2)].map(px);
        let [w, h] = [(x2 - x1).abs(), (y2 - y1).abs()].map(px);
        self.raw(format_args!("<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" {attributes}/>"));
    }

    /// The whole document of this size in CSS pixels, with the title above the body: `<view id="body">` leaves it out, for
    /// a page that says it in a caption.
    pub fn document(self, (width, height): (f64, f64), title: &str, about: &str) -> String {
        let (w, h, below, name) = (px(width), px(height + HEAD), px(HEAD), escape(title));
        let (body, about) = (self.body, escape(about));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"lab-chart\" role=\"img\" width=\"{w}\" height=\"{h}\" \
             viewBox=\"0 0 {w} {h}\"><title>{name}</title><desc>{about}</desc><style>{STYLE}</style>\
             <view id=\"body\" viewBox=\"0 {below} {w} {}\"/><rect class=\"paper\" width=\"{w}\" height=\"{h}\"/>\
             <text x=\"10\" y=\"22\" class=\"heading\" font-size=\"14\">{name}</text>\
             <g transform=\"translate(0 {below})\">{body}</g></svg>",
            px(height)
        )
    }
}

/// A length to a tenth of a pixel.
pub(super) fn px(value: f64) -> String {
    let text = format!("{value:.1}");
    let short = text.strip_suffix(".0").unwrap_or(&text);
    if short == "-0" { "0".to_owned() } else { short.to_owned() }
}

/// An estimate of the width of words in pixels: an SVG is laid out before its reader's fonts are known.
pub(super) fn width(words: &str) -> f64 {
    let em = |letter: char| match letter {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | '\'' | '|' | '!' | ' ' => 0.3,
        'f' | 't' | 'r' | '(' | ')' | '-' => 0.38,
        'm' | 'w' | 'M' | 'W' | '…' => 0.85,
        'A'..='Z' => 0.66,
        _ => 0.56,
    };
    FONT * words.chars().map(em).sum::<f64>()
}

/// The points of a line, without those that lie within a third of a pixel of the line through the others: the algorithm
/// of Douglas and Peucker.
pub(super) fn simplified(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    const TOLERANCE: f64 = 0.3;
    let mut keep = vec![false; points.len()];
    let mut spans = vec![(0, points.len().saturating_sub(1))];
    for end in [0, points.len().saturating_sub(1)] {
        if let Some(kept) = keep.get_mut(end) {
            *kept = true;
        }
    }
    while let Some((from, to)) = spans.pop() {
        let off = |at: &usize| distance(points[*at], points[from], points[to]);
        let farthest = (from + 1..to).map(|at| (at, off(&at))).max_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((at, _)) = farthest.filter(|(_, off)| *off > TOLERANCE) {
            keep[at] = true;
            spans.extend([(from, at), (at, to)]);
        }
    }
    points.iter().zip(keep).filter_map(|(point, keep)| keep.then_some(*point)).collect()
}

/// How far a point lies from the stretch between two others.
fn distance((x, y): (f64, f64), (x0, y0): (f64, f64), (x1, y1): (f64, f64)) -> f64 {
    let (dx, dy) = (x1 - x0, y1 - y0);
    let length = dx * dx + dy * dy;
    let share = if length == 0.0 { 0.0 } else { (((x - x0) * dx + (y - y0) * dy) / length).clamp(0.0, 1.0) };
    (x - x0 - share * dx).hypot(y - y0 - share * dy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_keeps_its_corners_only() {
        let points: Vec<(f64, f64)> = (0..100).map(f64::from).map(|x| (x, (x - 50.0).abs())).collect();
        assert_eq!(simplified(&points), [(0.0, 50.0), (50.0, 0.0), (99.0, 49.0)]);
        assert_eq!(simplified(&[]), []);
        assert_eq!(simplified(&[(1.0, 2.0)]), [(1.0, 2.0)]);
    }

    #[test]
    fn words_are_escaped_and_the_title_is_inside() {
        let mut svg = Svg::default();
        svg.text((1.0, 2.25), "", "a < b");
        let document = svg.document((100.0, 50.0), "T & U", "It \"falls\".");
        assert!(document.contains("<text x=\"1\" y=\"2.2\">a &lt; b</text>"), "{document}");
        assert!(
            document.contains("<title>T &amp; U</title><desc>It &quot;falls&quot;.</desc>"),
            "{document}"
        );
    }
}
