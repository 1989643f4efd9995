//! Training by the formulas, eight rows of the data side by side: with `H = relu(X W1 + b1)` and `Z = H W2 + b2`,
//!
//! ```text
//! dZ = softmax(Z) - onehot(y)      dW2 = Hᵀ dZ      db2 = column sums of dZ
//! dH = dZ W2ᵀ, 0 where H is 0      dW1 = Xᵀ dH      db1 = column sums of dH
//! ```
//!
//! where dZ is divided by the number of rows under `Reduction::Mean`, 0 where an output ReLU holds Z at 0, and a shared
//! bias takes the sum over its units (Goodfellow, Bengio and Courville, *Deep Learning*, 2016, section 6.5). [`visit`]
//! computes all of this; this file has the layouts of the data and of the network that it reads, and the updates.

use ndarray::{ArrayView2, Axis, Slice};

use super::{Batch, Bias, Descend, Mlp, MlpParams, Output, Report, batches};
use crate::data::Labelled;
use crate::descent::{Moments, Optimiser};
use crate::error::Result;
use crate::lanes::{Lane, for_this_cpu};
use crate::matrix::{Matrix, Vector};

mod visit;

use visit::{AT_ONCE, visit};

pub(super) struct Descent<'a> {
    net: Net,
    slopes: Slopes,
    train: Rows,
    validation: Option<Rows>,
    /// Empty where one batch is the whole training set.
    batches: Vec<Rows>,
    /// The optimiser's state for w1, w2, b1 and b2.
    moments: [Moments; 4],
    p: &'a MlpParams,
}

/// The network, stored by hidden unit: the weights that lead to a unit are side by side, and so are those that lead
/// from it.
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

/// The gradient of each part of a [`Net`], as eight partial sums over the rows, one for each place of a lane; and the
/// buffers of a visit.
struct Slopes {
    w1: Vec<Lane>,
    b1: Vec<Lane>,
    w2: Vec<Lane>,
    b2: Vec<Lane>,
    h: Vec<Lane>,
    z: Vec<Lane>,
    dz: Vec<Lane>,
}

/// Rows of the data in eights, each feature a lane. The last eight are filled up with copies of the last row, which do
/// not count.
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
            slopes: Slopes {
                w1,
                b1: zeros(h),
                w2,
                b2: zeros(k),
                h: zeros(AT_ONCE * h),
                z: zeros(AT_ONCE * k),
                dz: zeros(AT_ONCE * k),
            },
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

    /// One update by the gradients that a visit to so many rows has summed up; they are then cleared.
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

/// Each gradient, summed over its eight places and weighted; the partial sums are cleared.
fn taken(slopes: &mut [Lane], weight: f64) -> impl Iterator<Item = f64> {
    slopes.iter_mut().map(move |slope| weight * std::mem::replace(slope, Lane::ZERO).sum())
}

for_this_cpu! {
    /// Adds to each weight the step times its gradient, the sum over eight places; the partial sums are cleared.
    fn walk(weights: &mut [f64], slopes: &mut [Lane], step: f64) {
        for (w, slope) in weights.iter_mut().zip(slopes) {
            *w += step * slope.sum();
            *slope = Lane::ZERO;
        }
    }
}
