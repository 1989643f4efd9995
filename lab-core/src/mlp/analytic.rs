//! Training by the formulas, eight rows of the data side by side: with `H = relu(X W1 + b1)` and `Z = H W2 + b2`,
//!
//! ```text
//! dZ = softmax(Z) - onehot(y)      dW2 = Hᵀ dZ      db2 = column sums of dZ
//! dH = dZ W2ᵀ, 0 where H is 0      dW1 = Xᵀ dH      db1 = column sums of dH
//! ```
//!
//! where dZ is divided by the number of rows under `Reduction::Mean`, 0 where an output ReLU holds Z at 0, and a shared
//! bias takes the sum over its units (Goodfellow, Bengio and Courville, *Deep Learning*, 2016, section 6.5). Forwards and
//! backwards are one visit to each eight rows, so that what lies between them never leaves the nearest cache.

#![expect(
    clippy::float_cmp,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "labels and counts of rows are whole numbers, also in lanes"
)]

use ndarray::{ArrayView2, Axis, Slice};

use super::{Batch, Bias, Descend, Mlp, MlpParams, Output, Report, batches, relu};
use crate::data::Labelled;
use crate::descent::{Moments, Optimiser};
use crate::error::Result;
use crate::lanes::{Lane, exp, for_this_cpu};
use crate::matrix::{Matrix, Vector};

pub(super) struct Descent<'a> {
    net: Net,
    slopes: Slopes,
    train: Rows,
    validation: Option<Rows>,
    /// Empty where one batch is the whole training set.
    batches: Vec<Rows>,
    /// Of w1, w2, b1 and b2.
    moments: [Moments; 4],
    p: &'a MlpParams,
}

/// The network, one hidden unit after the other: what leads to it, then what leads on from it.
struct Net {
    /// (h, d)
    w1: Vec<f64>,
    b1: Vec<f64>,
    /// (h, k)
    w2: Vec<f64>,
    b2: Vec<f64>,
    output: Output,
    bias_lengths: (usize, usize),
}

/// The gradient of each part of a [`Net`], summed over the rows in each of the eight places; and room for one visit.
struct Slopes {
    w1: Vec<Lane>,
    b1: Vec<Lane>,
    w2: Vec<Lane>,
    b2: Vec<Lane>,
    h: Vec<Lane>,
    z: Vec<Lane>,
    dz: Vec<Lane>,
}

/// Rows of the data in eights, each feature a lane. The last eight are filled up with copies of a row that do not count.
struct Rows {
    x: Vec<Lane>,
    /// The labels, and 1 for each row that counts.
    labels: Vec<(Lane, Lane)>,
    count: usize,
}

impl<'a> Descent<'a> {
    pub fn new(train: &'a Labelled, validation: Option<&'a Labelled>, mlp: &Mlp, p: &'a MlpParams) -> Self {
        let parts = batches(p.batch, train.y.len()).filter(|_| p.batch != Batch::Full);
        let part = |rows: std::ops::Range<usize>| {
            Rows::of(&train.x.slice_axis(Axis(0), Slice::from(rows.clone())), &train.y[rows])
        };
        let net = Net::of(mlp);
        let zeros = |count| vec![Lane::ZERO; count];
        let (h, k) = (net.b1.len(), net.b2.len());
        let (w1, w2) = (zeros(net.w1.len()), zeros(net.w2.len()));
        Descent {
            slopes: Slopes { w1, b1: zeros(h), w2, b2: zeros(k), h: zeros(h), z: zeros(k), dz: zeros(k) },
            net,
            train: Rows::of(&train.x.view(), &train.y),
            validation: validation.map(|v| Rows::of(&v.x.view(), &v.y)),
            batches: parts.map(part).collect(),
            moments: std::array::from_fn(|_| Moments::of(p.optimiser)),
            p,
        }
    }
}

impl Descend for Descent<'_> {
    fn evaluate(&mut self) -> Result<Report> {
        let learn = self.batches.is_empty(); // full batch: the next step uses this gradient
        let (sum, train) = visit(&self.train, &self.net, &mut self.slopes, learn);
        let loss = sum * self.p.reduction.weight(self.train.count);
        let validation = self.validation.as_ref();
        let validation = validation.map(|rows| visit(rows, &self.net, &mut self.slopes, false).1);
        Ok(Report { loss, train, validation })
    }

    fn epoch(&mut self) -> Result<()> {
        if self.batches.is_empty() {
            self.net.descend(&mut self.slopes, self.train.count, &mut self.moments, self.p);
        }
        for rows in &self.batches {
            visit(rows, &self.net, &mut self.slopes, true);
            self.net.descend(&mut self.slopes, rows.count, &mut self.moments, self.p);
        }
        Ok(())
    }

    fn mlp(self) -> Result<Mlp> {
        let Net { w1, b1, w2, b2, output, bias_lengths } = self.net;
        let (d, h, k) = (w1.len() / b1.len(), b1.len(), b2.len());
        Ok(Mlp {
            w1: Matrix::from_shape_fn((d, h), |(i, j)| w1[j * d + i]),
            b1: b1.into_iter().take(bias_lengths.0).collect(),
            w2: Matrix::from_shape_fn((h, k), |(j, c)| w2[j * k + c]),
            b2: b2.into_iter().take(bias_lengths.1).collect(),
            output,
        })
    }
}

