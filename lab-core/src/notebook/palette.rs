//! The house colours: distinguishable with any colour vision, and with a contrast of 3:1 or more on white and on dark pages.

/// Series colours, in order of use: blue, orange, green, purple, olive, red.
pub(super) const SERIES: [&str; 6] = ["#2a7ab9", "#d5700f", "#12966f", "#a565b0", "#8b8000", "#d4494f"];
/// Reference lines and everything of less importance than the series.
pub(super) const QUIET: &str = "#808080";
/// Heights from low to high: viridis, the map of matplotlib (CC0).
const RISING: [[u8; 3]; 9] = [
    [68, 1, 84],
    [71, 44, 122],
    [59, 81, 139],
    [44, 113, 142],
    [33, 144, 141],
    [39, 173, 129],
    [92, 200, 99],
    [170, 220, 50],
    [253, 231, 37],
];
/// Surfaces under curves: pale, so that every series stands out on them.
const PALE: [[u8; 3]; 3] = [[250, 251, 252], [207, 217, 226], [152, 170, 187]];
/// Differences from negative over nought to positive.
const DIVERGING: [[u8; 3]; 5] =
    [[31, 95, 147], [127, 178, 217], [244, 244, 242], [234, 176, 124], [179, 87, 10]];

/// The colour of the series with this index; they repeat after the last.
pub(super) fn series(index: usize) -> &'static str {
    SERIES[index % SERIES.len()]
}

/// Colours for the values of a heat map or a surface.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ColourScale {
    /// The value of the first colour.
    pub low: f64,
    /// The value of the last colour.
    pub high: f64,
    stops: &'static [[u8; 3]],
}

impl ColourScale {
    /// The scale over these values: one whose middle is nought where they have both signs, else a rising one.
    pub fn over(values: impl Iterator<Item = f64>) -> ColourScale {
        let finite = values.filter(|value| value.is_finite());
        let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        if low < 0.0 && high > 0.0 {
            let far = high.max(-low);
            return ColourScale { low: -far, high: far, stops: &DIVERGING };
        }
        let (low, high) = if low < high { (low, high) } else { (low.min(0.0), low.max(1.0)) };
        ColourScale { low, high, stops: &RISING }
    }

    /// A pale scale from `low` to `high`, for what curves are drawn on.
    pub fn pale(low: f64, high: f64) -> ColourScale {
        ColourScale { low, high, stops: &PALE }
    }

    /// The colour of a value.
    pub fn rgb(&self, value: f64) -> [u8; 3] {
        let last = self.stops.len() - 1;
        let at = ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0) * last as f64;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // between 0 and the last stop
        let below = (at as usize).min(last - 1);
        let share = at - below as f64;
        let [from, to] = [self.stops[below], self.stops[below + 1]];
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // between two bytes
        std::array::from_fn(|i| (f64::from(from[i]) * (1.0 - share) + f64::from(to[i]) * share).round() as u8)
    }

    /// The colour of a value as CSS has it.
    pub fn hex(&self, value: f64) -> String {
        let [r, g, b] = self.rgb(value);
        format!("#{r:02x}{g:02x}{b:02x}")
    }

    /// Every stop: its place from 0 to 1, and its colour.
    #[cfg(feature = "notebook")]
    pub fn stops(&self) -> impl Iterator<Item = (f64, String)> {
        let last = (self.stops.len() - 1) as f64;
        self.stops
            .iter()
            .enumerate()
            .map(move |(i, [r, g, b])| (i as f64 / last, format!("#{r:02x}{g:02x}{b:02x}")))
    }

    /// Black or white: what is readable on the colour of a value.
    pub fn ink_on(&self, value: f64) -> &'static str {
        let [r, g, b] = self.rgb(value).map(f64::from);
        if 0.299 * r + 0.587 * g + 0.114 * b > 140.0 { "#000" } else { "#fff" }
    }
}
#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance as WCAG 2.2 defines it.
    fn luminance(colour: &str) -> f64 {
        let channel = |at: usize| {
            let c = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    fn contrast(a: &str, b: &str) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn every_colour_is_readable_on_light_and_dark_pages() {
        for colour in SERIES.iter().chain([&QUIET]) {
            for page in ["#ffffff", "#1b1b1f"] {
                assert!(contrast(colour, page) >= 3.0, "{colour} on {page}: {:.2}", contrast(colour, page));
            }
        }
    }
}
