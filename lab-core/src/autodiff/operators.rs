//! The operations that build expressions: `+ - * /`, functions of each entry, products, reductions; and their checks.

use std::ops::{Add, Div, Mul, Neg, Sub};
use std::sync::Arc;

use super::Var;
use super::node::Node;
use super::rules::{Map, Op, Zip};
use crate::error::Error;
use crate::loss::{Reduction, check_labels};

/// An operator for `Var` and `&Var` on either side, and for a number on either side.
macro_rules! operator {
    ($trait:ident, $method:ident, $zip:expr, |$x:ident, $c:ident| $number_right:expr, $number_left:expr) => {
        operator!(@ $trait, $method, Var, Var, |a, b| a.zip(&b, $zip));
        operator!(@ $trait, $method, Var, &Var, |a, b| a.zip(b, $zip));
        operator!(@ $trait, $method, &Var, Var, |a, b| a.zip(&b, $zip));
        operator!(@ $trait, $method, &Var, &Var, |a, b| a.zip(b, $zip));
        operator!(@ $trait, $method, Var, f64, |$x, $c| $number_right);
        operator!(@ $trait, $method, &Var, f64, |$x, $c| $number_right);
        operator!(@ $trait, $method, f64, Var, |$c, $x| $number_left);
        operator!(@ $trait, $method, f64, &Var, |$c, $x| $number_left);
    };
    (@ $trait:ident, $method:ident, $left:ty, $right:ty, |$a:ident, $b:ident| $made:expr) => {
        impl $trait<$right> for $left {
            type Output = Var;

            fn $method(self, other: $right) -> Var {
                let ($a, $b) = (self, other);
                $made
            }
        }
    };
}

operator!(Add, add, Zip::Add, |x, c| x.map("+", Map::Plus(c)), x.map("+", Map::Plus(c)));
operator!(
    Sub,
    sub,
    Zip::Sub,
    |x, c| x.map("-", Map::Plus(-c)),
    x.map("-", Map::Times(-1.0)).map("-", Map::Plus(c))
);
operator!(Mul, mul, Zip::Mul, |x, c| x.map("*", Map::Times(c)), x.map("*", Map::Times(c)));
operator!(Div, div, Zip::Div, |x, c| x.map("/", Map::Over(c)), x.map("/", Map::Reciprocal(c)));

impl Neg for Var {
    type Output = Var;

    fn neg(self) -> Var {
        -&self
    }
}

impl Neg for &Var {
    type Output = Var;

    fn neg(self) -> Var {
        self.map("-", Map::Times(-1.0))
    }
}

impl Map {
    /// The constant in the function; 0 for a function without one.
    fn number(self) -> f64 {
        match self {
            Map::Times(c) | Map::Over(c) | Map::Plus(c) | Map::Reciprocal(c) | Map::Powf(c) => c,
            _ => 0.0,
        }
    }
}

impl Var {
    /// The matrix product: (m, k) times (k, n).
    ///
    /// ```
    /// # use lab_core::Var;
    /// # use ndarray::array;
    /// let (a, b) = (Var::leaf(array![[1.0, 2.0]]), Var::leaf(array![[3.0], [4.0]]));
    /// assert_eq!(a.dot(&b).value()?, array![[11.0]]);
    /// let message = a.dot(&a).value().unwrap_err().to_string();
    /// assert_eq!(message, "the second factor of `dot` (the first is 1 x 2) must be 2 x n, found 1 x 2");
    /// # Ok::<(), lab_core::Error>(())
    /// ```
    pub fn dot(&self, other: &Var) -> Var {
        let ((m, k), (rows, n)) = (self.shape(), other.shape());
        if k == rows {
            return self.next(Op::Dot, Some(other), (m, n));
        }
        let what = format!("the second factor of `dot` (the first is {m} x {k})");
        let (expected, found) = (format!("{k} x n"), format!("{rows} x {n}"));
        self.or_wrong_with(other, Error::Shape { what, expected, found })
    }

