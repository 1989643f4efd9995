//! How far two clouds of points agree up to a map of a given family, and the angles between two column spaces.

use ndarray::{Axis, s};

use crate::error::{Error, Result};
use crate::matrix::{Matrix, Vector, check_matrix, column_means};
use crate::svd::{TruncatedSvd, truncated_svd};

/// Which maps `x ↦ x L + shift` an alignment may use.
///
/// ```
/// use lab_core::{Family, align};
/// use ndarray::array;
///
/// let source = array![[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]];
/// let target = 2.0 * &source; // a similarity, but no rotation
/// assert!(align(&source, &target, Family::Similarity)?.relative_error < 1e-12);
/// assert!(align(&source, &target, Family::Rotation)?.relative_error > 0.1);
/// # Ok::<(), lab_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// L orthogonal: rotations and reflections. Schönemann (1966), "A generalized solution of the orthogonal Procrustes
    /// problem".
    Rotation,
    /// L = c Q with a scale c ≥ 0 and Q orthogonal. Schönemann and Carroll (1970), "Fitting one matrix to another under
    /// choice of a central dilation and a rigid motion".
    Similarity,
    /// Any L: linear least squares, of all minimisers the one of smallest norm.
    Affine,
}

/// The best map of a family from one cloud of m points to another.
#[derive(Debug, Clone, PartialEq)]
pub struct Alignment {
    /// L (p, q).
    pub linear: Matrix,
    /// What is added after L (q).
    pub shift: Vector,
    /// `source L + shift` (m, q).
    pub aligned: Matrix,
    /// `‖target - aligned‖ / ‖target - its column means‖` (Frobenius norms): 0 is a perfect fit; the square is the
    /// share of the target's variance left unexplained.
    pub relative_error: f64,
}

/// Least squares: the map of `family` that brings `source` (m, p) closest to `target` (m, q), row by row.
///
/// With both clouds centred and `sourceᵀ target = U diag(s) Vᵀ`, the rotation is `U Vᵀ` and the scale is
/// `Σ s / ‖source‖²`.
///
/// # Errors
/// [`Error::Empty`] and [`Error::NotFinite`] for either cloud; [`Error::Shape`] where the numbers of rows differ, or
/// those of columns (p = q except for [`Family::Affine`]); [`Error::Param`] for a cloud that is a single point.
///
/// ```
/// use lab_core::{Family, align};
/// use ndarray::array;
///
/// let source = array![[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]];
/// let target = array![[5.0, 5.0], [5.0, 7.0], [3.0, 5.0]]; // turned by 90 degrees, doubled, moved by (5, 5)
/// let found = align(&source, &target, Family::Similarity)?;
/// assert!((&found.linear - &array![[0.0, 2.0], [-2.0, 0.0]]).iter().all(|e| e.abs() < 1e-14));
/// assert!(found.relative_error < 1e-15);
/// # Ok::<(), lab_core::Error>(())
/// ```
pub fn align(source: &Matrix, target: &Matrix, family: Family) -> Result<Alignment> {
    check_matrix("source", source)?;
    check_matrix("target", target)?;
    let ((m, p), (rows, q)) = (source.dim(), target.dim());
    if rows != m || (p != q && family != Family::Affine) {
        let expected = if family == Family::Affine {
            format!("{m} x any number (as many rows as source)")
        } else {
            format!("{m} x {p} like source")
        };
        return Err(Error::Shape { what: "target".into(), expected, found: format!("{rows} x {q}") });
    }
    let (from, to) = (column_means(source), column_means(target));
    let (x, y) = (centred("source", source, &from)?, centred("target", target, &to)?);
    let linear = match family {
        Family::Affine => least_squares(&x, &y)?,
        Family::Rotation | Family::Similarity => {
            let TruncatedSvd { u, s, v } = truncated_svd(&x.t().dot(&y), p)?;
            let scale = if family == Family::Similarity { s.sum() / norm(&x).powi(2) } else { 1.0 };
            u.dot(&v.t()) * scale
        }
    };
    check_matrix("the linear map", &linear)?;
    let relative_error = norm(&(x.dot(&linear) - &y)) / norm(&y);
    let shift = to - from.dot(&linear);
    let aligned = source.dot(&linear) + &shift;
    Ok(Alignment { linear, shift, aligned, relative_error })
}

