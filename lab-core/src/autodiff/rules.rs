//! The table of derivatives: each operation beside the rule that hands its gradient `g` on to its arguments.

use std::sync::Arc;

use super::block::{Block, Slope};
use super::region::Step;
use super::softmax;
use crate::error::Error;
use crate::lanes::{
    Lane, Rows, RowsMut, for_this_cpu, product, product_onto, sum, sum_of_products, transposed_product,
};
use crate::loss::Reduction;

/// The operation that computes a node from its arguments `a` and `b`.
#[derive(Debug, Clone)]
pub(super) enum Op {
    /// A matrix with respect to which the expression is differentiated.
    Leaf,
    /// A matrix that stays as it is.
    Constant,
    /// The first mistake of an expression.
    Wrong(Error),
    Map(Map),
    Zip(Zip),
    Dot,
    Transpose,
    Sum,
    /// `Σ a²`: what a plan makes of the sum of squares.
    SumOfSquares,
    CrossEntropy(Arc<[usize]>, Reduction),
}

/// A function of each entry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Map {
    Times(f64),
    Over(f64),
    Plus(f64),
    Reciprocal(f64),
    Relu,
    Abs,
    Squared,
    Sqrt,
    Exp,
    Ln,
    Powi(i32),
    Powf(f64),
}

impl Map {
    /// `f(x)` and `f'(x)`. The slope is 0 at the kinks of relu and |x|, and at 0 for √x.
    #[inline(always)]
    fn rule(self, x: f64) -> (f64, f64) {
        match self {
            Map::Times(c) => (x * c, c),
            Map::Over(c) => (x / c, 1.0 / c),
            Map::Plus(c) => (x + c, 1.0),
            Map::Reciprocal(c) => (c / x, -c / (x * x)),
            // This comparison lets a NaN through, so that a diverging run shows.
            Map::Relu => (if x <= 0.0 { 0.0 } else { x }, if x <= 0.0 { 0.0 } else { 1.0 }),
            Map::Abs => (x.abs(), if x == 0.0 { 0.0 } else { x.signum() }),
            Map::Squared => (x * x, 2.0 * x),
            Map::Sqrt => (x.sqrt(), if x == 0.0 { 0.0 } else { 0.5 / x.sqrt() }),
            Map::Exp => (libm::exp(x), libm::exp(x)),
            Map::Ln => (libm::log(x), 1.0 / x),
            Map::Powi(n) => (libm::pow(x, f64::from(n)), f64::from(n) * libm::pow(x, f64::from(n) - 1.0)),
            Map::Powf(p) => (libm::pow(x, p), p * libm::pow(x, p - 1.0)),
        }
    }
}

/// A function of two corresponding entries.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Zip {
    Add,
    Sub,
    Mul,
    Div,
}

impl Zip {
    /// `f(a, b)`, `∂f/∂a` and `∂f/∂b`.
    #[inline(always)]
    fn rule(self, a: f64, b: f64) -> (f64, f64, f64) {
        match self {
            Zip::Add => (a + b, 1.0, 1.0),
            Zip::Sub => (a - b, 1.0, -1.0),
            Zip::Mul => (a * b, b, a),
            Zip::Div => (a / b, 1.0 / b, -a / (b * b)),
        }
    }

    pub fn name(self) -> char {
        match self {
            Zip::Add => '+',
            Zip::Sub => '-',
            Zip::Mul => '*',
            Zip::Div => '/',
        }
    }
}

#[derive(Clone, Copy)]
pub(super) enum Pass {
    Forward,
    Backward,
}
use Pass::{Backward, Forward};

