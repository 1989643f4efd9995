//! Stochastic gradient descent, one cell at a time.

use super::{Factors, Losses, SgdParams};
use crate::{Mask, Matrix, Result};

/// Row, column and value.
pub(super) type Cell = (usize, usize, f64);

/// All cells, row by row.
pub(super) fn every_cell(a: &Matrix) -> impl Iterator<Item = Cell> + Clone {
    a.indexed_iter().map(|((i, j), &x)| (i, j, x))
}

/// The observed cells, row by row.
pub(super) fn observed_cells(a: &Matrix, observed: &Mask) -> Vec<Cell> {
    every_cell(a).zip(observed).filter(|(_, seen)| **seen).map(|(cell, _)| cell).collect()
}

pub(super) fn descend(
    cells: &(impl Iterator<Item = Cell> + Clone),
    mut u: Matrix,
    mut v: Matrix,
    p: &SgdParams,
) -> Result<Factors> {
    let mut losses = Losses::over(p.epochs);
    loop {
        losses.push(cells.clone().map(|(i, j, x)| (x - u.row(i).dot(&v.row(j))).powi(2)).sum())?;
        if losses.0.len() > p.epochs {
            return Ok(Factors { u, v, losses: losses.0 });
        }
        for (i, j, x) in cells.clone() {
            let (mut u, mut v) = (u.row_mut(i), v.row_mut(j));
            let step = p.lr * (x - u.dot(&v));
            u.scaled_add(step, &v);
            v.scaled_add(step, &u);
        }
    }
}
