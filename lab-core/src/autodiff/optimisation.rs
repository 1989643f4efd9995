//! Leaves and the optimiser that updates them, for a descent that is written as a loop.

use std::sync::Arc;

use super::Var;
use super::node::State;
use crate::descent::{Moments, Optimiser, check_lr};
use crate::error::{Error, Result};

/// Some leaves, and the state that an [`Optimiser`] keeps for each; see [`Optimiser::over`].
#[derive(Debug, Clone)]
pub struct Optimisation {
    optimiser: Optimiser,
    leaves: Vec<(Var, Moments)>,
}

impl Optimiser {
    /// Applies the optimiser to these leaves, with all moments 0 at first, like PyTorch's `torch.optim.Adam([u, v])`.
    ///
    /// # Errors
    /// [`Error::Param`] for a constant outside its range and for anything but a leaf; an expression's first mistake.
    ///
    /// ```
    /// use lab_core::{Optimiser, Var};
    /// use ndarray::array;
    ///
    /// let a = Var::constant(array![[2.0, 4.0], [3.0, 6.0]]);
    /// let (u, v) = (Var::leaf(array![[1.0], [1.0]]), Var::leaf(array![[1.0], [1.0]]));
    /// let loss = (&a - u.dot(&v.t())).squared().sum();
    /// let mut adam = Optimiser::ADAM.over(&[&u, &v])?;
    /// for _ in 0..1000 {
    ///     loss.backward()?;
    ///     adam.step(0.02)?;
    /// }
    /// assert!(loss.scalar()? < 1e-9);
    /// # Ok::<(), lab_core::Error>(())
    /// ```
    pub fn over(self, leaves: &[&Var]) -> Result<Optimisation> {
        self.check()?;
        leaves.iter().try_for_each(|leaf| leaf.check_leaf("over"))?;
        let leaves = leaves.iter().map(|&leaf| (leaf.clone(), Moments::of(self))).collect();
        Ok(Optimisation { optimiser: self, leaves })
    }
}

impl Optimisation {
    /// One update of every leaf by the gradient that the last [`Var::backward`] has found.
    ///
    /// # Errors
    /// [`Error::Param`] before the first [`Var::backward`], and for an lr that is not finite and above 0.
    ///
    /// ```
    /// # use lab_core::{Optimiser, Var};
    /// # use ndarray::array;
    /// let x = Var::leaf(array![[1.0]]);
    /// let mut momentum = Optimiser::Momentum { beta: 0.5 }.over(&[&x])?;
    /// for expected in [0.5, 0.0] {
    ///     x.sum().backward()?; // the gradient is 1
    ///     momentum.step(if expected > 0.0 { 0.5 } else { 1.0 / 3.0 })?; // b = 1, then b = 1.5
    ///     assert!((x.value()?[[0, 0]] - expected).abs() < 1e-15);
    /// }
    /// # Ok::<(), lab_core::Error>(())
    /// ```
    pub fn step(&mut self, lr: f64) -> Result<()> {
        check_lr(lr)?;
        for (leaf, moments) in &mut self.leaves {
            if self.optimiser == Optimiser::Plain {
                leaf.descend(lr)?;
                continue;
            }
            let mut state = leaf.0.state();
            let State { value: Some(value), gradient: Some(gradient), version, .. } = &mut *state else {
                let found = "none yet".into();
                return Err(Error::Param { name: "a gradient", rule: "computed by backward() first", found });
            };
            moments.update(lr, Arc::make_mut(value).numbers_mut(), gradient.numbers());
            *version += 1;
        }
        Ok(())
    }
}
