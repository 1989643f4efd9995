//! Reverse-mode automatic differentiation on matrices (lab sheet 2): expressions that are written like the formula.
//!
//! A [`Var`] records an operation and its arguments. Evaluation is lazy: nothing is computed until a value or a
//! gradient is asked for, and nothing again until a leaf has changed. [`rules`] has the table of derivatives. For
//! speed, a [`plan`] divides the graph of an expression into regions; a [`region`] fuses many operations, and runs them
//! on one [`block`] of rows after another. Reverse mode is due to Linnainmaa (1970); Baydin et al., *Automatic
//! differentiation in machine learning: a survey*, JMLR 18 (2018), section 3.2, describe it in modern terms.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use crate::error::{Error, Result};
use crate::interrupt::check_interrupt;
use crate::lanes::Padded;
use crate::matrix::Matrix;

mod block;
mod leaf;
mod node;
mod operators;
mod optimisation;
mod plan;
mod region;
mod rules;
mod run;
mod softmax;
#[cfg(test)]
mod tests;

use node::Node;
pub use optimisation::Optimisation;
use plan::{Fuse, Plan};
use rules::Op;

/// A matrix expression: an operation on other expressions, and its value. A clone is cheap and is the same expression.
///
/// Operators never panic. An expression with a mistake in it keeps the first one, and [`Var::value`], [`Var::scalar`],
/// [`Var::gradient`] and [`Var::backward`] return it.
///
/// ```
/// use lab_core::Var;
/// use ndarray::array;
///
/// // A rank-1 factorisation: a ≈ u vᵀ.
/// let a = Var::constant(array![[2.0, 4.0], [3.0, 6.0]]);
/// let u = Var::leaf(array![[1.0], [1.0]]);
/// let v = Var::leaf(array![[1.0], [1.0]]);
/// let loss = (&a - u.dot(&v.t())).squared().sum();
/// for _ in 0..200 {
///     loss.backward()?;
///     u.descend(0.02)?;
///     v.set(v.value()? - 0.02 * v.gradient()?)?; // the same step, written out
/// }
/// assert!(loss.scalar()? < 1e-9);
///
/// let wrong = (&a + array_of_three_columns()).relu().sum();
/// # fn array_of_three_columns() -> Var { Var::constant(array![[1.0, 2.0, 3.0]]) }
/// assert_eq!(
///     wrong.scalar().unwrap_err().to_string(),
///     "the second term of `+` (the first is 2 x 2) must be 2 x 2, 1 x 2 or 1 x 1, found 1 x 3"
/// );
/// # Ok::<(), lab_core::Error>(())
/// ```
#[derive(Clone)]
#[must_use = "an expression computes nothing until it is asked"]
pub struct Var(Arc<Node>);

/// A short backward pass checks for a request to stop once in so many passes on average: each check takes a
/// microsecond.
const LOOK_EVERY: u64 = 16;

/// The rule that the error for a missing gradient states.
const FIRST: &str = "computed by backward() first";

impl Var {
    /// Rows and columns; (1, 1) for an expression with a mistake.
    ///
    /// ```
    /// # use lab_core::{Matrix, Var};
    /// let (x, w) = (Var::leaf(Matrix::ones((150, 4))), Var::leaf(Matrix::ones((4, 12))));
    /// assert_eq!(x.dot(&w).shape(), (150, 12));
    /// ```
    pub fn shape(&self) -> (usize, usize) {
        self.0.shape
    }

    /// The value, of the shape [`Var::shape`]. It is computed again if a leaf has changed.
    ///
    /// # Errors
    /// The expression's first mistake.
    ///
    /// ```
    /// # use lab_core::Var;
    /// # use ndarray::array;
    /// let x = Var::leaf(array![[1.0, 2.0]]);
    /// let doubled = 2.0 * &x;
    /// x.set(array![[5.0, 6.0]])?;
    /// assert_eq!(doubled.value()?, array![[10.0, 12.0]]);
    /// # Ok::<(), lab_core::Error>(())
    /// ```
    pub fn value(&self) -> Result<Matrix> {
        self.0.asked.store(true, Relaxed);
        Ok(self.evaluated()?.to_matrix())
    }

    /// The value of a 1 x 1.
    ///
    /// # Errors
    /// The expression's first mistake; [`Error::Shape`] for any other shape.
    ///
    /// ```
    /// # use lab_core::Var;
    /// # use ndarray::array;
    /// assert_eq!(Var::leaf(array![[3.0, 4.0]]).squared().sum().scalar()?, 25.0);
    /// # Ok::<(), lab_core::Error>(())
    /// ```
    pub fn scalar(&self) -> Result<f64> {
        self.check_number("the expression whose scalar is asked for")?;
        Ok(self.evaluated()?.data[0].0[0])
    }

