//! Recording: each operation checks the shapes of its arguments and appends a node to the tape.

use super::{Op, Tape, TapeVar};
use crate::error::{Error, Result};
use crate::loss::{self, Loss, Reduction};

impl Tape {
    /// The product `a b`: (m, k) times (k, n).
    ///
    /// # Errors
    /// [`Error::Shape`] unless b has as many rows as a has columns. This and every other method: [`Error::Param`] for a
    /// handle that is not this tape's.
    pub fn matmul(&mut self, a: TapeVar, b: TapeVar) -> Result<TapeVar> {
        let (m, k) = self.value(a)?.dim();
        let (rows, n) = self.value(b)?.dim();
        agree("the second factor's rows", k, rows)?;
        Ok(self.record(Op::MatMul, a, b, (m, n)))
    }

    /// The transpose `aᵀ`.
    ///
    /// # Errors
    /// See [`Tape::matmul`].
    pub fn transpose(&mut self, a: TapeVar) -> Result<TapeVar> {
        let (m, n) = self.value(a)?.dim();
        Ok(self.record(Op::Transpose, a, a, (n, m)))
    }

    /// The sum `a + b`; b may be of a's shape (m, n), one row (1, n) repeated downwards, or one number (1, 1).
    ///
    /// # Errors
    /// [`Error::Shape`] for any other b.
    pub fn add(&mut self, a: TapeVar, b: TapeVar) -> Result<TapeVar> {
        self.entrywise(Op::Add, a, b)
    }

    /// The difference `a - b`; b as in [`Tape::add`].
    ///
    /// # Errors
    /// See [`Tape::add`].
    pub fn sub(&mut self, a: TapeVar, b: TapeVar) -> Result<TapeVar> {
        self.entrywise(Op::Sub, a, b)
    }

    /// The product of corresponding entries; a mask of zeros and ones as b hides cells. Both have one shape.
    ///
    /// # Errors
    /// [`Error::Shape`] where they differ.
    pub fn mul(&mut self, a: TapeVar, b: TapeVar) -> Result<TapeVar> {
        let (shape, other) = (self.value(a)?.dim(), self.value(b)?.dim());
        agree("the second factor's rows", shape.0, other.0)?;
        agree("the second factor's columns", shape.1, other.1)?;
        Ok(self.record(Op::Mul, a, b, shape))
    }

    /// `max(a, 0)` of each entry, with slope 0 at 0.
    ///
    /// # Errors
    /// See [`Tape::matmul`].
    pub fn relu(&mut self, a: TapeVar) -> Result<TapeVar> {
        let shape = self.value(a)?.dim();
        Ok(self.record(Op::Relu, a, a, shape))
    }

    /// A [`Loss`] of a residual, 1 x 1: the sum of squares, their mean, or the Frobenius norm.
    ///
    /// # Errors
    /// See [`Tape::matmul`].
    pub fn loss(&mut self, residual: TapeVar, loss: Loss) -> Result<TapeVar> {
        Ok(self.record(Op::Loss(loss), residual, residual, (1, 1)))
    }

    /// [`cross_entropy`](crate::cross_entropy) of logits (n, k) against n labels, 1 x 1.
    ///
    /// # Errors
    /// Those of [`cross_entropy`](crate::cross_entropy).
    pub fn cross_entropy(
        &mut self,
        logits: TapeVar,
        labels: &[usize],
        reduction: Reduction,
    ) -> Result<TapeVar> {
        loss::check_labels(self.value(logits)?.dim(), labels)?;
        Ok(self.record(Op::CrossEntropy(labels.to_vec(), reduction), logits, logits, (1, 1)))
    }

    /// Records an operation whose second argument may be repeated.
    fn entrywise(&mut self, op: Op, a: TapeVar, b: TapeVar) -> Result<TapeVar> {
        let ((m, n), other) = (self.value(a)?.dim(), self.value(b)?.dim());
        if other != (m, n) && other != (1, n) && other != (1, 1) {
            return Err(Error::Shape {
                what: "the second term".into(),
                expected: format!("{m} x {n}, 1 x {n} or 1 x 1"),
                found: format!("{} x {}", other.0, other.1),
            });
        }
        Ok(self.record(op, a, b, (m, n)))
    }
}

fn agree(what: &str, expected: usize, found: usize) -> Result<()> {
    if expected == found {
        return Ok(());
    }
    Err(Error::Shape { what: what.into(), expected: expected.to_string(), found: found.to_string() })
}
