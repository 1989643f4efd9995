//! What charts and checks accept as numbers.

use std::ops::{Range, RangeInclusive};

use ndarray::{ArrayBase, Data, Ix1, RawData};

/// Anything that is a sequence of numbers: slices, arrays, `Vec`s, ndarray's vectors and views, ranges of epochs.
pub trait Values {
    /// The numbers in order.
    fn values(&self) -> Vec<f64>;
}

impl Values for [f64] {
    fn values(&self) -> Vec<f64> {
        self.to_vec()
    }
}

impl<const N: usize> Values for [f64; N] {
    fn values(&self) -> Vec<f64> {
        self.to_vec()
    }
}

impl Values for Vec<f64> {
    fn values(&self) -> Vec<f64> {
        self.clone()
    }
}

impl Values for Vec<usize> {
    fn values(&self) -> Vec<f64> {
        self.iter().map(|&value| value as f64).collect()
    }
}

impl Values for Range<usize> {
    fn values(&self) -> Vec<f64> {
        self.clone().map(|value| value as f64).collect()
    }
}

impl Values for RangeInclusive<usize> {
    fn values(&self) -> Vec<f64> {
        self.clone().map(|value| value as f64).collect()
    }
}

impl<S: Data + RawData<Elem = f64>> Values for ArrayBase<S, Ix1> {
    fn values(&self) -> Vec<f64> {
        self.to_vec()
    }
}

impl<T: Values + ?Sized> Values for &T {
    fn values(&self) -> Vec<f64> {
        (**self).values()
    }
}
