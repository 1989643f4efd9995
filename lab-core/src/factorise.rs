//! `A ≈ U Vᵀ` with A (m, n), U (m, r), V (n, r): full-batch gradient descent (lab sheet 2, exercise 1.1) and
//! element-wise stochastic gradient descent, with and without missing cells (lab sheet 1, exercises 1.1 and 3.1).
//!
//! What the functions here share are the parameters, the checks and the random starts; [`gd`] and [`sgd`] descend.

use crate::descent::check_lr;
use crate::error::{Error, Result};
use crate::matrix::{Mask, Matrix, check_matrix, check_rank};
use crate::observations::Observations;
use crate::random::{Init, Random, Seed};

mod completion;
mod gd;
mod params;
mod sgd;

pub use completion::{Completion, Order, sgd_factorise_observed};
pub use params::{GdParams, SgdParams};

/// The factors found, and how the loss fell.
///
/// ```
/// use lab_core::{Factors, GdParams, gd_factorise};
/// use ndarray::array;
///
/// let p = GdParams { rank: 1, epochs: 10, ..Default::default() };
/// let Factors { u, v, losses } = gd_factorise(&array![[2.0, 4.0], [3.0, 6.0], [1.0, 2.0]], &p)?;
/// assert_eq!((u.dim(), v.dim(), losses.len()), ((3, 1), (2, 1), 11));
/// # Ok::<(), lab_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Factors {
    /// (m, r)
    pub u: Matrix,
    /// (n, r)
    pub v: Matrix,
    /// `losses[t]` is the loss after t epochs: epochs + 1 entries.
    pub losses: Vec<f64>,
}

impl Factors {
    /// `U Vᵀ` (m, n).
    ///
    /// ```
    /// # use lab_core::Factors;
    /// # use ndarray::array;
    /// let factors = Factors { u: array![[1.0], [2.0]], v: array![[3.0], [4.0]], losses: vec![] };
    /// assert_eq!(factors.reconstruct(), array![[3.0, 4.0], [6.0, 8.0]]);
    /// ```
    pub fn reconstruct(&self) -> Matrix {
        self.u.dot(&self.v.t())
    }
}

/// Full-batch gradient descent on a [`Loss`](crate::loss::Loss) of `A - U Vᵀ`: both gradients are taken at the old U and
/// V, then `U -= lr ∂L/∂U` and `V -= lr ∂L/∂V` (lab sheet 2, exercise 1.1).
///
/// # Errors
/// [`Error::Empty`], [`Error::NotFinite`] for A; [`Error::Rank`], [`Error::Param`] for the parameters;
/// [`Error::Diverged`] at the first loss that is not finite.
///
/// ```
/// use lab_core::{GdParams, Scale, gd_factorise, iris, scale};
///
/// let centred = scale(&iris().x, Scale::Centre)?;
/// let factors = gd_factorise(&centred, &GdParams::default())?;
/// assert_eq!((factors.u.dim(), factors.v.dim(), factors.losses.len()), ((150, 2), (4, 2), 1001));
/// assert!((factors.losses[1000] - 15.2288).abs() < 0.01); // Eckart and Young's bound is 15.228833
/// # Ok::<(), lab_core::Error>(())
/// ```
pub fn gd_factorise(a: &Matrix, p: &GdParams) -> Result<Factors> {
    check(a, p.rank, p.lr)?;
    p.loss.check()?;
    p.optimiser.check()?;
    let (u0, v0) = start(a.dim(), p.rank, p.init, p.seed)?;
    gd::descend(a, u0, v0, p)
}