/// One step of a block of rows. Forward computes its value from those of its arguments; Backward passes its gradient on
/// to them. (The transpose, whose rows need whole columns, is no step of a block: see [`super::plan`].)
pub(super) fn step(block: &mut Block<'_, '_>, at: usize, pass: Pass) {
    let &Step { ref op, a, b, onto, sign, .. } = &block.region.steps[at];
    match (op, pass) {
        (Op::Leaf | Op::Constant | Op::Wrong(_) | Op::Transpose, _) => {}

        (Op::Map(map), Forward) => block.put(at, |out, x| map_values(*map, out, x.rows(a))),
        (Op::Map(map @ (Map::Times(_) | Map::Over(_) | Map::Plus(_))), Backward) => {
            block.hand_on(at, a, map.rule(0.0).1);
        }
        (Op::Map(map), Backward) => block.into(at, a, |d, g, x| add_map(*map, d, g, x.rows(a))),

        (Op::Zip(zip), Forward) => block.put(at, |out, x| zip_values(*zip, out, x.rows(a), x.rows(b))),
        (Op::Zip(zip @ (Zip::Add | Zip::Sub)), Backward) => {
            let (_, da, db) = zip.rule(0.0, 0.0);
            block.hand_on(at, a, da);
            block.hand_on(at, b, db);
        }
        (Op::Zip(zip), Backward) => {
            block.into(at, a, |d, g, x| add_zip(*zip, By::A, d, g, x.rows(a), x.rows(b)));
            block.into(at, b, |d, g, x| add_zip(*zip, By::B, d, g, x.rows(a), x.rows(b)));
        }

        // ± a b, added to another term where there is one.
        (Op::Dot, Forward) => block.put(at, |out, x| {
            let (a, b, width) = (x.rows(a), x.whole(b), out.width);
            if let Some((term, other)) = onto {
                product_onto(out.data, width, (other, x.rows(term)), sign, a.data, a.stride, b);
            } else {
                out.data.fill(Lane::ZERO);
                product(out.data, width, sign, a.data, a.stride, b);
            }
        }),
        (Op::Dot, Backward) => {
            if let Some((term, sign)) = onto {
                block.hand_on(at, term, sign);
            }
            block.into(at, a, |d, g, x| {
                let turned = x.turned(b); // g bᵀ
                product(d.data, d.width, sign * g.factor, g.rows.data, g.rows.stride, turned);
            });
            block.into(at, b, |d, g, x| {
                let a = x.rows(a); // aᵀ g
                transposed_product(d.data, d.width, sign * g.factor, a.data, a.stride, g.rows.data);
            });
        }

        (Op::Sum, Forward) => block.count(|x| sum(x.rows(a).data)),
        (Op::Sum, Backward) => block.hand_on(at, a, 1.0),

        (Op::SumOfSquares, Forward) => block.count(|x| sum_of_products(x.rows(a).data, x.rows(a).data)),
        (Op::SumOfSquares, Backward) => block.hand_on_values(at, a, 2.0),

        (Op::CrossEntropy(labels, reduction), Forward) => block.count(|x| {
            reduction.weight(labels.len()) * softmax::row_losses(x.rows(a), x.columns(a), &labels[x.range()])
        }),
        (Op::CrossEntropy(labels, reduction), Backward) => block.into(at, a, |d, g, x| {
            let weight = g.factor * reduction.weight(labels.len());
            softmax::add_slopes(d, weight, x.rows(a), &labels[x.range()]);
        }),
    }
}

for_this_cpu! {
    fn map_values(map: Map, out: RowsMut<'_>, x: Rows<'_>) {
        match map { // a vectorised loop for each function that has a machine instruction
            Map::Times(c) => out.map(x, |x| Map::Times(c).rule(x).0),
            Map::Over(c) => out.map(x, |x| Map::Over(c).rule(x).0),
            Map::Plus(c) => out.map(x, |x| Map::Plus(c).rule(x).0),
            Map::Relu => out.map(x, |x| Map::Relu.rule(x).0),
            Map::Abs => out.map(x, |x| Map::Abs.rule(x).0),
            Map::Squared => out.map(x, |x| Map::Squared.rule(x).0),
            Map::Sqrt => out.map(x, |x| Map::Sqrt.rule(x).0),
            other => out.map(x, |x| other.rule(x).0),
        }
    }
}

for_this_cpu! {
    fn add_map(map: Map, d: RowsMut<'_>, g: Slope<'_>, x: Rows<'_>) {
        let (c, g) = (g.factor, g.rows);
        match map {
            Map::Relu => d.add_zip(g, x, |g, x| c * g * Map::Relu.rule(x).1),
            Map::Abs => d.add_zip(g, x, |g, x| c * g * Map::Abs.rule(x).1),
            Map::Squared => d.add_zip(g, x, |g, x| c * g * Map::Squared.rule(x).1),
            Map::Sqrt => d.add_zip(g, x, |g, x| c * g * Map::Sqrt.rule(x).1),
            other => d.add_zip(g, x, |g, x| c * g * other.rule(x).1),
        }
    }
}

for_this_cpu! {
    fn zip_values(zip: Zip, out: RowsMut<'_>, a: Rows<'_>, b: Rows<'_>) {
        match zip {
            Zip::Add => out.zip(a, b, |a, b| Zip::Add.rule(a, b).0),
            Zip::Sub => out.zip(a, b, |a, b| Zip::Sub.rule(a, b).0),
            Zip::Mul => out.zip(a, b, |a, b| Zip::Mul.rule(a, b).0),
            Zip::Div => out.zip(a, b, |a, b| Zip::Div.rule(a, b).0),
        }
    }
}

/// The argument with respect to which the derivative is taken.
#[derive(Clone, Copy)]
enum By {
    A,
    B,
}

for_this_cpu! {
    /// Adds the gradient times `∂f/∂a`, or times `∂f/∂b`, to an argument's gradient.
    fn add_zip(zip: Zip, by: By, d: RowsMut<'_>, g: Slope<'_>, a: Rows<'_>, b: Rows<'_>) {
        let c = g.factor;
        match (zip, by) {
            (Zip::Mul, By::A) => d.add_zip(g.rows, b, |g, b| c * g * Zip::Mul.rule(0.0, b).1),
            (Zip::Mul, By::B) => d.add_zip(g.rows, a, |g, a| c * g * Zip::Mul.rule(a, 0.0).2),
            (other, By::A) => d.add_zip3(g.rows, a, b, |g, a, b| c * g * other.rule(a, b).1),
            (other, By::B) => d.add_zip3(g.rows, a, b, |g, a, b| c * g * other.rule(a, b).2),
        }
    }
}
