//! The best approximation of a given rank: truncated singular value decomposition and principal component analysis.
//!
//! For A (m, n) of singular values s₁ ≥ s₂ ≥ …, `A ≈ U diag(s) Vᵀ` with U (m, r) and V (n, r) has the smallest
//! `‖A - B‖` of all B of rank r, namely `√(s²ᵣ₊₁ + s²ᵣ₊₂ + …)`: Eckart and Young (1936), "The approximation of one
//! matrix by another of lower rank". The decomposition itself is faer's: Householder bidiagonalisation, after a QR
//! decomposition where one side is the longer (in blocks of rows where it is much the longer), then divide and conquer.
//! Of a large matrix of which few triples are wanted, only these are computed. In WebAssembly, where faer would be a third
//! of the code, columns are rotated until they are orthogonal.

#[cfg(any(test, target_family = "wasm"))]
mod jacobi;
#[cfg(not(target_family = "wasm"))]
mod leading;
#[cfg(not(target_family = "wasm"))]
mod tall;

use faer::Mat;
use ndarray::ArrayView2;

use crate::error::{Error, Result};
#[cfg(not(target_family = "wasm"))]
use crate::lanes::Padded;
use crate::matrix::{Matrix, Vector, check_matrix, check_rank, check_two_rows, column_means};

/// A ≈ U diag(s) Vᵀ. In each column of V the entry of the largest magnitude, the first of equals, is positive; this
/// settles the sign, which the decomposition leaves open.
///
/// ```
/// let svd = lab_core::truncated_svd(&ndarray::array![[0.0, -2.0], [1.0, 0.0]], 2)?;
/// assert!((svd.s[0] - 2.0).abs() < 1e-14 && (svd.s[1] - 1.0).abs() < 1e-14);
/// assert!(svd.v[[1, 0]] > 0.0 && svd.u[[0, 0]] < 0.0);
/// # Ok::<(), lab_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct TruncatedSvd {
    /// Left singular vectors (m, r), orthonormal columns.
    pub u: Matrix,
    /// Singular values (r), descending, not negative.
    pub s: Vector,
    /// Right singular vectors (n, r), orthonormal columns.
    pub v: Matrix,
}

impl TruncatedSvd {
    /// U diag(s) Vᵀ (m, n): the best approximation of its rank.
    ///
    /// ```
    /// use lab_core::truncated_svd;
    /// use ndarray::array;
    ///
    /// let a = array![[2.0, 0.0], [0.0, 1.0]];
    /// assert_eq!(truncated_svd(&a, 1)?.reconstruct(), array![[2.0, 0.0], [0.0, 0.0]]);
    /// # Ok::<(), lab_core::Error>(())
    /// ```
    pub fn reconstruct(&self) -> Matrix {
        (&self.u * &self.s).dot(&self.v.t())
    }
}

/// The `rank` largest singular values of `a` (m, n) and their vectors: exact to rounding.
///
/// Where the whole decomposition would take long (m n min(m, n) above 2·10⁹) and the rank is small beside min(m, n),
/// only the leading triples are computed, from a fixed random start, until `‖A v - s u‖` is a rounding error and
/// `‖Aᵀ u - s v‖` at most 10⁻¹³ s₁ for each: every s is then that close to a singular value of A. Where that is not
/// reached soon, because many singular values lie close together, the whole decomposition is computed after all.
///
/// # Errors
/// [`Error::Empty`] and [`Error::NotFinite`] for `a`, [`Error::Rank`] for a rank of 0 or above min(m, n),
/// [`Error::NotConverged`] where the iteration fails.
///
/// ```
/// use lab_core::{Scale, iris, scale, truncated_svd};
///
/// let centred = scale(&iris().x, Scale::Centre)?;
/// let svd = truncated_svd(&centred, 2)?;
/// let residual = (&centred - &svd.reconstruct()).mapv(|e| e * e).sum();
/// assert!((residual - 15.228_833).abs() < 1e-6); // squared, in cm²
/// # Ok::<(), lab_core::Error>(())
/// ```
pub fn truncated_svd(a: &Matrix, rank: usize) -> Result<TruncatedSvd> {
    check_matrix("a", a)?;
    check_rank(a.dim(), rank)?;
    // A power of two that brings the largest entry between 64 and 128: exact, keeps the squares inside from overflowing,
    // and faer takes a slower way where entries are below 1.
    let largest = a.iter().fold(0.0_f64, |largest, x| largest.max(x.abs()));
    let scale =
        if largest > 0.0 { (largest.log2().floor() - 6.0).clamp(-1000.0, 1000.0).exp2() } else { 1.0 };
    let wide = a.nrows() < a.ncols();
    let tall = if wide { a.t() } else { a.view() };
    let thin = decompose(&tall, 1.0 / scale, rank);
    let thin = thin.ok_or(Error::NotConverged { what: "the singular value decomposition" })?;
    let (left, right) = if wide { (&thin.v, &thin.u) } else { (&thin.u, &thin.v) };
    let signs: Vec<f64> = (0..rank).map(|k| sign(right.col_as_slice(k))).collect();
    let leading = |vectors: &Mat<f64>| {
        let mut copy = Matrix::zeros((vectors.nrows(), rank));
        by_eights(copy.dim(), |i, k| copy[[i, k]] = signs[k] * vectors[(i, k)]);
        copy
    };
    let (u, v) = (leading(left), leading(right));
    let s: Vector = thin.s[..rank].iter().map(|s| s * scale).collect();
    if ![&u, &v].iter().all(|vectors| vectors.fold(true, |finite, x| finite & x.is_finite()))
        || !s.iter().all(|s| s.is_finite())
    {
        return Err(Error::NotConverged { what: "the singular value decomposition, near the largest f64," });
    }
    Ok(TruncatedSvd { u, s, v })
}

