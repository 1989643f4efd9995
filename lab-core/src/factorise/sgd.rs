//! Stochastic gradient descent, one cell at a time.
//!
//! Rows of U and V are kept in groups of N numbers, padded with zeros that stay zero, so that a row is a register or two.
//! Large problems are split into B x B blocks of cells, of which B at a time share no row and no column and are visited
//! side by side: Gemulla, Nijkamp, Haas and Sismanis, *Large-scale matrix factorization with distributed stochastic
//! gradient descent*, KDD 2011.

use super::SgdParams;
use crate::descent::Losses;
use crate::error::Result;
use crate::interrupt::check_interrupt;
use crate::lanes::{for_this_cpu, fused};
use crate::matrix::Matrix;
use crate::observations::{Cell, Observations};
use crate::threads;

/// For each thread there must be so many cells: fewer are not worth the start of a thread.
const WORTH_A_THREAD: usize = 1 << 15;
/// Cells between two looks for an interrupt: about 30 ms.
const BETWEEN_LOOKS: usize = 1 << 21;

pub(super) struct Plan<'a> {
    pub train: &'a Observations,
    pub held_out: Option<&'a Observations>,
    /// B: with 1, all cells are visited in their order.
    pub blocks: usize,
    pub p: &'a SgdParams,
}

/// The factors, and the sums of squares over the training and the held-out cells after each epoch.
pub(super) struct Run {
    pub u: Matrix,
    pub v: Matrix,
    pub losses: Vec<f64>,
    pub held_out: Vec<f64>,
}

pub(super) fn descend(u0: Matrix, v0: Matrix, plan: &Plan<'_>) -> Result<Run> {
    match group(u0.ncols()) {
        2 => by_groups_of::<2>(u0, v0, plan),
        4 => by_groups_of::<4>(u0, v0, plan),
        _ => by_groups_of::<8>(u0, v0, plan),
    }
}

/// How many numbers of a row lie in one group.
pub(super) fn group(rank: usize) -> usize {
    match rank {
        0..=2 => 2,
        3..=4 => 4,
        _ => 8,
    }
}

fn by_groups_of<const N: usize>(mut u0: Matrix, mut v0: Matrix, plan: &Plan<'_>) -> Result<Run> {
    let width = u0.ncols().div_ceil(N);
    let (mut u, mut v) = (pack::<N>(&u0), pack::<N>(&v0));
    let (rows, columns) = (u0.nrows().div_ceil(plan.blocks), v0.nrows().div_ceil(plan.blocks));
    let sorted;
    let blocks = if plan.blocks > 1 {
        sorted = Blocks::of(&plan.train.cells, plan.blocks, rows, columns);
        sorted.slices()
    } else {
        vec![plan.train.cells.as_slice()]
    };
    let Plan { train, held_out, p, .. } = plan;
    let rates = Rates { lr: p.lr, kept: 1.0 - p.lr * p.penalty };

    let (mut losses, mut held_out_squares) = (Losses::over(p.epochs), Vec::new());
    loop {
        losses.push(squares(&blocks, &u, &v, width))?;
        held_out_squares.extend(held_out.map(|cells| squares(&[&cells.cells], &u, &v, width)));
        if losses.0.len() > p.epochs {
            let unpack = |x: &[[f64; N]], m: &mut Matrix| {
                m.indexed_iter_mut().for_each(|((i, l), m)| *m = x[i * width + l / N][l % N]);
            };
            unpack(&u, &mut u0);
            unpack(&v, &mut v0);
            return Ok(Run { u: u0, v: v0, losses: losses.0, held_out: held_out_squares });
        }
        if plan.blocks == 1 {
            for cells in train.cells.chunks(BETWEEN_LOOKS) {
                visit(cells, (0, 0), &mut u, &mut v, width, rates);
                check_interrupt()?;
            }
            continue;
        }
        for shift in 0..plan.blocks {
            check_interrupt()?;
            let mut v_blocks: Vec<_> = v.chunks_mut(columns * width).map(Some).collect();
            let tasks = u.chunks_mut(rows * width).enumerate().filter_map(|(i, u)| {
                let j = (i + shift) % plan.blocks;
                let v = v_blocks.get_mut(j)?.take()?;
                let cells = blocks[i * plan.blocks + j];
                Some(move || visit(cells, (i * rows, j * columns), u, v, width, rates))
            });
            if train.len() < plan.blocks * WORTH_A_THREAD {
                tasks.for_each(|mut task| task());
            } else {
                threads::each(tasks.collect());
            }
        }
    }
}