    /// The transpose.
    ///
    /// ```
    /// # use lab_core::Var;
    /// # use ndarray::array;
    /// assert_eq!(Var::leaf(array![[1.0, 2.0]]).t().value()?, array![[1.0], [2.0]]);
    /// # Ok::<(), lab_core::Error>(())
    /// ```
    pub fn t(&self) -> Var {
        let (m, n) = self.shape();
        self.next(Op::Transpose, None, (n, m))
    }

    /// `max(x, 0)` of each entry, with slope 0 at 0.
    ///
    /// ```
    /// # use lab_core::Var;
    /// # use ndarray::array;
    /// assert_eq!(Var::leaf(array![[-1.0, 2.0]]).relu().value()?, array![[0.0, 2.0]]);
    /// # Ok::<(), lab_core::Error>(())
    /// ```
    pub fn relu(&self) -> Var {
        self.map("relu", Map::Relu)
    }

    /// `|x|` of each entry, with slope 0 at 0.
    ///
    /// ```
    /// # use lab_core::Var;
    /// # use ndarray::array;
    /// assert_eq!(Var::leaf(array![[-1.0, 2.0]]).abs().value()?, array![[1.0, 2.0]]);
    /// # Ok::<(), lab_core::Error>(())
    /// ```
    pub fn abs(&self) -> Var {
        self.map("abs", Map::Abs)
    }

    /// `x²` of each entry.
    ///
    /// ```
    /// # use lab_core::Var;
    /// # use ndarray::array;
    /// assert_eq!(Var::leaf(array![[-1.0, 2.0]]).squared().value()?, array![[1.0, 4.0]]);
    /// # Ok::<(), lab_core::Error>(())
    /// ```
    pub fn squared(&self) -> Var {
        self.map("squared", Map::Squared)
    }

    /// `xⁿ` of each entry, for a whole n.
    ///
    /// ```
    /// # use lab_core::Var;
    /// # use ndarray::array;
    /// assert_eq!(Var::leaf(array![[-1.0, 2.0]]).powi(3).value()?, array![[-1.0, 8.0]]);
    /// # Ok::<(), lab_core::Error>(())
    /// ```
    pub fn powi(&self, n: i32) -> Var {
        self.map("powi", Map::Powi(n))
    }

    /// `xᵖ` of each entry; NaN for x below 0 unless p is whole.
    ///
    /// ```
    /// # use lab_core::Var;
    /// # use ndarray::array;
    /// assert_eq!(Var::leaf(array![[1.0, 4.0]]).powf(1.5).value()?, array![[1.0, 8.0]]);
    /// # Ok::<(), lab_core::Error>(())
    /// ```
    pub fn powf(&self, p: f64) -> Var {
        self.map("powf", Map::Powf(p))
    }

    /// `√x` of each entry; its slope is taken as 0 at 0, so that a norm, `x.squared().sum().sqrt()`, has slope 0 at 0.
    ///
    /// ```
    /// # use lab_core::Var;
    /// # use ndarray::array;
    /// assert_eq!(Var::leaf(array![[3.0, 4.0]]).squared().sum().sqrt().scalar()?, 5.0);
    /// # Ok::<(), lab_core::Error>(())
    /// ```
    pub fn sqrt(&self) -> Var {
        self.map("sqrt", Map::Sqrt)
    }

    /// `eˣ` of each entry.
    ///
    /// ```
    /// # use lab_core::Var;
    /// # use ndarray::array;
    /// assert_eq!(Var::leaf(array![[0.0]]).exp().value()?, array![[1.0]]);
    /// # Ok::<(), lab_core::Error>(())
    /// ```
    pub fn exp(&self) -> Var {
        self.map("exp", Map::Exp)
    }

    /// The natural logarithm of each entry.
    ///
    /// ```
    /// # use lab_core::Var;
    /// # use ndarray::array;
    /// assert_eq!(Var::leaf(array![[1.0]]).ln().value()?, array![[0.0]]);
    /// # Ok::<(), lab_core::Error>(())
    /// ```
    pub fn ln(&self) -> Var {
        self.map("ln", Map::Ln)
    }

