//! Expressions: their derivatives, and the values that they keep.
#![allow(clippy::float_cmp)] // small whole numbers are exact

use lab_core::{Matrix, Reduction, Var};
use lab_tests::{differences, normal};

/// The gradient of `loss` by each matrix is the one that differences find.
fn assert_slopes(name: &str, at: &[Matrix], loss: impl Fn(&[Var]) -> Var) {
    let leaves: Vec<Var> = at.iter().cloned().map(Var::leaf).collect();
    let result = loss(&leaves);
    result.backward().unwrap_or_else(|error| panic!("{name}: {error}"));
    for (k, leaf) in leaves.iter().enumerate() {
        let expected = differences(&at[k], |x| {
            let moved = (0..at.len()).map(|j| Var::leaf(if j == k { x.clone() } else { at[j].clone() }));
            loss(&moved.collect::<Vec<_>>()).scalar().unwrap()
        });
        let found = leaf.gradient().unwrap();
        let largest = expected.iter().fold(1.0_f64, |m, x| m.max(x.abs()));
        let distance = (&found - &expected).iter().fold(0.0_f64, |m, x| m.max(x.abs()));
        assert!(distance < 1e-6 * largest, "{name}, leaf {k}: found {found}, expected {expected}");
    }
}

/// Every operation, alone and where others need its value, too.
#[test]
fn every_derivative_is_the_slope() {
    let (x, y) = (normal((5, 3), 1), normal((5, 3), 2));
    let (w, row, number) = (normal((3, 10), 3), normal((1, 3), 4), normal((1, 1), 5));
    let positive = x.mapv(|x| x.abs() + 0.5);
    let one = |name: &str, x: &Matrix, f: &dyn Fn(&Var) -> Var| {
        assert_slopes(name, std::slice::from_ref(x), |v| f(&v[0]).sum());
        assert_slopes(&format!("{name}, squared"), std::slice::from_ref(x), |v| f(&v[0]).squared().mean());
        assert_slopes(&format!("{name}, used twice"), std::slice::from_ref(x), |v| {
            (f(&v[0]) * (f(&v[0]) + &v[0])).sum()
        });
    };
    one("relu", &x, &Var::relu);
    one("abs", &x, &Var::abs);
    one("squared", &x, &Var::squared);
    one("exp", &x, &Var::exp);
    one("ln", &positive, &Var::ln);
    one("sqrt", &positive, &Var::sqrt);
    one("powi", &x, &|v| v.powi(3));
    one("powi below 0", &positive, &|v| v.powi(-2));
    one("powf", &positive, &|v| v.powf(1.7));
    one("minus", &x, &|v| -v);
    one("a number to the right", &x, &|v| ((v + 1.5) * 2.0 - 0.5) / 3.0);
    one("a number to the left", &positive, &|v| 1.5 + 2.0 * (0.5 - 3.0 / v));
    one("transpose", &x, &|v| v.t().t() + v.t().dot(v).sum());
    let two = |name: &str, x: &Matrix, y: &Matrix, f: &dyn Fn(&Var, &Var) -> Var| {
        let at = [x.clone(), y.clone()];
        assert_slopes(name, &at, |v| f(&v[0], &v[1]).sum());
        assert_slopes(&format!("{name}, a norm"), &at, |v| f(&v[0], &v[1]).squared().sum().sqrt());
        assert_slopes(&format!("{name}, used twice"), &at, |v| {
            (f(&v[0], &v[1]).exp() * f(&v[0], &v[1])).mean()
        });
        let shared = |v: &[Var]| {
            let z = f(&v[0], &v[1]);
            (&z * &z).sum() / (z.abs().sum() + 1.0) + z.t().mean()
        };
        assert_slopes(&format!("{name}, shared"), &at, shared);
    };
    for (name, other) in [("a matrix", &y), ("a row", &row), ("a number", &number)] {
        two(&format!("plus {name}"), &x, other, &|a, b| a + b);
        two(&format!("{name} plus"), other, &x, &|a, b| a + b);
        two(&format!("minus {name}"), &x, other, &|a, b| a - b);
        two(&format!("{name} minus"), other, &x, &|a, b| a - b);
        two(&format!("times {name}"), &x, other, &|a, b| a * b);
        two(&format!("{name} times"), other, &x, &|a, b| a * b);
        let other = other.mapv(|x| x.signum() * (x.abs() + 0.5));
        two(&format!("over {name}"), &x, &other, &|a, b| a / b);
    }
    two("dot", &x, &w, &|a, b| a.dot(b));
    two("dot of a transpose", &x, &y, &|a, b| a.dot(&b.t()));
    two("dot by a transpose", &x, &y, &|a, b| a.t().dot(b));
    two("dot by itself", &x, &normal((3, 3), 6), &|a, b| a.dot(&b.dot(b)));
    two("a residual", &x, &w, &|a, b| 0.5 - a.dot(b));
    for reduction in [Reduction::Sum, Reduction::Mean] {
        let labels = [0, 9, 4, 4, 8];
        assert_slopes("cross entropy", &[x.clone(), w.clone()], |v| {
            v[0].dot(&v[1]).cross_entropy(&labels, reduction)
        });
        assert_slopes("cross entropy, scaled", &[x.clone(), w.clone()], |v| {
            let logits = v[0].dot(&v[1]);
            2.0 * logits.cross_entropy(&labels, reduction) + 0.1 * logits.squared().sum()
        });
    }
    // A row among rows, and Huber's loss from what there is.
    assert_slopes("a row", &[row.clone(), number.clone()], |v| (&v[0] * &v[1] + 1.0).squared().sum());
    assert_slopes("Huber", &[x, y], |v| {
        let size = (&v[0] - &v[1]).abs();
        let over = (&size - 0.8).relu();
        (0.5 * (size - &over).squared() + 0.8 * over).sum()
    });
}

