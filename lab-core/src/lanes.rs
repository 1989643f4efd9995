//! The two products behind every fast path, on matrices stored in lanes of eight numbers.
//!
//! A [`Lanes`] matrix keeps each row in whole lanes of eight, padded with zeros: one AVX-512 register, two of AVX2. Sums
//! run in one fixed order and every `a b + c` is one fused operation, rounded once, so that no result depends on the
//! processor's registers or on the number of threads.

use std::ops::Range;

use ndarray::ArrayView2;

use crate::{Matrix, threads};

/// Eight numbers, aligned to a cache line.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(align(64))]
pub(crate) struct Lane(pub [f64; 8]);

impl Lane {
    pub const ZERO: Lane = Lane([0.0; 8]);

    /// `self + a b`, number by number.
    #[inline(always)]
    pub fn add(&mut self, a: f64, b: &Lane) {
        for (sum, b) in self.0.iter_mut().zip(&b.0) {
            *sum = a.mul_add(*b, *sum);
        }
    }
}

/// Compiles a function for AVX-512, for AVX2 with FMA and for neither, and runs the best that the processor has. The
/// results are the same: where there is no fused operation it is computed in software, slowly.
macro_rules! for_this_cpu {
    (
        $(#[$doc:meta])*
        fn $name:ident $(<const $n:ident: usize>)? ($($arg:ident: $type:ty),* $(,)?) $(-> $returned:ty)? $body:block
    ) => {
        $(#[$doc])*
        fn $name $(<const $n: usize>)? ($($arg: $type),*) $(-> $returned)? {
            #[inline(always)]
            fn plain $(<const $n: usize>)? ($($arg: $type),*) $(-> $returned)? $body
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f")]
                fn avx512 $(<const $n: usize>)? ($($arg: $type),*) $(-> $returned)? { plain($($arg),*) }
                #[target_feature(enable = "avx2,fma")]
                fn avx2 $(<const $n: usize>)? ($($arg: $type),*) $(-> $returned)? { plain($($arg),*) }
                if is_x86_feature_detected!("avx512f") {
                    // SAFETY: the processor has the feature.
                    return unsafe { avx512($($arg),*) };
                }
                if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                    // SAFETY: the processor has both features.
                    return unsafe { avx2($($arg),*) };
                }
            }
            plain($($arg),*)
        }
    };
}
pub(crate) use for_this_cpu;

/// A matrix (rows, columns), each row in `width` lanes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lanes {
    pub rows: usize,
    pub columns: usize,
    pub width: usize,
    pub data: Vec<Lane>,
}

impl Lanes {
    pub fn zeros(rows: usize, columns: usize) -> Lanes {
        let width = columns.div_ceil(8);
        Lanes { rows, columns, width, data: vec![Lane::ZERO; rows * width] }
    }

    pub fn of(m: &ArrayView2<'_, f64>) -> Lanes {
        let mut lanes = Lanes::zeros(m.nrows(), m.ncols());
        for ((i, j), &x) in m.indexed_iter() {
            *lanes.at(i, j) = x;
        }
        lanes
    }

    pub fn identity(n: usize) -> Lanes {
        let mut lanes = Lanes::zeros(n, n);
        lanes.set_identity();
        lanes
    }

    pub fn set_identity(&mut self) -> &mut Self {
        self.clear();
        (0..self.rows).for_each(|i| *self.at(i, i) = 1.0);
        self
    }

    /// Some of the rows, copied.
    pub fn rows(&self, rows: Range<usize>) -> Lanes {
        let data = self.data[rows.start * self.width..rows.end * self.width].to_vec();
        Lanes { rows: rows.len(), data, ..*self }
    }

    pub fn to_matrix(&self) -> Matrix {
        Matrix::from_shape_fn((self.rows, self.columns), |(i, j)| self.data[i * self.width + j / 8].0[j % 8])
    }

    pub fn at(&mut self, i: usize, j: usize) -> &mut f64 {
        &mut self.data[i * self.width + j / 8].0[j % 8]
    }

    pub fn clear(&mut self) {
        self.data.fill(Lane::ZERO);
    }

    pub fn cleared(&mut self) -> &mut Self {
        self.clear();
        self
    }

    /// Every row = that of x.
    pub fn repeat(&mut self, x: &Lanes) {
        self.data.chunks_exact_mut(self.width).for_each(|row| row.copy_from_slice(&x.data));
    }

