//! How numbers and text become readable: rounding, escaping, and leaving out the middle of what is long.

/// The decimals at which every number of a column keeps `digits` significant ones, trailing zeros not counted.
pub(super) fn decimals(values: impl Iterator<Item = f64>, digits: usize) -> usize {
    values
        .filter(|value| value.is_finite() && !is_tiny(*value))
        .map(|value| needed(value, digits))
        .max()
        .unwrap_or(0)
}

fn needed(value: f64, digits: usize) -> usize {
    let scientific = format!("{:.*e}", digits - 1, value);
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return 0 };
    let kept =
        mantissa.trim_start_matches('-').trim_end_matches('0').trim_end_matches('.').replace('.', "").len();
    let exponent: i64 = exponent.parse().unwrap_or(0);
    usize::try_from(i64::try_from(kept).unwrap_or(0) - 1 - exponent).unwrap_or(0)
}

/// Below this, a number is shown in scientific notation.
fn is_tiny(value: f64) -> bool {
    value != 0.0 && value.abs() < 1e-4
}

/// A number rounded for reading: to so many decimals, or to so many digits if it is tiny or huge.
pub(super) fn round(value: f64, decimals: usize, digits: usize) -> String {
    if is_tiny(value) || value.abs() >= 1e9 {
        let scientific = format!("{value:.*e}", digits - 1);
        let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, ""));
        let short = if mantissa.contains('.') {
            mantissa.trim_end_matches('0').trim_end_matches('.')
        } else {
            mantissa
        };
        return if exponent.is_empty() { scientific } else { format!("{short}e{exponent}") };
    }
    let text = format!("{value:.decimals$}");
    if text.bytes().any(|byte| (b'1'..=b'9').contains(&byte)) { text } else { text.replace('-', "") }
}

/// A number at so many significant digits.
pub(crate) fn significant(value: f64, digits: usize) -> String {
    round(value, decimals([value].into_iter(), digits), digits)
}

/// Text made safe inside HTML elements and quoted attributes.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The style of a cell that holds words or code: JupyterLab and code hosts align every cell to the right, which is for
/// numbers.
#[cfg(feature = "notebook")]
pub(super) const LEFT: &str = " style=\"text-align:left\"";

/// The indices shown of `n`, with `None` where some are left out.
#[cfg(feature = "notebook")]
pub(super) fn ends(n: usize, edge: usize) -> Vec<Option<usize>> {
    if n <= 2 * edge + 1 {
        return (0..n).map(Some).collect();
    }
    (0..edge).map(Some).chain([None]).chain((n - edge..n).map(Some)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_shares_its_decimals() {
        assert_eq!(decimals([0.92, 1.0, 0.5].into_iter(), 6), 2);
        assert_eq!(decimals([15.228_833_347, 2.0].into_iter(), 6), 4);
        assert_eq!(decimals([1000.0, 150.0].into_iter(), 6), 0);
        assert_eq!(decimals([f64::NAN, 1e-9].into_iter(), 6), 0);
        assert_eq!(decimals([0.000_25].into_iter(), 2), 5);
    }

    #[test]
    fn numbers_are_rounded_for_reading() {
        assert_eq!(round(-0.000_4, 2, 6), "0.00");
        assert_eq!(round(-0.5, 1, 6), "-0.5");
        assert_eq!(round(3.0e-12, 2, 6), "3e-12");
        assert_eq!(round(8.401_39e-8, 3, 3), "8.4e-8");
        assert_eq!(round(f64::INFINITY, 2, 6), "inf");
    }
}
