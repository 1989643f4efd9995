//! The loss of a classification: cross entropy of logits against labels, and its gradient.

use ndarray::Zip;

use crate::error::{Error, Result};
use crate::matrix::Matrix;

/// How the losses of single rows become the loss of a batch.
///
/// ```
/// use lab_core::{Reduction, cross_entropy};
/// use ndarray::array;
///
/// let logits = array![[0.0, 1.0], [2.0, 0.0]];
/// let [sum, mean] = [Reduction::Sum, Reduction::Mean].map(|r| cross_entropy(&logits, &[0, 0], r));
/// assert_eq!(sum?, 2.0 * mean?);
/// # Ok::<(), lab_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reduction {
    /// Their sum.
    Sum,
    /// Their mean, PyTorch's default.
    #[default]
    Mean,
}

impl Reduction {
    /// The weight of one row among `rows`.
    pub(crate) fn weight(self, rows: usize) -> f64 {
        match self {
            Reduction::Sum => 1.0,
            Reduction::Mean => 1.0 / rows as f64,
        }
    }
}

/// Cross entropy of logits (n, k) against n labels: `-ln softmax(z)[label]` of each row, reduced.
///
/// Computed as `ln Σ exp(zⱼ - max z) - (z[label] - max z)`, so that no exponential overflows (the log-sum-exp form;
/// Goodfellow, Bengio and Courville, *Deep Learning*, 2016, section 4.1).
///
/// # Errors
/// [`Error::Shape`] unless there is one label a row, [`Error::Label`] for a label of k or above, [`Error::Empty`]
/// without rows.
///
/// ```
/// use lab_core::{Reduction, cross_entropy};
/// use ndarray::array;
///
/// let logits = array![[0.0, 0.0, 0.0], [1000.0, 0.0, -1000.0]];
/// let loss = cross_entropy(&logits, &[1, 2], Reduction::Sum)?;
/// assert!((loss - (3_f64.ln() + 2000.0)).abs() < 1e-9);
/// # Ok::<(), lab_core::Error>(())
/// ```
pub fn cross_entropy(logits: &Matrix, labels: &[usize], reduction: Reduction) -> Result<f64> {
    check_labels(logits.dim(), labels)?;
    Ok(row_losses(logits, labels) * reduction.weight(labels.len()))
}

/// The gradient of [`cross_entropy`] with respect to the logits (n, k): `softmax(z) - onehot(label)` of each row,
/// divided by n under [`Reduction::Mean`].
///
/// # Errors
/// As [`cross_entropy`].
///
/// ```
/// use lab_core::{Reduction, cross_entropy_gradient};
/// use ndarray::array;
///
/// let gradient = cross_entropy_gradient(&array![[0.0, 0.0]], &[1], Reduction::Sum)?;
/// assert_eq!(gradient, array![[0.5, -0.5]]);
/// # Ok::<(), lab_core::Error>(())
/// ```
pub fn cross_entropy_gradient(logits: &Matrix, labels: &[usize], reduction: Reduction) -> Result<Matrix> {
    check_labels(logits.dim(), labels)?;
    let mut gradient = Matrix::zeros(logits.raw_dim());
    add_gradient(logits, labels, reduction.weight(labels.len()), &mut gradient);
    Ok(gradient)
}

/// The sum of the rows' cross entropies.
fn row_losses(logits: &Matrix, labels: &[usize]) -> f64 {
    let mut total = 0.0;
    for (z, &label) in logits.rows().into_iter().zip(labels) {
        let max = z.fold(f64::NEG_INFINITY, |max, &z| max.max(z));
        total += z.iter().map(|z| (z - max).exp()).sum::<f64>().ln() - (z[label] - max);
    }
    total
}

/// Adds `weight` times the gradient of the rows' cross entropies to `gradient`.
fn add_gradient(logits: &Matrix, labels: &[usize], weight: f64, gradient: &mut Matrix) {
    Zip::from(logits.rows()).and(gradient.rows_mut()).and(labels).for_each(|z, mut g, &label| {
        let max = z.fold(f64::NEG_INFINITY, |max, &z| max.max(z));
        let sum = z.iter().map(|z| (z - max).exp()).sum::<f64>();
        g.zip_mut_with(&z, |g, z| *g += weight * (z - max).exp() / sum);
        g[label] -= weight;
    });
}

/// One label below the number of columns for each row, and at least one row.
pub(crate) fn check_labels((rows, classes): (usize, usize), labels: &[usize]) -> Result<()> {
    if rows == 0 {
        return Err(Error::Empty { what: "the logits of `cross_entropy`" });
    }
    if labels.len() != rows {
        let what = format!("the labels of `cross_entropy` (the logits are {rows} x {classes})");
        let expected = format!("{rows}, one a row");
        return Err(Error::Shape { what, expected, found: labels.len().to_string() });
    }
    match labels.iter().position(|&label| label >= classes) {
        Some(row) => Err(Error::Label { row, found: labels[row], classes }),
        None => Ok(()),
    }
}
