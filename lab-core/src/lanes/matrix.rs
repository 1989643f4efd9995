//! Matrices stored in whole lanes, and the two products of them.

use std::ops::Range;

use ndarray::ArrayView2;

use super::product::{product, product_from, transposed_product};
use super::{Lane, for_this_cpu};
use crate::matrix::Matrix;
use crate::threads;

/// For each thread there must be so many lanes of work: less is not worth the start of a thread.
const WORTH_A_THREAD: usize = 1 << 18;
/// Rows of a band of `xᵀ x`.
const BAND: usize = 32;

/// A matrix (rows, columns), each row in `width` lanes, padded with zeros.
#[derive(Debug, Clone, Default)]
pub(crate) struct Padded {
    pub rows: usize,
    pub columns: usize,
    pub width: usize,
    pub data: Vec<Lane>,
}

impl Padded {
    pub fn zeros(rows: usize, columns: usize) -> Padded {
        let width = columns.div_ceil(8);
        Padded { rows, columns, width, data: vec![Lane::ZERO; rows * width] }
    }

    pub fn of(m: &ArrayView2<'_, f64>) -> Padded {
        Padded::scaled(m, 1.0)
    }

    /// A matrix times a number.
    pub fn scaled(m: &ArrayView2<'_, f64>, by: f64) -> Padded {
        let mut padded = Padded::zeros(m.nrows(), m.ncols());
        for ((i, j), &x) in m.indexed_iter() {
            *padded.at(i, j) = by * x;
        }
        padded
    }

    pub fn identity(n: usize) -> Padded {
        let mut padded = Padded::zeros(n, n);
        padded.set_identity();
        padded
    }

    pub fn set_identity(&mut self) -> &mut Self {
        self.clear();
        (0..self.rows).for_each(|i| *self.at(i, i) = 1.0);
        self
    }

    /// Some of the rows, copied.
    pub fn rows(&self, rows: Range<usize>) -> Padded {
        let data = self.data[rows.start * self.width..rows.end * self.width].to_vec();
        Padded { rows: rows.len(), data, ..*self }
    }

    pub fn to_matrix(&self) -> Matrix {
        Matrix::from_shape_fn((self.rows, self.columns), |(i, j)| self.data[i * self.width + j / 8].0[j % 8])
    }

    pub fn at(&mut self, i: usize, j: usize) -> &mut f64 {
        &mut self.data[i * self.width + j / 8].0[j % 8]
    }

    /// All numbers, those that pad the rows included.
    pub fn numbers(&self) -> impl Iterator<Item = f64> {
        self.data.iter().flat_map(|lane| lane.0)
    }

    /// All numbers, those that pad the rows included.
    pub fn numbers_mut(&mut self) -> impl Iterator<Item = &mut f64> {
        self.data.iter_mut().flat_map(|lane| &mut lane.0)
    }

    pub fn clear(&mut self) {
        self.data.fill(Lane::ZERO);
    }

    /// Sets self to zeros of another shape, in the same buffer.
    pub fn reset(&mut self, (rows, columns): (usize, usize)) {
        (self.rows, self.columns, self.width) = (rows, columns, columns.div_ceil(8));
        self.data.clear();
        self.data.resize(rows * self.width, Lane::ZERO);
    }

    pub fn cleared(&mut self) -> &mut Self {
        self.clear();
        self
    }

    /// `self = x`, in the same buffer.
    pub fn assign(&mut self, x: &Padded) {
        (self.rows, self.columns, self.width) = (x.rows, x.columns, x.width);
        self.data.clone_from(&x.data);
    }

    /// `self = xᵀ`.
    pub fn transpose_of(&mut self, x: &Padded) {
        self.clear();
        self.add_transpose_of(x);
    }

    /// `self += xᵀ`.
    pub fn add_transpose_of(&mut self, x: &Padded) {
        for (i, row) in x.data.chunks_exact(x.width.max(1)).enumerate() {
            for j in 0..x.columns {
                *self.at(j, i) += row[j / 8].0[j % 8];
            }
        }
    }

    /// `self += a x`.
    pub fn add(&mut self, a: f64, x: &Padded) {
        add(&mut self.data, a, &x.data);
    }

    /// `self += a x y` for x (rows, t) and y (t, columns).
    pub fn add_product(&mut self, a: f64, x: &Padded, y: &Padded) {
        let work = self.rows * y.rows * self.width;
        self.in_bands(work, |first, band, width| {
            product(band, width, a, &x.data[first * x.width..], x.width, &y.data);
        });
    }

    /// `self += a xᵀ y` for x (t, rows) and y (t, columns).
    pub fn add_transposed_product(&mut self, a: f64, x: &Padded, y: &Padded) {
        let work = self.rows * y.rows * self.width;
        self.in_bands(work, |first, band, width| {
            transposed_product(band, width, a, &x.data[first / 8..], x.width, &y.data);
        });
    }

