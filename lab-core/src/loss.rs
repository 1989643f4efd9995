//! Every loss with its value and its gradient side by side.
//!
//! Three losses of a factorisation are functions of one number, the sum of squares `s = Σ eᵢⱼ²` of the residual
//! `E = A - U Vᵀ`: `L = φ(s)`, and by the chain rule `∂L/∂E = 2 φ'(s) E`. The fast paths need only φ and φ' of such a
//! loss. The others are sums over the cells, `L = Σ ρ(eᵢⱼ)`, with `∂L/∂eᵢⱼ = ρ'(eᵢⱼ)`.

use crate::error::{Error, Result};
use crate::matrix::Matrix;

mod cross_entropy;

pub(crate) use cross_entropy::check_labels;
pub use cross_entropy::{Reduction, cross_entropy, cross_entropy_gradient};

/// The objective of gradient descent, a function of the residual `E = A - U Vᵀ` (lab sheet 2, exercise 1.1, and the
/// variants in the reports).
///
/// ```
/// use lab_core::Loss;
/// use ndarray::array;
///
/// let e = array![[3.0, 0.0], [0.0, 4.0]];
/// assert_eq!(Loss::SumSquared.value(&e), 25.0);
/// assert_eq!(Loss::MeanSquared.value(&e), 6.25);
/// assert_eq!(Loss::Frobenius.value(&e), 5.0);
/// assert_eq!(Loss::MeanSquared.gradient(&e), array![[1.5, 0.0], [0.0, 2.0]]); // 2 e / 4
/// assert_eq!(Loss::Huber { delta: 3.5 }.value(&e), 4.5 + 3.5 * (4.0 - 1.75));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub enum Loss {
    /// `Σ eᵢⱼ²`, the squared Frobenius norm.
    #[default]
    SumSquared,
    /// `Σ eᵢⱼ² / (m n)`.
    MeanSquared,
    /// `(Σ eᵢⱼ²)^½`, the Frobenius norm itself; its gradient is taken as 0 where the residual is 0.
    Frobenius,
    /// `Σ ρ(eᵢⱼ)` with `ρ(e) = e² / 2` up to |e| = δ and `δ (|e| - δ / 2)` beyond, so that outliers pull with a bounded force:
    /// Huber (1964), "Robust estimation of a location parameter". PyTorch's `HuberLoss(reduction="sum")`.
    Huber {
        /// Where the parabola becomes a line: finite and above 0.
        delta: f64,
    },
    /// `Σ |eᵢⱼ|`; its gradient is taken as 0 where e is 0. PyTorch's `L1Loss(reduction="sum")`.
    Absolute,
}

/// How a loss depends on the residual.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Form {
    /// Through the sum of squares.
    Squares(OfSquares),
    /// As a sum over the cells.
    Cells(OfCells),
}

/// φ of a sum of squares.
#[derive(Debug, Clone, Copy)]
pub(crate) enum OfSquares {
    Sum,
    Mean,
    Root,
}

/// ρ of a cell.
#[derive(Debug, Clone, Copy)]
pub(crate) enum OfCells {
    Huber(f64),
    Absolute,
}

impl Loss {
    /// The loss of a residual of any shape.
    ///
    /// ```
    /// # use lab_core::Loss;
    /// # use ndarray::array;
    /// assert_eq!(Loss::Absolute.value(&array![[0.5, -1.5]]), 2.0);
    /// ```
    pub fn value(self, residual: &Matrix) -> f64 {
        match self.form() {
            Form::Squares(phi) => phi.value(sum_of_squares(residual), residual.len()),
            Form::Cells(rho) => residual.iter().map(|&e| rho.value(e)).sum(),
        }
    }

    /// The gradient `∂L/∂E`, of the residual's shape.
    ///
    /// ```
    /// # use lab_core::Loss;
    /// # use ndarray::array;
    /// assert_eq!(Loss::SumSquared.gradient(&array![[0.5, -1.5]]), array![[1.0, -3.0]]); // 2 e
    /// ```
    pub fn gradient(self, residual: &Matrix) -> Matrix {
        match self.form() {
            Form::Squares(phi) => residual * (2.0 * phi.slope(sum_of_squares(residual), residual.len())),
            Form::Cells(rho) => residual.mapv(|e| rho.slope(e)),
        }
    }