/// At least the `rank` leading triples of a tall matrix times a power of two.
#[cfg(not(target_family = "wasm"))]
fn decompose(a: &ArrayView2<'_, f64>, by: f64, rank: usize) -> Option<Thin> {
    let few = leading::pays(a.dim(), rank).then(|| leading::decompose(&Padded::scaled(a, by), rank));
    few.flatten().or_else(|| tall::decompose(scaled(a, by).as_ref()))
}

#[cfg(target_family = "wasm")]
fn decompose(a: &ArrayView2<'_, f64>, by: f64, _rank: usize) -> Option<Thin> {
    jacobi::decompose(scaled(a, by))
}

/// A copy of `a` times a power of two, which rounds nothing.
fn scaled(a: &ArrayView2<'_, f64>, by: f64) -> Mat<f64> {
    let mut copy = Mat::zeros(a.nrows(), a.ncols());
    by_eights(a.dim(), |i, j| copy[(i, j)] = by * a[[i, j]]);
    copy
}

/// Visits every cell in blocks of eight rows, column by column: what is stored by rows and what is stored by columns are both
/// touched a cache line at a time.
fn by_eights((m, n): (usize, usize), mut visit: impl FnMut(usize, usize)) {
    for first in (0..m).step_by(8) {
        for j in 0..n {
            (first..m.min(first + 8)).for_each(|i| visit(i, j));
        }
    }
}

/// The sign of the first entry of largest magnitude.
fn sign(x: &[f64]) -> f64 {
    let largest = x.iter().fold(0.0_f64, |largest, x| if x.abs() > largest.abs() { *x } else { largest });
    if largest < 0.0 { -1.0 } else { 1.0 }
}

/// U, the singular values and V of a tall matrix.
struct Thin {
    u: Mat<f64>,
    s: Vec<f64>,
    v: Mat<f64>,
}

/// The principal axes of a cloud of points, in the sign convention of [`TruncatedSvd`].
///
/// ```
/// let pca = lab_core::pca(&lab_core::iris().x, 2)?;
/// assert_eq!((pca.mean.len(), pca.components.dim(), pca.scores.dim()), (4, (4, 2), (150, 2)));
/// # Ok::<(), lab_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Pca {
    /// Mean of each column (n).
    pub mean: Vector,
    /// Principal axes as columns (n, r), orthonormal; the weights of the n features.
    pub components: Matrix,
    /// Coordinates of the rows on the axes (m, r): `(x - mean) components`.
    pub scores: Matrix,
    /// Variance along each axis (r), descending, in squared units of x; it divides by m - 1.
    pub variance: Vector,
    /// Sum of the variances of all n columns: `variance / total_variance` is the share explained.
    pub total_variance: f64,
}

/// Principal component analysis of `x` (m, n), rows being observations, by SVD of the centred matrix `U diag(s) Vᵀ`:
/// components V, scores U diag(s), variances s² / (m - 1). Pearson (1901), "On lines and planes of closest fit to
/// systems of points in space"; Hotelling (1933).
///
/// # Errors
/// Those of [`truncated_svd`], and [`Error::Shape`] for a single row, which has no variance.
///
/// ```
/// let pca = lab_core::pca(&lab_core::iris().x, 2)?;
/// let explained = &pca.variance / pca.total_variance;
/// assert!((explained[0] - 0.9246).abs() < 1e-4);
/// # Ok::<(), lab_core::Error>(())
/// ```
pub fn pca(x: &Matrix, rank: usize) -> Result<Pca> {
    check_matrix("x", x)?;
    check_rank(x.dim(), rank)?;
    check_two_rows(x)?;
    let mean = column_means(x);
    let centred = x - &mean;
    check_matrix("the centred x", &centred)?;
    let TruncatedSvd { u, s, v } = truncated_svd(&centred, rank)?;
    let freedom = (x.nrows() - 1) as f64;
    let total_variance = centred.mapv(|d| d * d).sum() / freedom;
    Ok(Pca { mean, components: v, scores: u * &s, variance: s.mapv(|s| s * s / freedom), total_variance })
}
