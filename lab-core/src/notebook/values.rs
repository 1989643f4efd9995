//! What charts accept as numbers.

use std::ops::{Range, RangeInclusive};

use ndarray::{ArrayBase, Data, Ix1, RawData};

/// One number of any of Rust's usual types.
pub trait Number: Copy {
    /// The number as `f64`; whole numbers above 2^53 are rounded.
    fn number(self) -> f64;
}

/// Anything that is a sequence of numbers: slices, arrays, `Vec`s, ndarray's vectors and views, ranges of epochs.
///
/// ```
/// use lab_core::notebook::Values;
///
/// assert_eq!([1, 2, 3].values(), [1.0, 2.0, 3.0]);
/// assert_eq!((0..3).values(), vec![0.0, 1.0, 2.0].values());
/// ```
pub trait Values {
    /// The numbers in order.
    fn values(&self) -> Vec<f64>;
}

macro_rules! numbers {
    ($($type:ty),*) => { $(impl Number for $type {
        #[allow(clippy::cast_lossless, trivial_numeric_casts)] // one line for all types
        fn number(self) -> f64 { self as f64 }
    })* };
}
numbers!(f64, f32, usize, u64, u32, i64, i32);

impl<T: Number> Values for [T] {
    fn values(&self) -> Vec<f64> {
        self.iter().map(|value| value.number()).collect()
    }
}

impl<T: Number, const N: usize> Values for [T; N] {
    fn values(&self) -> Vec<f64> {
        self.as_slice().values()
    }
}

impl<T: Number> Values for Vec<T> {
    fn values(&self) -> Vec<f64> {
        self.as_slice().values()
    }
}

impl<T: Number> Values for Range<T>
where
    Range<T>: Iterator<Item = T>,
{
    fn values(&self) -> Vec<f64> {
        self.clone().map(Number::number).collect()
    }
}

impl<T: Number> Values for RangeInclusive<T>
where
    RangeInclusive<T>: Iterator<Item = T>,
{
    fn values(&self) -> Vec<f64> {
        self.clone().map(Number::number).collect()
    }
}

impl<T: Number, S: Data + RawData<Elem = T>> Values for ArrayBase<S, Ix1> {
    fn values(&self) -> Vec<f64> {
        self.iter().map(|value| value.number()).collect()
    }
}

impl<T: Values + ?Sized> Values for &T {
    fn values(&self) -> Vec<f64> {
        (**self).values()
    }
}
