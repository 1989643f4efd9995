//! What is done entry by entry to rows of lanes.

use super::{Lane, for_this_cpu};

/// Rows to read: those of a matrix, or one row again and again.
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
    fn row(&self, i: usize, width: usize) -> &'a [Lane] {
        &self.data[i * self.stride..][..width]
    }
}

impl RowsMut<'_> {
    /// `self = f(x)`, entry by entry; what fills up the last lane of a row stays 0.
    #[inline(always)]
    pub fn map(self, x: Rows<'_>, f: impl Fn(f64) -> f64) {
        let RowsMut { data, width, columns, .. } = self;
        for (i, out) in data.chunks_exact_mut(width).enumerate() {
            out.iter_mut().zip(x.row(i, width)).for_each(|(out, x)| *out = x.map(&f));
            zero_behind(out, columns);
        }
    }

    /// `self = f(x, y)`, entry by entry.
    #[inline(always)]
    pub fn zip(self, x: Rows<'_>, y: Rows<'_>, f: impl Fn(f64, f64) -> f64) {
        let RowsMut { data, width, columns, .. } = self;
        for (i, out) in data.chunks_exact_mut(width).enumerate() {
            for (out, (x, y)) in out.iter_mut().zip(x.row(i, width).iter().zip(y.row(i, width))) {
                *out = x.zip(y, &f);
            }
            zero_behind(out, columns);
        }
    }

    /// `self += f(x, y)`, entry by entry.
    #[inline(always)]
    pub fn add_zip(self, x: Rows<'_>, y: Rows<'_>, f: impl Fn(f64, f64) -> f64) {
        let RowsMut { data, stride, count, width, columns } = self;
        for i in 0..count {
            let out = &mut data[i * stride..][..width];
            for (out, (x, y)) in out.iter_mut().zip(x.row(i, width).iter().zip(y.row(i, width))) {
                out.add(1.0, &x.zip(y, &f));
            }
            zero_behind(out, columns);
        }
    }

    /// `self += f(x, y, z)`, entry by entry.
    #[inline(always)]
    pub fn add_zip3(self, x: Rows<'_>, y: Rows<'_>, z: Rows<'_>, f: impl Fn(f64, f64, f64) -> f64) {
        let RowsMut { data, stride, count, width, columns } = self;
        for i in 0..count {
            let out = &mut data[i * stride..][..width];
            let (x, y, z) = (x.row(i, width), y.row(i, width), z.row(i, width));
            for (j, out) in out.iter_mut().enumerate() {
                out.add(1.0, &Lane::of(|k| f(x[j].0[k], y[j].0[k], z[j].0[k])));
            }
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
        if x.stride == width {
            out.iter_mut().zip(x.data).for_each(|(out, x)| *out = x.map(|x| a * x));
        } else {
            for (i, out) in out.chunks_exact_mut(width).enumerate() {
                out.iter_mut().zip(x.row(i, width)).for_each(|(out, x)| *out = x.map(|x| a * x));
            }
        }
    }
}

for_this_cpu! {
    fn add(to: RowsMut<'_>, a: f64, x: Rows<'_>) {
        if x.stride == to.width && to.stride == to.width {
            to.data.iter_mut().zip(x.data).for_each(|(out, x)| out.add(a, x));
        } else {
            for i in 0..to.count {
                let out = &mut to.data[i * to.stride..][..to.width];
                out.iter_mut().zip(x.row(i, to.width)).for_each(|(out, x)| out.add(a, x));
            }
        }
    }
}

/// A row's last lane holds zeros behind the last column.
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
    /// `x -= a g`, rounded like the expression: the product, then the difference.
    pub(crate) fn descend(x: &mut [Lane], a: f64, g: &[Lane]) {
        x.iter_mut().zip(g).for_each(|(x, g)| *x = x.zip(g, |x, g| x - a * g));
    }
}
