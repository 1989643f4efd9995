//! From our own numbers to a verdict: each way of judging computes the verdict from the reported figure and ours. It
//! fails if that is not the verdict on record, or if our number has drifted from the reference on record.

use super::{Claim, Finding, Verdict};
use crate::error::Result;
use crate::evaluate::quantile;

mod held;
#[cfg(test)]
mod tests;

use held::significant;
pub use held::{Held, Rule};

/// The quantiles of our runs between which a reported figure counts as compatible with their distribution.
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
        let rule = format!("prints as {}; differs by {:+.1e}", self.reported, ours - reported);
        self.finding(ours, self.printed(ours), rule, verdict)
    }

    /// A wrong figure together with the computation that yields it: `mistaken` must give the report's printed digits, and
    /// `ours` must not.
    ///
    /// # Errors
    /// As [`Claim::number`], or if no mistaken value rounds to the report's digits.
    pub fn mistaken(&self, ours: f64, mistaken: &[f64]) -> Result<Finding> {
        if !mistaken.iter().any(|&value| self.rounds_to_reported(value)) {
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
    pub fn sample(&self, ours: &[f64]) -> Result<Finding> {
        let ours = self.sorted(ours)?;
        self.quantiles_agree(&ours)?;
        let (reported, half) = (self.value()?, self.half_digit());
        let (low, high) = (quantile(&ours, CENTRAL.0), quantile(&ours, CENTRAL.1));
        let inside = low <= reported + half && reported - half <= high;
        let below = share(&ours, |value| value <= reported + half);
        let median = quantile(&ours, 0.5);
        let text = format!(
            "median {} of {} runs; {:.0} % at or below",
            self.printed(median),
            ours.len(),
            100.0 * below
        );
        let verdict = if inside { Verdict::Reproduced } else { Verdict::Wrong };
        let rule = format!("within the central 98 %: {} to {}", self.printed(low), self.printed(high));
        self.finding(median, text, rule, verdict)
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
        let text = format!("{text}; largest KS distance {worst:.3}");
        self.finding(quantile(&ours[0], 0.5), text, format!("KS distance at most {limit:.3}"), verdict)
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
        let reference = self.number_in(&self.reference)?;
        let mended = mended.map_or(String::new(), |loss| format!("; {loss:.6} with its sign mended"));
        let text = format!("loss of the product {loss:.6} as printed{mended}");
        self.finding(loss, text, format!("{} within {}", significant(reference), self.tolerance), verdict)
    }

    /// A statement: right if it holds as stated, loose if only the weaker form holds, else wrong.
    ///
    /// # Errors
    /// As [`Claim::number`], for the number measured for the statement.
    pub fn decide(&self, stated: &Held, weaker: Option<&Held>) -> Result<Finding> {
        let verdict = match (stated.holds(), weaker.is_some_and(Held::holds)) {
            (true, _) => Verdict::Right,
            (false, true) => Verdict::Loose,
            (false, false) => Verdict::Wrong,
        };
        let Some(weaker) = weaker else { return self.held(stated, &[stated], verdict) };
        let rule = format!("{}; loosely: {}", stated.rule, weaker.rule);
        let further = if weaker.what == stated.what { String::new() } else { format!("; {weaker}") };
        self.agrees(stated.value)?;
        self.finding(stated.value, format!("{stated}{further}"), rule, verdict)
    }

    /// A drawn figure: reproduced if ours has all the features that the report describes. The number of the first
    /// feature is compared with the reference.
    ///
    /// # Errors
    /// As [`Claim::number`]; also without features.
    pub fn figure(&self, features: &[Held]) -> Result<Finding> {
        let Some(first) = features.first() else {
            return Err(self.error("a figure needs features to be known by".into()));
        };
        let verdict = if features.iter().all(Held::holds) { Verdict::Reproduced } else { Verdict::Wrong };
        self.held(first, &features.iter().collect::<Vec<_>>(), verdict)
    }

    fn held(&self, first: &Held, all: &[&Held], verdict: Verdict) -> Result<Finding> {
        self.agrees(first.value)?;
        let ours: Vec<String> = all.iter().map(ToString::to_string).collect();
        let rule: Vec<String> = all.iter().map(|held| held.rule.to_string()).collect();
        self.finding(first.value, ours.join("; "), rule.join("; "), verdict)
    }

    fn finding(&self, value: f64, ours: String, rule: String, verdict: Verdict) -> Result<Finding> {
        if verdict == self.verdict {
            return Ok(Finding { claim: self.clone(), value, ours, rule, verdict });
        }
        let (reported, recorded) = (&self.reported, self.verdict);
        Err(self.error(format!(
            "is on record as {recorded}, but reported {reported} and ours ({ours}; held against {rule}) give {verdict}"
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

    /// Refuses a number of ours that is not within the tolerance of the reference.
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

    /// Refuses runs whose quantiles are not those of the reference: the share of our runs below each must be right
    /// within the tolerance.
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

/// The Kolmogorov-Smirnov distance: the greatest difference between the two empirical distribution functions.
fn distance(a: &[f64], b: &[f64]) -> f64 {
    let gap = |at: f64| (share(a, |v| v <= at) - share(b, |v| v <= at)).abs();
    a.iter().chain(b).map(|&at| gap(at)).fold(0.0, f64::max)
}
