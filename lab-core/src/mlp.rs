//! A network of one hidden layer, `logits = relu(X W1 + b1) W2 + b2`, trained by gradient descent on the cross entropy
//! (lab sheet 2, exercise 2.1), in every variant that the reports used.

use std::num::NonZeroUsize;
use std::ops::Range;

use crate::data::Labelled;
use crate::descent::{Gradient, Losses, Optimiser, check_lr};
use crate::error::{Error, Result};
use crate::loss::Reduction;
use crate::matrix::{Matrix, Vector, check_matrix};
use crate::memory::check_room;
use crate::random::{Init, Random, Seed};

mod analytic;
mod autodiff;

/// The shape of the biases, and whether training moves them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Bias {
    /// One number a layer, as on the lab sheet. That of the output layer is inert: softmax does not see a shift.
    #[default]
    Scalar,
    /// One number for each unit.
    PerUnit,
    /// Never updated (report D).
    Frozen,
}

/// How many rows go into one update.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Batch {
    /// All of them.
    #[default]
    Full,
    /// This many rows in stored order, the same batches in each epoch; the last batch may be shorter.
    Size(NonZeroUsize),
}

/// The activation of the output layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Output {
    /// None: the logits themselves.
    #[default]
    Logits,
    /// A ReLU (report D), which hides every negative logit from the loss.
    Relu,
}

/// Parameters of [`train_mlp`]; the defaults are lab sheet 2's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MlpParams {
    /// Hidden units.
    pub hidden: usize,
    /// Passes over the training set.
    pub epochs: usize,
    /// Learning rate, finite and above 0.
    pub lr: f64,
    /// The start of the weights: W1 is drawn first, then W2. Biases start at zero; for other biases see [`Mlp::start`].
    pub init: Init,
    /// Shape of the biases.
    pub bias: Bias,
    /// How the cross entropies of the rows are combined.
    pub reduction: Reduction,
    /// Rows in one update.
    pub batch: Batch,
    /// Activation of the output layer.
    pub output: Output,
    /// How to differentiate.
    pub gradient: Gradient,
    /// The stream that the weights are drawn from.
    pub seed: Seed,
    /// How an update follows from the gradient.
    pub optimiser: Optimiser,
}

impl Default for MlpParams {
    fn default() -> Self {
        MlpParams {
            hidden: 12,
            epochs: 100,
            lr: 0.01,
            init: Init::Normal { mean: 0.0, std: 1.0 },
            bias: Bias::default(),
            reduction: Reduction::default(),
            batch: Batch::default(),
            output: Output::default(),
            gradient: Gradient::default(),
            seed: Seed::default(),
            optimiser: Optimiser::Plain,
        }
    }
}

