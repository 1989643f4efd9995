//! The network itself: its weights and biases, its start, its predictions.

use super::{Bias, MlpParams};
use crate::error::{Error, Result};
use crate::matrix::{Matrix, Vector, check_matrix};
use crate::memory::check_room;
use crate::random::Random;

/// The activation of the output layer.
///
/// ```
/// use lab_core::{Mlp, MlpParams, Output};
/// use ndarray::array;
///
/// let mlp = Mlp { output: Output::Relu, ..Mlp::start(2, 3, &MlpParams::default())? };
/// assert!(mlp.logits(&array![[1.0, -1.0]])?.iter().all(|&logit| logit >= 0.0));
/// # Ok::<(), lab_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Output {
    /// None: the logits themselves.
    #[default]
    Logits,
    /// A ReLU (report D), which hides every negative logit from the loss.
    Relu,
}

/// The network: d features, h hidden units, k classes.
///
/// ```
/// use lab_core::{Mlp, MlpParams};
///
/// let mlp = Mlp::start(4, 3, &MlpParams::default())?;
/// assert_eq!((mlp.w1.dim(), mlp.w2.dim()), ((4, 12), (12, 3)));
/// # Ok::<(), lab_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Mlp {
    /// (d, h)
    pub w1: Matrix,
    /// Length h, or 1 for a bias that all hidden units share.
    pub b1: Vector,
    /// (h, k)
    pub w2: Matrix,
    /// Length k, or 1 for a bias that all classes share.
    pub b2: Vector,
    /// Activation of the output layer.
    pub output: Output,
}

impl Mlp {
    /// The network that [`train_mlp`](crate::mlp::train_mlp) starts from: weights drawn, biases zero. To start
    /// elsewhere, modify the result, then pass it to [`train_mlp_from`](crate::mlp::train_mlp_from).
    ///
    /// # Errors
    /// [`Error::Param`] without hidden units or for an invalid `init`; [`Error::Memory`] where the weights cannot fit.
    ///
    /// ```
    /// use lab_core::{Bias, Init, Mlp, MlpParams, Random, Seed};
    ///
    /// // Report C's start: every matrix is normal over √rows, and a bias is a matrix of one row.
    /// let p = MlpParams { init: Init::FanIn, bias: Bias::PerUnit, ..Default::default() };
    /// let mut start = Mlp::start(4, 3, &p)?;
    /// let mut random = Random::new(Seed::Portable(1));
    /// start.b1 = p.init.sample((1, 12), &mut random).row(0).to_owned();
    /// start.b2 = p.init.sample((1, 3), &mut random).row(0).to_owned();
    /// assert_eq!((start.b1.len(), start.b2.len()), (12, 3));
    /// # Ok::<(), lab_core::Error>(())
    /// ```
    pub fn start(features: usize, classes: usize, p: &MlpParams) -> Result<Mlp> {
        if p.hidden == 0 {
            return Err(Error::Param { name: "hidden", rule: "at least 1", found: "0".into() });
        }
        p.init.check()?;
        let weights = (features as u128 + classes as u128).saturating_mul(p.hidden as u128);
        // The weights, their slopes for eight rows side by side, and a copy to return.
        check_room(format!("a network of {} hidden units", p.hidden), weights.saturating_mul(10))?;
        let mut random = Random::new(p.seed);
        let w1 = p.init.sample((features, p.hidden), &mut random);
        let w2 = p.init.sample((p.hidden, classes), &mut random);
        let units = |units| if p.bias == Bias::PerUnit { units } else { 1 };
        let (b1, b2) = (Vector::zeros(units(p.hidden)), Vector::zeros(units(classes)));
        Ok(Mlp { w1, b1, w2, b2, output: p.output })
    }