/// [`gd_factorise`] from a given start: `u0` (m, r) and `v0` (n, r) for r = `p.rank`; `p.init` and `p.seed` are not used.
///
/// # Errors
/// As [`gd_factorise`], and [`Error::Shape`] for a start of another shape.
///
/// ```
/// use lab_core::{GdParams, gd_factorise_from};
/// use ndarray::array;
///
/// let p = GdParams { rank: 1, epochs: 1, lr: 0.1, ..Default::default() };
/// let factors = gd_factorise_from(&array![[3.0]], array![[1.0]], array![[1.0]], &p)?;
/// assert_eq!(factors.losses[0], 4.0); // (3 - 1 · 1)²
/// assert!((factors.u[[0, 0]] - 1.4).abs() < 1e-15); // 1 + 0.1 · 2 · (3 - 1) · 1
/// # Ok::<(), lab_core::Error>(())
/// ```
pub fn gd_factorise_from(a: &Matrix, u0: Matrix, v0: Matrix, p: &GdParams) -> Result<Factors> {
    check(a, p.rank, p.lr)?;
    p.loss.check()?;
    p.optimiser.check()?;
    check_start(a, &u0, &v0, p.rank)?;
    gd::descend(a, u0, v0, p)
}

/// Element-wise SGD (lab sheet 1, exercise 1.1): in each epoch, for each row i and each column j,
/// `e = A[i,j] - U[i]·V[j]`, then `U[i] += lr e V[j]`, then `V[j] += lr e U[i]`, where V sees the updated U and the old
/// e, and [`SgdParams::penalty`] may draw both towards 0. The losses are sums of squares over all cells.
///
/// # Errors
/// As [`gd_factorise`].
///
/// ```
/// use lab_core::{Seed, SgdParams, sgd_factorise};
/// use ndarray::array;
///
/// // Exercise 1.2, from PyTorch's seed 0.
/// let a = array![[0.3374, 0.6005, 0.1735], [3.3359, 0.0492, 1.8374], [2.9407, 0.5301, 2.2620]];
/// let factors = sgd_factorise(&a, &SgdParams { seed: Seed::Torch(0), ..Default::default() })?;
/// assert_eq!(format!("{:.4}, {:.4}", factors.u[[0, 0]], factors.u[[0, 1]]), "0.6168, -0.1530");
/// assert_eq!(format!("{:.4}", factors.losses[1000]), "0.1220");
/// # Ok::<(), lab_core::Error>(())
/// ```
pub fn sgd_factorise(a: &Matrix, p: &SgdParams) -> Result<Factors> {
    check(a, p.rank, p.lr)?;
    check_penalty(p.penalty)?;
    let (u0, v0) = start(a.dim(), p.rank, p.init, p.seed)?;
    in_order(&Observations::all(a)?, u0, v0, p)
}

/// [`sgd_factorise`] from a given start: `u0` (m, r) and `v0` (n, r) for r = `p.rank`; `p.init` and `p.seed` are not used.
///
/// # Errors
/// As [`gd_factorise_from`].
///
/// ```
/// use lab_core::{SgdParams, sgd_factorise_from};
/// use ndarray::array;
///
/// let p = SgdParams { rank: 1, epochs: 1, lr: 0.25, ..Default::default() };
/// let factors = sgd_factorise_from(&array![[3.0]], array![[1.0]], array![[1.0]], &p)?;
/// assert_eq!(factors.u, array![[1.5]]); // 1 + 0.25 · 2 · 1
/// assert_eq!(factors.v, array![[1.75]]); // 1 + 0.25 · 2 · 1.5: the new U, the old e
/// # Ok::<(), lab_core::Error>(())
/// ```
pub fn sgd_factorise_from(a: &Matrix, u0: Matrix, v0: Matrix, p: &SgdParams) -> Result<Factors> {
    check(a, p.rank, p.lr)?;
    check_penalty(p.penalty)?;
    check_start(a, &u0, &v0, p.rank)?;
    in_order(&Observations::all(a)?, u0, v0, p)
}

