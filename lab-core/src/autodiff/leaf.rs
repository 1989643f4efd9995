//! Leaves and constants: the matrices that an expression begins with, and the steps that move a leaf.

use std::sync::Arc;

use super::node::{Node, State};
use super::rules::Op;
use super::{FIRST, Var};
use crate::descent::check_lr;
use crate::error::{Error, Result};
use crate::lanes::{Padded, descend};
use crate::matrix::{Matrix, check_matrix};

impl Var {
    /// A matrix with respect to which expressions are differentiated.
    ///
    /// ```
    /// # use lab_core::Var;
    /// # use ndarray::array;
    /// let x = Var::leaf(array![[3.0]]);
    /// x.squared().sum().backward()?;
    /// assert_eq!(x.gradient()?, array![[6.0]]); // 2 x
    /// # Ok::<(), lab_core::Error>(())
    /// ```
    #[expect(clippy::needless_pass_by_value, reason = "a leaf takes its matrix over, as `set` does")]
    pub fn leaf(value: Matrix) -> Var {
        Var::input(Op::Leaf, "a leaf", &value)
    }

    /// A matrix that stays as it is.
    ///
    /// ```
    /// # use lab_core::Var;
    /// # use ndarray::array;
    /// let (c, x) = (Var::constant(array![[3.0]]), Var::leaf(array![[2.0]]));
    /// (&c * &x).sum().backward()?;
    /// assert_eq!(x.gradient()?, array![[3.0]]);
    /// assert!(c.gradient().is_err());
    /// # Ok::<(), lab_core::Error>(())
    /// ```
    #[expect(clippy::needless_pass_by_value, reason = "as for a leaf")]
    pub fn constant(value: Matrix) -> Var {
        Var::input(Op::Constant, "a constant", &value)
    }

    /// Gives a leaf another value of the same shape.
    ///
    /// # Errors
    /// [`Error::Param`] for anything but a leaf; [`Error::Shape`], [`Error::NotFinite`] for the value.
    ///
    /// ```
    /// # use lab_core::Var;
    /// # use ndarray::array;
    /// let x = Var::leaf(array![[1.0]]);
    /// x.squared().sum().backward()?;
    /// x.set(x.value()? - 0.25 * x.gradient()?)?;
    /// assert_eq!(x.value()?, array![[0.5]]);
    /// # Ok::<(), lab_core::Error>(())
    /// ```
    #[expect(clippy::needless_pass_by_value, reason = "as for a leaf")]
    pub fn set(&self, value: Matrix) -> Result<()> {
        self.check_leaf("set")?;
        if value.dim() != self.shape() {
            return Err(Error::shape("the value to set", self.shape(), value.dim()));
        }
        check_matrix("the value to set", &value)?;
        let mut state = self.0.state();
        (state.value, state.version) = (Some(Arc::new(Padded::of(&value.view()))), state.version + 1);
        Ok(())
    }

    /// One step of gradient descent: `leaf -= lr · gradient`.
    ///
    /// # Errors
    /// [`Error::Param`] for anything but a leaf, before the first [`Var::backward`], and for an lr that is not finite and
    /// above 0.
    ///
    /// ```
    /// # use lab_core::Var;
    /// # use ndarray::array;
    /// let x = Var::leaf(array![[1.0]]);
    /// x.squared().sum().backward()?;
    /// x.descend(0.25)?;
    /// assert_eq!(x.value()?, array![[0.5]]); // 1 - 0.25 · 2
    /// # Ok::<(), lab_core::Error>(())
    /// ```
    pub fn descend(&self, lr: f64) -> Result<()> {
        self.check_leaf("descend")?;
        check_lr(lr)?;
        let mut state = self.0.state();
        let State { value: Some(value), gradient: Some(gradient), version, .. } = &mut *state else {
            let found = "none yet".into();
            return Err(Error::Param { name: "a gradient", rule: FIRST, found });
        };
        descend(&mut Arc::make_mut(value).data, lr, &gradient.data);
        *version += 1;
        Ok(())
    }

    fn input(op: Op, what: &'static str, value: &Matrix) -> Var {
        let op = check_matrix(what, value).map_or_else(Op::Wrong, |()| op);
        let node = Node::new(op, [None, None], if value.is_empty() { (1, 1) } else { value.dim() });
        node.keep(Arc::new(Padded::of(&value.view())), 1);
        Var(Arc::new(node))
    }

    pub(super) fn check_leaf(&self, name: &'static str) -> Result<()> {
        self.check()?;
        let found = match self.0.op {
            Op::Leaf => return Ok(()),
            Op::Constant => "a constant".into(),
            _ => format!("an expression ({} x {})", self.shape().0, self.shape().1),
        };
        Err(Error::Param { name, rule: "called on a leaf", found })
    }
}
