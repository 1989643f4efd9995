//! Fused or not, an expression has the same value and the same gradients.

use super::Var;
use super::plan::{Fuse, Plan};
use crate::loss::Reduction;
use crate::matrix::Matrix;
use crate::random::{Random, Seed};

/// The value of an expression and the gradients of its leaves, by one plan.
fn run(fuse: Fuse, build: impl Fn(&[Var]) -> Var, leaves: &[Matrix]) -> (f64, Vec<Matrix>, usize) {
    let leaves: Vec<Var> = leaves.iter().cloned().map(Var::leaf).collect();
    let result = build(&leaves);
    let mut plan = Plan::new(&result, fuse);
    plan.backward(&result);
    let value = result.0.state().value.as_ref().map_or(f64::NAN, |value| value.data[0].0[0]);
    let slope = |leaf: &Var| {
        let at = plan.nodes.iter().position(|node| node.address() == leaf.address());
        at.map_or_else(|| Matrix::zeros(leaf.0.shape), |at| plan.slopes[at].to_matrix())
    };
    (value, leaves.iter().map(slope).collect(), plan.parts.len())
}

fn distance(a: &Matrix, b: &Matrix) -> f64 {
    let largest = |x: &Matrix| x.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
    largest(&(a - b)) / largest(b).max(1e-300)
}

/// An expression, its leaves' shapes, and into how many parts it is fused.
type Case = (&'static str, fn(&[Var]) -> Var, &'static [(usize, usize)], usize);

const CASES: [Case; 6] = [
    (
        "a factorisation",
        |v| (&v[0] - v[1].dot(&v[2].t())).squared().sum(),
        &[(700, 70), (700, 5), (70, 5)],
        2,
    ),
    ("its norm", |v| (v[1].dot(&v[2].t()) - &v[0]).squared().sum().sqrt(), &[(300, 9), (300, 3), (9, 3)], 3),
    (
        "a network",
        |v| {
            let logits = (v[0].dot(&v[1]) + &v[2]).relu().dot(&v[3]) + &v[4];
            logits.cross_entropy(&vec![2; 150], Reduction::Mean)
        },
        &[(150, 4), (4, 12), (1, 12), (12, 3), (1, 1)],
        1,
    ),
    (
        "Huber's loss and a penalty",
        |v| {
            let size = (&v[0] - v[1].dot(&v[2])).abs();
            let over = (&size - 0.7).relu();
            (0.5 * (size - &over).squared() + 0.7 * over).sum() + 0.1 * v[1].squared().sum()
        },
        &[(200, 20), (200, 3), (3, 20)],
        3,
    ),
    (
        "a shared middle",
        |v| {
            let z = (&v[0] * &v[1]).exp();
            z.t().dot(&z).sum() / z.sum()
        },
        &[(90, 10), (1, 10)],
        5,
    ),
    (
        "deep",
        |v| v[0].dot(&v[1]).relu().dot(&v[2]).abs().dot(&v[3]).mean(),
        &[(130, 9), (9, 17), (17, 8), (8, 2)],
        2,
    ),
];

#[test]
fn fused_or_not_the_numbers_are_the_same() {
    for (name, build, shapes, parts) in CASES {
        let mut random = Random::new(Seed::Portable(7));
        let leaves: Vec<Matrix> = shapes.iter().map(|shape| random.normal(*shape) * 0.5).collect();
        let (fused, slopes, count) = run(Fuse::All, build, &leaves);
        let (plain, expected, all) = run(Fuse::Nothing, build, &leaves);
        assert!(count == parts && all > parts, "{name}: {count} parts of {all}");
        assert!((fused - plain).abs() <= 1e-12 * plain.abs(), "{name}: {fused:e}, not {plain:e}");
        for (slope, expected) in slopes.iter().zip(&expected) {
            assert!(distance(slope, expected) < 1e-12, "{name}");
        }
    }
}