    pub(crate) fn form(self) -> Form {
        match self {
            Loss::SumSquared => Form::Squares(OfSquares::Sum),
            Loss::MeanSquared => Form::Squares(OfSquares::Mean),
            Loss::Frobenius => Form::Squares(OfSquares::Root),
            Loss::Huber { delta } => Form::Cells(OfCells::Huber(delta)),
            Loss::Absolute => Form::Cells(OfCells::Absolute),
        }
    }

    /// Refuses a constant outside its range.
    pub(crate) fn check(self) -> Result<()> {
        match self {
            Loss::Huber { delta } if !(delta.is_finite() && delta > 0.0) => {
                Err(Error::Param { name: "delta", rule: "finite and above 0", found: delta.to_string() })
            }
            _ => Ok(()),
        }
    }
}

impl OfSquares {
    /// `φ(s)`: the loss where the squares of `cells` cells sum to `s`.
    pub fn value(self, s: f64, cells: usize) -> f64 {
        match self {
            OfSquares::Sum => s,
            OfSquares::Mean => s / cells as f64,
            OfSquares::Root => s.sqrt(),
        }
    }

    /// `φ'(s)`.
    pub fn slope(self, s: f64, cells: usize) -> f64 {
        match self {
            OfSquares::Sum => 1.0,
            OfSquares::Mean => 1.0 / cells as f64,
            OfSquares::Root if s == 0.0 => 0.0,
            OfSquares::Root => 0.5 / s.sqrt(),
        }
    }
}

impl OfCells {
    /// `ρ(e)`.
    pub fn value(self, e: f64) -> f64 {
        match self {
            OfCells::Huber(delta) if e.abs() <= delta => 0.5 * e * e,
            OfCells::Huber(delta) => delta * (e.abs() - 0.5 * delta),
            OfCells::Absolute => e.abs(),
        }
    }

    /// `ρ'(e)`.
    pub fn slope(self, e: f64) -> f64 {
        match self {
            OfCells::Huber(delta) if e > delta => delta,
            OfCells::Huber(delta) if e < -delta => -delta,
            OfCells::Huber(_) => e,
            OfCells::Absolute if e == 0.0 => 0.0,
            OfCells::Absolute => e.signum(),
        }
    }
}

/// `Σ eᵢⱼ²`.
fn sum_of_squares(e: &Matrix) -> f64 {
    e.iter().map(|x| x * x).sum()
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn absolute_values_have_their_signs_as_slopes() {
        assert_eq!(Loss::Absolute.gradient(&array![[0.5, -1.5, 0.0]]), array![[1.0, -1.0, 0.0]]);
        assert!((Loss::Absolute.value(&array![[0.5, -1.5, 0.0]]) - 2.0).abs() < 1e-15);
    }

    #[test]
    fn what_has_no_slope_at_zero_takes_0_there() {
        for loss in [Loss::Frobenius, Loss::Absolute] {
            assert_eq!(loss.gradient(&Matrix::zeros((2, 2))), Matrix::zeros((2, 2)));
        }
    }

    #[test]
    fn labels_are_checked() {
        let logits = Matrix::zeros((2, 3));
        let error =
            |labels: &[usize]| cross_entropy(&logits, labels, Reduction::Sum).unwrap_err().to_string();
        assert_eq!(
            error(&[0]),
            "the labels of `cross_entropy` (the logits are 2 x 3) must be 2, one a row, found 1"
        );
        assert_eq!(
            error(&[0, 3]),
            "labels must be below the number of classes (3), found 3 in row 1 (counted from 0)"
        );
        let nothing = cross_entropy(&Matrix::zeros((0, 3)), &[], Reduction::Mean).unwrap_err();
        assert_eq!(nothing.to_string(), "the logits of `cross_entropy` must not be empty");
    }
}