impl Rows {
    fn of(x: &ArrayView2<'_, f64>, y: &[usize]) -> Rows {
        let (rows, features) = x.dim();
        let eights = (0..rows).step_by(8);
        let lane = |first: usize, of: &dyn Fn(usize) -> f64| Lane::of(|i| of((first + i).min(rows - 1)));
        Rows {
            x: eights
                .clone()
                .flat_map(|first| (0..features).map(move |j| lane(first, &|i| x[[i, j]])))
                .collect(),
            labels: eights
                .map(|first| {
                    let counts = Lane::of(|i| if first + i < rows { 1.0 } else { 0.0 });
                    (lane(first, &|i| y[i] as f64), counts)
                })
                .collect(),
            count: rows,
        }
    }
}

impl Net {
    fn of(mlp: &Mlp) -> Net {
        let (hidden, classes) = mlp.w2.dim();
        let repeated = |b: &Vector, units: usize| b.iter().copied().cycle().take(units).collect();
        Net {
            w1: mlp.w1.t().iter().copied().collect(),
            b1: repeated(&mlp.b1, hidden),
            w2: mlp.w2.iter().copied().collect(),
            b2: repeated(&mlp.b2, classes),
            output: mlp.output,
            bias_lengths: (mlp.b1.len(), mlp.b2.len()),
        }
    }

    /// A step along the slopes that a visit to so many rows has left; they are cleared.
    fn descend(&mut self, slopes: &mut Slopes, rows: usize, moments: &mut [Moments; 4], p: &MlpParams) {
        let (weight, plain) = (p.reduction.weight(rows), p.optimiser == Optimiser::Plain);
        let step = -p.lr * weight;
        let [of_w1, of_w2, of_b1, of_b2] = moments;
        let weights = [(&mut self.w1, &mut slopes.w1, of_w1), (&mut self.w2, &mut slopes.w2, of_w2)];
        for (w, slopes, moments) in weights {
            if plain {
                walk(w, slopes, step);
            } else {
                moments.update(p.lr, w.iter_mut(), taken(slopes, weight));
            }
        }
        let biases = [
            (&mut self.b1, self.bias_lengths.0, &mut slopes.b1, of_b1),
            (&mut self.b2, self.bias_lengths.1, &mut slopes.b2, of_b2),
        ];
        for (b, length, slopes, moments) in biases {
            if p.bias == Bias::Frozen {
                slopes.fill(Lane::ZERO);
            } else if length == b.len() && plain {
                walk(b, slopes, step);
            } else if length == b.len() {
                moments.update(p.lr, b.iter_mut(), taken(slopes, weight));
            } else {
                let total = taken(slopes, 1.0).sum::<f64>();
                if plain {
                    b[0] += step * total;
                } else {
                    moments.update(p.lr, b[..1].iter_mut(), std::iter::once(weight * total));
                }
                let shared = b[0];
                b.fill(shared);
            }
        }
    }
}

/// Each slope summed over its eight places and weighted; they are cleared.
fn taken(slopes: &mut [Lane], weight: f64) -> impl Iterator<Item = f64> {
    slopes.iter_mut().map(move |slope| weight * std::mem::replace(slope, Lane::ZERO).sum())
}

for_this_cpu! {
    /// Adds to each weight the step times the sum of its slopes, which are cleared.
    fn walk(weights: &mut [f64], slopes: &mut [Lane], step: f64) {
        for (w, slope) in weights.iter_mut().zip(slopes) {
            *w += step * slope.sum();
            *slope = Lane::ZERO;
        }
    }
}

for_this_cpu! {
    /// One pass over the rows: the sum of their cross entropies, `ln Σ exp(z - max) - (z[y] - max)`, and how many have
    /// their largest logit at their label; where `learn` is set, also the slopes.
    fn visit(rows: &Rows, net: &Net, slopes: &mut Slopes, learn: bool) -> (f64, usize) {
        let d = net.w1.len() / net.b1.len();
        let (mut loss, mut right) = (Lane::ZERO, 0.0);
        let mut product = Lane::splat(1.0); // Σ ln s = ln Π s: few logarithms for many rows
        for (x, (label, counts)) in rows.x.chunks_exact(d).zip(&rows.labels) {
            forward(x, net, &mut slopes.h, &mut slopes.z);
            let (class, max) = largest(&slopes.z);
            let (sum, at_label) = softmax(&slopes.z, label, &max, counts, &mut slopes.dz);
            right += class.zip(label, |class, y| if class == y { 1.0 } else { 0.0 }).zip(counts, |a, b| a * b).sum();
            loss.add_product(counts, &max.zip(&at_label, |max, z| max - z));
            let factor = sum.zip(counts, |sum, count| if count > 0.0 { sum } else { 1.0 });
            product = product.zip(&factor, |a, b| a * b);
            if product.sum() > 1e30 {
                loss.add(1.0, &product.map(libm::log));
                product = Lane::splat(1.0);
            }
            if learn {
                backward(x, net, slopes);
            }
        }
        (loss.sum() + libm::log(product.0.iter().product()), right as usize)
    }
}