/// A value or a gradient is never that of leaves as they were.
#[test]
fn nothing_is_stale() {
    let x = Var::leaf(Matrix::from_elem((2, 2), 3.0));
    let doubled = &x * 2.0;
    let loss = doubled.squared().sum();
    assert_eq!(loss.scalar().unwrap(), 144.0);
    loss.backward().unwrap();
    assert_eq!(x.gradient().unwrap(), Matrix::from_elem((2, 2), 24.0)); // 2 · 2x · 2
    assert_eq!(doubled.gradient().unwrap(), Matrix::from_elem((2, 2), 12.0));
    x.descend(0.125).unwrap();
    assert_eq!(x.value().unwrap(), Matrix::zeros((2, 2)));
    assert_eq!(doubled.value().unwrap(), Matrix::zeros((2, 2)));
    assert_eq!(loss.scalar().unwrap(), 0.0);
    assert!(doubled.gradient().is_err(), "the gradient was that of other leaves");
    x.set(Matrix::ones((2, 2))).unwrap();
    for _ in 0..2 {
        loss.backward().unwrap(); // once more replaces, it does not add
        assert_eq!((x.gradient().unwrap()[[0, 0]], loss.scalar().unwrap()), (8.0, 16.0));
    }
    // A leaf of another expression is simply another leaf.
    let other = Var::leaf(Matrix::ones((2, 2)));
    let both = (&doubled * &other).sum();
    both.backward().unwrap();
    assert_eq!((x.gradient().unwrap()[[0, 0]], other.gradient().unwrap()[[0, 0]]), (2.0, 2.0));
    loss.backward().unwrap();
    assert_eq!((x.gradient().unwrap()[[0, 0]], other.gradient().unwrap()[[0, 0]]), (8.0, 2.0));
}

/// A leaf that one cell made is a leaf in every later one: it outlives the expressions that it was part of, and keeps its
/// value and its gradient.
#[test]
fn a_leaf_outlives_its_expressions() {
    let first_cell = || {
        let x = Var::leaf(Matrix::ones((2, 1)));
        let loss = x.squared().sum();
        loss.backward().unwrap();
        x
    };
    let second_cell = |x: &Var| {
        x.descend(0.25).unwrap(); // by the gradient of an expression that is gone
        (x * 3.0).sum().backward().unwrap();
        x.gradient().unwrap()
    };
    let x = first_cell();
    assert_eq!(x.gradient().unwrap(), Matrix::from_elem((2, 1), 2.0));
    assert_eq!(second_cell(&x), Matrix::from_elem((2, 1), 3.0));
    assert_eq!(x.value().unwrap(), Matrix::from_elem((2, 1), 0.5));
    let moved = std::thread::spawn(move || x.sum().scalar()); // cells run on threads of their own
    assert_eq!(moved.join().unwrap().unwrap(), 1.0);
}

/// The same expression built anew, on threads side by side, and a chain longer than any stack.
#[test]
fn expressions_are_values() {
    fn shared<T: Clone + Send + Sync + 'static>(_: &T) {}
    let x = Var::constant(normal((40, 3), 1));
    shared(&x);
    let run = |seed: u64| {
        let w = Var::leaf(normal((3, 2), seed));
        for _ in 0..50 {
            let loss = (x.dot(&w) - 1.0).squared().mean();
            loss.backward()?;
            w.descend(0.1)?;
        }
        w.value()
    };
    let found = lab_core::run_seeds(0..4, run).unwrap();
    (0..4).zip(found).for_each(|(seed, found)| assert_eq!(found, run(seed).unwrap()));

    let mut chain = Var::leaf(Matrix::ones((1, 1)));
    let start = chain.clone();
    for _ in 0..200_000 {
        chain = chain + 1.0;
    }
    chain.backward().unwrap();
    assert_eq!((chain.scalar().unwrap(), start.gradient().unwrap()[[0, 0]]), (200_001.0, 1.0));
}
