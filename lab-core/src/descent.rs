//! What all descents share: how the gradient is computed, how an update follows from it, the rule for the learning
//! rate, and the log of the losses.

mod optimiser;

pub(crate) use optimiser::Moments;
pub use optimiser::Optimiser;

use crate::error::{Error, Result};
use crate::progress::Progress;

/// How gradients are computed. Both ways give the same numbers up to rounding.
///
/// ```
/// use lab_core::{GdParams, Gradient, gd_factorise};
/// use ndarray::array;
///
/// let a = array![[2.0, 4.0], [3.0, 6.0]];
/// let by = |gradient| gd_factorise(&a, &GdParams { rank: 1, gradient, ..Default::default() });
/// let (expression, formulas) = (by(Gradient::Autodiff)?, by(Gradient::Analytic)?);
/// assert!((expression.u - formulas.u).iter().all(|difference| difference.abs() < 1e-10));
/// # Ok::<(), lab_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Gradient {
    /// By an expression of [`Var`](crate::Var)s, as the lab sheets ask.
    #[default]
    Autodiff,
    /// By the formulas worked out by hand: the fast path, under [`Optimiser::Plain`].
    Analytic,
}

impl Gradient {
    /// The way that is used on this platform: in WebAssembly always the formulas, so that no page carries the code of
    /// autodiff.
    pub(crate) fn here(self) -> Gradient {
        if cfg!(target_family = "wasm") { Gradient::Analytic } else { self }
    }
}

/// Refuses a learning rate that is not finite and above 0.
pub(crate) fn check_lr(lr: f64) -> Result<()> {
    if lr.is_finite() && lr > 0.0 {
        return Ok(());
    }
    Err(Error::Param { name: "lr", rule: "finite and above 0", found: lr.to_string() })
}

/// The losses of a run as they come in: the first that is not finite ends it.
pub(crate) struct Losses(pub Vec<f64>, Progress);

impl Losses {
    /// Room for the losses of a run of so many epochs.
    pub fn over(epochs: usize) -> Losses {
        let losses = Vec::with_capacity(epochs.saturating_add(1).min(1 << 20));
        Losses(losses, Progress::of(epochs, "epochs"))
    }

    /// Notes the loss after the next epoch; an error where it is not finite, and where the run was asked to stop.
    pub fn push(&mut self, loss: f64) -> Result<()> {
        let epoch = self.0.len();
        if !loss.is_finite() {
            return Err(Error::Diverged { epoch, loss });
        }
        self.0.push(loss);
        self.1.reached(epoch)
    }
}
