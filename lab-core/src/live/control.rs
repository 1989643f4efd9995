//! The controls that a reader can move: each with the values that it allows, and the values chosen for all of them.

use crate::error::{Error, Result};

/// A control of an explorable: a name for the program, a label for the reader, the values that it allows, and its
/// initial value.
///
/// ```
/// let explorable = lab_core::explore("edge-of-stability")?;
/// let lr = &explorable.controls()[0];
/// assert_eq!((lr.name, lr.value.as_str()), ("lr", "0.01"));
/// assert!(lr.check("0.5").unwrap_err().to_string().starts_with("lr must be a number from "));
/// # Ok::<(), lab_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Control {
    /// The name by which the program and the page's address refer to it.
    pub name: &'static str,
    /// The label that stands beside it.
    pub label: &'static str,
    /// What it looks like, and what it allows.
    pub kind: Kind,
    /// Its initial value.
    pub value: String,
}

/// What a control looks like, and what it allows.
///
/// ```
/// use lab_core::live::Kind;
///
/// let explorable = lab_core::explore("saddle")?;
/// assert!(explorable.controls().iter().any(|control| matches!(control.kind, Kind::Select { .. })));
/// # Ok::<(), lab_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Kind {
    /// A slider.
    Range {
        /// The least value.
        low: f64,
        /// The greatest value.
        high: f64,
        /// The distance from one position to the next.
        step: f64,
    },
    /// A number to type; a whole one where `low` and `step` are whole.
    Number {
        /// The least value.
        low: f64,
        /// The greatest value.
        high: f64,
        /// The distance from one value to the next.
        step: f64,
    },
    /// A box to tick: `true` or `false`.
    Check,
    /// One of several words.
    Select {
        /// The words.
        options: &'static [&'static str],
    },
    /// A grid of boxes to tick; its value names the ticked ones: `1,0 2,1` by row and column, from 0.
    Cells {
        /// Rows of boxes.
        rows: usize,
        /// Boxes in a row.
        columns: usize,
        /// What each stands for, row by row.
        labels: &'static [&'static str],
    },
    /// A text file of at most so many bytes; its value is the text.
    File {
        /// The most bytes.
        bytes: usize,
    },
}

impl Control {
    /// Refuses a value that the control does not allow.
    ///
    /// # Errors
    /// [`Error::Control`] with the rule and the value found.
    ///
    /// ```
    /// let explorable = lab_core::explore("completion")?;
    /// let hidden = explorable.controls().iter().find(|control| control.name == "hidden").unwrap();
    /// assert!(hidden.check("0,0 2,2").is_ok() && hidden.check("3,0").is_err());
    /// # Ok::<(), lab_core::Error>(())
    /// ```
    pub fn check(&self, value: &str) -> Result<()> {
        let (rule, fits) = match self.kind {
            Kind::Range { low, high, step } | Kind::Number { low, high, step } => {
                let whole = step.fract() == 0.0 && low.fract() == 0.0;
                let number = value.parse::<f64>().ok();
                let fits = number.is_some_and(|x| (low..=high).contains(&x) && (!whole || x.fract() == 0.0));
                (format!("a {} from {low} to {high}", if whole { "whole number" } else { "number" }), fits)
            }
            Kind::Check => ("true or false".into(), matches!(value, "true" | "false")),
            Kind::Select { options } => (format!("one of {}", options.join(", ")), options.contains(&value)),
            Kind::Cells { rows, columns, .. } => {
                let inside = |(row, column): (usize, usize)| row < rows && column < columns;
                let rule = format!("row,column pairs inside {rows} x {columns}, separated by spaces");
                (rule, cells(value).is_some_and(|cells| cells.into_iter().all(inside)))
            }
            Kind::File { bytes } if value.len() > bytes => {
                return Err(self.error(format!("at most {bytes} bytes"), format!("{} bytes", value.len())));
            }
            Kind::File { .. } => {
                let odd = |c: &char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
                let Some(odd) = value.chars().find(odd) else { return Ok(()) };
                return Err(self.error("text without control characters".into(), format!("{odd:?}")));
            }
        };
        if fits { Ok(()) } else { Err(self.error(rule, quoted(value))) }
    }

