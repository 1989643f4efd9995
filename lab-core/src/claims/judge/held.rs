//! A measured number beside the rule that it is held against.

use std::fmt::{self, Display};

/// What a number is held against.
///
/// ```
/// assert_eq!(lab_core::Rule::Within(0.5, 1.5).to_string(), "0.5 to 1.5");
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rule {
    /// No more than this.
    AtMost(f64),
    /// No less than this.
    AtLeast(f64),
    /// Between these two, both included.
    Within(f64, f64),
}

impl Rule {
    fn allows(self, value: f64) -> bool {
        match self {
            Rule::AtMost(bound) => value <= bound,
            Rule::AtLeast(bound) => value >= bound,
            Rule::Within(low, high) => (low..=high).contains(&value),
        }
    }
}

impl Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rule::AtMost(bound) => write!(f, "at most {}", significant(*bound)),
            Rule::AtLeast(bound) => write!(f, "at least {}", significant(*bound)),
            Rule::Within(low, high) => write!(f, "{} to {}", significant(*low), significant(*high)),
        }
    }
}

/// A measured number, what it is, and the rule it is held against.
///
/// ```
/// use lab_core::{Held, Rule};
///
/// let gap = Held::new("distance to the SVD", 0.3, Rule::AtMost(0.01));
/// assert!(!gap.holds());
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    pub(super) what: String,
    pub(super) value: f64,
    pub(super) rule: Rule,
}

impl Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, significant(self.value))
    }
}

impl Held {
    /// A number beside its rule.
    ///
    /// ```
    /// # use lab_core::{Held, Rule};
    /// let accuracy = Held::new("accuracy", 0.9375, Rule::AtLeast(0.9));
    /// assert_eq!(accuracy.to_string(), "accuracy: 0.9375");
    /// ```
    pub fn new(what: impl Into<String>, value: f64, rule: Rule) -> Held {
        Held { what: what.into(), value, rule }
    }

    /// Whether the number obeys the rule; a NaN obeys none.
    ///
    /// ```
    /// # use lab_core::{Held, Rule};
    /// assert!(!Held::new("loss", f64::NAN, Rule::AtMost(1.0)).holds());
    /// ```
    pub fn holds(&self) -> bool {
        self.rule.allows(self.value)
    }
}

/// A number at four significant digits.
pub(super) fn significant(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return value.to_string();
    }
    if !(1e-3..1e7).contains(&value.abs()) {
        return format!("{value:.1e}");
    }
    let scientific = format!("{value:.3e}");
    scientific.parse::<f64>().map_or(scientific, |rounded| rounded.to_string())
}
