//! Training by the tape: one graph for each batch, one for the whole training set, one for validation, all of them on
//! the same four leaves.

use ndarray::{Axis, Slice};

use super::{Batch, Bias, Descend, Mlp, MlpParams, Output, Report, batches, classes};
use crate::{Labelled, Matrix, Result, Tape, TapeVar as Var, Vector};

pub(super) struct Descent<'a> {
    train: &'a Labelled,
    tape: Tape,
    parts: [Var; 4],
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
        let mut tape = Tape::new();
        let row = |b: Vector| b.insert_axis(Axis(0));
        let (w1, w2) = (tape.leaf(start.w1), tape.leaf(start.w2));
        let (b1, b2) = match p.bias {
            Bias::Frozen => (tape.constant(row(start.b1)), tape.constant(row(start.b2))),
            Bias::Scalar | Bias::PerUnit => (tape.leaf(row(start.b1)), tape.leaf(row(start.b2))),
        };
        let (parts, output) = ([w1, b1, w2, b2], start.output);

        let logits = network(&mut tape, train.x.clone(), parts, output)?;
        let loss = tape.cross_entropy(logits, &train.y, p.reduction)?;
        let held_out = match validation {
            Some(v) => Some((network(&mut tape, v.x.clone(), parts, output)?, v)),
            None => None,
        };
        let mut losses = Vec::new();
        for rows in batches(p.batch, train.y.len()) {
            losses.push(if p.batch == Batch::Full {
                loss
            } else {
                let x = train.x.slice_axis(Axis(0), Slice::from(rows.clone())).to_owned();
                let logits = network(&mut tape, x, parts, output)?;
                tape.cross_entropy(logits, &train.y[rows], p.reduction)?
            });
        }
        Ok(Descent { train, tape, parts, batches: losses, logits, loss, held_out, lr: p.lr, output })
    }
}

/// Records `relu(x W1 + b1) W2 + b2`.
fn network(tape: &mut Tape, x: Matrix, [w1, b1, w2, b2]: [Var; 4], output: Output) -> Result<Var> {
    let x = tape.constant(x);
    let xw = tape.matmul(x, w1)?;
    let sum = tape.add(xw, b1)?;
    let hidden = tape.relu(sum)?;
    let hw = tape.matmul(hidden, w2)?;
    let logits = tape.add(hw, b2)?;
    if output == Output::Relu { tape.relu(logits) } else { Ok(logits) }
}

impl Descend for Descent<'_> {
    fn evaluate(&mut self) -> Result<Report> {
        let loss = self.tape.forward(self.loss)?[[0, 0]];
        let train = right(self.tape.value(self.logits)?, &self.train.y);
        let validation = match self.held_out {
            Some((logits, of)) => Some(right(self.tape.forward(logits)?, &of.y)),
            None => None,
        };
        Ok(Report { loss, train, validation })
    }

    fn epoch(&mut self) -> Result<()> {
        for &loss in &self.batches {
            if loss != self.loss {
                self.tape.forward(loss)?; // the whole set's has just been evaluated
            }
            self.tape.backward(loss)?;
            for part in self.parts {
                self.tape.descend(part, self.lr)?;
            }
        }
        Ok(())
    }

    fn mlp(self) -> Result<Mlp> {
        let [w1, b1, w2, b2] = self.parts.map(|part| self.tape.value(part).cloned());
        let vector = |row: Matrix| row.remove_axis(Axis(0));
        Ok(Mlp { w1: w1?, b1: vector(b1?), w2: w2?, b2: vector(b2?), output: self.output })
    }
}

fn right(logits: &Matrix, y: &[usize]) -> usize {
    classes(logits).zip(y).filter(|(predicted, actual)| predicted == *actual).count()
}