    fn error(&self, rule: String, found: String) -> Error {
        Error::Control { control: self.name.into(), rule, found }
    }
}

/// A value as an error shows it: quoted, short and without line breaks.
pub(super) fn quoted(value: &str) -> String {
    let short: String = value.chars().take(60).collect();
    if short.len() < value.len() { format!("{short:?}…") } else { format!("{short:?}") }
}

fn cells(value: &str) -> Option<Vec<(usize, usize)>> {
    let pair = |cell: &str| {
        let (row, column) = cell.split_once(',')?;
        Some((row.parse().ok()?, column.parse().ok()?))
    };
    value.split_whitespace().map(pair).collect()
}

/// The values of all controls, each checked by its control.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    values: Vec<(&'static str, String)>,
}

impl Settings {
    /// The values given, and the initial values of the other controls.
    pub fn of(controls: &[Control], given: &[(&str, &str)]) -> Result<Settings> {
        let known = |name: &str| controls.iter().any(|control| control.name == name);
        if let Some((name, _)) = given.iter().find(|(name, _)| !known(name)) {
            return Err(unknown(name, controls));
        }
        let value = |control: &Control| {
            let given = given.iter().rev().find(|(name, _)| *name == control.name);
            let value = given.map_or(control.value.as_str(), |(_, value)| *value);
            control.check(value).map(|()| (control.name, value.to_owned()))
        };
        Ok(Settings { values: controls.iter().map(value).collect::<Result<_>>()? })
    }

    /// A value as text; empty for a control that is not there.
    pub fn text(&self, name: &str) -> &str {
        self.values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
    }

    pub fn number(&self, name: &str) -> f64 {
        self.text(name).parse().unwrap_or(f64::NAN)
    }

    /// A number that its control allows only as a whole one, at least 0.
    pub fn whole(&self, name: &str) -> u64 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "its control bounds it")]
        let whole = self.number(name) as u64;
        whole
    }

    /// [`Settings::whole`] as a `usize`: a number of epochs, columns or units.
    pub fn count(&self, name: &str) -> usize {
        usize::try_from(self.whole(name)).unwrap_or(usize::MAX)
    }

    pub fn cells(&self, name: &str) -> Vec<(usize, usize)> {
        cells(self.text(name)).unwrap_or_default()
    }
}

/// The error for a name that no control has.
pub(super) fn unknown(name: &str, controls: &[Control]) -> Error {
    let names: Vec<&str> = controls.iter().map(|control| control.name).collect();
    let rule = format!("one of {}", names.join(", "));
    Error::Control { control: "the control's name".into(), rule, found: quoted(name) }
}

#[expect(clippy::needless_pass_by_value, reason = "numbers and words")]
fn control(name: &'static str, label: &'static str, kind: Kind, value: impl ToString) -> Control {
    Control { name, label, kind, value: value.to_string() }
}

/// A slider from `low` to `high`.
pub(super) fn range(
    name: &'static str,
    label: &'static str,
    (low, high, step): (f64, f64, f64),
    value: f64,
) -> Control {
    control(name, label, Kind::Range { low, high, step }, value)
}

/// A number to type.
pub(super) fn number(
    name: &'static str,
    label: &'static str,
    (low, high, step): (f64, f64, f64),
    value: f64,
) -> Control {
    control(name, label, Kind::Number { low, high, step }, value)
}

/// The seed of a portable stream.
pub(super) fn seed(label: &'static str, value: u32) -> Control {
    number("seed", label, (0.0, 9999.0, 1.0), f64::from(value))
}

/// One of several words; the first is the initial value.
pub(super) fn select(name: &'static str, label: &'static str, options: &'static [&'static str]) -> Control {
    control(name, label, Kind::Select { options }, options.first().copied().unwrap_or_default())
}

/// The nine cells of sheet 1's matrix.
pub(super) fn nine_cells(name: &'static str, label: &'static str, value: &str) -> Control {
    let labels = &["a00", "a01", "a02", "a10", "a11", "a12", "a20", "a21", "a22"];
    control(name, label, Kind::Cells { rows: 3, columns: 3, labels }, value)
}

/// A table of the reader's own.
pub(super) fn file(name: &'static str, label: &'static str) -> Control {
    control(name, label, Kind::File { bytes: 1_000_000 }, "")
}
