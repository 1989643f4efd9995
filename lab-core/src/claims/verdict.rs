//! The words of `data/claims.csv` for the outcome of a claim and for the way in which it is checked.

use std::fmt::{self, Display};
use std::str::FromStr;

/// The outcome of checking a claim.
///
/// ```
/// let found: lab_core::Verdict = "loose".parse()?;
/// assert_eq!(found, lab_core::Verdict::Loose);
/// # Ok::<(), String>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// A figure that comes out again, within its printed digits or within its distribution.
    Reproduced,
    /// A statement that holds.
    Right,
    /// A statement that holds in a weaker form only.
    Loose,
    /// A figure or statement that does not hold.
    Wrong,
}

impl Verdict {
    /// All verdicts, from best to worst.
    pub const ALL: [Verdict; 4] = [Verdict::Reproduced, Verdict::Right, Verdict::Loose, Verdict::Wrong];
}

impl Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Verdict::Reproduced => "reproduced",
            Verdict::Right => "right",
            Verdict::Loose => "loose",
            Verdict::Wrong => "wrong",
        })
    }
}

impl FromStr for Verdict {
    type Err = String;

    fn from_str(word: &str) -> std::result::Result<Verdict, String> {
        let known = Verdict::ALL.into_iter().find(|verdict| verdict.to_string() == word);
        known.ok_or_else(|| format!("verdict must be reproduced, right, loose or wrong, found {word:?}"))
    }
}

/// How a claim is checked.
///
/// ```
/// let check: lab_core::Check = "law".parse()?;
/// assert_eq!(check, lab_core::Check::Law);
/// # Ok::<(), String>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// Against a number that every correct computation gives.
    Exact,
    /// Against many runs that differ in their random start.
    Distribution,
    /// A statement, settled by a measurement.
    Law,
    /// A figure, drawn again.
    Figure,
}

impl FromStr for Check {
    type Err = String;

    fn from_str(word: &str) -> std::result::Result<Check, String> {
        match word {
            "exact" => Ok(Check::Exact),
            "distribution" => Ok(Check::Distribution),
            "law" => Ok(Check::Law),
            "figure" => Ok(Check::Figure),
            _ => Err(format!("check must be exact, distribution, law or figure, found {word:?}")),
        }
    }
}