    /// `self = x`, in the buffer that self has.
    pub fn assign(&mut self, x: &Lanes) {
        (self.rows, self.columns, self.width) = (x.rows, x.columns, x.width);
        self.data.clone_from(&x.data);
    }

    /// `self = xᵀ`.
    pub fn transpose_of(&mut self, x: &Lanes) {
        self.clear();
        self.add_transpose_of(x);
    }

    /// `self += xᵀ`.
    pub fn add_transpose_of(&mut self, x: &Lanes) {
        for (i, row) in x.data.chunks_exact(x.width.max(1)).enumerate() {
            for j in 0..x.columns {
                *self.at(j, i) += row[j / 8].0[j % 8];
            }
        }
    }

    /// `self += a x`.
    pub fn add(&mut self, a: f64, x: &Lanes) {
        add(&mut self.data, a, &x.data);
    }

    /// `self += a x y` for x (rows, t) and y (t, columns).
    pub fn add_product(&mut self, a: f64, x: &Lanes, y: &Lanes) {
        let work = self.rows * y.rows * self.width;
        self.in_bands(work, |first, band, width| {
            add_product(band, width, a, &x.data[first * x.width..], x.width, &y.data);
        });
    }

    /// `self += a xᵀ y` for x (t, rows) and y (t, columns).
    pub fn add_transposed_product(&mut self, a: f64, x: &Lanes, y: &Lanes) {
        let work = self.rows * y.rows * self.width;
        self.in_bands(work, |first, band, width| {
            add_transposed_product(band, width, a, &x.data[first / 8..], x.width, &y.data);
        });
    }

