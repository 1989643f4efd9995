//! PyTorch's CPU generator, draw for draw: MT19937 and the three paths by which ATen turns its output into floats.
//!
//! The draws are `float32`. From 16 values on, `randn` runs the Box-Muller transform on blocks of 16 with the
//! single-precision polynomials of the Cephes library, as compiled with fused multiply-adds; below 16 it works value by
//! value in double precision. The numbers of both paths differ, so both are here.
//!
//! Sources: `DistributionTemplates.h`, `TransformationHelper.h` and `avx_mathfun.h` of PyTorch's ATen; Moshier, Cephes
//! Math Library; Box and Muller (1958), Ann. Math. Statist. 29, 610.

use std::f64::consts::PI;

use rand_mt::Mt;

/// How many values ATen transforms at once.
const BLOCK: usize = 16;

/// The state of a generator seeded by `torch.manual_seed`.
#[derive(Debug, Clone)]
pub(super) struct Torch {
    engine: Mt,
    /// Second value of the last Box-Muller pair of the path below 16 values.
    spare: Option<f64>,
}

impl Torch {
    /// The engine takes the lower 32 bits of the seed, as PyTorch's does.
    pub(super) fn new(seed: u64) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "the truncation is PyTorch's")]
        Self { engine: Mt::new(seed as u32), spare: None }
    }

    /// U(0, 1) in 24 bits: one 32-bit draw.
    fn uniform24(&mut self) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "24 bits fit an f32")]
        let bits = (self.engine.next_u32() & 0x00FF_FFFF) as f32;
        bits / 16_777_216.0
    }

    /// U(0, 1) in 53 bits: two 32-bit draws, the first on top.
    fn uniform53(&mut self) -> f64 {
        let (high, low) = (u64::from(self.engine.next_u32()), u64::from(self.engine.next_u32()));
        ((high << 32 | low) & ((1 << 53) - 1)) as f64 / (1_u64 << 53) as f64
    }

    /// `n` values of `tensor.uniform_(low, high)`.
    pub(super) fn uniform(&mut self, n: usize, low: f64, high: f64) -> Vec<f64> {
        let (low, high) = (single(low), single(high));
        let (width, low) = (f64::from(high - low), f64::from(low));
        (0..n).map(|_| rounded(f64::from(self.uniform24()) * width + low)).collect()
    }

    /// `n` values of `tensor.normal_(mean, std)`.
    pub(super) fn normal(&mut self, n: usize, mean: f64, std: f64) -> Vec<f64> {
        if n < BLOCK {
            return (0..n).map(|_| rounded(self.standard_normal() * std + mean)).collect();
        }
        let mut values: Vec<f32> = (0..n).map(|_| self.uniform24()).collect();
        values.chunks_exact_mut(BLOCK).for_each(box_muller);
        if !n.is_multiple_of(BLOCK) {
            let tail = &mut values[n - BLOCK..];
            tail.fill_with(|| self.uniform24());
            box_muller(tail);
        }
        let (mean, std) = (single(mean), single(std));
        values.into_iter().map(|z| f64::from(z.mul_add(std, mean))).collect()
    }

    /// One N(0, 1) value in double precision; the second of each pair waits for the next call.
    fn standard_normal(&mut self) -> f64 {
        if let Some(z) = self.spare.take() {
            return z;
        }
        let (u1, u2) = (self.uniform53(), self.uniform53());
        let radius = (-2.0 * libm::log1p(-u2)).sqrt();
        let (sin, cos) = libm::sincos(2.0 * PI * u1);
        self.spare = Some(radius * sin);
        radius * cos
    }

    /// `torch.randperm(n)` below 2³² / 20 elements: a shuffle by 32-bit remainders.
    pub(super) fn permutation(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        for i in 0..n.saturating_sub(1) {
            order.swap(i, i + self.engine.next_u32() as usize % (n - i));
        }
        order
    }
}

#[expect(clippy::cast_possible_truncation, reason = "float32 is PyTorch's default type")]
fn single(x: f64) -> f32 {
    x as f32
}

/// To `float32` and back.
pub(super) fn rounded(x: f64) -> f64 {
    f64::from(single(x))
}

/// 16 uniform values into 16 normal ones: value `j` gives the radius, value `j + 8` the angle of a pair.
fn box_muller(block: &mut [f32]) {
    let (first, second) = block.split_at_mut(BLOCK / 2);
    for (u, v) in first.iter_mut().zip(second) {
        let radius = (-2.0 * ln(1.0 - *u)).sqrt();
        let (sin, cos) = sin_cos(single(2.0 * PI) * *v);
        (*u, *v) = (radius * cos, radius * sin);
    }
}

/// `p[0] xᵏ + … + p[k]` by Horner's rule, one rounding a step.
fn polynomial(x: f32, p: &[f32]) -> f32 {
    p.iter().fold(0.0, |sum, &c| f32::mul_add(sum, x, c))
}

/// Cephes `logf` on (0, 1]: x = m 2ᵉ with m in [√½, √2), then a polynomial in f = m - 1.
fn ln(x: f32) -> f32 {
    let bits = x.to_bits();
    let m = f32::from_bits(bits & 0x007F_FFFF | 0x3F00_0000); // mantissa in [½, 1)
    #[expect(clippy::cast_precision_loss, reason = "an exponent fits an f32")]
    let mut e = ((bits >> 23) as f32) - 126.0;
    let mut f = m - 1.0;
    if m < std::f32::consts::FRAC_1_SQRT_2 {
        e -= 1.0;
        f += m;
    }
    let z = f * f;
    let p = polynomial(
        f,
        &[
            7.037_683_6e-2,
            -1.151_461e-1,
            1.167_699_9e-1,
            -1.242_014_1e-1,
            1.424_932_3e-1,
            -1.666_805_8e-1,
            2.000_071_5e-1,
            -2.499_999_4e-1,
            3.333_333e-1,
        ],
    ) * f;
    // ln 2 in two parts, the smaller first.
    let small = z.mul_add(-0.5, p.mul_add(z, e * -2.121_944_4e-4));
    e.mul_add(0.693_359_4, f + small)
}

/// Cephes `sinf` and `cosf` on [0, 2π]: the angle from the nearest multiple of π/2, then a polynomial for each.
fn sin_cos(angle: f32) -> (f32, f32) {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "angle is in [0, 2π]")]
    let octant = ((angle * std::f32::consts::FRAC_2_PI * 2.0) as u32 + 1) & !1;
    #[expect(clippy::cast_precision_loss, reason = "octant is at most 8")]
    let j = octant as f32;
    // π/4 in three parts, so that the subtraction keeps its digits.
    let x = j.mul_add(-3.774_895e-8, j.mul_add(-2.418_756_5e-4, j.mul_add(-0.785_156_25, angle)));
    let z = x * x;
    let cos = polynomial(z, &[2.443_315_7e-5, -1.388_731_6e-3, 4.166_664_6e-2]) * z;
    let cos = cos.mul_add(z, z * -0.5) + 1.0;
    let sin = polynomial(z, &[-1.951_529_6e-4, 8.332_161e-3, -1.666_665_5e-1]) * z;
    let sin = sin.mul_add(x, x);
    match octant / 2 % 4 {
        0 => (sin, cos),
        1 => (cos, -sin),
        2 => (-sin, -cos),
        _ => (-cos, sin),
    }
}
