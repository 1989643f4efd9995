//! From our own result to a verdict. Each check computes the verdict from the reported figure and ours, and is an error
//! if that is not the verdict on record, or if ours has drifted from the reference on record.

use super::{Check, Claim, Finding, Verdict};
use crate::error::Result;
use crate::evaluate::quantile;
use crate::notebook::format::significant;
use crate::notebook::values::Values;

/// Shares of the runs that bound what counts as compatible with a distribution.
const CENTRAL: (f64, f64) = (0.01, 0.99);

impl Claim {
    /// An exact figure: reproduced if ours, rounded to the printed digits, is what the report printed.
    ///
    /// # Errors
    /// [`crate::Error::Claim`] if the verdict is not the one on record or ours is not within the tolerance of the reference.
    pub fn number(&self, ours: f64) -> Result<Finding> {
        self.agrees(ours)?;
        let reported = self.value()?;
        let verdict = if self.rounds_to_reported(ours) { Verdict::Reproduced } else { Verdict::Wrong };
        self.finding(ours, self.printed(ours), format!("{:+.1e}", ours - reported), verdict)
    }

    /// A wrong figure together with the computation that yields it: `mistaken` must give the report's printed digits, and
    /// `ours` must not.
    ///
    /// # Errors
    /// As [`Claim::number`], or if no mistaken value rounds to the report's digits.
    pub fn mistaken(&self, ours: f64, mistaken: impl Values) -> Result<Finding> {
        if !mistaken.values().into_iter().any(|value| self.rounds_to_reported(value)) {
            return Err(
                self.error(format!("the mistake supposed does not give the reported {}", self.reported))
            );
        }
        self.number(ours)
    }

    /// A figure that depends on the random start: reproduced if the printed digits lie within the central 98 % of ours.
    ///
    /// # Errors
    /// As [`Claim::number`]; the reference is a set of quantiles here.
    pub fn sample(&self, ours: impl Values) -> Result<Finding> {
        let ours = self.sorted(&ours.values())?;
        self.quantiles_agree(&ours)?;
        let (reported, half) = (self.value()?, self.half_digit());
        let (low, high) = (quantile(&ours, CENTRAL.0), quantile(&ours, CENTRAL.1));
        let inside = low <= reported + half && reported - half <= high;
        let below = share(&ours, |value| value <= reported + half);
        let median = quantile(&ours, 0.5);
        let text =
            format!("median {} of {}; {:.0} % at or below", self.printed(median), ours.len(), 100.0 * below);
        let verdict = if inside { Verdict::Reproduced } else { Verdict::Wrong };
        self.finding(median, text, format!("{:+.1e}", median - reported), verdict)
    }

    /// A table of runs, column by column: reproduced if the Kolmogorov-Smirnov distance between each reported column and
    /// our runs stays below its 1 % limit (Stephens 1970).
    ///
    /// # Errors
    /// As [`Claim::number`]; the reference is the quantiles of the first column. Also if the columns differ in number.
    pub fn table(&self, columns: &[Vec<f64>]) -> Result<Finding> {
        let reported = &self.matrices()?[0];
        if reported.ncols() != columns.len() {
            return Err(self.error(format!("has {} columns, found {}", reported.ncols(), columns.len())));
        }
        let ours: Vec<Vec<f64>> = columns.iter().map(|column| self.sorted(column)).collect::<Result<_>>()?;
        self.quantiles_agree(&ours[0])?;
        let n = (reported.nrows() as f64).sqrt();
        let limit = 1.628 / (n + 0.12 + 0.11 / n);
        let distances: Vec<f64> = reported
            .columns()
            .into_iter()
            .zip(&ours)
            .map(|(theirs, ours)| distance(&theirs.to_vec(), ours))
            .collect();
        let worst = distances.iter().copied().fold(0.0, f64::max);
        let medians: Vec<String> =
            ours.iter().map(|column| format!("{:.3}", quantile(column, 0.5))).collect();
        let verdict = if worst <= limit { Verdict::Reproduced } else { Verdict::Wrong };
        let text = format!("medians {} of {} runs", medians.join(" / "), ours[0].len());
        self.finding(quantile(&ours[0], 0.5), text, format!("KS {worst:.2}, limit {limit:.2}"), verdict)
    }

    /// Printed matrices: reproduced if the loss recomputed from them is the reference. `mended` is that loss after undoing
    /// a supposed misprint; it must be the reference.
    ///
    /// # Errors
    /// As [`Claim::number`], or if `mended` misses the reference.
    pub fn printed_matrices(&self, loss: f64, mended: Option<f64>) -> Result<Finding> {
        if let Some(mended) = mended {
            self.agrees(mended)?;
        }
        let verdict = if self.agrees(loss).is_ok() { Verdict::Reproduced } else { Verdict::Wrong };
        let difference = loss - self.number_in(&self.reference)?;
        self.finding(loss, format!("loss {loss:.6} as printed"), format!("{difference:+.1e}"), verdict)
    }

