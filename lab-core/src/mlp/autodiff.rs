//! Training by expressions: one loss for each batch, one for the whole training set, and the logits of the validation
//! set, all of them functions of the same four leaves.

use ndarray::{Axis, Slice};

use super::network::classes;
use super::{Batch, Bias, Descend, Mlp, MlpParams, Output, Report, batches};
use crate::autodiff::{Optimisation, Var};
use crate::data::Labelled;
use crate::error::Result;
use crate::matrix::{Matrix, Vector};

pub(super) struct Descent<'a> {
    train: &'a Labelled,
    parts: [Var; 4],
    optimiser: Optimisation,
    /// Empty where one batch is the whole training set.
    batches: Vec<Var>,
    logits: Var,
    loss: Var,
    held_out: Option<(Var, &'a Labelled)>,
    lr: f64,
    output: Output,
}

impl<'a> Descent<'a> {
    pub fn new(
        train: &'a Labelled,
        validation: Option<&'a Labelled>,
        start: Mlp,
        p: &MlpParams,
    ) -> Result<Self> {
        let frozen = p.bias == Bias::Frozen;
        let bias = |b: Vector| {
            let row = b.insert_axis(Axis(0));
            if frozen { Var::constant(row) } else { Var::leaf(row) }
        };
        let parts = [Var::leaf(start.w1), bias(start.b1), Var::leaf(start.w2), bias(start.b2)];
        let output = start.output;
        let logits = network(train.x.clone(), &parts, output);
        let loss = logits.cross_entropy(&train.y, p.reduction);
        let held_out = validation.map(|v| (network(v.x.clone(), &parts, output), v));
        let batch = |rows: std::ops::Range<usize>| {
            let x = train.x.slice_axis(Axis(0), Slice::from(rows.clone())).to_owned();
            network(x, &parts, output).cross_entropy(&train.y[rows], p.reduction)
        };
        let rows = batches(p.batch, train.y.len()).filter(|_| p.batch != Batch::Full);
        let batches = rows.map(batch).collect();
        let [w1, b1, w2, b2] = &parts;
        let optimiser =
            if frozen { p.optimiser.over(&[w1, w2])? } else { p.optimiser.over(&[w1, b1, w2, b2])? };
        Ok(Descent { train, optimiser, batches, logits, loss, held_out, lr: p.lr, output, parts })
    }
}

/// `relu(x W1 + b1) W2 + b2`.
fn network(x: Matrix, [w1, b1, w2, b2]: &[Var; 4], output: Output) -> Var {
    let logits = (Var::constant(x).dot(w1) + b1).relu().dot(w2) + b2;
    if output == Output::Relu { logits.relu() } else { logits }
}

impl Descend for Descent<'_> {
    fn evaluate(&mut self) -> Result<Report> {
        if self.batches.is_empty() {
            self.loss.backward()?; // the next epoch's gradient comes with the loss
        }
        let loss = self.loss.scalar()?;
        let train = right(&self.logits.value()?, &self.train.y);
        let validation = match &self.held_out {
            Some((logits, of)) => Some(right(&logits.value()?, &of.y)),
            None => None,
        };
        Ok(Report { loss, train, validation })
    }

    fn epoch(&mut self) -> Result<()> {
        if self.batches.is_empty() {
            return self.optimiser.step(self.lr);
        }
        for loss in &self.batches {
            loss.backward()?;
            self.optimiser.step(self.lr)?;
        }
        Ok(())
    }

    fn mlp(self) -> Result<Mlp> {
        let [w1, b1, w2, b2] = self.parts.map(|part| part.value());
        let vector = |row: Matrix| row.remove_axis(Axis(0));
        Ok(Mlp { w1: w1?, b1: vector(b1?), w2: w2?, b2: vector(b2?), output: self.output })
    }
}

fn right(logits: &Matrix, y: &[usize]) -> usize {
    classes(logits).zip(y).filter(|(predicted, actual)| predicted == *actual).count()
}
