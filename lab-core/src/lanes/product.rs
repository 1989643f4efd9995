//! The product of two matrices, in tiles of the result that stay in registers.
//!
//! Whatever the tiles, the terms of an entry are summed from the left, so many at a time, and each such sum is added to what
//! the entry was before.

use super::entrywise::Rows;
use super::{Lane, for_this_cpu, fused, numbers, prefetch, wide};

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
                let panel = Panel { width, column, onto, a, x: numbers(x), x_stride: 8 * x_width, y };
                column += match (turned, wide()) {
                    (false, false) => panel.add::<false, false>(out),
                    (false, true) => panel.add::<false, true>(out),
                    (true, false) => panel.add::<true, false>(out),
                    (true, true) => panel.add::<true, true>(out),
                };
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
    /// The numbers of x, and how many lie between the beginnings of two rows.
    x: &'a [f64],
    x_stride: usize,
    y: &'a [Lane],
}

impl Panel<'_> {
    /// All rows of the next columns of lanes; returns how many. A tile has as many sums as keep a core's units for fused
    /// operations busy, of which each waits four cycles for the one before, and no more than the registers hold: 32 of a
    /// lane each where they are wide, else 16 of half a lane.
    #[inline(always)]
    fn add<const TURNED: bool, const WIDE: bool>(&self, out: &mut [Lane]) -> usize {
        match (self.width - self.column, WIDE) {
            (1, true) => self.tiles::<8, 1, TURNED>(out),
            (1, false) => self.tiles::<6, 1, TURNED>(out),
            (2, true) => self.tiles::<4, 2, TURNED>(out),
            (2, false) => self.tiles::<2, 2, TURNED>(out),
            (_, true) => self.tiles::<4, 3, TURNED>(out),
            (_, false) => self.tiles::<2, 3, TURNED>(out),
        }
    }

    /// Tiles of M rows and N lanes, as many as there are, and single rows behind; returns N.
    #[inline(always)]
    fn tiles<const M: usize, const N: usize, const TURNED: bool>(&self, out: &mut [Lane]) -> usize {
        let (rows, mut row) = (out.len() / self.width, 0);
        while row + M <= rows {
            self.tile::<M, N, TURNED>(out, row);
            row += M;
        }
        if N == 1 && row + 2 <= rows {
            self.tile::<2, N, TURNED>(out, row);
            row += 2;
        }
        for row in row..rows {
            self.tile::<1, N, TURNED>(out, row);
        }
        N
    }

    /// A tile of M rows. All indices are bounded before the loop, and none in it varies but along x and y: so the sums stay
    /// in registers.
    #[inline(always)]
    fn tile<const M: usize, const N: usize, const TURNED: bool>(&self, out: &mut [Lane], row: usize) {
        let &Panel { width, column, onto, a, x, x_stride, y } = self;
        let mut sums = [[Lane::ZERO; N]; M];
        let onto = onto.map(|(b, z)| (b, move |i: usize| &z.data[(row + i) * z.stride + column..][..N]));
        if let Some((_, z)) = onto {
            (0..M).for_each(|i| prefetch(z(i))); // on its way while the sums are made
        }
        let rows = y.chunks_exact(width).map(|y| &y[column..column + N]);
        if TURNED {
            for (y, x) in rows.zip(x[row..].chunks(x_stride)) {
                let mut column = [0.0; M];
                column.copy_from_slice(&x[..M]);
                add_outer(&mut sums, &column, y);
            }
        } else {
            let mut lines = [&x[..0]; M];
            for (i, line) in lines.iter_mut().enumerate() {
                *line = &x[(row + i) * x_stride..][..rows.len()];
            }
            for (t, y) in rows.enumerate() {
                let mut column = [0.0; M];
                for (x, line) in column.iter_mut().zip(&lines) {
                    *x = line[t];
                }
                add_outer(&mut sums, &column, y);
            }
        }
        for (i, sums) in sums.iter().enumerate() {
            let out = &mut out[(row + i) * width + column..][..N];
            if let Some((b, z)) = onto {
                for ((out, sum), z) in out.iter_mut().zip(sums).zip(z(i)) {
                    *out = Lane::of(|i| fused(a, sum.0[i], b * z.0[i]));
                }
            } else {
                out.iter_mut().zip(sums).for_each(|(out, sum)| out.add(a, sum));
            }
        }
    }
}

/// `sums += x y` for a column x and a row y. Each lane of y meets all of x at once: so no more than one needs registers.
#[inline(always)]
fn add_outer<const M: usize, const N: usize>(sums: &mut [[Lane; N]; M], x: &[f64; M], y: &[Lane]) {
    for (j, y) in y.iter().enumerate() {
        for (sums, x) in sums.iter_mut().zip(x) {
            sums[j] = sums[j].plus(*x, y);
        }
    }
}
