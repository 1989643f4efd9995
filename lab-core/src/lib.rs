//! Matrix factorisation by gradient descent, its comparison with the truncated SVD and PCA, and a small MLP.

mod data;
mod error;
mod evaluate;
#[cfg(feature = "notebook")]
pub mod notebook;
mod random;
mod threads;

pub use data::{Labelled, Scale, iris, scale};
pub use error::{Error, Result};
pub use evaluate::{Summary, accuracy, run_seeds};
#[cfg(feature = "notebook")]
pub use notebook::prelude;
pub use random::{Init, Random, Seed};

/// A dense matrix of `f64`.
pub type Matrix = ndarray::Array2<f64>;
/// A dense vector of `f64`.
pub type Vector = ndarray::Array1<f64>;
/// Which cells of a matrix are observed: `true` = observed.
pub type Mask = ndarray::Array2<bool>;