    /// A statement that either holds or does not (a figure: that shows what the report describes or does not), settled by
    /// `measured`, which `what` names.
    ///
    /// # Errors
    /// As [`Claim::number`].
    pub fn law(&self, holds: bool, measured: f64, what: &str) -> Result<Finding> {
        self.loosely(holds, false, measured, what)
    }

    /// A statement that holds as stated, or only in a weaker form, or not at all.
    ///
    /// # Errors
    /// As [`Claim::number`].
    pub fn loosely(&self, as_stated: bool, in_part: bool, measured: f64, what: &str) -> Result<Finding> {
        if !self.reference.is_empty() {
            self.agrees(measured)?;
        }
        let verdict = match (as_stated, in_part, self.check) {
            (true, _, Check::Figure) => Verdict::Reproduced,
            (true, ..) => Verdict::Right,
            (false, true, _) => Verdict::Loose,
            (false, false, _) => Verdict::Wrong,
        };
        let number = significant(measured, 5);
        self.finding(measured, format!("{what}: {number}"), String::new(), verdict)
    }

    fn finding(&self, value: f64, ours: String, difference: String, verdict: Verdict) -> Result<Finding> {
        if verdict == self.verdict {
            return Ok(Finding { claim: self.clone(), value, ours, difference, verdict });
        }
        let (reported, recorded) = (&self.reported, self.verdict);
        Err(self.error(format!(
            "is on record as {recorded}, but reported {reported} and ours ({ours}) give {verdict}"
        )))
    }

    /// Half a unit in the last digit that the report printed.
    fn half_digit(&self) -> f64 {
        let decimals = self.reported.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        0.5 * 10_f64.powi(-i32::try_from(decimals).unwrap_or(i32::MAX))
    }

    fn rounds_to_reported(&self, value: f64) -> bool {
        self.value().is_ok_and(|reported| (value - reported).abs() <= self.half_digit() * (1.0 + 1e-9))
    }

    /// Ours with two digits more than the report printed.
    fn printed(&self, value: f64) -> String {
        let decimals = self.reported.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        format!("{value:.*}", decimals + 2)
    }

    /// Whether ours is within the tolerance of the reference.
    fn agrees(&self, ours: f64) -> Result<()> {
        let reference = self.number_in(&self.reference)?;
        let (low, high) = if let Some((low, high)) = self.tolerance.split_once("..") {
            (self.number_in(low)?, self.number_in(high)?)
        } else {
            let tolerance = self.number_in(&self.tolerance)?;
            (reference - tolerance, reference + tolerance)
        };
        if (low..=high).contains(&ours) {
            return Ok(());
        }
        Err(self.error(format!("ours must be within {low} and {high} (reference {reference}), found {ours}")))
    }

    /// Whether our quantiles are those of the reference: the share of our runs below each within the tolerance.
    fn quantiles_agree(&self, ours: &[f64]) -> Result<()> {
        let tolerance = self.number_in(&self.tolerance)?;
        for pair in self.reference.split(';') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let expected = match name {
                "q1" => 0.25,
                "median" => 0.5,
                "q3" => 0.75,
                _ => return Err(self.error(format!("reference must be q1, median or q3, found {name:?}"))),
            };
            let value = self.number_in(value)?;
            let (below, up_to) = (share(ours, |v| v < value), share(ours, |v| v <= value));
            if below > expected + tolerance || up_to < expected - tolerance {
                return Err(
                    self.error(format!("our runs must have their {name} at {value}, found {below} below it"))
                );
            }
        }
        Ok(())
    }

    fn number_in(&self, text: &str) -> Result<f64> {
        text.parse()
            .map_err(|_| self.error(format!("reference and tolerance must hold numbers, found {text:?}")))
    }

    /// A sample in order, refused if it is too small to have quantiles or holds something that is not a number.
    fn sorted(&self, sample: &[f64]) -> Result<Vec<f64>> {
        if sample.len() < 100 || sample.iter().any(|value| !value.is_finite()) {
            return Err(self.error(format!("needs at least 100 finite runs, found {}", sample.len())));
        }
        let mut sorted = sample.to_vec();
        sorted.sort_by(f64::total_cmp);
        Ok(sorted)
    }
}

/// The share of a sample that meets a condition.
fn share(sample: &[f64], condition: impl Fn(f64) -> bool) -> f64 {
    sample.iter().filter(|&&value| condition(value)).count() as f64 / sample.len() as f64
}

