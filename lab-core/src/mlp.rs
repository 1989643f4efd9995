//! A network of one hidden layer, `logits = relu(X W1 + b1) W2 + b2`, trained by gradient descent on the cross entropy
//! (lab sheet 2, exercise 2.1), in every variant that the reports used.

use std::num::NonZeroUsize;
use std::ops::Range;

use crate::data::Labelled;
use crate::descent::{Gradient, Losses, Optimiser, check_lr};
use crate::error::{Error, Result};
use crate::loss::Reduction;
use crate::matrix::check_matrix;
use crate::random::{Init, Seed};

mod analytic;
mod autodiff;
mod network;

pub use network::{Mlp, Output};

/// The shape of the biases, and whether training moves them.
///
/// ```
/// use lab_core::{Bias, Mlp, MlpParams};
///
/// let p = MlpParams { bias: Bias::PerUnit, ..Default::default() };
/// assert_eq!(Mlp::start(4, 3, &p)?.b1.len(), 12);
/// # Ok::<(), lab_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Bias {
    /// One number a layer, as on the lab sheet. That of the output layer has no effect: softmax is invariant to a shift
    /// of all logits.
    #[default]
    Scalar,
    /// One number for each unit.
    PerUnit,
    /// Never updated (report D).
    Frozen,
}

/// How many rows go into one update.
///
/// ```
/// use std::num::NonZeroUsize;
///
/// use lab_core::{Batch, MlpParams};
///
/// let ten = NonZeroUsize::new(10).map_or(Batch::Full, Batch::Size);
/// let p = MlpParams { batch: ten, ..Default::default() };
/// assert_ne!(p.batch, Batch::Full);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Batch {
    /// All of them.
    #[default]
    Full,
    /// This many rows in stored order, the same batches in each epoch; the last batch may be shorter.
    Size(NonZeroUsize),
}

/// Parameters of [`train_mlp`]; the defaults are lab sheet 2's.
///
/// ```
/// use lab_core::{MlpParams, Reduction};
///
/// let p = MlpParams { reduction: Reduction::Sum, lr: 0.001, ..Default::default() };
/// assert_eq!((p.hidden, p.epochs), (12, 100));
/// ```
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

/// A trained network, and how training went.
///
/// ```
/// use lab_core::{MlpParams, Scale, iris, train_mlp};
///
/// let trained = train_mlp(&iris().scaled(Scale::Variance)?, None, &MlpParams::default())?;
/// assert_eq!((trained.losses.len(), trained.train_accuracy.len()), (101, 101));
/// assert!(trained.validation_accuracy.is_empty());
/// # Ok::<(), lab_core::Error>(())
/// ```
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
    match p.gradient.here() {
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