    /// The sum of all entries, 1 x 1.
    ///
    /// ```
    /// # use lab_core::Var;
    /// # use ndarray::array;
    /// assert_eq!(Var::leaf(array![[1.0, 2.0], [3.0, 4.0]]).sum().scalar()?, 10.0);
    /// # Ok::<(), lab_core::Error>(())
    /// ```
    pub fn sum(&self) -> Var {
        self.next(Op::Sum, None, (1, 1))
    }

    /// The mean of all entries, 1 x 1.
    ///
    /// ```
    /// # use lab_core::Var;
    /// # use ndarray::array;
    /// assert_eq!(Var::leaf(array![[1.0, 2.0], [3.0, 4.0]]).mean().scalar()?, 2.5);
    /// # Ok::<(), lab_core::Error>(())
    /// ```
    pub fn mean(&self) -> Var {
        let (m, n) = self.shape();
        self.sum() / (m * n) as f64
    }

    /// [`cross_entropy`](crate::cross_entropy) of logits (n, k) against n labels below k, 1 x 1.
    ///
    /// ```
    /// # use lab_core::{Reduction, Var};
    /// # use ndarray::array;
    /// let logits = Var::leaf(array![[0.0, 0.0]]);
    /// let loss = logits.cross_entropy(&[1], Reduction::Mean);
    /// loss.backward()?;
    /// assert!((loss.scalar()? - 2_f64.ln()).abs() < 1e-15);
    /// assert_eq!(logits.gradient()?, array![[0.5, -0.5]]); // softmax - onehot
    /// # Ok::<(), lab_core::Error>(())
    /// ```
    pub fn cross_entropy(&self, labels: &[usize], reduction: Reduction) -> Var {
        match check_labels(self.shape(), labels) {
            Ok(()) => self.next(Op::CrossEntropy(labels.into(), reduction), None, (1, 1)),
            Err(error) => self.or_wrong(error),
        }
    }

    /// A function of each entry. A constant in it must be finite.
    fn map(&self, name: &'static str, map: Map) -> Var {
        match map.number() {
            c if c.is_finite() => self.next(Op::Map(map), None, self.shape()),
            c => self.or_wrong(Error::Param {
                name: "a number in an expression",
                rule: "finite",
                found: format!("{c} beside {name}"),
            }),
        }
    }

    /// A function of corresponding entries. An argument of one row, or a single number, is broadcast.
    fn zip(&self, other: &Var, zip: Zip) -> Var {
        let ((m, n), (k, l)) = (self.shape(), other.shape());
        let fits = |rows: usize, columns: usize, m, n| {
            (rows, columns) == (1, 1) || (rows == 1 || rows == m) && columns == n
        };
        let shape = if fits(k, l, m, n) { (m, n) } else { (k, l) };
        if fits(k, l, m, n) || fits(m, n, k, l) {
            return self.next(Op::Zip(zip), Some(other), shape);
        }
        let what = format!("the second term of `{}` (the first is {m} x {n})", zip.name());
        let expected = format!("{m} x {n}, 1 x {n} or 1 x 1");
        self.or_wrong_with(other, Error::Shape { what, expected, found: format!("{k} x {l}") })
    }

    /// A node whose arguments are this one and another. If one of them holds a mistake, that argument is returned
    /// instead.
    fn next(&self, op: Op, other: Option<&Var>, shape: (usize, usize)) -> Var {
        let wrong = [Some(self), other].into_iter().flatten().find(|arg| matches!(arg.0.op, Op::Wrong(_)));
        wrong
            .cloned()
            .unwrap_or_else(|| Var(Arc::new(Node::new(op, [Some(self.clone()), other.cloned()], shape))))
    }

    /// A node that holds this mistake; this node itself if it holds one already.
    fn or_wrong(&self, error: Error) -> Var {
        self.next(Op::Wrong(error), None, (1, 1))
    }

    fn or_wrong_with(&self, other: &Var, error: Error) -> Var {
        self.next(Op::Wrong(error), Some(other), (1, 1))
    }
}
