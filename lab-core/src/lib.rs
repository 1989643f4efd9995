//! Matrix factorisation by gradient descent, its comparison with the truncated SVD and PCA, and a small MLP: the numerics
//! of a deep-learning lab.
//!
//! Numbers flow one way. [`Labelled`] and [`Observations`] hold what was read. A [`Seed`] opens a stream of [`Random`]
//! numbers, from which an [`Init`] draws a start. A [`Loss`] of the residual, or [`cross_entropy`], is minimised: its
//! [`Gradient`] comes from an expression of [`Var`]s or from formulas, and [`gd_factorise`], [`sgd_factorise`],
//! [`sgd_factorise_observed`] and [`train_mlp`] descend along it, with the updates of an [`Optimiser`].
//! [`truncated_svd`] and [`pca`] compute the best that a factorisation can reach. [`align`] and [`principal_angles`]
//! compare two results; [`run_seeds`] and [`Summary`] repeat an experiment over many seeds. Wrong input is refused with
//! an [`Error`] before any work. With the feature `notebook`, the module `notebook` shows results as tables and charts,
//! and its prelude is what a notebook imports. With the feature `live`, [`explore`] finds the charts that a page
//! computes again when its reader moves a control.
//!
//! ```
//! use lab_core::{GdParams, Loss, Scale, gd_factorise, iris, scale, truncated_svd};
//!
//! // How close do 1000 epochs of gradient descent come to the best rank-2 approximation of iris?
//! let x = scale(&iris().x, Scale::Centre)?;
//! let found = gd_factorise(&x, &GdParams { rank: 2, ..Default::default() })?;
//! let best = truncated_svd(&x, 2)?;
//! let least = Loss::SumSquared.value(&(&x - &best.reconstruct()));
//! assert!(found.losses[1000] >= least && found.losses[1000] < 1.001 * least);
//! # Ok::<(), lab_core::Error>(())
//! ```
//!
//! # Equal seeds, equal bits
//!
//! The same call with the same [`Seed`] gives the same bits in every run and on any number of threads. Descents by
//! formulas and by expressions, completion and training give the same bits also with AVX-512, with AVX2 and without
//! either: each sum has one order, and each `a b + c` is rounded once. Tests compare all of these, at sizes that are
//! really spread over threads. Decompositions, alignments and reconstructions are products of faer and matrixmultiply,
//! which choose their kernels by the processor: there, the last digits may differ from one processor to another. The
//! logarithms and exponentials of portable normal draws, of the function [`cross_entropy`] and of its gradient are the
//! system's, and may differ in the last digit from one system to another; expressions, training and PyTorch's draws
//! compute their own.

mod align;
mod autodiff;
#[cfg(test)]
mod bits;
#[cfg(feature = "claims")]
mod claims;
mod csv;
mod data;
mod descent;
mod error;
mod evaluate;
#[cfg(feature = "live")]
pub mod exercises;
mod factorise;
mod interrupt;
mod lanes;
#[cfg(feature = "live")]
pub mod live;
mod loss;
mod matrix;
mod memory;
mod mlp;
#[cfg(feature = "live")]
pub mod notebook;
mod observations;
mod progress;
mod random;
mod svd;
mod sweeps;
mod threads;

pub use align::{Alignment, Family, align, principal_angles};
pub use autodiff::{Optimisation, Var};
#[cfg(feature = "claims")]
pub use claims::{Check, Claim, Finding, Held, Rule, Verdict, check, check_report, claim, claims};
pub use data::{Labelled, Scale, iris, scale};
pub use descent::{Gradient, Optimiser};
pub use error::{Error, Result};
pub use evaluate::{Summary, accuracy, run_seeds};
pub use factorise::{
    Completion, Factors, GdParams, Order, SgdParams, gd_factorise, gd_factorise_from, sgd_factorise,
    sgd_factorise_from, sgd_factorise_masked, sgd_factorise_masked_from, sgd_factorise_observed,
};
pub use interrupt::check_interrupt;
#[cfg(feature = "live")]
pub use live::{Explorable, explore};
pub use loss::{Loss, Reduction, cross_entropy, cross_entropy_gradient};
pub use matrix::{Mask, Matrix, Vector};
pub use mlp::{Batch, Bias, Mlp, MlpParams, Output, Trained, train_mlp, train_mlp_from};
#[cfg(feature = "notebook")]
pub use notebook::prelude;
pub use observations::Observations;
pub use random::{Init, Random, Seed};
pub use svd::{Pca, TruncatedSvd, pca, truncated_svd};
pub use sweeps::{band, descents, final_accuracies, final_losses, networks};
