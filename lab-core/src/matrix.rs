//! What a matrix is in this crate, and the checks that every function makes of one before any work.

use ndarray::Axis;

use crate::error::{Error, Result};

/// A dense matrix of `f64`.
pub type Matrix = ndarray::Array2<f64>;
/// A dense vector of `f64`.
pub type Vector = ndarray::Array1<f64>;
/// Which cells of a matrix are observed: `true` = observed.
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

/// The mean of each column of `x` (rows, columns), rows > 0.
pub(crate) fn column_means(x: &Matrix) -> Vector {
    x.sum_axis(Axis(0)) / x.nrows() as f64
}
