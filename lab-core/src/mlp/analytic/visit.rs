//! One visit to rows of the data: the forward pass and, in training, the backward pass.
//!
//! The rows are taken in a few groups of eight at a time, so that each weight and each slope is read once for all of
//! them, and the activations never leave the nearest cache between the two passes. Sums run over the groups in their
//! order, however many are taken at a time.

#![expect(
    clippy::float_cmp,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "labels and counts of rows are whole numbers, also in lanes"
)]

use std::array::from_fn;

use super::super::network::relu;
use super::{Net, Output, Rows, Slopes};
use crate::lanes::{Lane, exp, for_this_cpu, fused};

/// Groups of eight rows taken at a time: one in WebAssembly, which has half the registers.
pub(super) const AT_ONCE: usize = if cfg!(target_family = "wasm") { 1 } else { 3 };

/// The running totals of a visit. A lane holds eight partial totals.
struct Tally {
    /// `Σ (max - z[y])`, and a part of `Σ ln Σ exp(z - max)`.
    loss: Lane,
    /// `Π Σ exp(z - max)`, whose logarithm is the rest: few logarithms for many rows.
    product: Lane,
    /// Rows whose largest logit is at their label.
    right: f64,
}

for_this_cpu! {
    /// The sum of the rows' cross entropies, `ln Σ exp(z - max) - (z[y] - max)`, and how many rows have their largest logit
    /// at their label; where `learn` is set, adds to the slopes.
    pub(super) fn visit(rows: &Rows, net: &Net, slopes: &mut Slopes, learn: bool) -> (f64, usize) {
        let mut tally = Tally { loss: Lane::ZERO, product: Lane::splat(1.0), right: 0.0 };
        let groups = rows.labels.len();
        let together = groups - groups % AT_ONCE;
        for first in (0..together).step_by(AT_ONCE) {
            take::<AT_ONCE>(rows, first, net, slopes, learn, &mut tally);
        }
        for first in together..groups {
            take::<1>(rows, first, net, slopes, learn, &mut tally);
        }
        (tally.loss.sum() + libm::log(tally.product.0.iter().product()), tally.right as usize)
    }
}

/// Visits N groups of eight rows, from the group `first` on.
#[inline(always)]
fn take<const N: usize>(
    rows: &Rows,
    first: usize,
    net: &Net,
    slopes: &mut Slopes,
    learn: bool,
    tally: &mut Tally,
) {
    let d = net.w1.len() / net.b1.len();
    let x: [&[Lane]; N] = from_fn(|n| &rows.x[(first + n) * d..][..d]);
    let (h, z, dz) = (&mut slopes.h, &mut slopes.z, &mut slopes.dz);
    let (h, z) = (&mut h.as_chunks_mut().0[..net.b1.len()], &mut z.as_chunks_mut().0[..net.b2.len()]);
    forward::<N>(x, net, h, z);
    let labels: [_; N] = from_fn(|n| &rows.labels[first + n]);
    softmax::<N>(z, labels, &mut dz.as_chunks_mut().0[..net.b2.len()], tally);
    if learn {
        backward::<N>(x, net, slopes);
    }
}

/// Computes H and Z.
#[inline(always)]
fn forward<const N: usize>(x: [&[Lane]; N], net: &Net, h: &mut [[Lane; N]], z: &mut [[Lane; N]]) {
    let d = x[0].len();
    for (h, (w1, b)) in h.iter_mut().zip(net.w1.chunks_exact(d).zip(&net.b1)) {
        let mut units = [Lane::splat(*b); N];
        for (j, w) in w1.iter().enumerate() {
            for (unit, x) in units.iter_mut().zip(x) {
                unit.add(*w, &x[j]);
            }
        }
        for (h, unit) in h.iter_mut().zip(&units) {
            *h = unit.map(relu);
        }
    }
    let k = z.len();
    for (c, (z, b)) in z.iter_mut().zip(&net.b2).enumerate() {
        let mut logits = [Lane::splat(*b); N];
        for (w2, h) in net.w2.chunks_exact(k).zip(&*h) {
            for (logit, unit) in logits.iter_mut().zip(h) {
                logit.add(w2[c], unit);
            }
        }
        for (z, logit) in z.iter_mut().zip(&logits) {
            *z = if net.output == Output::Relu { logit.map(relu) } else { *logit };
        }
    }
}

