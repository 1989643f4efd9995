//! Training by the formulas, in buffers made once: with `H = relu(X W1 + b1)` and `Z = H W2 + b2`,
//!
//! ```text
//! dZ = softmax(Z) - onehot(y)      dW2 = Hᵀ dZ      db2 = column sums of dZ
//! dH = dZ W2ᵀ, 0 where H is 0      dW1 = Xᵀ dH      db1 = column sums of dH
//! ```
//!
//! where dZ is divided by the number of rows under `Reduction::Mean`, 0 where an output ReLU holds Z at 0, and a shared
//! bias takes the sum over its units (Goodfellow, Bengio and Courville, *Deep Learning*, 2016, section 6.5).

use ndarray::{ArrayView2, Axis, Slice};

use super::{Batch, Bias, Descend, Mlp, MlpParams, Output, Report, argmax, batches};
use crate::lanes::{Lane, Lanes, exp, for_this_cpu};
use crate::{Labelled, Matrix, Result, Vector};

pub(super) struct Descent<'a> {
    net: Net,
    train: Rows<'a>,
    validation: Option<Rows<'a>>,
    /// Empty where one batch is the whole training set.
    batches: Vec<Rows<'a>>,
    p: &'a MlpParams,
}

/// The network in lanes; biases repeated to a row each.
struct Net {
    w1: Lanes,
    b1: Lanes,
    w2: Lanes,
    b2: Lanes,
    w2t: Lanes,
    output: Output,
    bias_lengths: (usize, usize),
}

/// Some rows of the data with all that a pass over them computes.
struct Rows<'a> {
    x: Lanes,
    y: &'a [usize],
    h: Lanes,
    z: Lanes,
    dz: Lanes,
    dh: Lanes,
}

impl<'a> Descent<'a> {
    pub fn new(train: &'a Labelled, validation: Option<&'a Labelled>, mlp: &Mlp, p: &'a MlpParams) -> Self {
        let (hidden, classes) = mlp.w2.dim();
        let rows = |x: ArrayView2<'_, f64>, y: &'a [usize]| Rows {
            x: Lanes::of(&x),
            y,
            h: Lanes::zeros(y.len(), hidden),
            z: Lanes::zeros(y.len(), classes),
            dz: Lanes::zeros(y.len(), classes),
            dh: Lanes::zeros(y.len(), hidden),
        };
        let parts = batches(p.batch, train.y.len()).filter(|_| p.batch != Batch::Full);
        let repeated = |b: &Vector, units: usize| {
            let row = Matrix::from_shape_fn((1, units), |(_, j)| b[if b.len() == 1 { 0 } else { j }]);
            Lanes::of(&row.view())
        };
        Descent {
            net: Net {
                w1: Lanes::of(&mlp.w1.view()),
                b1: repeated(&mlp.b1, hidden),
                w2: Lanes::of(&mlp.w2.view()),
                b2: repeated(&mlp.b2, classes),
                w2t: Lanes::of(&mlp.w2.t()),
                output: mlp.output,
                bias_lengths: (mlp.b1.len(), mlp.b2.len()),
            },
            train: rows(train.x.view(), &train.y),
            validation: validation.map(|v| rows(v.x.view(), &v.y)),
            batches: parts
                .map(|part| rows(train.x.slice_axis(Axis(0), Slice::from(part.clone())), &train.y[part]))
                .collect(),
            p,
        }
    }
}

impl Descend for Descent<'_> {
    fn evaluate(&mut self) -> Result<Report> {
        self.train.forward(&self.net);
        let loss = softmax(&self.train.z, self.train.y, &mut self.train.dz)
            * self.p.reduction.weight(self.train.y.len());
        let validation = self.validation.as_mut().map(|rows| {
            rows.forward(&self.net);
            rows.right()
        });
        Ok(Report { loss, train: self.train.right(), validation })
    }

    fn epoch(&mut self) -> Result<()> {
        if self.batches.is_empty() {
            self.train.descend(&mut self.net, self.p); // the loss has just been evaluated
        }
        for rows in &mut self.batches {
            rows.forward(&self.net);
            softmax(&rows.z, rows.y, &mut rows.dz);
            rows.descend(&mut self.net, self.p);
        }
        Ok(())
    }

    fn mlp(self) -> Result<Mlp> {
        let Net { w1, b1, w2, b2, output, bias_lengths, .. } = self.net;
        let bias = |b: Lanes, length: usize| b.to_matrix().row(0).iter().copied().take(length).collect();
        Ok(Mlp {
            w1: w1.to_matrix(),
            b1: bias(b1, bias_lengths.0),
            w2: w2.to_matrix(),
            b2: bias(b2, bias_lengths.1),
            output,
        })
    }
}

