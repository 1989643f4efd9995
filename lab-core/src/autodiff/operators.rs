//! `+ - * /` of expressions and numbers, and the checks of shapes.

use std::ops::{Add, Div, Mul, Neg, Sub};

use super::Var;
use super::rules::{Map, Op, Zip};
use crate::error::Error;

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
    /// The number in it.
    fn number(self) -> f64 {
        match self {
            Map::Times(c) | Map::Over(c) | Map::Plus(c) | Map::Reciprocal(c) | Map::Powf(c) => c,
            _ => 0.0,
        }
    }
}

impl Var {
    /// A function of each entry. A number in it is finite.
    pub(super) fn map(&self, name: &'static str, map: Map) -> Var {
        match map.number() {
            c if c.is_finite() => self.next(Op::Map(map), None, self.shape()),
            c => self.or_wrong(Error::Param {
                name: "a number in an expression",
                rule: "finite",
                found: format!("{c} beside {name}"),
            }),
        }
    }

    /// A function of corresponding entries; what has one row, or is a number, is repeated.
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
}
