//! SIMD arithmetic for every fast path: a lane is eight numbers, in one AVX-512 register or two of AVX2.
//!
//! Sums run in one fixed order, and every operation is rounded in one fixed way (see [`fused`]), so that no result
//! depends on the width of the processor's registers or on the number of threads.

mod entrywise;
mod matrix;
mod product;

pub(crate) use entrywise::{Rows, RowsMut, descend, sum, zero_behind};
pub(crate) use matrix::{Padded, dot, sum_of_products};
pub(crate) use product::{product, product_onto, transposed_product};

/// `a b + c`, rounded once. WebAssembly has no such instruction: there, the product is rounded first, which is as exact as
/// its pages need and dozens of times as fast as the operation in software.
#[inline(always)]
pub(crate) fn fused(a: f64, b: f64, c: f64) -> f64 {
    if cfg!(target_family = "wasm") { a * b + c } else { a.mul_add(b, c) }
}

/// Eight numbers, aligned to a cache line.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(align(64))]
pub(crate) struct Lane(pub [f64; 8]);

impl Lane {
    pub const ZERO: Lane = Lane([0.0; 8]);

    /// A lane that holds one number eight times.
    #[inline(always)]
    pub fn splat(x: f64) -> Lane {
        Lane([x; 8])
    }

    /// The lane with `place(i)` at each place i, 0 to 7.
    #[inline(always)]
    pub fn of(place: impl Fn(usize) -> f64) -> Lane {
        // Written out, so that it is unrolled even where the compiler optimises for size.
        Lane([place(0), place(1), place(2), place(3), place(4), place(5), place(6), place(7)])
    }

    #[inline(always)]
    pub fn map(self, f: impl Fn(f64) -> f64) -> Lane {
        Lane::of(|i| f(self.0[i]))
    }

    #[inline(always)]
    pub fn zip(self, other: &Lane, f: impl Fn(f64, f64) -> f64) -> Lane {
        Lane::of(|i| f(self.0[i], other.0[i]))
    }

    /// The sum of the eight numbers, added in pairs.
    #[inline(always)]
    pub fn sum(&self) -> f64 {
        let [a, b, c, d, e, f, g, h] = self.0;
        ((a + e) + (c + g)) + ((b + f) + (d + h))
    }

    /// `self += a b`, number by number.
    #[inline(always)]
    pub fn add_product(&mut self, a: &Lane, b: &Lane) {
        *self = Lane::of(|i| fused(a.0[i], b.0[i], self.0[i]));
    }

    /// `self + a b` for a number a.
    #[inline(always)]
    pub fn plus(&self, a: f64, b: &Lane) -> Lane {
        Lane::of(|i| fused(a, b.0[i], self.0[i]))
    }

    /// `self += a b` for a number a.
    #[inline(always)]
    pub fn add(&mut self, a: f64, b: &Lane) {
        *self = self.plus(a, b);
    }
}

/// The numbers of some lanes as one slice. Entrywise operations loop over this slice: from two loops, one over lanes
/// and one over their places, the compiler makes code that gathers numbers from eight lanes at a time.
#[inline(always)]
pub(crate) fn numbers(lanes: &[Lane]) -> &[f64] {
    // SAFETY: a lane is eight numbers without a gap between or behind them.
    unsafe { std::slice::from_raw_parts(lanes.as_ptr().cast(), 8 * lanes.len()) }
}

/// The same slice, mutable.
#[inline(always)]
pub(crate) fn numbers_mut(lanes: &mut [Lane]) -> &mut [f64] {
    // SAFETY: a lane is eight numbers without a gap between or behind them.
    unsafe { std::slice::from_raw_parts_mut(lanes.as_mut_ptr().cast(), 8 * lanes.len()) }
}

