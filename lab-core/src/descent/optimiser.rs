//! How an update follows from a gradient.
//!
//! With g the gradient at the parameters x, t the number of the update from 1, and every operation entry by entry:
//!
//! ```text
//! plain      x -= lr g
//! momentum   b = β b + g                            x -= lr b
//! Nesterov   b = β b + g                            x -= lr (g + β b)
//! Adam       m = β₁ m + (1 - β₁) g,  v = β₂ v + (1 - β₂) g²
//!            x -= lr m / (1 - β₁ᵗ) / (√(v / (1 - β₂ᵗ)) + ε)
//! ```
//!
//! with b = 0, m = 0 and v = 0 at first: the definitions of PyTorch's `SGD` and `Adam`.

use crate::error::{Error, Result};

/// How an update follows from the gradient. Only [`Optimiser::Plain`] runs on the fast paths of
/// [`Gradient::Analytic`](crate::Gradient::Analytic); the others compute each gradient as a whole matrix.
///
/// ```
/// use lab_core::{GdParams, Optimiser, gd_factorise};
/// use ndarray::array;
///
/// let a = array![[2.0, 4.0], [3.0, 6.0]];
/// let p = GdParams { rank: 1, epochs: 100, ..Default::default() };
/// let plain = gd_factorise(&a, &p)?;
/// let momentum = gd_factorise(&a, &GdParams { optimiser: Optimiser::Momentum { beta: 0.5 }, ..p })?;
/// assert!(momentum.losses[10] < plain.losses[10]);
/// # Ok::<(), lab_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub enum Optimiser {
    /// Gradient descent as on the lab sheets.
    #[default]
    Plain,
    /// The heavy ball: Polyak (1964), "Some methods of speeding up the convergence of iteration methods".
    Momentum {
        /// Share of the last direction that is kept: at least 0, below 1.
        beta: f64,
    },
    /// Nesterov's accelerated gradient in the form of Sutskever, Martens, Dahl and Hinton (2013), "On the importance of
    /// initialization and momentum in deep learning".
    Nesterov {
        /// Share of the last direction that is kept: at least 0, below 1.
        beta: f64,
    },
    /// Kingma and Ba (2015), "Adam: a method for stochastic optimization"; see [`Optimiser::ADAM`].
    Adam {
        /// Decay of the mean of the gradients: at least 0, below 1.
        beta1: f64,
        /// Decay of the mean of their squares: at least 0, below 1.
        beta2: f64,
        /// Added to the root of that mean: finite and above 0.
        epsilon: f64,
    },
}

impl Optimiser {
    /// Adam with the constants of its paper, which are PyTorch's: β₁ = 0.9, β₂ = 0.999, ε = 10⁻⁸.
    ///
    /// ```
    /// use lab_core::Optimiser;
    ///
    /// assert!(matches!(Optimiser::ADAM, Optimiser::Adam { beta1: 0.9, .. }));
    /// ```
    pub const ADAM: Optimiser = Optimiser::Adam { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

    /// Refuses constants outside their range.
    pub(crate) fn check(self) -> Result<()> {
        let share = |name, beta: f64| {
            let rule = "at least 0 and below 1";
            if (0.0..1.0).contains(&beta) {
                Ok(())
            } else {
                Err(Error::Param { name, rule, found: beta.to_string() })
            }
        };
        match self {
            Optimiser::Plain => Ok(()),
            Optimiser::Momentum { beta } | Optimiser::Nesterov { beta } => share("beta", beta),
            Optimiser::Adam { beta1, beta2, epsilon } => {
                share("beta1", beta1)?;
                share("beta2", beta2)?;
                if epsilon.is_finite() && epsilon > 0.0 {
                    return Ok(());
                }
                Err(Error::Param { name: "epsilon", rule: "finite and above 0", found: epsilon.to_string() })
            }
        }
    }
}

/// The state that an optimiser keeps for one parameter, and its updates.
#[derive(Debug, Clone)]
pub(crate) struct Moments {
    optimiser: Optimiser,
    /// b of the momentum, m of Adam.
    first: Vec<f64>,
    /// v of Adam.
    second: Vec<f64>,
    /// β₁ᵗ and β₂ᵗ.
    powers: (f64, f64),
}

impl Moments {
    pub fn of(optimiser: Optimiser) -> Moments {
        Moments { optimiser, first: Vec::new(), second: Vec::new(), powers: (1.0, 1.0) }
    }

    /// One update of the parameter's numbers by their gradients. The numbers come in the same order at each call.
    pub fn update<'a>(
        &mut self,
        lr: f64,
        x: impl Iterator<Item = &'a mut f64>,
        slopes: impl Iterator<Item = f64>,
    ) {
        let pairs = x.zip(slopes);
        match self.optimiser {
            Optimiser::Plain => pairs.for_each(|(x, g)| *x -= lr * g),
            Optimiser::Momentum { beta } => pairs.enumerate().for_each(|(at, (x, g))| {
                let b = remembered(&mut self.first, at);
                *b = beta * *b + g;
                *x -= lr * *b;
            }),
            Optimiser::Nesterov { beta } => pairs.enumerate().for_each(|(at, (x, g))| {
                let b = remembered(&mut self.first, at);
                *b = beta * *b + g;
                *x -= lr * (g + beta * *b);
            }),
            Optimiser::Adam { beta1, beta2, epsilon } => {
                self.powers = (self.powers.0 * beta1, self.powers.1 * beta2);
                let (first_bias, second_bias) = (1.0 - self.powers.0, 1.0 - self.powers.1);
                pairs.enumerate().for_each(|(at, (x, g))| {
                    let (m, v) = (remembered(&mut self.first, at), remembered(&mut self.second, at));
                    *m = beta1 * *m + (1.0 - beta1) * g;
                    *v = beta2 * *v + (1.0 - beta2) * g * g;
                    *x -= lr * (*m / first_bias) / ((*v / second_bias).sqrt() + epsilon);
                });
            }
        }
    }
}

/// The number at a place, 0 where none has been yet.
fn remembered(numbers: &mut Vec<f64>, at: usize) -> &mut f64 {
    if at == numbers.len() {
        numbers.push(0.0);
    }
    &mut numbers[at]
}