    /// `xᵀ x`, the Gram matrix. With enough work for threads, it is computed in bands of rows from the diagonal on, and
    /// the part below the diagonal is mirrored.
    pub fn gram(x: &Padded) -> Padded {
        let mut gram = Padded::zeros(x.columns, x.columns);
        let width = gram.width;
        let rows = if x.rows * gram.data.len() < WORTH_A_THREAD { 8 * width } else { BAND };
        let bands = gram.data.chunks_mut(rows * width).enumerate();
        threads::each(
            bands
                .map(|(k, band)| {
                    move || {
                        let from = k * rows / 8;
                        let turned = x.turned(from..width.min(from + rows / 8));
                        product_from(band, width, from, &turned.data, turned.width, &x.data);
                    }
                })
                .collect(),
        );
        gram.mirror();
        gram
    }

    /// The transpose of some columns of lanes.
    fn turned(&self, lanes: Range<usize>) -> Padded {
        let mut turned = Padded::zeros(8 * lanes.len(), self.rows);
        for (t, row) in self.data.chunks_exact(self.width).enumerate() {
            for (eight, lane) in row[lanes.clone()].iter().enumerate() {
                for (place, x) in lane.0.iter().enumerate() {
                    *turned.at(8 * eight + place, t) = *x;
                }
            }
        }
        turned
    }

    /// Copies what is above the diagonal to below.
    fn mirror(&mut self) {
        for i in 0..self.rows {
            for j in 0..i {
                *self.at(i, j) = *self.at(j, i);
            }
        }
    }

    /// Computes a product in bands of rows: one band for each thread, as far as there is enough work (in lanes), else a
    /// single band.
    fn in_bands(&mut self, work: usize, product: impl Fn(usize, &mut [Lane], usize) + Sync) {
        let (width, most) = (self.width, work / WORTH_A_THREAD);
        let threads = if most > 1 { threads::count().min(most) } else { 1 };
        let rows = self.rows.div_ceil(8).div_ceil(threads) * 8;
        if threads == 1 || rows >= self.rows {
            return product(0, &mut self.data, width);
        }
        let bands = self.data.chunks_mut(rows * width).enumerate();
        let product = &product;
        threads::each(bands.map(|(k, band)| move || product(k * rows, band, width)).collect());
    }
}

/// `Σ xᵢ yᵢ` over all numbers of two matrices of one shape.
pub(crate) fn dot(x: &Padded, y: &Padded) -> f64 {
    sum_of_products(&x.data, &y.data)
}

/// `Σ xᵢ yᵢ` over the numbers of two slices of lanes.
pub(crate) fn sum_of_products(x: &[Lane], y: &[Lane]) -> f64 {
    lane_sums(x, y).0.iter().sum()
}

for_this_cpu! {
    fn lane_sums(x: &[Lane], y: &[Lane]) -> Lane {
        let (mut four, mut rest) = ([Lane::ZERO; 4], Lane::ZERO); // four sums: an addition waits for the one before
        let (x, y) = (x.chunks_exact(4), y.chunks_exact(4));
        for (x, y) in x.remainder().iter().zip(y.remainder()) {
            rest.add_product(x, y);
        }
        for (x, y) in x.zip(y) {
            for (sum, (x, y)) in four.iter_mut().zip(x.iter().zip(y)) {
                sum.add_product(x, y);
            }
        }
        for sum in &four {
            rest.add(1.0, sum);
        }
        rest
    }
}

for_this_cpu! {
    fn add(sums: &mut [Lane], a: f64, x: &[Lane]) {
        sums.iter_mut().zip(x).for_each(|(sum, x)| sum.add(a, x));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_those_of_ndarray() {
        let number = |k: usize| ((k * 7919) % 1009) as f64 / 1009.0 - 0.5;
        for (m, t, n) in [(1, 1, 1), (3, 5, 2), (17, 9, 8), (64, 33, 21), (600, 70, 90)] {
            let x = Matrix::from_shape_fn((m, t), |(i, j)| number(i * t + j));
            let y = Matrix::from_shape_fn((t, n), |(i, j)| number(i * n + j + 1));
            let close = |found: &Padded, expected: &Matrix| {
                assert!((found.to_matrix() - expected).iter().all(|d| d.abs() < 1e-12), "{m} x {t} x {n}");
            };
            let mut product = Padded::zeros(m, n);
            product.add_product(2.0, &Padded::of(&x.view()), &Padded::of(&y.view()));
            close(&product, &(x.dot(&y) * 2.0));
            product.add_transposed_product(-2.0, &Padded::of(&x.t()), &Padded::of(&y.view()));
            close(&product, &Matrix::zeros((m, n)));
            close(&Padded::gram(&Padded::of(&x.view())), &x.t().dot(&x));
            assert!(product.data.iter().flat_map(|lane| lane.0).take(n).all(f64::is_finite));
        }
    }
}