/// [`sgd_factorise`] on the observed cells only (lab sheet 1, exercise 3.1); the losses are sums over them. What a
/// hidden cell holds never matters, not even NaN, and the work grows with the number of observed cells.
///
/// # Errors
/// As [`gd_factorise`], with [`Error::NotFinite`] for observed cells only; [`Error::Shape`] for a mask of another shape,
/// [`Error::Empty`] for one that observes nothing.
///
/// ```
/// use lab_core::{SgdParams, sgd_factorise_masked};
/// use ndarray::array;
///
/// let a = array![[1.0, 2.0], [2.0, f64::NAN]];
/// let p = SgdParams { rank: 1, epochs: 10_000, ..Default::default() };
/// let completed = sgd_factorise_masked(&a, &a.mapv(f64::is_finite), &p)?.reconstruct();
/// assert!((completed[[1, 1]] - 4.0).abs() < 1e-9); // the one value that makes the rank 1
/// # Ok::<(), lab_core::Error>(())
/// ```
pub fn sgd_factorise_masked(a: &Matrix, observed: &Mask, p: &SgdParams) -> Result<Factors> {
    let cells = check_masked(a, observed, p)?;
    let (u0, v0) = start(a.dim(), p.rank, p.init, p.seed)?;
    in_order(&cells, u0, v0, p)
}

/// [`sgd_factorise_masked`] from a given start: `u0` (m, r) and `v0` (n, r) for r = `p.rank`; `p.init` and `p.seed` are not
/// used.
///
/// # Errors
/// As [`sgd_factorise_masked`], and [`Error::Shape`] for a start of another shape.
///
/// ```
/// use lab_core::{SgdParams, sgd_factorise_masked_from};
/// use ndarray::array;
///
/// let p = SgdParams { rank: 1, epochs: 1, lr: 0.25, ..Default::default() };
/// let (u0, v0) = (array![[1.0], [1.0]], array![[1.0]]);
/// let factors = sgd_factorise_masked_from(&array![[3.0], [9.0]], &array![[true], [false]], u0, v0, &p)?;
/// assert_eq!(factors.u, array![[1.5], [1.0]]);
/// # Ok::<(), lab_core::Error>(())
/// ```
pub fn sgd_factorise_masked_from(
    a: &Matrix,
    observed: &Mask,
    u0: Matrix,
    v0: Matrix,
    p: &SgdParams,
) -> Result<Factors> {
    let cells = check_masked(a, observed, p)?;
    check_start(a, &u0, &v0, p.rank)?;
    in_order(&cells, u0, v0, p)
}

fn check(a: &Matrix, rank: usize, lr: f64) -> Result<()> {
    check_matrix("the matrix to factorise", a)?;
    check_rank(a.dim(), rank)?;
    check_lr(lr)
}

fn check_masked(a: &Matrix, observed: &Mask, p: &SgdParams) -> Result<Observations> {
    let cells = Observations::masked(a, observed).map_err(|error| match error {
        Error::NotFinite { row, column, value, .. } => {
            Error::NotFinite { what: "the matrix to factorise", row, column, value }
        }
        other => other,
    })?;
    check_rank(a.dim(), p.rank)?;
    check_lr(p.lr)?;
    check_penalty(p.penalty)?;
    Ok(cells)
}

/// Element-wise SGD on the cells in their order.
fn in_order(train: &Observations, u0: Matrix, v0: Matrix, p: &SgdParams) -> Result<Factors> {
    let plan = sgd::Plan { train, held_out: None, blocks: 1, p };
    let sgd::Run { u, v, losses, .. } = sgd::descend(u0, v0, &plan)?;
    Ok(Factors { u, v, losses })
}

fn check_penalty(penalty: f64) -> Result<()> {
    if penalty.is_finite() && penalty >= 0.0 {
        return Ok(());
    }
    Err(Error::Param { name: "penalty", rule: "finite and at least 0", found: penalty.to_string() })
}

fn check_start(a: &Matrix, u0: &Matrix, v0: &Matrix, rank: usize) -> Result<()> {
    for (what, start, rows) in [("the start of U", u0, a.nrows()), ("the start of V", v0, a.ncols())] {
        if start.dim() != (rows, rank) {
            return Err(Error::shape(what, (rows, rank), start.dim()));
        }
        check_matrix(what, start)?;
    }
    Ok(())
}

fn start((m, n): (usize, usize), rank: usize, init: Init, seed: Seed) -> Result<(Matrix, Matrix)> {
    init.check()?;
    let mut random = Random::new(seed);
    let u0 = init.sample((m, rank), &mut random);
    Ok((u0, init.sample((n, rank), &mut random)))
}
