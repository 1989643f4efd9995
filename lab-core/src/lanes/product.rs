//! The product of two matrices, in tiles of the result that stay in registers.
//!
//! Each entry is the sum `out + x₁ y₁ + x₂ y₂ + …` from the left, whatever the tiles.

use super::entrywise::Rows;
use super::{Lane, for_this_cpu};

/// Rows of y taken at once: where rows are long each lies on a page of its own, and the TLB holds a few dozen pages.
const DEPTH: usize = 64;

/// `out += a x y` for x (rows, t) and y (t, columns), each given as its lanes, rows of x every `x_width` lanes.
pub(crate) fn product(out: &mut [Lane], width: usize, a: f64, x: &[Lane], x_width: usize, y: &[Lane]) {
    add_product(false, out, width, 0, None, a, x, x_width, y);
}

/// `out = b z + a x y`, the same on top of b times other rows.
pub(crate) fn product_onto(
    out: &mut [Lane],
    width: usize,
    z: (f64, Rows<'_>),
    a: f64,
    x: &[Lane],
    x_width: usize,
    y: &[Lane],
) {
    add_product(false, out, width, 0, Some(z), a, x, x_width, y);
}

/// `out += x y` from one column of lanes on.
pub(super) fn product_from(
    out: &mut [Lane],
    width: usize,
    from: usize,
    x: &[Lane],
    x_width: usize,
    y: &[Lane],
) {
    add_product(false, out, width, from, None, 1.0, x, x_width, y);
}

/// `out += a xᵀ y` for x (t, rows) and y (t, columns).
pub(crate) fn transposed_product(
    out: &mut [Lane],
    width: usize,
    a: f64,
    x: &[Lane],
    x_width: usize,
    y: &[Lane],
) {
    add_product(true, out, width, 0, None, a, x, x_width, y);
}

for_this_cpu! {
    #[expect(clippy::too_many_arguments, reason = "three matrices and how they lie")]
    fn add_product(
        turned: bool, out: &mut [Lane], width: usize, from: usize, onto: Option<(f64, Rows<'_>)>, a: f64,
        x: &[Lane], x_width: usize, y: &[Lane],
    ) {
        for (depth, y) in y.chunks(DEPTH * width).enumerate() {
            let first = depth * DEPTH;
            let x = if turned { &x[first * x_width..] } else { &x[first / 8..] };
            let onto = if depth == 0 { onto } else { None };
            let mut column = from;
            while column < width {
                let panel = Panel { width, column, onto, a, x, x_width, y };
                column += if turned { panel.add::<true>(out) } else { panel.add::<false>(out) };
            }
        }
    }
}

/// Some rows of y, from one column of lanes on, and what they meet.
struct Panel<'a> {
    width: usize,
    column: usize,
    onto: Option<(f64, Rows<'a>)>,
    a: f64,
    x: &'a [Lane],
    x_width: usize,
    y: &'a [Lane],
}

impl Panel<'_> {
    /// All rows of the next columns of lanes; returns how many. The tiles are as large as keeps a core's units for fused
    /// operations busy: each sum waits four cycles for the one before.
    #[inline(always)]
    fn add<const TURNED: bool>(&self, out: &mut [Lane]) -> usize {
        let rows = out.len() / self.width;
        match self.width - self.column {
            1 => {
                let next = self.tiles::<8, 1, TURNED>(out, 0, rows);
                let next = self.tiles::<4, 1, TURNED>(out, next, rows);
                let next = self.tiles::<2, 1, TURNED>(out, next, rows);
                self.tiles::<1, 1, TURNED>(out, next, rows);
                1
            }
            2 => {
                let next = self.tiles::<4, 2, TURNED>(out, 0, rows);
                self.tiles::<1, 2, TURNED>(out, next, rows);
                2
            }
            _ => {
                let next = self.tiles::<4, 3, TURNED>(out, 0, rows);
                self.tiles::<1, 3, TURNED>(out, next, rows);
                3
            }
        }
    }

    /// As many tiles of M rows as there are from a row on; returns the next row.
    #[inline(always)]
    fn tiles<const M: usize, const N: usize, const TURNED: bool>(
        &self,
        out: &mut [Lane],
        mut row: usize,
        rows: usize,
    ) -> usize {
        while row + M <= rows {
            self.tile::<M, N, TURNED>(out, row);
            row += M;
        }
        row
    }

    /// A tile of M rows, which lie within one lane of a turned x. All indices are bounded before the loop, and none in it
    /// varies but along x and y: so the sums stay in registers.
    #[inline(always)]
    fn tile<const M: usize, const N: usize, const TURNED: bool>(&self, out: &mut [Lane], row: usize) {
        let &Panel { width, column, onto, a, x, x_width, y } = self;
        let out = &mut out[row * width..];
        let mut sums = [[Lane::ZERO; N]; M];
        for (i, sums) in sums.iter_mut().enumerate() {
            for (j, sum) in sums.iter_mut().enumerate() {
                *sum = match onto {
                    None => out[i * width + column + j],
                    Some((b, z)) => Lane::ZERO.plus(b, &z.data[(row + i) * z.stride + column + j]),
                };
            }
        }
        let mut numbers = [0.0; M];
        if TURNED {
            let (x, place) = (&x[row / 8..], row % 8);
            for (y, x) in y.chunks_exact(width).zip(x.iter().step_by(x_width)) {
                for (i, number) in numbers.iter_mut().enumerate() {
                    *number = x.0[(place + i) % 8];
                }
                add_outer(&mut sums, &numbers, a, &y[column..column + N]);
            }
        } else {
            for (eight, y) in y.chunks(8 * width).enumerate() {
                let mut x_lanes = [&Lane::ZERO; M];
                for (i, lane) in x_lanes.iter_mut().enumerate() {
                    *lane = &x[(row + i) * x_width + eight];
                }
                for (t, y) in y.chunks_exact(width).enumerate() {
                    for (number, x) in numbers.iter_mut().zip(&x_lanes) {
                        *number = x.0[t % 8];
                    }
                    add_outer(&mut sums, &numbers, a, &y[column..column + N]);
                }
            }
        }
        for (i, sums) in sums.iter().enumerate() {
            for (j, sum) in sums.iter().enumerate() {
                out[i * width + column + j] = *sum;
            }
        }
    }
}

/// `sums += x (a y)` for a column x and a row y.
#[inline(always)]
fn add_outer<const M: usize, const N: usize>(sums: &mut [[Lane; N]; M], x: &[f64; M], a: f64, y: &[Lane]) {
    let mut times = [Lane::ZERO; N];
    for (times, y) in times.iter_mut().zip(y) {
        *times = times.plus(a, y);
    }
    for (sums, x) in sums.iter_mut().zip(x) {
        for (sum, y) in sums.iter_mut().zip(&times) {
            *sum = sum.plus(*x, y);
        }
    }
}
