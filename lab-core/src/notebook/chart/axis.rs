//! One axis: its range, and where its ticks stand. Both renderers use what is decided here.

use std::f64::consts::LN_10;

use crate::notebook::palette::ColourScale;

/// An axis as it is drawn.
#[derive(Debug, Clone)]
pub(super) struct Ruler<'a> {
    /// The name, with its unit.
    pub name: &'a str,
    pub scale: Scale,
    /// Its ends, in positions: see [`Ruler::position`].
    pub range: (f64, f64),
    pub spacing: Spacing,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Scale {
    Linear,
    Log,
    /// One place for each word, from 0 on.
    Words(Vec<String>),
}

/// Where ticks stand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Spacing {
    /// At multiples of a step, the smallest of 1, 2, 5 times a power of ten that gives at most so many.
    Steps { most: usize, step: f64 },
    /// On a logarithmic axis: at every so many powers of ten.
    Powers(i32),
    /// On a logarithmic axis: 1, 2, 5, 10, 20, ….
    OneTwoFive,
    /// At every so many words.
    Words(usize),
}

/// A mark on an axis: its position, and what it says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tick {
    pub at: f64,
    pub text: String,
}

impl<'a> Ruler<'a> {
    /// An axis of numbers from `low` to `high` (for a logarithmic one both above 0) with at most `most` ticks.
    pub fn numbers(name: &'a str, log: bool, (low, high): (f64, f64), most: usize) -> Ruler<'a> {
        if !log {
            let (low, high) = (six_digits(low), six_digits(high));
            let spacing = Spacing::Steps { most, step: step((high - low) / most as f64) };
            return Ruler { name, scale: Scale::Linear, range: (low, high), spacing };
        }
        let range = (six_digits(low.log10()), six_digits(high.log10()));
        let decades = range.1 - range.0;
        // Powers of ten on their own where 2 and 5 would touch their neighbours, or would be long numbers.
        let spacing = if decades > 0.45 * most as f64 || low < 1e-4 || high > 1e5 {
            #[allow(clippy::cast_possible_truncation)] // a number of decades
            Spacing::Powers((decades / most as f64).ceil().max(1.0) as i32)
        } else if decades > 1.0 {
            Spacing::OneTwoFive
        } else {
            Spacing::Steps { most, step: step((high - low) / most as f64) }
        };
        Ruler { name, scale: Scale::Log, range, spacing }
    }

    /// An axis of words, of which so many are named.
    pub fn words(name: &'a str, words: Vec<String>, most: usize) -> Ruler<'a> {
        let range = (-0.5, words.len() as f64 - 0.5);
        let spacing = Spacing::Words(words.len().div_ceil(most).max(1));
        Ruler { name, scale: Scale::Words(words), range, spacing }
    }

    /// Where a value stands: its logarithm on a logarithmic axis, a word's index, else itself.
    pub fn position(&self, value: f64) -> f64 {
        if self.scale == Scale::Log { value.log10() } else { value }
    }

    /// How far along the axis a value stands: 0 at its beginning, 1 at its end.
    pub fn share(&self, value: f64) -> f64 {
        (self.position(value) - self.range.0) / (self.range.1 - self.range.0)
    }

    /// All ticks, in order.
    pub fn ticks(&self) -> Vec<Tick> {
        let slack = 1e-4 * (self.range.1 - self.range.0);
        let (low, high) = (self.range.0 - slack, self.range.1 + slack);
        match (&self.scale, self.spacing) {
            (Scale::Words(words), spacing) => {
                let every = if let Spacing::Words(every) = spacing { every } else { 1 };
                let named = words.iter().enumerate().step_by(every);
                named.map(|(at, word)| Tick { at: at as f64, text: word.clone() }).collect()
            }
            (Scale::Linear, Spacing::Steps { step, .. }) => multiples(step, low, high)
                .map(|value| Tick { at: value, text: decimal(value, step) })
                .collect(),
            (_, Spacing::Steps { step, .. }) => multiples(step, 10_f64.powf(low), 10_f64.powf(high))
                .map(|value| Tick { at: value.log10(), text: decimal(value, step) })
                .collect(),
            (_, Spacing::Powers(every)) => multiples(f64::from(every), low, high)
                .map(|power| Tick { at: power, text: power_of_ten(power) })
                .collect(),
            (_, Spacing::OneTwoFive | Spacing::Words(_)) => multiples(1.0, low.floor(), high)
                .flat_map(|power| [1.0, 2.0, 5.0].map(|digit: f64| (power + digit.log10(), power, digit)))
                .filter(|(at, ..)| (low..=high).contains(at))
                .map(|(at, power, digit)| {
                    let unit = 10_f64.powf(power);
                    Tick { at, text: decimal(digit * unit, unit) }
                })
                .collect(),
        }
    }
}

/// Ticks of a scale of colours.
pub(super) fn colour_ticks(colours: &ColourScale) -> Vec<Tick> {
    Ruler::numbers("", false, (colours.low, colours.high), 5).ticks()
}

/// The smallest of 2, 5 or 10 times a power of ten above `rough`: plotly's own rule, so that its ticks are ours and a
/// zoomed axis gets new ones.
fn step(rough: f64) -> f64 {
    let base = 10_f64.powf((rough.ln() / LN_10).floor());
    let factor = [2.0, 5.0].into_iter().find(|&factor| factor > rough / base).unwrap_or(10.0);
    base * factor
}

fn multiples(step: f64, low: f64, high: f64) -> impl Iterator<Item = f64> {
    let first = (low / step).ceil();
    let count = ((high / step).floor() - first).max(-1.0) + 1.0;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a small number from 0 on
    (0..count as usize).map(move |k| (first + k as f64) * step)
}

/// A multiple of `step` in digits, as plotly writes it: no trailing zeros, a true minus, commas from five digits on.
pub(super) fn decimal(value: f64, step: f64) -> String {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a number of decimals, from 0 on
    let decimals = (-(step.log10() + 1e-9).floor()).max(0.0) as usize;
    let text = format!("{:.decimals$}", value.abs());
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let part = part.trim_end_matches('0');
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 && whole.len() > 4 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let sign = if value < 0.0 && text.contains(|digit| ('1'..='9').contains(&digit)) { "−" } else { "" };
    if part.is_empty() { format!("{sign}{grouped}") } else { format!("{sign}{grouped}.{part}") }
}

/// 1, 10, 10², 10⁻³.
fn power_of_ten(power: f64) -> String {
    let raised = |sign| match sign {
        '-' => '⁻',
        digit => "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().nth(digit as usize - '0' as usize).unwrap_or(digit),
    };
    match power {
        0.0 => "1".to_owned(),
        1.0 => "10".to_owned(),
        _ => "10".chars().chain(format!("{power:.0}").chars().map(raised)).collect(),
    }
}

/// A number rounded to six significant digits.
pub(super) fn six_digits(value: f64) -> f64 {
    format!("{value:.5e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(log: bool, low: f64, high: f64, most: usize) -> String {
        let ticks = Ruler::numbers("x", log, (low, high), most).ticks();
        ticks.into_iter().map(|tick| tick.text).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn steps_are_round_and_few() {
        assert_eq!(texts(false, 0.0, 1000.0, 8), "0 200 400 600 800 1000");
        assert_eq!(texts(false, -0.52, 0.47, 6), "−0.4 −0.2 0 0.2 0.4");
        assert_eq!(texts(false, 0.0, 30_000.0, 4), "0 10,000 20,000 30,000");
        assert_eq!(texts(false, 0.71, 0.729, 5), "0.71 0.715 0.72 0.725");
    }

    #[test]
    fn logarithmic_ticks_are_powers_over_many_decades_and_digits_over_few() {
        assert_eq!(texts(true, 3e-8, 2.0, 6), "10⁻⁶ 10⁻⁴ 10⁻² 1");
        assert_eq!(texts(true, 0.9, 120.0, 8), "1 2 5 10 20 50 100");
        assert_eq!(texts(true, 0.9, 2000.0, 5), "1 10 10² 10³");
        assert_eq!(texts(true, 10.0, 31.0, 6), "10 15 20 25 30");
    }

    #[test]
    fn words_are_thinned_out_where_there_are_too_many() {
        let words = (0..30).map(|word| word.to_string()).collect();
        assert_eq!(Ruler::words("x", words, 10).ticks().len(), 10);
    }
}
