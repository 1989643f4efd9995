//! The parameters of a factorisation: rank, epochs, learning rate and start; its loss and optimiser, or its penalty.

use crate::descent::{Gradient, Optimiser};
use crate::loss::Loss;
use crate::random::{Init, Seed};

/// Parameters of [`gd_factorise`](crate::gd_factorise); the defaults are lab sheet 2's.
///
/// ```
/// use lab_core::{GdParams, Loss};
///
/// // An experiment shows what it changes.
/// let p = GdParams { lr: 0.001, loss: Loss::Huber { delta: 1.0 }, ..Default::default() };
/// assert_eq!((p.rank, p.epochs), (2, 1000));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GdParams {
    /// Columns of U and V: from 1 to the smaller side of A.
    pub rank: usize,
    /// Number of updates.
    pub epochs: usize,
    /// Learning rate, finite and above 0.
    pub lr: f64,
    /// The objective.
    pub loss: Loss,
    /// How to differentiate the loss.
    pub gradient: Gradient,
    /// The start: U is drawn first, then V.
    pub init: Init,
    /// The stream that the start is drawn from.
    pub seed: Seed,
    /// How an update follows from the gradient.
    pub optimiser: Optimiser,
}

impl Default for GdParams {
    fn default() -> Self {
        GdParams {
            rank: 2,
            epochs: 1000,
            lr: 0.01,
            loss: Loss::SumSquared,
            gradient: Gradient::Autodiff,
            init: Init::Uniform { low: 0.0, high: 1.0 },
            seed: Seed::default(),
            optimiser: Optimiser::Plain,
        }
    }
}

/// The parameters of [`sgd_factorise`](crate::sgd_factorise) and [`sgd_factorise_masked`](crate::sgd_factorise_masked);
/// the defaults are lab sheet 1's.
///
/// ```
/// use lab_core::{Seed, SgdParams};
///
/// let p = SgdParams { rank: 3, seed: Seed::Torch(0), ..Default::default() };
/// assert_eq!((p.epochs, p.lr, p.penalty), (1000, 0.01, 0.0));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SgdParams {
    /// Columns of U and V: from 1 to the smaller side of A.
    pub rank: usize,
    /// Number of passes over the cells.
    pub epochs: usize,
    /// Learning rate, finite and above 0.
    pub lr: f64,
    /// The start: U is drawn first, then V.
    pub init: Init,
    /// The stream that the start is drawn from.
    pub seed: Seed,
    /// λ: each update also makes its rows of U and V smaller by the share `lr λ`, the gradient step on
    /// `½ (e² + λ ‖U[i]‖² + λ ‖V[j]‖²)` (Koren, Bell and Volinsky 2009, "Matrix factorization techniques for recommender
    /// systems"). Finite and at least 0; real ratings need one above 0. The losses do not contain it.
    pub penalty: f64,
}

impl Default for SgdParams {
    fn default() -> Self {
        let GdParams { rank, epochs, lr, init, seed, .. } = GdParams::default();
        SgdParams { rank, epochs, lr, init, seed, penalty: 0.0 }
    }
}