/// The learning rate, and the factor by which each update shrinks the rows: `1 - lr λ`, which is 1 without a penalty.
#[derive(Clone, Copy)]
struct Rates {
    lr: f64,
    kept: f64,
}

fn pack<const N: usize>(m: &Matrix) -> Vec<[f64; N]> {
    let width = m.ncols().div_ceil(N);
    let mut rows = vec![[0.0; N]; m.nrows() * width];
    m.indexed_iter().for_each(|((i, l), &x)| rows[i * width + l / N][l % N] = x);
    rows
}

/// The cells of each block, one block after the other; within a block in their order.
struct Blocks {
    cells: Vec<Cell>,
    /// Where the cells of each block begin, and where those of the last end.
    starts: Vec<usize>,
}

impl Blocks {
    /// Cuts a matrix into `count` x `count` blocks of so many rows and columns.
    fn of(cells: &[Cell], count: usize, rows: usize, columns: usize) -> Blocks {
        let block_of = |cell: &Cell| cell.row as usize / rows * count + cell.column as usize / columns;
        let mut starts = vec![0; count * count + 1];
        for cell in cells {
            starts[block_of(cell) + 1] += 1;
        }
        for block in 1..starts.len() {
            starts[block] += starts[block - 1];
        }
        let (mut next, mut sorted) = (starts.clone(), cells.to_vec());
        for cell in cells {
            let place = &mut next[block_of(cell)];
            sorted[*place] = *cell;
            *place += 1;
        }
        Blocks { cells: sorted, starts }
    }

    fn slices(&self) -> Vec<&[Cell]> {
        self.starts.windows(2).map(|ends| &self.cells[ends[0]..ends[1]]).collect()
    }
}

for_this_cpu! {
    /// `e = x - u·v`, `u = kept u + lr e v`, `v = kept v + lr e u` with the updated u, for each cell in turn; `origin` is the
    /// row and the column where u and v begin.
    fn visit<const N: usize>(
        cells: &[Cell],
        origin: (usize, usize),
        u: &mut [[f64; N]],
        v: &mut [[f64; N]],
        width: usize,
        rates: Rates,
    ) {
        for cell in cells {
            let u = &mut u[(cell.row as usize - origin.0) * width..][..width];
            let v = &mut v[(cell.column as usize - origin.1) * width..][..width];
            let step = rates.lr * error(cell, u, v);
            for (u, v) in u.iter_mut().zip(v) {
                for (u, v) in u.iter_mut().zip(v) {
                    *u = fused(step, *v, rates.kept * *u);
                    *v = fused(step, *u, rates.kept * *v);
                }
            }
        }
    }
}

/// The sum of squared errors over blocks of cells, computed in parts, one task for each.
fn squares<const N: usize>(blocks: &[&[Cell]], u: &[[f64; N]], v: &[[f64; N]], width: usize) -> f64 {
    // Parts of one size fix the order of sums, whatever the number of threads.
    let parts = blocks.iter().flat_map(|cells| cells.chunks(WORTH_A_THREAD));
    if blocks.iter().map(|cells| cells.len()).sum::<usize>() <= WORTH_A_THREAD {
        return parts.map(|cells| part_squares(cells, u, v, width)).sum();
    }
    let mut sums = vec![0.0; parts.clone().count()];
    let tasks = parts.zip(&mut sums);
    threads::each(tasks.map(|(cells, sum)| move || *sum = part_squares(cells, u, v, width)).collect());
    sums.iter().sum()
}

for_this_cpu! {
    fn part_squares<const N: usize>(cells: &[Cell], u: &[[f64; N]], v: &[[f64; N]], width: usize) -> f64 {
        let mut sum = 0.0;
        for cell in cells {
            let e = error(cell, &u[cell.row as usize * width..][..width], &v[cell.column as usize * width..][..width]);
            sum = fused(e, e, sum);
        }
        sum
    }
}

/// `x - u·v`, the products summed pairwise.
#[inline(always)]
fn error<const N: usize>(cell: &Cell, u: &[[f64; N]], v: &[[f64; N]]) -> f64 {
    let mut sums = [0.0; N];
    for (u, v) in u.iter().zip(v) {
        for (sum, (u, v)) in sums.iter_mut().zip(u.iter().zip(v)) {
            *sum = fused(*u, *v, *sum);
        }
    }
    let mut half = N / 2;
    while half > 0 {
        (0..half).for_each(|l| sums[l] += sums[l + half]);
        half /= 2;
    }
    cell.value - sums[0]
}