/// H and Z of eight rows.
#[inline(always)]
fn forward(x: &[Lane], net: &Net, h: &mut [Lane], z: &mut [Lane]) {
    z.iter_mut().zip(&net.b2).for_each(|(z, b)| *z = Lane::splat(*b));
    let units = net.w1.chunks_exact(x.len()).zip(&net.b1).zip(net.w2.chunks_exact(z.len()));
    for (h, ((w1, b), w2)) in h.iter_mut().zip(units) {
        let mut unit = Lane::splat(*b);
        for (w, x) in w1.iter().zip(x) {
            unit.add(*w, x);
        }
        unit = unit.map(relu);
        *h = unit;
        for (w, z) in w2.iter().zip(&mut *z) {
            z.add(*w, &unit);
        }
    }
    if net.output == Output::Relu {
        for z in z {
            *z = z.map(relu);
        }
    }
}

/// The number of the first of the largest logits, as [`super::argmax`] has it, and the logit.
#[inline(always)]
fn largest(z: &[Lane]) -> (Lane, Lane) {
    let (mut class, mut max) = (Lane::ZERO, z[0]);
    for (c, z) in z.iter().enumerate().skip(1) {
        let above = z.zip(&max, |z, max| if z <= max { 0.0 } else { 1.0 });
        let above = above.zip(&max, |above, max| if max.is_nan() { 0.0 } else { above });
        class = above.zip(&class, |above, class| if above > 0.0 { c as f64 } else { class });
        max = Lane::of(|i| if above.0[i] > 0.0 { z.0[i] } else { max.0[i] });
    }
    (class, max)
}

/// `softmax(z) - onehot(y)` into dz, 0 for rows that do not count; `Σ exp(z - max)` and the label's z.
#[inline(always)]
fn softmax(z: &[Lane], label: &Lane, max: &Lane, counts: &Lane, dz: &mut [Lane]) -> (Lane, Lane) {
    let (mut sum, mut at_label) = (Lane::ZERO, Lane::ZERO);
    for (c, (dz, z)) in dz.iter_mut().zip(z).enumerate() {
        let power = exp(z.zip(max, |z, max| z - max));
        sum.add(1.0, &power);
        let here = label.zip(z, |label, z| if label == c as f64 { z } else { 0.0 });
        at_label.add(1.0, &here);
        *dz = power;
    }
    let share = counts.zip(&sum, |count, sum| count / sum);
    for (c, dz) in dz.iter_mut().enumerate() {
        let hit = label.zip(counts, |label, count| if label == c as f64 { count } else { 0.0 });
        *dz = Lane::of(|i| dz.0[i].mul_add(share.0[i], -hit.0[i]));
    }
    (sum, at_label)
}

/// Adds what eight rows contribute to the slopes, from their H, Z and dZ.
#[inline(always)]
fn backward(x: &[Lane], net: &Net, slopes: &mut Slopes) {
    let Slopes { w1, b1, w2, b2, h, z, dz } = slopes;
    let hide = |slope: f64, output: f64| if output <= 0.0 { 0.0 } else { slope };
    if net.output == Output::Relu {
        dz.iter_mut().zip(&*z).for_each(|(dz, z)| *dz = dz.zip(z, hide));
    }
    for (slope, dz) in b2.iter_mut().zip(&*dz) {
        slope.add(1.0, dz);
    }
    let slopes = w1.chunks_exact_mut(x.len()).zip(b1).zip(w2.chunks_exact_mut(dz.len()));
    for ((h, w2), ((slopes_1, slope_b), slopes_2)) in h.iter().zip(net.w2.chunks_exact(dz.len())).zip(slopes)
    {
        let (h, mut dh) = (*h, Lane::ZERO);
        for (w, (dz, slope)) in w2.iter().zip(dz.iter().zip(slopes_2)) {
            dh.add(*w, dz);
            slope.add_product(&h, dz);
        }
        let dh = dh.zip(&h, hide);
        slope_b.add(1.0, &dh);
        for (slope, x) in slopes_1.iter_mut().zip(x) {
            slope.add_product(x, &dh);
        }
    }
}
