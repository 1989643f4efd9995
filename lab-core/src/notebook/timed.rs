//! How long a sweep took.

use std::time::{Duration, Instant};

use crate::Result;

/// Does the work and says how long it took: `{took:.0?}` in a caption prints `412ms`.
///
/// ```
/// use lab_core::prelude::*;
///
/// let (squares, took) = timed(|| run_seeds(0..100, |seed| Ok(seed * seed)))?;
/// assert_eq!(squares[99], 9801);
/// assert!(format!("{took:.1?}").ends_with('s'));
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
/// That of the work.
pub fn timed<T>(work: impl FnOnce() -> Result<T>) -> Result<(T, Duration)> {
    let start = Instant::now();
    work().map(|value| (value, start.elapsed()))
}
