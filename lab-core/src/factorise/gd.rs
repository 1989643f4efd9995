//! Full-batch gradient descent: by an expression, and by the formulas on one of three paths.

use super::{Factors, GdParams};
use crate::autodiff::Var;
use crate::descent::{Gradient, Losses, Optimiser};
use crate::error::Result;
use crate::lanes::Padded;
use crate::loss::{Form, Loss, OfSquares};
use crate::matrix::Matrix;

mod gram;
mod residual;
mod whole;

pub(super) fn descend(a: &Matrix, u0: Matrix, v0: Matrix, p: &GdParams) -> Result<Factors> {
    match (p.gradient.here(), p.loss.form(), p.optimiser) {
        (Gradient::Autodiff, ..) => by_autodiff(a, u0, v0, p),
        (Gradient::Analytic, Form::Squares(phi), Optimiser::Plain) => by_formulas(a, &u0, &v0, phi, p),
        (Gradient::Analytic, form, _) => whole::descend(a, &u0, &v0, form, p),
    }
}

/// The lab sheet's way: write down `L(A - U Vᵀ)`, differentiate, and go downhill.
fn by_autodiff(a: &Matrix, u0: Matrix, v0: Matrix, p: &GdParams) -> Result<Factors> {
    let (a, u, v) = (Var::constant(a.clone()), Var::leaf(u0), Var::leaf(v0));
    let residual = a - u.dot(&v.t());
    let loss = match p.loss {
        Loss::SumSquared => residual.squared().sum(),
        Loss::MeanSquared => residual.squared().mean(),
        Loss::Frobenius => residual.squared().sum().sqrt(),
        Loss::Huber { delta } => {
            let beyond = (residual.abs() - delta).relu();
            (residual.squared().sum() - beyond.squared().sum()) * 0.5
        }
        Loss::Absolute => residual.abs().sum(),
    };
    let mut optimiser = p.optimiser.over(&[&u, &v])?;
    let mut losses = Losses::over(p.epochs);
    for _ in 0..p.epochs {
        loss.backward()?;
        losses.push(loss.scalar()?)?;
        optimiser.step(p.lr)?;
    }
    losses.push(loss.scalar()?)?;
    Ok(Factors { u: u.value()?, v: v.value()?, losses: losses.0 })
}

/// The state of a descent by the formulas.
struct Descent<'a> {
    /// (m, n) with m ≥ n: U and V trade places where A is wide.
    a: Padded,
    u: Padded,
    v: Padded,
    losses: Losses,
    phi: OfSquares,
    p: &'a GdParams,
}

impl Descent<'_> {
    /// Records the loss that follows from a sum of squares. Returns the factor `c = 2 lr φ'(s)` of the next step, or
    /// `None` after the last epoch.
    fn report(&mut self, squares: f64) -> Result<Option<f64>> {
        let cells = self.a.rows * self.a.columns;
        self.losses.push(self.phi.value(squares, cells))?;
        let more = self.losses.0.len() <= self.p.epochs;
        Ok(more.then(|| 2.0 * self.p.lr * self.phi.slope(squares, cells)))
    }
}

/// `∇U = -2 φ'(s) E V` and `∇V = -2 φ'(s) Eᵀ U` with `E = A - U Vᵀ`, on the path that needs fewer operations.
fn by_formulas(a: &Matrix, u0: &Matrix, v0: &Matrix, phi: OfSquares, p: &GdParams) -> Result<Factors> {
    let wide = a.nrows() < a.ncols();
    let a = if wide { Padded::of(&a.t()) } else { Padded::of(&a.view()) };
    let (u, v) = if wide { (v0, u0) } else { (u0, v0) };
    let (m, n, r, epochs) = (a.rows as f64, a.columns as f64, p.rank as f64, p.epochs as f64);
    let mut descent = Descent {
        a,
        u: Padded::of(&u.view()),
        v: Padded::of(&v.view()),
        losses: Losses::over(p.epochs),
        phi,
        p,
    };

    let finished = n * n * (m + epochs * r) < 3.0 * epochs * m * n * r && gram::descend(&mut descent)?;
    if !finished {
        residual::descend(&mut descent)?;
    }
    let (u, v) = (descent.u.to_matrix(), descent.v.to_matrix());
    let (u, v) = if wide { (v, u) } else { (u, v) };
    Ok(Factors { u, v, losses: descent.losses.0 })
}
