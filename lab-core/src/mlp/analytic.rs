//! Training by the formulas: with `H = relu(X W1 + b1)` and `Z = H W2 + b2`,
//!
//! ```text
//! dZ  = softmax(Z) - onehot(y)      dW2 = Hᵀ dZ      db2 = column sums of dZ
//! dH  = dZ W2ᵀ, 0 where H is 0      dW1 = Xᵀ dH      db1 = column sums of dH
//! ```
//!
//! where dZ is divided by the number of rows under `Reduction::Mean`, set to 0 where an output rectifier holds Z at 0, and
//! a shared bias takes the sum over its units. (Goodfellow, Bengio and Courville, 2016, section 6.5.)

use ndarray::{Axis, Slice, Zip, linalg::general_mat_mul};

use super::{Bias, Descend, Mlp, MlpParams, Output, batches};
use crate::{Labelled, Matrix, Result, Vector, loss};

pub(super) struct Descent<'a> {
    mlp: Mlp,
    train: &'a Labelled,
    validation: Option<&'a Labelled>,
    p: &'a MlpParams,
    logits: Matrix,
    held_out: Option<Matrix>,
}

impl<'a> Descent<'a> {
    pub fn new(train: &'a Labelled, validation: Option<&'a Labelled>, mlp: Mlp, p: &'a MlpParams) -> Self {
        Descent { mlp, train, validation, p, logits: Matrix::zeros((0, 0)), held_out: None }
    }
}

impl Descend for Descent<'_> {
    fn evaluate(&mut self) -> Result<(f64, &Matrix, Option<&Matrix>)> {
        self.logits = self.mlp.forward(&self.train.x).1;
        self.held_out = self.validation.map(|v| self.mlp.forward(&v.x).1);
        let y = &self.train.y;
        let loss = loss::row_losses(&self.logits, y) * self.p.reduction.weight(y.len());
        Ok((loss, &self.logits, self.held_out.as_ref()))
    }

    fn epoch(&mut self) -> Result<()> {
        for rows in batches(self.p.batch, self.train.y.len()) {
            let x = self.train.x.slice_axis(Axis(0), Slice::from(rows.clone())).to_owned();
            self.mlp.step(&x, &self.train.y[rows], self.p);
        }
        Ok(())
    }

    fn mlp(self) -> Result<Mlp> {
        Ok(self.mlp)
    }
}

impl Mlp {
    /// H and Z.
    fn forward(&self, x: &Matrix) -> (Matrix, Matrix) {
        let h = (x.dot(&self.w1) + &self.b1).mapv_into(super::relu);
        let z = h.dot(&self.w2) + &self.b2;
        let z = if self.output == Output::Relu { z.mapv_into(super::relu) } else { z };
        (h, z)
    }

    fn step(&mut self, x: &Matrix, y: &[usize], p: &MlpParams) {
        let (h, z) = self.forward(x);
        let mut dz = Matrix::zeros(z.raw_dim());
        loss::add_gradient(&z, y, p.reduction.weight(y.len()), &mut dz);
        if self.output == Output::Relu {
            Zip::from(&mut dz).and(&z).for_each(|d, &z| {
                if z == 0.0 {
                    *d = 0.0;
                }
            });
        }
        let mut dh = dz.dot(&self.w2.t());
        Zip::from(&mut dh).and(&h).for_each(|d, &h| {
            if h == 0.0 {
                *d = 0.0;
            }
        });
        general_mat_mul(-p.lr, &h.t(), &dz, 1.0, &mut self.w2);
        general_mat_mul(-p.lr, &x.t(), &dh, 1.0, &mut self.w1);
        if p.bias != Bias::Frozen {
            descend(&mut self.b2, &dz, p.lr);
            descend(&mut self.b1, &dh, p.lr);
        }
    }
}

/// The step of a bias, shared by all units or one for each.
fn descend(bias: &mut Vector, d: &Matrix, lr: f64) {
    let sums = d.sum_axis(Axis(0));
    if bias.len() == sums.len() { bias.scaled_add(-lr, &sums) } else { *bias -= lr * sums.sum() }
}
