//! Full-batch gradient descent: by the tape, and by the formulas.

use super::{Factors, GdParams, Gradient, Losses};
use crate::{Matrix, Result, Tape};

pub(super) fn descend(a: &Matrix, u0: Matrix, v0: Matrix, p: &GdParams) -> Result<Factors> {
    match p.gradient {
        Gradient::Autodiff => by_tape(a, u0, v0, p),
        Gradient::Analytic => by_rows(a, u0, v0, p),
    }
}

/// The lab sheet's way: record `L(A - U Vᵀ)` once, then forwards, backwards and downhill in turn.
fn by_tape(a: &Matrix, u0: Matrix, v0: Matrix, p: &GdParams) -> Result<Factors> {
    let mut tape = Tape::new();
    let (a, u, v) = (tape.constant(a.clone()), tape.leaf(u0), tape.leaf(v0));
    let vt = tape.transpose(v)?;
    let fit = tape.matmul(u, vt)?;
    let residual = tape.sub(a, fit)?;
    let loss = tape.loss(residual, p.loss)?;

    let mut losses = Losses::over(p.epochs);
    losses.push(tape.value(loss)?[[0, 0]])?;
    for _ in 0..p.epochs {
        tape.backward(loss)?;
        tape.descend(u, p.lr)?;
        tape.descend(v, p.lr)?;
        losses.push(tape.forward(loss)?[[0, 0]])?;
    }
    Ok(Factors { u: tape.value(u)?.clone(), v: tape.value(v)?.clone(), losses: losses.0 })
}

/// The residual's way, one row of it at a time: with `e = a[i] - V u[i]`, the sum of squares grows by `e·e`, and half
/// of its negative gradients are `Vᵀ e` for `u[i]` and the sum of all `e u[i]ᵀ` for V.
fn by_rows(a: &Matrix, mut u: Matrix, mut v: Matrix, p: &GdParams) -> Result<Factors> {
    let (mut du, mut dv) = (Matrix::zeros(u.raw_dim()), Matrix::zeros(v.raw_dim()));
    let mut losses = Losses::over(p.epochs);
    loop {
        let mut squares = 0.0;
        dv.fill(0.0);
        for ((a, u), mut du) in a.rows().into_iter().zip(u.rows()).zip(du.rows_mut()) {
            du.fill(0.0);
            for ((&a, v), mut dv) in a.iter().zip(v.rows()).zip(dv.rows_mut()) {
                let e = a - u.dot(&v);
                squares += e * e;
                du.scaled_add(e, &v);
                dv.scaled_add(e, &u);
            }
        }
        losses.push(p.loss.of_squares(squares, a.len()))?;
        if losses.0.len() > p.epochs {
            return Ok(Factors { u, v, losses: losses.0 });
        }
        let step = 2.0 * p.lr * p.loss.slope(squares, a.len());
        u.scaled_add(step, &du);
        v.scaled_add(step, &dv);
    }
}
