//! Entrywise operations on rows of lanes.

use super::{Lane, for_this_cpu, fused, numbers, numbers_mut};

/// Rows to read: those of a matrix, or one row repeated.
#[derive(Clone, Copy)]
pub(crate) struct Rows<'a> {
    pub data: &'a [Lane],
    /// Lanes from one row to the next: the width, or 0.
    pub stride: usize,
}

/// Rows to add to: those of a matrix, or one row that takes the sum over all of them.
pub(crate) struct RowsMut<'a> {
    pub data: &'a mut [Lane],
    pub stride: usize,
    pub count: usize,
    pub width: usize,
    pub columns: usize,
}

impl<'a> Rows<'a> {
    pub fn all(data: &'a [Lane], width: usize) -> Rows<'a> {
        Rows { data, stride: width }
    }

    pub fn again(row: &'a [Lane]) -> Rows<'a> {
        Rows { data: row, stride: 0 }
    }

    #[inline(always)]
    fn numbers(&self, i: usize, width: usize) -> &'a [f64] {
        numbers(&self.data[i * self.stride..][..width])
    }
}

impl RowsMut<'_> {
    /// `self = f(x)`, entry by entry; the padding of a row's last lane stays 0.
    #[inline(always)]
    pub fn map(self, x: Rows<'_>, f: impl Fn(f64) -> f64) {
        let RowsMut { data, width, columns, .. } = self;
        for (i, out) in data.chunks_exact_mut(width).enumerate() {
            numbers_mut(out).iter_mut().zip(x.numbers(i, width)).for_each(|(out, &x)| *out = f(x));
            zero_behind(out, columns);
        }
    }

    /// `self = f(x, y)`, entry by entry.
    #[inline(always)]
    pub fn zip(self, x: Rows<'_>, y: Rows<'_>, f: impl Fn(f64, f64) -> f64) {
        let RowsMut { data, width, columns, .. } = self;
        for (i, out) in data.chunks_exact_mut(width).enumerate() {
            let terms = x.numbers(i, width).iter().zip(y.numbers(i, width));
            numbers_mut(out).iter_mut().zip(terms).for_each(|(out, (&x, &y))| *out = f(x, y));
            zero_behind(out, columns);
        }
    }

    /// `self += f(x, y)`, entry by entry.
    #[inline(always)]
    pub fn add_zip(self, x: Rows<'_>, y: Rows<'_>, f: impl Fn(f64, f64) -> f64) {
        let RowsMut { data, stride, count, width, columns } = self;
        for i in 0..count {
            let out = &mut data[i * stride..][..width];
            let terms = x.numbers(i, width).iter().zip(y.numbers(i, width));
            numbers_mut(out).iter_mut().zip(terms).for_each(|(out, (&x, &y))| *out += f(x, y));
            zero_behind(out, columns);
        }
    }

    /// `self += f(x, y, z)`, entry by entry.
    #[inline(always)]
    pub fn add_zip3(self, x: Rows<'_>, y: Rows<'_>, z: Rows<'_>, f: impl Fn(f64, f64, f64) -> f64) {
        let RowsMut { data, stride, count, width, columns } = self;
        for i in 0..count {
            let out = &mut data[i * stride..][..width];
            let terms = x.numbers(i, width).iter().zip(y.numbers(i, width)).zip(z.numbers(i, width));
            numbers_mut(out).iter_mut().zip(terms).for_each(|(out, ((&x, &y), &z))| *out += f(x, y, z));
            zero_behind(out, columns);
        }
    }

    /// `self = a x`.
    pub fn assign(&mut self, a: f64, x: Rows<'_>) {
        assign(self.data, self.width, a, x);
    }

    /// `self += a x`.
    pub fn add(self, a: f64, x: Rows<'_>) {
        add(self, a, x);
    }
}

for_this_cpu! {
    fn assign(out: &mut [Lane], width: usize, a: f64, x: Rows<'_>) {
        let width = if x.stride == width { out.len() } else { width }; // contiguous rows count as one
        for (i, out) in out.chunks_exact_mut(width.max(1)).enumerate() {
            numbers_mut(out).iter_mut().zip(x.numbers(i, width)).for_each(|(out, x)| *out = a * x);
        }
    }
}

for_this_cpu! {
    fn add(to: RowsMut<'_>, a: f64, x: Rows<'_>) {
        let RowsMut { data, stride, count, width, .. } = to;
        let as_one = x.stride == width && stride == width;
        let (count, width) = if as_one { (1, count * width) } else { (count, width) };
        for i in 0..count {
            let out = numbers_mut(&mut data[i * stride..][..width]);
            out.iter_mut().zip(x.numbers(i, width)).for_each(|(out, x)| *out = fused(a, *x, *out));
        }
    }
}

/// Sets the padding of a row's last lane, behind the last column, to zero.
#[inline(always)]
pub(crate) fn zero_behind(row: &mut [Lane], columns: usize) {
    let used = columns % 8;
    if used != 0
        && let Some(last) = row.last_mut()
    {
        *last = Lane::of(|place| if place < used { last.0[place] } else { 0.0 });
    }
}

/// The sum of all numbers.
pub(crate) fn sum(x: &[Lane]) -> f64 {
    lane_sums(x).0.iter().sum()
}

for_this_cpu! {
    fn lane_sums(x: &[Lane]) -> Lane {
        let mut sums = Lane::ZERO;
        for x in x {
            sums.add(1.0, x);
        }
        sums
    }
}

for_this_cpu! {
    /// `x -= a g`, rounded twice, as Rust's expression is: the product, then the difference.
    pub(crate) fn descend(x: &mut [Lane], a: f64, g: &[Lane]) {
        numbers_mut(x).iter_mut().zip(numbers(g)).for_each(|(x, g)| *x -= a * g);
    }
}