impl Rows<'_> {
    /// H and Z.
    fn forward(&mut self, net: &Net) {
        self.h.repeat(&net.b1);
        self.h.add_product(1.0, &self.x, &net.w1);
        relu(&mut self.h.data);
        self.z.repeat(&net.b2);
        self.z.add_product(1.0, &self.h, &net.w2);
        if net.output == Output::Relu {
            relu(&mut self.z.data);
        }
    }

    /// Rows whose largest logit is their label's.
    fn right(&self) -> usize {
        let rows = self.z.data.chunks_exact(self.z.width).zip(self.y);
        rows.filter(|(z, y)| argmax(self.z.columns, |j| z[j / 8].0[j % 8]) == **y).count()
    }

    /// The step from the H, Z and dZ at hand.
    fn descend(&mut self, net: &mut Net, p: &MlpParams) {
        let step = -p.lr * p.reduction.weight(self.y.len());
        if net.output == Output::Relu {
            hide(&mut self.dz.data, &self.z.data);
        }
        self.dh.cleared().add_product(1.0, &self.dz, &net.w2t);
        hide(&mut self.dh.data, &self.h.data);
        net.w1.add_transposed_product(step, &self.x, &self.dh);
        net.w2.add_transposed_product(step, &self.h, &self.dz);
        net.w2t.transpose_of(&net.w2);
        if p.bias != Bias::Frozen {
            move_bias(&mut net.b1, net.bias_lengths.0, step, &self.dh);
            move_bias(&mut net.b2, net.bias_lengths.1, step, &self.dz);
        }
    }
}

/// Adds `step` times the column sums of d to a bias of so many numbers; times the sum of all of d to a shared one.
fn move_bias(bias: &mut Lanes, length: usize, step: f64, d: &Lanes) {
    let mut total = 0.0;
    for k in 0..bias.width {
        let mut sums = Lane::ZERO;
        d.data[k..]
            .iter()
            .step_by(d.width)
            .for_each(|d| sums.0.iter_mut().zip(&d.0).for_each(|(sum, d)| *sum += d));
        total += sums.0.iter().sum::<f64>();
        if length == bias.columns {
            bias.data[k].0.iter_mut().zip(&sums.0).for_each(|(b, sum)| *b += step * sum);
        }
    }
    if length < bias.columns {
        (0..bias.columns).for_each(|j| *bias.at(0, j) += step * total);
    }
}

for_this_cpu! {
    /// `max(x, 0)`, with NaN passed through.
    fn relu(x: &mut [Lane]) {
        for lane in x {
            *lane = Lane(lane.0.map(super::relu));
        }
    }
}

for_this_cpu! {
    /// 0 where a ReLU's output is 0.
    fn hide(d: &mut [Lane], output: &[Lane]) {
        for (d, output) in d.iter_mut().zip(output) {
            for (d, output) in d.0.iter_mut().zip(&output.0) {
                *d = if *output <= 0.0 { 0.0 } else { *d };
            }
        }
    }
}

for_this_cpu! {
    /// `softmax(z) - onehot(y)` of each row into dz; the sum of the rows' `ln Σ exp(z - max) - (z[y] - max)`.
    fn softmax(z: &Lanes, y: &[usize], dz: &mut Lanes) -> f64 {
        let (mut total, mut product) = (0.0, 1.0); // Σ ln s = ln Π s takes one logarithm for many rows
        let rows = z.data.chunks_exact(z.width).zip(dz.data.chunks_exact_mut(z.width));
        for ((z_row, dz_row), &y) in rows.zip(y) {
            let at = |j: usize| z_row[j / 8].0[j % 8];
            let max = (0..z.columns).fold(f64::NEG_INFINITY, |max, j| max.max(at(j)));
            for (dz, z) in dz_row.iter_mut().zip(z_row) {
                for (dz, z) in dz.0.iter_mut().zip(&z.0) {
                    *dz = exp(z - max);
                }
            }
            (z.columns..8 * z.width).for_each(|j| dz_row[j / 8].0[j % 8] = 0.0);
            let sum = (0..z.columns).fold(0.0, |sum, j| sum + dz_row[j / 8].0[j % 8]);
            for dz in &mut *dz_row {
                *dz = Lane(dz.0.map(|e| e * (1.0 / sum)));
            }
            dz_row[y / 8].0[y % 8] -= 1.0;
            total -= at(y) - max;
            product *= sum;
            if product > 1e200 {
                total += libm::log(product);
                product = 1.0;
            }
        }
        total + libm::log(product)
    }
}