/// Compiles a function for AVX-512, for AVX2 with FMA and for neither, and runs the best version that the processor
/// supports. All versions give the same results: without FMA, the fused operation is computed in software, slowly.
macro_rules! for_this_cpu {
    (
        $(#[$doc:meta])*
        $vis:vis fn $name:ident $(<const $n:ident: usize>)? ($($arg:ident: $type:ty),* $(,)?) $(-> $returned:ty)? $body:block
    ) => {
        $(#[$doc])*
        $vis fn $name $(<const $n: usize>)? ($($arg: $type),*) $(-> $returned)? {
            #[inline(always)]
            fn plain $(<const $n: usize>)? ($($arg: $type),*) $(-> $returned)? $body
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f")]
                fn avx512 $(<const $n: usize>)? ($($arg: $type),*) $(-> $returned)? { plain($($arg),*) }
                #[target_feature(enable = "avx2,fma")]
                fn avx2 $(<const $n: usize>)? ($($arg: $type),*) $(-> $returned)? { plain($($arg),*) }
                match $crate::lanes::registers() {
                    // SAFETY: the processor has the feature.
                    $crate::lanes::Registers::Avx512 => return unsafe { avx512($($arg),*) },
                    // SAFETY: the processor has both features.
                    $crate::lanes::Registers::Avx2 => return unsafe { avx2($($arg),*) },
                    $crate::lanes::Registers::Plain => {}
                }
            }
            plain($($arg),*)
        }
    };
}
pub(crate) use for_this_cpu;

/// The vector registers that lanes are computed in.
#[cfg(target_arch = "x86_64")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Registers {
    Plain,
    Avx2,
    Avx512,
}

/// The widest registers of this processor.
#[cfg(target_arch = "x86_64")]
#[inline]
pub(crate) fn registers() -> Registers {
    #[cfg(test)]
    if let Some(forced) = tests::FORCED.get() {
        return forced;
    }
    if is_x86_feature_detected!("avx512f") {
        Registers::Avx512
    } else if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
        Registers::Avx2
    } else {
        Registers::Plain
    }
}

/// Asks for lanes that are needed soon, where a processor can be asked.
#[inline(always)]
#[cfg_attr(not(target_arch = "x86_64"), expect(unused_variables, reason = "nothing to ask"))]
pub(crate) fn prefetch(lanes: &[Lane]) {
    #[cfg(target_arch = "x86_64")]
    for lane in lanes {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a hint, which reads nothing.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(lane).cast()) };
    }
}

/// Whether a register holds a whole lane.
#[inline]
pub(crate) fn wide() -> bool {
    #[cfg(target_arch = "x86_64")]
    let wide = registers() == Registers::Avx512;
    #[cfg(not(target_arch = "x86_64"))]
    let wide = false;
    wide
}

/// `eˣ` for eight numbers x ≤ 0 at once, to within two units in the last place; an x below -707 counts as -707, where
/// eˣ is about 2⁻¹⁰²⁰. Computed as `eˣ = 2ⁿ eʳ` with `|r| ≤ ln 2 / 2`, and the series for eʳ up to r¹³.
#[inline(always)]
pub(crate) fn exp(x: Lane) -> Lane {
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
    let x = x.map(|x| if x < -707.0 { -707.0 } else { x });
    let shifted = x.map(|x| fused(x, std::f64::consts::LOG2_E, ROUND));
    let n = shifted.map(|shifted| ROUND - shifted);
    let r = x.zip(&n, |x, n| fused(n, LN_2_HIGH, x)).zip(&n, |r, n| fused(n, LN_2_LOW, r));
    let mut series = Lane::splat(INVERSE_FACTORIALS[13]);
    for c in INVERSE_FACTORIALS[..13].iter().rev() {
        series = series.zip(&r, |sum, r| fused(sum, r, *c));
    }
    series.zip(&shifted, |s, shifted| s * f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52))
}

#[cfg(test)]
pub(crate) mod tests {
    #[cfg(target_arch = "x86_64")]
    use std::cell::Cell;

    use super::*;

    #[cfg(target_arch = "x86_64")]
    thread_local! {
        pub(super) static FORCED: Cell<Option<Registers>> = const { Cell::new(None) };
    }

    /// Runs `work` on this thread's lanes of each width that the processor has, from the plain ones on.
    #[cfg(target_arch = "x86_64")]
    pub(crate) fn on_each_width<T>(work: impl Fn() -> T) -> Vec<(Registers, T)> {
        let widest = registers();
        let widths = [Registers::Plain, Registers::Avx2, Registers::Avx512];
        let results = widths.into_iter().filter(|&width| width <= widest).map(|width| {
            FORCED.set(Some(width));
            (width, work())
        });
        let results = results.collect();
        FORCED.set(None);
        results
    }

    #[test]
    fn exponentials_are_exact_to_two_units_in_the_last_place() {
        let one = |x: f64| exp(Lane::splat(x)).0[3];
        for k in 0..=70_700 {
            let x = -f64::from(k) / 100.0;
            let (found, expected) = (one(x), x.exp());
            assert!(
                (found - expected).abs() <= 2.0 * f64::EPSILON * expected,
                "exp({x}): {found:e}, not {expected:e}"
            );
        }
        assert!(one(f64::NAN).is_nan());
        assert!(one(f64::NEG_INFINITY) < 1e-300);
    }
}