    /// Splits the rows into bands, one a thread where the work (in lanes) pays for them.
    fn in_bands(&mut self, work: usize, product: impl Fn(usize, &mut [Lane], usize) + Sync) {
        const WORTH_A_THREAD: usize = 1 << 18;
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
pub(crate) fn dot(x: &Lanes, y: &Lanes) -> f64 {
    lane_sums(&x.data, &y.data).0.iter().sum()
}

for_this_cpu! {
    fn lane_sums(x: &[Lane], y: &[Lane]) -> Lane {
        let mut sums = Lane::ZERO;
        for (x, y) in x.iter().zip(y) {
            for (sum, (x, y)) in sums.0.iter_mut().zip(x.0.iter().zip(&y.0)) {
                *sum = x.mul_add(*y, *sum);
            }
        }
        sums
    }
}

for_this_cpu! {
    fn add(sums: &mut [Lane], a: f64, x: &[Lane]) {
        sums.iter_mut().zip(x).for_each(|(sum, x)| sum.add(a, x));
    }
}

/// `eˣ` for x ≤ 0, to the last digit or two; what is below 2⁻¹⁰²¹ counts as that. Plain arithmetic, so that eight can be
/// computed at once: `eˣ = 2ⁿ eʳ` with `|r| ≤ ln 2 / 2`, and 13 terms of the series for eʳ.
#[inline(always)]
pub(crate) fn exp(x: f64) -> f64 {
    const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1; // 33 bits: n times it is exact
    const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    const ROUND: f64 = 6_755_399_441_055_744.0; // 1.5 · 2⁵²: what is added to it is rounded to a whole number
    const INVERSE_FACTORIALS: [f64; 14] = {
        let mut inverses = [1.0; 14];
        let mut k = 1;
        while k < 14 {
            inverses[k] = inverses[k - 1] / k as f64;
            k += 1;
        }
        inverses
    };
    let x = if x < -707.0 { -707.0 } else { x };
    let shifted = x.mul_add(std::f64::consts::LOG2_E, ROUND);
    let n = shifted - ROUND;
    let r = (-n).mul_add(LN_2_LOW, (-n).mul_add(LN_2_HIGH, x));
    let series = INVERSE_FACTORIALS.iter().rev().fold(0.0_f64, |sum, c| sum.mul_add(r, *c));
    series * f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52)
}

for_this_cpu! {
    /// Rows of x begin every `x_width` lanes. Eight rows of y meet the same eight columns of x in 64 rows at a time.
    fn add_product(out: &mut [Lane], width: usize, a: f64, x: &[Lane], x_width: usize, y: &[Lane]) {
        for (out, x) in out.chunks_mut(64 * width).zip(x.chunks(64 * x_width)) {
            for (block, y) in y.chunks(8 * width).enumerate() {
                if y.len() == 8 * width {
                    add_part::<8>(out, width, a, x, x_width, (block, 0), y);
                } else {
                    for (t, y) in y.chunks_exact(width).enumerate() {
                        add_part::<1>(out, width, a, x, x_width, (block, t), y);
                    }
                }
            }
        }
    }
}

/// Adds T rows of y, as many columns of x from a lane and a place in it.
#[inline(always)]
fn add_part<const T: usize>(
    out: &mut [Lane],
    width: usize,
    a: f64,
    x: &[Lane],
    x_width: usize,
    (block, first): (usize, usize),
    y: &[Lane],
) {
    for column in 0..width {
        let y: [Lane; T] = std::array::from_fn(|t| Lane(y[t * width + column].0.map(|y| a * y)));
        for (out, x) in out.chunks_exact_mut(width).zip(x.chunks_exact(x_width)) {
            add_lanes(&mut out[column], std::array::from_fn(|t| x[block].0[first + t]), &y);
        }
    }
}

for_this_cpu! {
    /// Eight rows of y meet the same eight rows of x.
    fn add_transposed_product(out: &mut [Lane], width: usize, a: f64, x: &[Lane], x_width: usize, y: &[Lane]) {
        for (x, y) in x.chunks(8 * x_width).zip(y.chunks(8 * width)) {
            if y.len() == 8 * width {
                add_transposed_part::<8>(out, width, a, x, x_width, y);
            } else {
                for (x, y) in x.chunks(x_width).zip(y.chunks_exact(width)) {
                    add_transposed_part::<1>(out, width, a, x, x_width, y);
                }
            }
        }
    }
}

/// Adds T rows of y, as many rows of x.
#[inline(always)]
fn add_transposed_part<const T: usize>(
    out: &mut [Lane],
    width: usize,
    a: f64,
    x: &[Lane],
    x_width: usize,
    y: &[Lane],
) {
    for column in 0..width {
        let y: [Lane; T] = std::array::from_fn(|t| Lane(y[t * width + column].0.map(|y| a * y)));
        for (eight, out) in out.chunks_mut(8 * width).enumerate() {
            let x: [&Lane; T] = std::array::from_fn(|t| &x[t * x_width + eight]);
            for (row, out) in out.chunks_exact_mut(width).enumerate().take(8) {
                add_lanes(&mut out[column], x.map(|x| x.0[row]), &y);
            }
        }
    }
}

/// `out + x₁ y₁ + x₂ y₂ + …`, from the left.
#[inline(always)]
fn add_lanes<const T: usize>(out: &mut Lane, x: [f64; T], y: &[Lane; T]) {
    let mut sums = *out;
    for (x, y) in x.iter().zip(y) {
        sums.add(*x, y);
    }
    *out = sums;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponentials_are_exact_to_two_units_in_the_last_place() {
        for k in 0..=70_700 {
            let x = -f64::from(k) / 100.0;
            let (found, expected) = (exp(x), x.exp());
            assert!(
                (found - expected).abs() <= 2.0 * f64::EPSILON * expected,
                "exp({x}): {found:e}, not {expected:e}"
            );
        }
        assert!(exp(f64::NAN).is_nan());
        assert!(exp(f64::NEG_INFINITY) < 1e-300);
    }

    #[test]
    fn products_are_those_of_ndarray() {
        let number = |k: usize| ((k * 7919) % 1009) as f64 / 1009.0 - 0.5;
        for (m, t, n) in [(1, 1, 1), (3, 5, 2), (17, 9, 8), (64, 33, 21), (600, 70, 90)] {
            let x = Matrix::from_shape_fn((m, t), |(i, j)| number(i * t + j));
            let y = Matrix::from_shape_fn((t, n), |(i, j)| number(i * n + j + 1));
            let close = |found: &Lanes, expected: &Matrix| {
                assert!((found.to_matrix() - expected).iter().all(|d| d.abs() < 1e-12), "{m} x {t} x {n}");
            };
            let mut product = Lanes::zeros(m, n);
            product.add_product(2.0, &Lanes::of(&x.view()), &Lanes::of(&y.view()));
            close(&product, &(x.dot(&y) * 2.0));
            product.add_transposed_product(-2.0, &Lanes::of(&x.t()), &Lanes::of(&y.view()));
            close(&product, &Matrix::zeros((m, n)));
            assert!(product.data.iter().flat_map(|lane| lane.0).take(n).all(f64::is_finite));
        }
    }
}
