//! Reverse-mode automatic differentiation on matrices (lab sheet 2): the match in `Tape::step` is the whole table of
//! derivatives, each rule below the operation that it differentiates.
//!
//! A tape records an expression once, as a list of nodes in which each comes after its arguments. [`Tape::forward`]
//! evaluates it again after its leaves have changed, and [`Tape::backward`] walks the list from the end, handing each
//! node's gradient on to its arguments by the chain rule. Both write into the buffers made while recording, and
//! neither visits a node that no leaf reaches. The method is Linnainmaa's (1970); Baydin et al., *Automatic
//! differentiation in machine learning: a survey*, JMLR 18 (2018), section 3.2, tells it in today's words.

use ndarray::{Zip, linalg::general_mat_mul};

use crate::error::{Error, Result};
use crate::loss::{self, Loss, Reduction};
use crate::matrix::Matrix;

mod operations;

/// A node of a [`Tape`]: its value and its gradient are asked of the tape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TapeVar(usize);

/// How a node follows from its arguments `a` and `b`.
#[derive(Debug, Clone)]
enum Op {
    Input,
    MatMul,
    Transpose,
    Add,
    Sub,
    Mul,
    Relu,
    Loss(Loss),
    CrossEntropy(Vec<usize>, Reduction),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pass {
    Forward,
    Backward,
}
use Pass::{Backward, Forward};

#[derive(Debug, Clone)]
struct Node {
    op: Op,
    a: usize,
    b: usize,
    /// Whether a leaf reaches it: constants need no gradient.
    varies: bool,
    /// Whether the result asked for depends on it.
    wanted: bool,
}

/// An expression on matrices, with the value and the gradient of each part.
///
/// ```
/// use lab_core::{Loss, Tape};
/// use ndarray::array;
///
/// // A rank-1 factorisation: a ≈ u vᵀ.
/// let mut tape = Tape::new();
/// let a = tape.constant(array![[2.0, 4.0], [3.0, 6.0]]);
/// let u = tape.leaf(array![[1.0], [1.0]]);
/// let v = tape.leaf(array![[1.0], [1.0]]);
/// let vt = tape.transpose(v)?;
/// let fit = tape.matmul(u, vt)?;
/// let residual = tape.sub(a, fit)?;
/// let loss = tape.loss(residual, Loss::SumSquared)?;
/// for _ in 0..200 {
///     tape.backward(loss)?;
///     tape.descend(u, 0.02)?;
///     tape.descend(v, 0.02)?;
///     tape.forward(loss)?;
/// }
/// assert!(tape.value(loss)?[[0, 0]] < 1e-9);
/// # Ok::<(), lab_core::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Tape {
    nodes: Vec<Node>,
    values: Vec<Matrix>,
    gradients: Vec<Matrix>,
}

impl Tape {
    /// An empty tape.
    pub fn new() -> Tape {
        Tape::default()
    }

    /// A matrix to differentiate by.
    pub fn leaf(&mut self, value: Matrix) -> TapeVar {
        self.push(Op::Input, (0, 0), true, value)
    }

    /// A matrix that stays as it is.
    pub fn constant(&mut self, value: Matrix) -> TapeVar {
        self.push(Op::Input, (0, 0), false, value)
    }

    /// The value of a node as last evaluated.
    ///
    /// # Errors
    /// See [`Tape::matmul`].
    pub fn value(&self, of: TapeVar) -> Result<&Matrix> {
        self.values.get(of.0).ok_or_else(|| foreign(of))
    }

    /// The gradient of the last [`Tape::backward`]'s result with respect to a node, of that node's shape.
    ///
    /// # Errors
    /// See [`Tape::matmul`].
    pub fn gradient(&self, of: TapeVar) -> Result<&Matrix> {
        self.gradients.get(of.0).ok_or_else(|| foreign(of))
    }

    /// One step of gradient descent: `leaf -= lr · gradient`.
    ///
    /// # Errors
    /// See [`Tape::matmul`].
    pub fn descend(&mut self, leaf: TapeVar, lr: f64) -> Result<()> {
        let gradient = self.gradients.get(leaf.0).ok_or_else(|| foreign(leaf))?;
        self.values[leaf.0].scaled_add(-lr, gradient);
        Ok(())
    }

    /// Evaluates `result` again after its leaves have changed.
    ///
    /// # Errors
    /// See [`Tape::matmul`].
    pub fn forward(&mut self, result: TapeVar) -> Result<&Matrix> {
        self.mark(result)?;
        (0..=result.0).for_each(|at| self.step(at, Forward));
        self.value(result)
    }

    /// Computes the gradient of `result`, a 1 x 1, with respect to all that it depends on.
    ///
    /// # Errors
    /// [`Error::Shape`] when it is not 1 x 1.
    pub fn backward(&mut self, result: TapeVar) -> Result<()> {
        let (rows, columns) = self.value(result)?.dim();
        if (rows, columns) != (1, 1) {
            let found = format!("{rows} x {columns}");
            return Err(Error::Shape {
                what: "the result to differentiate".into(),
                expected: "1 x 1".into(),
                found,
            });
        }
        self.mark(result)?;
        self.gradients.iter_mut().zip(&self.nodes).filter(|(_, n)| n.varies).for_each(|(g, _)| g.fill(0.0));
        self.gradients[result.0].fill(1.0);
        (0..=result.0).rev().for_each(|at| self.step(at, Backward));
        Ok(())
    }

