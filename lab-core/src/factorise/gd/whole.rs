//! Gradient descent with any loss and any optimiser. It forms each gradient as a whole matrix: `∂L/∂U = -G V` and
//! `∂L/∂V = -Gᵀ U` with `G = ∂L/∂E` at the residual `E = A - U Vᵀ`.

use super::super::{Factors, GdParams};
use crate::descent::{Losses, Moments};
use crate::error::Result;
use crate::lanes::{Padded, dot};
use crate::loss::Form;
use crate::matrix::Matrix;

pub(super) fn descend(a: &Matrix, u0: &Matrix, v0: &Matrix, form: Form, p: &GdParams) -> Result<Factors> {
    let ((m, n), rank) = (a.dim(), p.rank);
    let (a, mut u, mut v) = (Padded::of(&a.view()), Padded::of(&u0.view()), Padded::of(&v0.view()));
    let (mut vt, mut e) = (Padded::zeros(rank, n), Padded::zeros(m, n));
    let (mut du, mut dv) = (Padded::zeros(m, rank), Padded::zeros(n, rank));
    let (mut of_u, mut of_v) = (Moments::of(p.optimiser), Moments::of(p.optimiser));
    let mut losses = Losses::over(p.epochs);
    loop {
        vt.transpose_of(&v);
        e.assign(&a);
        e.add_product(-1.0, &u, &vt);
        losses.push(differentiate(&mut e, form))?;
        if losses.0.len() > p.epochs {
            return Ok(Factors { u: u.to_matrix(), v: v.to_matrix(), losses: losses.0 });
        }
        du.cleared().add_product(-1.0, &e, &v);
        dv.cleared().add_transposed_product(-1.0, &e, &u);
        of_u.update(p.lr, u.numbers_mut(), du.numbers());
        of_v.update(p.lr, v.numbers_mut(), dv.numbers());
    }
}

/// The loss of a residual, which becomes the gradient with respect to it. What pads it stays 0.
fn differentiate(e: &mut Padded, form: Form) -> f64 {
    match form {
        Form::Squares(phi) => {
            let (squares, cells) = (dot(e, e), e.rows * e.columns);
            let slope = 2.0 * phi.slope(squares, cells);
            e.numbers_mut().for_each(|e| *e *= slope);
            phi.value(squares, cells)
        }
        Form::Cells(rho) => {
            let loss = e.numbers().map(|e| rho.value(e)).sum();
            e.numbers_mut().for_each(|e| *e = rho.slope(*e));
            loss
        }
    }
}
