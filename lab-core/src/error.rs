//! The one error type. Every message states the rule and the value found, and stands alone: the kernel prints it
//! with `Display` and nothing around it.

/// What can be wrong with the input of this crate, or with a run of it.
///
/// ```
/// use lab_core::{GdParams, gd_factorise};
/// use ndarray::array;
///
/// let error = gd_factorise(&array![[1.0, 2.0]], &GdParams { rank: 2, ..Default::default() }).unwrap_err();
/// assert_eq!(error.to_string(), "rank must be between 1 and 1 (the smaller side of the matrix), found 2");
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Two shapes that must agree do not.
    #[error("{what} must be {expected}, found {found}")]
    Shape {
        /// The argument, and what it must agree with.
        what: String,
        /// The shape required, such as `3 x 2`.
        expected: String,
        /// The shape given.
        found: String,
    },
    /// A rank of 0, or above the smaller side of the matrix.
    #[error("rank must be between 1 and {max} (the smaller side of the matrix), found {found}")]
    Rank {
        /// The rank given.
        found: usize,
        /// The largest rank allowed.
        max: usize,
    },
    /// A parameter outside its range.
    #[error("{name} must be {rule}, found {found}")]
    Param {
        /// The parameter's field or argument name.
        name: &'static str,
        /// The rule it breaks, such as `finite and above 0`.
        rule: &'static str,
        /// The value given, as text.
        found: String,
    },
    /// A matrix, table or sample with nothing in it.
    #[error("{what} must not be empty")]
    Empty {
        /// The argument that is empty.
        what: &'static str,
    },
    /// NaN or infinity where a finite number is required.
    #[error("{what} must be finite, found {value} in row {row}, column {column} (both counted from 0)")]
    NotFinite {
        /// The argument that holds the value.
        what: &'static str,
        /// Row of the first such value, from 0.
        row: usize,
        /// Column of the first such value, from 0.
        column: usize,
        /// The value itself.
        value: f64,
    },
    /// A class label that does not belong to the classes at hand.
    #[error(
        "labels must be below the number of classes ({classes}), found {found} in row {row} (counted from 0)"
    )]
    Label {
        /// Row of the first such label, from 0.
        row: usize,
        /// The label given.
        found: usize,
        /// The number of classes.
        classes: usize,
    },
    /// The loss of a gradient descent became infinite or NaN: its steps overshoot.
    #[error("diverged at epoch {epoch}: the loss became {loss}; try a smaller lr")]
    Diverged {
        /// The number of updates after which the loss was no longer finite.
        epoch: usize,
        /// The loss found: infinite or NaN.
        loss: f64,
    },
    /// A table that cannot be read.
    #[error("{}: {reason}", place(*row, *column))]
    Data {
        /// Line of the file, from 1.
        row: usize,
        /// Column of the file, from 1; 0 where the whole row is meant.
        column: usize,
        /// What is wrong there, and what would be right.
        reason: String,
    },
    /// A file that cannot be opened or read.
    #[error("cannot read {path}: {reason}")]
    File {
        /// The path as given.
        path: String,
        /// The system's message.
        reason: String,
    },
    /// A column of a frame that cannot be used as asked.
    #[cfg(feature = "notebook")]
    #[error("column {column:?} must {rule}, found {found}")]
    Column {
        /// The column's name.
        column: String,
        /// What it must do or hold.
        rule: String,
        /// What is there instead.
        found: String,
    },
    /// A control of an explorable that is unknown, or whose value is outside what it allows.
    #[cfg(feature = "live")]
    #[error("{control} must be {rule}, found {found}")]
    Control {
        /// The control's name.
        control: String,
        /// What its value must be.
        rule: String,
        /// The value given.
        found: String,
    },
    /// A claim of a report that is unknown, or whose verdict comes out otherwise than on record.
    #[cfg(feature = "claims")]
    #[error("claim {id} {reason}")]
    Claim {
        /// The claim's name, such as `B12-gd`.
        id: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A run that was stopped on request: see [`check_interrupt`](crate::check_interrupt).
    #[error("stopped on request")]
    Interrupted,
    /// Work that needs more memory than there is.
    #[error("{what} would need {} of memory, of which {} are available", readable(*bytes), readable((*available).into()))]
    Memory {
        /// What would have to be stored.
        what: String,
        /// The bytes that it would take.
        bytes: u128,
        /// The bytes that are available; `u64::MAX` where the system does not say.
        available: u64,
    },
    /// An iterative decomposition that did not converge.
    #[error("{what} did not converge")]
    NotConverged {
        /// The decomposition.
        what: &'static str,
    },
}

/// The result of every fallible function of this crate. With a second parameter it is the standard one, so that a glob
/// of this crate's names takes nothing away: `Result<f64, std::num::ParseFloatError>` means what it always does.
///
/// ```
/// fn parsed(text: &str) -> lab_core::Result<f64, std::num::ParseFloatError> {
///     text.parse()
/// }
/// assert_eq!(parsed("0.5"), Ok(0.5));
/// ```
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Where in a file; column 0 stands for the whole row.
fn place(row: usize, column: usize) -> String {
    if column == 0 {
        return format!("row {row} (counted from 1)");
    }
    format!("row {row}, column {column} (both counted from 1)")
}

/// Bytes in the largest decimal unit of which there is at least one.
fn readable(bytes: u128) -> String {
    let units = ["bytes", "kB", "MB", "GB", "TB", "PB", "EB"];
    let (mut value, mut unit) = (bytes as f64, 0);
    while value >= 999.95 && unit + 1 < units.len() {
        value /= 1000.0;
        unit += 1;
    }
    if unit == 0 { format!("{bytes} bytes") } else { format!("{value:.1} {}", units[unit]) }
}

impl Error {
    /// A matrix of another shape than (rows, columns) = `expected`.
    pub(crate) fn shape(what: impl Into<String>, expected: (usize, usize), found: (usize, usize)) -> Error {
        let text = |(rows, columns): (usize, usize)| format!("{rows} x {columns}");
        Error::Shape { what: what.into(), expected: text(expected), found: text(found) }
    }
}

#[cfg(test)]
mod tests {
    use super::readable;

    #[test]
    fn bytes_are_readable() {
        let texts = [0, 999, 1000, 34_359_738_368, u128::MAX].map(readable);
        assert_eq!(texts[..4], ["0 bytes", "999 bytes", "1.0 kB", "34.4 GB"]);
        assert!(texts[4].ends_with(" EB"));
    }
}