    /// Computes the gradients of this 1 x 1 with respect to its leaves, at their present values. Earlier gradients of these
    /// leaves are replaced: there is nothing to zero.
    ///
    /// # Errors
    /// The expression's first mistake; [`Error::Shape`] unless it is 1 x 1; [`Error::Param`] where it has no leaf;
    /// [`Error::Interrupted`] where the running cell was asked to stop, so that a loop in that cell ends, too.
    ///
    /// ```
    /// # use lab_core::Var;
    /// # use ndarray::array;
    /// let x = Var::leaf(array![[3.0, 4.0]]);
    /// let loss = x.squared().mean();
    /// loss.backward()?;
    /// loss.backward()?; // replaces the gradient, adds nothing
    /// assert_eq!(x.gradient()?, array![[3.0, 4.0]]); // 2 x / 2
    /// # Ok::<(), lab_core::Error>(())
    /// ```
    pub fn backward(&self) -> Result<()> {
        self.check_number("the result to differentiate")?;
        if !self.0.varies {
            let found = "constants only".into();
            return Err(Error::Param {
                name: "the result to differentiate",
                rule: "made of at least one leaf",
                found,
            });
        }
        if matches!(self.0.op, Op::Leaf) {
            self.0.state().gradient = Some(Padded::identity(1));
            return Ok(());
        }
        let mut plan = self.plan();
        let version = plan.backward(self);
        let Plan { nodes, slopes, .. } = &mut plan;
        for (node, slope) in nodes.iter().chain([self]).map(|node| &node.0).zip(slopes) {
            match node.op {
                Op::Leaf => std::mem::swap(node.state().gradient.get_or_insert_default(), slope),
                _ if node.varies => node.state().differentiated = Some((Arc::downgrade(&self.0), version)),
                _ => {}
            }
        }
        let look = plan.long || version.is_multiple_of(LOOK_EVERY); // versions are hashes, evenly spread
        self.0.state().plan = Some(plan);
        if look { check_interrupt() } else { Ok(()) }
    }

    /// The gradient with respect to this expression, of its shape, that the last [`Var::backward`] through it computed.
    ///
    /// # Errors
    /// The expression's first mistake; [`Error::Param`] for a constant, before the first [`Var::backward`], and for an
    /// intermediate result whose leaves have changed since.
    ///
    /// ```
    /// # use lab_core::Var;
    /// # use ndarray::array;
    /// let (x, w) = (Var::constant(array![[1.0, 2.0]]), Var::leaf(array![[3.0], [4.0]]));
    /// let error = x.dot(&w) - 10.0;
    /// error.squared().sum().backward()?;
    /// assert_eq!(w.gradient()?, array![[2.0], [4.0]]); // 2 (11 - 10) xᵀ
    /// # Ok::<(), lab_core::Error>(())
    /// ```
    pub fn gradient(&self) -> Result<Matrix> {
        let missing = |rule, found: &str| Err(Error::Param { name: "a gradient", rule, found: found.into() });
        match &self.0.op {
            Op::Wrong(error) => return Err(error.clone()),
            Op::Leaf => {
                let state = self.0.state();
                return state
                    .gradient
                    .as_ref()
                    .map_or_else(|| missing(FIRST, "none yet"), |g| Ok(g.to_matrix()));
            }
            _ if !self.0.varies => {
                return missing("asked of a leaf or of what depends on one", "constants only");
            }
            _ => {}
        }
        let Some((result, version)) = self.0.state().differentiated.clone() else {
            return missing(FIRST, "none yet");
        };
        let Some(result) = result.upgrade().map(Var) else {
            return missing("asked while the result of backward() lives", "the result dropped");
        };
        if Arc::ptr_eq(&result.0, &self.0) {
            return Ok(Matrix::ones((1, 1)));
        }
        let mut plan = Plan::new(&result, Fuse::AllBut(self.address()));
        if plan.backward(&result) != version {
            return missing(FIRST, "leaves that have changed since");
        }
        let at = plan.nodes.iter().position(|node| node.address() == self.address());
        at.map_or_else(|| missing(FIRST, "none yet"), |at| Ok(plan.slopes[at].to_matrix()))
    }

    /// The node's address, which identifies it while it lives.
    fn address(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }

    fn check(&self) -> Result<()> {
        if let Op::Wrong(error) = &self.0.op { Err(error.clone()) } else { Ok(()) }
    }

    fn check_number(&self, what: &str) -> Result<()> {
        self.check()?;
        if self.shape() == (1, 1) { Ok(()) } else { Err(Error::shape(what, (1, 1), self.shape())) }
    }

    fn plan(&self) -> Plan {
        let kept = self.0.state().plan.take();
        kept.unwrap_or_else(|| Plan::new(self, Fuse::All))
    }

    /// The value, brought up to date.
    fn evaluated(&self) -> Result<Arc<Padded>> {
        self.check()?;
        let kept = if matches!(self.0.op, Op::Leaf | Op::Constant) {
            self.0.state().value.clone()
        } else {
            let mut plan = self.plan();
            let (_, mut values) = plan.forward(self, false);
            self.0.state().plan = Some(plan);
            values.pop().flatten()
        };
        Ok(kept.expect("a leaf has its value, and the result is the last of its plan"))
    }
}

/// Shows the value, or the expression's first mistake.
impl fmt::Debug for Var {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.evaluated() {
            Ok(value) => write!(f, "{}", value.to_matrix()),
            Err(error) => write!(f, "{error}"),
        }
    }
}