/// The cloud minus its mean, unless every row is the same point.
fn centred(name: &'static str, cloud: &Matrix, mean: &Vector) -> Result<Matrix> {
    if cloud.rows().into_iter().all(|row| row == cloud.row(0)) {
        let rule = "a cloud of at least two different rows";
        return Err(Error::Param { name, rule, found: "the same point in every row".into() });
    }
    let centred = cloud - mean;
    check_matrix(name, &centred)?;
    Ok(centred)
}

/// L of smallest norm that minimises `‖x L - y‖`, by the pseudo-inverse of x.
fn least_squares(x: &Matrix, y: &Matrix) -> Result<Matrix> {
    let svd = truncated_svd(x, x.nrows().min(x.ncols()))?;
    let rank = numerical_rank(x, &svd.s);
    let (u, v) = (svd.u.slice(s![.., ..rank]), svd.v.slice(s![.., ..rank]));
    Ok(v.dot(&(u.t().dot(y) / svd.s.slice(s![..rank]).insert_axis(Axis(1)))))
}

/// How many singular values of `x` exceed rounding: `s₁ max(m, n) ε`, as in LAPACK's users' guide.
fn numerical_rank(x: &Matrix, s: &Vector) -> usize {
    let threshold = s[0] * x.nrows().max(x.ncols()) as f64 * f64::EPSILON;
    s.iter().filter(|&&value| value > threshold).count()
}

fn norm(x: &Matrix) -> f64 {
    x.iter().map(|e| e * e).sum::<f64>().sqrt()
}

/// The principal angles between the column spaces of `a` (m, p) and `b` (m, q), in radians from 0 to π/2, ascending;
/// min(p, q) of them.
///
/// With orthonormal bases A and B, the cosines are the singular values of `Aᵀ B` and the sines those of
/// `B - A (Aᵀ B)`. The cosine of a small angle has lost its digits, so angles below 45° come from the sine: Björck and
/// Golub (1973), "Numerical methods for computing angles between linear subspaces".
///
/// # Errors
/// [`Error::Empty`] and [`Error::NotFinite`] for either matrix, [`Error::Shape`] where the numbers of rows differ,
/// [`Error::Param`] where columns are linearly dependent.
///
/// ```
/// use lab_core::principal_angles;
/// use ndarray::array;
///
/// let tilted = array![[1.0], [1e-9]];
/// let angles = principal_angles(&array![[1.0], [0.0]], &tilted)?;
/// assert!((angles[0] - 1e-9).abs() < 1e-24); // the cosine would give 0
/// # Ok::<(), lab_core::Error>(())
/// ```
pub fn principal_angles(a: &Matrix, b: &Matrix) -> Result<Vector> {
    check_matrix("a", a)?;
    check_matrix("b", b)?;
    if a.nrows() != b.nrows() {
        let expected = format!("{}, as in a", a.nrows());
        return Err(Error::Shape {
            what: "the number of rows of b".into(),
            expected,
            found: b.nrows().to_string(),
        });
    }
    let (mut wide, mut narrow) = (basis("a", a)?, basis("b", b)?);
    if wide.ncols() < narrow.ncols() {
        std::mem::swap(&mut wide, &mut narrow);
    }
    let count = narrow.ncols();
    let products = wide.t().dot(&narrow);
    let cosines = truncated_svd(&products, count)?.s;
    let mut sines = truncated_svd(&(&narrow - &wide.dot(&products)), count)?.s;
    sines.invert_axis(Axis(0));
    Ok(cosines
        .iter()
        .zip(&sines)
        .map(|(&cos, &sin)| if cos * cos >= 0.5 { sin.min(1.0).asin() } else { cos.acos() })
        .collect())
}

/// An orthonormal basis (m, p) of the column space.
fn basis(name: &'static str, a: &Matrix) -> Result<Matrix> {
    let svd = truncated_svd(a, a.nrows().min(a.ncols()))?;
    let rank = numerical_rank(a, &svd.s);
    if rank < a.ncols() {
        let rule = "a matrix of linearly independent columns";
        return Err(Error::Param { name, rule, found: format!("rank {rank} in {} columns", a.ncols()) });
    }
    Ok(svd.u)
}
