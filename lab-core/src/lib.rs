//! Matrix factorisation by gradient descent, its comparison with the truncated SVD and PCA, and a small MLP.

mod align;
mod autodiff;
mod data;
mod error;
mod evaluate;
mod factorise;
mod lanes;
mod loss;
mod mlp;
#[cfg(feature = "notebook")]
pub mod notebook;
mod observations;
mod progress;
mod random;
mod svd;
mod threads;

pub use align::{Alignment, Family, align, principal_angles};
pub use autodiff::{Tape, Var};
pub use data::{Labelled, Scale, iris, scale};
pub use error::{Error, Result};
pub use evaluate::{Summary, accuracy, run_seeds};
pub use factorise::{
    Completion, Factors, GdParams, Gradient, Order, SgdParams, gd_factorise, gd_factorise_from,
    sgd_factorise, sgd_factorise_from, sgd_factorise_masked, sgd_factorise_masked_from,
    sgd_factorise_observed,
};
pub use loss::{Loss, Reduction, cross_entropy, cross_entropy_gradient};
pub use mlp::{Batch, Bias, Mlp, MlpParams, Output, Trained, train_mlp, train_mlp_from};
#[cfg(feature = "notebook")]
pub use notebook::prelude;
pub use observations::Observations;
pub use random::{Init, Random, Seed};
pub use svd::{Pca, TruncatedSvd, pca, truncated_svd};

/// A dense matrix of `f64`.
pub type Matrix = ndarray::Array2<f64>;
/// A dense vector of `f64`.
pub type Vector = ndarray::Array1<f64>;
/// Which cells of a matrix are observed: `true` = observed.
pub type Mask = ndarray::Array2<bool>;