/// The network: d features, h hidden units, k classes.
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
    /// The network that [`train_mlp`] starts from: weights drawn, biases zero. To start elsewhere, modify it, then pass it to
    /// [`train_mlp_from`].
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
    pub fn predict(&self, x: &Matrix) -> Result<Vec<usize>> {
        Ok(classes(&self.logits(x)?).collect())
    }

    /// The parts fit each other, are not empty, and hold finite numbers.
    fn check(&self) -> Result<()> {
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

/// A trained network, and how training went.
#[derive(Debug, Clone, PartialEq)]
pub struct Trained {
    /// The network after the last epoch.
    pub mlp: Mlp,
    /// `losses[t]`: cross entropy over the whole training set, reduced as asked, after t epochs: epochs + 1 entries.
    pub losses: Vec<f64>,
    /// `train_accuracy[t]`: share of the training set classified rightly after t epochs.
    pub train_accuracy: Vec<f64>,
    /// The same on the validation set; empty without one.
    pub validation_accuracy: Vec<f64>,
}

/// Trains an [`Mlp`] by gradient descent on the cross entropy (lab sheet 2, exercise 2.1).
///
/// # Errors
/// [`Error::Empty`], [`Error::NotFinite`], [`Error::Shape`], [`Error::Label`] for the data (labels must be below the
/// number of the training set's classes); [`Error::Param`], [`Error::Memory`] for the parameters; [`Error::Diverged`] at
/// the first loss that is not finite.
///
/// ```
/// use lab_core::{MlpParams, Reduction, Scale, Seed, iris, train_mlp};
///
/// let (train, validation) = iris().scaled(Scale::Variance)?.shuffled(Seed::Portable(0)).split_at(100)?;
/// let p = MlpParams { reduction: Reduction::Sum, lr: 0.001, ..Default::default() };
/// let trained = train_mlp(&train, Some(&validation), &p)?;
/// assert_eq!(trained.losses.len(), 101);
/// assert!(trained.losses[100] < trained.losses[0]);
/// # Ok::<(), lab_core::Error>(())
/// ```
pub fn train_mlp(train: &Labelled, validation: Option<&Labelled>, p: &MlpParams) -> Result<Trained> {
    if train.classes.is_empty() {
        return Err(Error::Empty { what: "the training set's list of classes" });
    }
    check_matrix("the training set", &train.x)?;
    let start = Mlp::start(train.x.ncols(), train.classes.len(), p)?;
    train_mlp_from(train, validation, start, p)
}

/// [`train_mlp`] from a given network; `p.hidden`, `p.init`, `p.seed` and `p.output` are not used, and the biases must
/// have the shape that `p.bias` says (either shape under [`Bias::Frozen`]).
///
/// # Errors
/// As [`train_mlp`], and [`Error::Shape`] for a network of another shape.
///
/// ```
/// use lab_core::{Gradient, Mlp, MlpParams, Scale, iris, train_mlp_from};
///
/// let (train, p) = (iris().scaled(Scale::Variance)?, MlpParams::default());
/// let start = Mlp::start(4, 3, &p)?;
/// let autodiff = train_mlp_from(&train, None, start.clone(), &p)?;
/// let formulas = train_mlp_from(&train, None, start, &MlpParams { gradient: Gradient::Analytic, ..p })?;
/// assert!((autodiff.losses[100] - formulas.losses[100]).abs() < 1e-12);
/// # Ok::<(), lab_core::Error>(())
/// ```
pub fn train_mlp_from(
    train: &Labelled,
    validation: Option<&Labelled>,
    start: Mlp,
    p: &MlpParams,
) -> Result<Trained> {
    check_lr(p.lr)?;
    p.optimiser.check()?;
    start.check()?;
    let (hidden, classes) = start.w2.dim();
    for (what, bias, units) in [("b1", &start.b1, hidden), ("b2", &start.b2, classes)] {
        let expected = match p.bias {
            Bias::Scalar => 1,
            Bias::PerUnit => units,
            Bias::Frozen => bias.len(),
        };
        if bias.len() != expected {
            let (what, found) = (format!("{what} under Bias::{:?}", p.bias), bias.len().to_string());
            return Err(Error::Shape { what, expected: format!("of length {expected}"), found });
        }
    }
    check_labelled("the training set", train, &start)?;
    if let Some(validation) = validation {
        check_labelled("the validation set", validation, &start)?;
    }
    match p.gradient {
        Gradient::Autodiff => run(autodiff::Descent::new(train, validation, start, p)?, train, validation, p),
        Gradient::Analytic => run(analytic::Descent::new(train, validation, &start, p), train, validation, p),
    }
}

/// A way to descend: by expressions or by the formulas.
trait Descend {
    /// Loss and accuracies of the present network.
    fn evaluate(&mut self) -> Result<Report>;
    /// One pass over the batches, right after `evaluate`.
    fn epoch(&mut self) -> Result<()>;
    /// The present network.
    fn mlp(self) -> Result<Mlp>;
}

struct Report {
    loss: f64,
    /// Rows of the training set classified rightly.
    train: usize,
    /// The same of the validation set.
    validation: Option<usize>,
}

fn run(
    mut descent: impl Descend,
    train: &Labelled,
    validation: Option<&Labelled>,
    p: &MlpParams,
) -> Result<Trained> {
    let (mut train_accuracy, mut validation_accuracy) = (Vec::new(), Vec::new());
    let mut losses = Losses::over(p.epochs);
    loop {
        let report = descent.evaluate()?;
        losses.push(report.loss)?;
        train_accuracy.push(report.train as f64 / train.y.len() as f64);
        validation_accuracy
            .extend(report.validation.zip(validation).map(|(right, v)| right as f64 / v.y.len() as f64));
        if losses.0.len() > p.epochs {
            return Ok(Trained {
                mlp: descent.mlp()?,
                losses: losses.0,
                train_accuracy,
                validation_accuracy,
            });
        }
        descent.epoch()?;
    }
}

/// The index of the largest entry of each row, the first of equals.
fn classes(logits: &Matrix) -> impl Iterator<Item = usize> {
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
fn relu(x: f64) -> f64 {
    if x <= 0.0 { 0.0 } else { x }
}

/// The rows of each batch.
fn batches(batch: Batch, rows: usize) -> impl Iterator<Item = Range<usize>> {
    let size = match batch {
        Batch::Full => rows,
        Batch::Size(size) => size.get(),
    };
    (0..rows).step_by(size).map(move |first| first..rows.min(first.saturating_add(size)))
}

fn check_labelled(what: &'static str, of: &Labelled, mlp: &Mlp) -> Result<()> {
    check_matrix(what, &of.x)?;
    if of.x.ncols() != mlp.w1.nrows() {
        return Err(Error::shape(what, (of.x.nrows(), mlp.w1.nrows()), of.x.dim()));
    }
    if of.y.len() != of.x.nrows() {
        let (what, expected) = (format!("the labels of {what}"), format!("one a row ({})", of.x.nrows()));
        return Err(Error::Shape { what, expected, found: of.y.len().to_string() });
    }
    let classes = mlp.w2.ncols();
    match of.y.iter().position(|&label| label >= classes) {
        Some(row) => Err(Error::Label { row, found: of.y[row], classes }),
        None => Ok(()),
    }
}
