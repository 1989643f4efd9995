//! What a matrix is in this crate, and the checks that every function makes of one before any work.

use ndarray::Axis;

use crate::error::{Error, Result};

/// A dense matrix of `f64`.
///
/// ```
/// let x: lab_core::Matrix = ndarray::array![[1.0, 2.0], [3.0, 4.0]];
/// assert_eq!(x.dim(), (2, 2)); // rows, columns
/// ```
pub type Matrix = ndarray::Array2<f64>;
/// A dense vector of `f64`.
///
/// ```
/// let s: lab_core::Vector = ndarray::array![2.0, 1.0];
/// assert_eq!(s.sum(), 3.0);
/// ```
pub type Vector = ndarray::Array1<f64>;
/// Which cells of a matrix are observed: `true` = observed.
///
/// ```
/// use ndarray::array;
///
/// let observed: lab_core::Mask = array![[1.0, f64::NAN]].mapv(f64::is_finite);
/// assert_eq!(observed, array![[true, false]]);
/// ```
pub type Mask = ndarray::Array2<bool>;

/// Refuses a matrix without elements, or with NaN or infinity: the first such cell in row order is named.
pub(crate) fn check_matrix(what: &'static str, x: &Matrix) -> Result<()> {
    if x.is_empty() {
        return Err(Error::Empty { what });
    }
    match x.indexed_iter().find(|(_, value)| !value.is_finite()) {
        Some(((row, column), &value)) => Err(Error::NotFinite { what, row, column, value }),
        None => Ok(()),
    }
}

/// Refuses a rank of 0 or above the smaller side.
pub(crate) fn check_rank((m, n): (usize, usize), found: usize) -> Result<()> {
    let max = m.min(n);
    if (1..=max).contains(&found) { Ok(()) } else { Err(Error::Rank { found, max }) }
}

/// Refuses `x` where it has fewer rows than a variance needs.
pub(crate) fn check_two_rows(x: &Matrix) -> Result<()> {
    if x.nrows() >= 2 {
        return Ok(());
    }
    let (what, found) = ("the number of rows of x".into(), x.nrows().to_string());
    Err(Error::Shape { what, expected: "at least 2".into(), found })
}

/// The mean of each column of `x` (rows, columns), rows > 0.
pub(crate) fn column_means(x: &Matrix) -> Vector {
    x.sum_axis(Axis(0)) / x.nrows() as f64
}