/// Takes the logits into the tally, and puts `softmax(z) - onehot(y)` into dz, 0 for rows that do not count.
#[inline(always)]
fn softmax<const N: usize>(
    z: &[[Lane; N]],
    labels: [&(Lane, Lane); N],
    dz: &mut [[Lane; N]],
    tally: &mut Tally,
) {
    let (mut classes, mut maxima, mut sums) = ([Lane::ZERO; N], [Lane::ZERO; N], [Lane::ZERO; N]);
    for n in 0..N {
        (classes[n], maxima[n]) = largest(z, n);
    }
    for (dz, z) in dz.iter_mut().zip(z) {
        for n in 0..N {
            dz[n] = exp(z[n].zip(&maxima[n], |z, max| z - max));
            sums[n].add(1.0, &dz[n]);
        }
    }
    for (n, (label, counts)) in labels.into_iter().enumerate() {
        let share = counts.zip(&sums[n], |count, sum| count / sum);
        let mut at_label = Lane::ZERO;
        for (c, (dz, z)) in dz.iter_mut().zip(z).enumerate() {
            at_label.add(1.0, &label.zip(&z[n], |label, z| if label == c as f64 { z } else { 0.0 }));
            let hit = label.zip(counts, |label, count| if label == c as f64 { count } else { 0.0 });
            dz[n] = Lane::of(|i| fused(dz[n].0[i], share.0[i], -hit.0[i]));
        }
        let hits = classes[n].zip(label, |class, label| if class == label { 1.0 } else { 0.0 });
        tally.right += hits.zip(counts, |hit, count| hit * count).sum();
        tally.loss.add_product(counts, &maxima[n].zip(&at_label, |max, z| max - z));
        let factor = sums[n].zip(counts, |sum, count| if count > 0.0 { sum } else { 1.0 });
        tally.product = tally.product.zip(&factor, |a, b| a * b);
        if tally.product.sum() > 1e30 {
            tally.loss.add(1.0, &tally.product.map(libm::log));
            tally.product = Lane::splat(1.0);
        }
    }
}

/// The index of the largest logit for each row of group n, the first of equals as in the network's `argmax`; and that
/// logit.
#[inline(always)]
fn largest<const N: usize>(z: &[[Lane; N]], n: usize) -> (Lane, Lane) {
    let (mut class, mut max) = (Lane::ZERO, z[0][n]);
    for (c, z) in z.iter().enumerate().skip(1) {
        let above = z[n].zip(&max, |z, max| if z <= max { 0.0 } else { 1.0 });
        let above = above.zip(&max, |above, max| if max.is_nan() { 0.0 } else { above });
        class = above.zip(&class, |above, class| if above > 0.0 { c as f64 } else { class });
        max = Lane::of(|i| if above.0[i] > 0.0 { z[n].0[i] } else { max.0[i] });
    }
    (class, max)
}

/// Adds the gradients that follow from H, Z and dZ.
#[inline(always)]
fn backward<const N: usize>(x: [&[Lane]; N], net: &Net, slopes: &mut Slopes) {
    let Slopes { w1, b1, w2, b2, h, z, dz } = slopes;
    let (d, k) = (x[0].len(), b2.len());
    let (h, z) = (h.as_chunks::<N>().0, z.as_chunks::<N>().0);
    let dz = &mut dz.as_chunks_mut::<N>().0[..k];
    let hide = |slope: f64, output: f64| if output <= 0.0 { 0.0 } else { slope };
    if net.output == Output::Relu {
        for (dz, z) in dz.iter_mut().zip(z) {
            for (dz, z) in dz.iter_mut().zip(z) {
                *dz = dz.zip(z, hide);
            }
        }
    }
    for (slope, dz) in b2.iter_mut().zip(&*dz) {
        for dz in dz {
            slope.add(1.0, dz);
        }
    }
    let slopes = w1.chunks_exact_mut(d).zip(b1).zip(w2.chunks_exact_mut(k));
    for ((h, w2), ((slopes_1, slope_b), slopes_2)) in h.iter().zip(net.w2.chunks_exact(k)).zip(slopes) {
        let mut dh = [Lane::ZERO; N];
        for (w, (dz, slope)) in w2.iter().zip(dz.iter().zip(slopes_2)) {
            for n in 0..N {
                dh[n].add(*w, &dz[n]);
                slope.add_product(&h[n], &dz[n]);
            }
        }
        for n in 0..N {
            dh[n] = dh[n].zip(&h[n], hide);
            slope_b.add(1.0, &dh[n]);
        }
        for (j, slope) in slopes_1.iter_mut().enumerate() {
            for n in 0..N {
                slope.add_product(&x[n][j], &dh[n]);
            }
        }
    }
}