/// The Kolmogorov-Smirnov distance: the greatest between the two empirical distribution functions.
fn distance(a: &[f64], b: &[f64]) -> f64 {
    let gap = |at: f64| (share(a, |v| v <= at) - share(b, |v| v <= at)).abs();
    a.iter().chain(b).map(|&at| gap(at)).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::super::{claim, claims};
    use super::*;

    fn altered(id: &str, reported: &str) -> Claim {
        Claim { reported: reported.to_owned(), ..claim(id).unwrap() }
    }

    #[test]
    fn a_number_is_compared_at_its_printed_digits() {
        let svd = 15.228_833_347_803_338;
        assert_eq!(claim("B12-svd").unwrap().number(svd).unwrap().verdict, Verdict::Reproduced);
        assert_eq!(claim("A12-svd").unwrap().number(svd).unwrap().verdict, Verdict::Wrong);
        assert!(altered("B12-svd", "15.228834").number(svd).is_err());
        assert!(altered("A12-svd", "15.2288").number(svd).is_err());
    }

    #[test]
    fn ours_must_agree_with_the_reference() {
        let error = claim("B12-svd").unwrap().number(15.228_833).unwrap_err().to_string();
        assert!(error.contains("within"), "{error}");
    }

    #[test]
    fn a_mistake_must_explain_the_reported_digits() {
        let right = claim("D1-svd").unwrap().reference.parse().unwrap();
        assert!(claim("D1-svd").unwrap().mistaken(right, [1.020_051_485]).is_ok());
        assert!(claim("D1-svd").unwrap().mistaken(right, [1.03]).is_err());
        assert!(altered("D1-svd", "1.0202").mistaken(right, [1.020_051_485]).is_err());
    }

    #[test]
    fn a_sample_is_judged_by_its_central_part_and_its_quantiles() {
        // Runs whose quartiles are those on record for E12-loss.
        let runs: Vec<f64> = (0..1000)
            .map(|i| match i {
                0..250 => 0.1219 + f64::from(i) * 4.4e-7,
                250..500 => 0.122_011 + f64::from(i - 250) * 1.496e-6,
                500..750 => 0.122_385 + f64::from(i - 500) * 7.22e-6,
                _ => 0.124_19 + f64::from(i - 750) * 1e-3,
            })
            .collect();
        assert_eq!(claim("E12-loss").unwrap().sample(&runs).unwrap().verdict, Verdict::Reproduced);
        assert!(altered("E12-loss", "0.1200").sample(&runs).is_err());
        assert!(altered("E12-loss", "0.9").sample(&runs).is_err());
        let shifted: Vec<f64> = runs.iter().map(|run| run + 0.001).collect();
        assert!(claim("E12-loss").unwrap().sample(&shifted).is_err());
        assert!(claim("E12-loss").unwrap().sample([0.1221; 9]).is_err());
    }

    #[test]
    fn laws_are_right_loose_or_wrong() {
        assert_eq!(claim("E21-eckart").unwrap().law(true, 0.0, "least").unwrap().verdict, Verdict::Right);
        assert!(claim("E21-eckart").unwrap().law(false, 0.0, "least").is_err());
        let rotated = claim("A13-rotated").unwrap();
        assert_eq!(rotated.loosely(false, true, 0.44, "rest").unwrap().verdict, Verdict::Loose);
        assert!(rotated.loosely(true, true, 0.44, "rest").is_err());
        assert_eq!(claim("C1-curve").unwrap().law(true, 1.0, "").unwrap().verdict, Verdict::Reproduced);
    }

    #[test]
    fn tables_are_compared_as_distributions() {
        let reported = &claim("B22-table").unwrap().matrices().unwrap()[0];
        let repeat = |column: usize| (0..800).map(|i| reported[(i % 8, column)]).collect::<Vec<f64>>();
        let altered = Claim { reference: "median=0.99".into(), ..claim("B22-table").unwrap() };
        assert_eq!(altered.table(&[repeat(0), repeat(1)]).unwrap().verdict, Verdict::Reproduced);
        let low: Vec<f64> = repeat(1).iter().map(|value| value - 0.2).collect();
        assert!(altered.table(&[repeat(0), low]).is_err());
        assert!(altered.table(&[repeat(0)]).is_err());
    }

    #[test]
    fn every_number_on_record_can_be_read() {
        for claim in claims().unwrap() {
            match claim.check {
                Check::Exact => assert!(claim.number_in(&claim.reference).is_ok(), "{}", claim.id),
                Check::Distribution => assert!(claim.number_in(&claim.tolerance).is_ok(), "{}", claim.id),
                _ => assert!(
                    claim.reference.is_empty() || claim.number_in(&claim.reference).is_ok(),
                    "{}",
                    claim.id
                ),
            }
        }
    }

    #[test]
    fn distances_of_small_samples() {
        assert!((distance(&[0.0, 1.0], &[0.0, 1.0])).abs() < 1e-15);
        assert!((distance(&[0.0, 0.0], &[1.0, 1.0]) - 1.0).abs() < 1e-15);
    }
}