    /// The logits (n, k) of rows x (n, d), after the output's ReLU where there is one.
    ///
    /// # Errors
    /// [`Error::Shape`] where x or the network's own parts do not fit each other; [`Error::Empty`],
    /// [`Error::NotFinite`] for x.
    ///
    /// ```
    /// use lab_core::{Mlp, Output};
    /// use ndarray::array;
    ///
    /// let mlp = Mlp {
    ///     w1: array![[1.0, -1.0]],
    ///     b1: array![0.5],
    ///     w2: array![[1.0, 0.0], [0.0, 1.0]],
    ///     b2: array![0.0, 0.25],
    ///     output: Output::Logits,
    /// };
    /// assert_eq!(mlp.logits(&array![[2.0], [-2.0]])?, array![[2.5, 0.25], [0.0, 2.75]]);
    /// assert_eq!(mlp.predict(&array![[2.0], [-2.0]])?, [0, 1]);
    /// # Ok::<(), lab_core::Error>(())
    /// ```
    pub fn logits(&self, x: &Matrix) -> Result<Matrix> {
        self.check()?;
        check_matrix("the rows to classify", x)?;
        if x.ncols() != self.w1.nrows() {
            return Err(Error::shape("the rows to classify", (x.nrows(), self.w1.nrows()), x.dim()));
        }
        let hidden = (x.dot(&self.w1) + &self.b1).mapv_into(relu);
        let logits = hidden.dot(&self.w2) + &self.b2;
        Ok(if self.output == Output::Relu { logits.mapv_into(relu) } else { logits })
    }

    /// The class of the largest logit of each row: the first of equals, as in PyTorch.
    ///
    /// # Errors
    /// As [`Mlp::logits`].
    ///
    /// ```
    /// # use lab_core::{Mlp, Output};
    /// # use ndarray::array;
    /// let (w1, w2) = (array![[1.0]], array![[1.0, -1.0]]);
    /// let mlp = Mlp { w1, b1: array![0.0], w2, b2: array![0.5, 0.5], output: Output::Logits };
    /// assert_eq!(mlp.predict(&array![[2.0], [-2.0]])?, [0, 0]); // logits 2.5, -1.5 and 0.5, 0.5
    /// # Ok::<(), lab_core::Error>(())
    /// ```
    pub fn predict(&self, x: &Matrix) -> Result<Vec<usize>> {
        Ok(classes(&self.logits(x)?).collect())
    }

    /// The parts fit each other, are not empty, and hold finite numbers.
    pub(super) fn check(&self) -> Result<()> {
        let (hidden, classes) = self.w2.dim();
        check_matrix("w1", &self.w1)?;
        check_matrix("w2", &self.w2)?;
        if self.w1.ncols() != hidden {
            return Err(Error::shape("w2", (self.w1.ncols(), classes), self.w2.dim()));
        }
        for (what, bias, units) in [("b1", &self.b1, hidden), ("b2", &self.b2, classes)] {
            check_matrix(what, &bias.clone().insert_axis(ndarray::Axis(0)))?;
            if bias.len() != units && bias.len() != 1 {
                let (expected, found) = (format!("1 or {units} numbers"), format!("{}", bias.len()));
                return Err(Error::Shape { what: what.into(), expected, found });
            }
        }
        Ok(())
    }
}

/// The index of the largest entry of each row, the first of equals.
pub(super) fn classes(logits: &Matrix) -> impl Iterator<Item = usize> {
    logits.rows().into_iter().map(|row| argmax(row.len(), |j| row[j]))
}

/// The index of the largest of some numbers, the first of equals; NaN counts as largest, as in PyTorch.
#[inline]
fn argmax(count: usize, of: impl Fn(usize) -> f64) -> usize {
    let above = |x: f64, best: f64| x > best || (x.is_nan() && !best.is_nan());
    (1..count).fold(0, |best, j| if above(of(j), of(best)) { j } else { best })
}

/// `max(x, 0)`, with NaN passed through.
#[inline(always)]
pub(super) fn relu(x: f64) -> f64 {
    if x <= 0.0 { 0.0 } else { x }
}