    /// The table of derivatives: each operation, and below it the rule that hands its gradient `g` on to its arguments.
    fn step(&mut self, at: usize, pass: Pass) {
        let Node { ref op, a, b, varies, wanted } = self.nodes[at];
        if !(varies && wanted) {
            return;
        }
        let (x, out) = self.values.split_at_mut(at);
        let (dx, g) = self.gradients.split_at_mut(at);
        let (out, g) = (&mut out[0], &g[0]);
        let mut into = |to: usize, rule: &dyn Fn(&mut Matrix)| {
            if self.nodes[to].varies {
                rule(&mut dx[to]);
            }
        };
        match (op, pass) {
            (Op::Input, _) => {}

            (Op::MatMul, Forward) => general_mat_mul(1.0, &x[a], &x[b], 0.0, out),
            (Op::MatMul, Backward) => {
                into(a, &|d| general_mat_mul(1.0, g, &x[b].t(), 1.0, d));
                into(b, &|d| general_mat_mul(1.0, &x[a].t(), g, 1.0, d));
            }

            (Op::Transpose, Forward) => out.assign(&x[a].t()),
            (Op::Transpose, Backward) => into(a, &|d| *d += &g.t()),

            (Op::Add, Forward) => {
                Zip::from(out).and(&x[a]).and_broadcast(&x[b]).for_each(|o, a, b| *o = a + b);
            }
            (Op::Add, Backward) => {
                into(a, &|d| *d += g);
                into(b, &|d| add_repeats(d, 1.0, g));
            }

            (Op::Sub, Forward) => {
                Zip::from(out).and(&x[a]).and_broadcast(&x[b]).for_each(|o, a, b| *o = a - b);
            }
            (Op::Sub, Backward) => {
                into(a, &|d| *d += g);
                into(b, &|d| add_repeats(d, -1.0, g));
            }

            (Op::Mul, Forward) => Zip::from(out).and(&x[a]).and(&x[b]).for_each(|o, a, b| *o = a * b),
            (Op::Mul, Backward) => {
                into(a, &|d| Zip::from(d).and(g).and(&x[b]).for_each(|d, g, b| *d += g * b));
                into(b, &|d| Zip::from(d).and(g).and(&x[a]).for_each(|d, g, a| *d += g * a));
            }

            // Comparisons that a NaN passes through, so that a diverging run shows.
            (Op::Relu, Forward) => out.zip_mut_with(&x[a], |o, &x| *o = if x <= 0.0 { 0.0 } else { x }),
            (Op::Relu, Backward) => {
                into(a, &|d| {
                    Zip::from(d).and(g).and(&x[a]).for_each(|d, g, &x| *d += if x <= 0.0 { 0.0 } else { *g });
                });
            }

            (Op::Loss(loss), Forward) => out.fill(loss.value(&x[a])),
            (Op::Loss(loss), Backward) => into(a, &|d| d.scaled_add(g[[0, 0]], &loss.gradient(&x[a]))),

            (Op::CrossEntropy(labels, reduction), Forward) => {
                out.fill(loss::row_losses(&x[a], labels) * reduction.weight(labels.len()));
            }
            (Op::CrossEntropy(labels, reduction), Backward) => {
                into(a, &|d| {
                    loss::add_gradient(&x[a], labels, g[[0, 0]] * reduction.weight(labels.len()), d);
                });
            }
        }
    }

    /// Appends a node and evaluates it.
    fn record(&mut self, op: Op, a: TapeVar, b: TapeVar, shape: (usize, usize)) -> TapeVar {
        let varies = self.nodes[a.0].varies || self.nodes[b.0].varies;
        let node = self.push(op, (a.0, b.0), true, Matrix::zeros(shape));
        self.nodes[node.0].wanted = true;
        self.step(node.0, Forward);
        self.nodes[node.0].varies = varies;
        node
    }

    fn push(&mut self, op: Op, (a, b): (usize, usize), varies: bool, value: Matrix) -> TapeVar {
        self.gradients.push(Matrix::zeros(value.raw_dim()));
        self.values.push(value);
        self.nodes.push(Node { op, a, b, varies, wanted: false });
        TapeVar(self.nodes.len() - 1)
    }

    /// Marks what `result` depends on.
    fn mark(&mut self, result: TapeVar) -> Result<()> {
        self.value(result)?;
        self.nodes.iter_mut().for_each(|node| node.wanted = false);
        self.nodes[result.0].wanted = true;
        for at in (0..=result.0).rev() {
            let Node { a, b, wanted, .. } = self.nodes[at];
            self.nodes[a].wanted |= wanted;
            self.nodes[b].wanted |= wanted;
        }
        Ok(())
    }
}

/// Undoes broadcasting: adds `sign · g` (m, n) to the gradient of a smaller term, summed over the term's repeats.
fn add_repeats(d: &mut Matrix, sign: f64, g: &Matrix) {
    match d.dim() {
        shape if shape == g.dim() => d.scaled_add(sign, g),
        (1, 1) => d[[0, 0]] += sign * g.sum(),
        _ => g.rows().into_iter().for_each(|g| d.row_mut(0).scaled_add(sign, &g)),
    }
}

fn foreign(var: TapeVar) -> Error {
    Error::Param { name: "var", rule: "a handle that this tape gave out", found: format!("handle {}", var.0) }
}
