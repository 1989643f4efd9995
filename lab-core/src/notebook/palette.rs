//! The house colours: distinguishable with any colour vision, and with a contrast of 3:1 or more on white and on dark pages.

/// Series colours, in order of use: blue, orange, green, purple, olive, red.
pub(super) const SERIES: [&str; 6] = ["#2a7ab9", "#d5700f", "#12966f", "#a565b0", "#8b8000", "#d4494f"];
/// Reference lines and everything that steps back.
pub(super) const QUIET: &str = "#808080";

/// The colour of the series with this index; they repeat after the last.
pub(super) fn series(index: usize) -> &'static str {
    SERIES[index % SERIES.len()]
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
