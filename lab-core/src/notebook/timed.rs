//! How long a sweep took.

use std::time::Instant;

use crate::error::Result;

/// Does the work and says how many seconds it took, for a caption: `{took:.2} s`.
///
/// ```
/// use lab_core::prelude::*;
///
/// let (squares, took) = timed(|| run_seeds(0..100, |seed| Ok(seed * seed)))?;
/// assert_eq!(squares[99], 9801);
/// assert!(took >= 0.0);
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
/// That of the work.
pub fn timed<T>(work: impl FnOnce() -> Result<T>) -> Result<(T, f64)> {
    let start = Instant::now();
    work().map(|value| (value, start.elapsed().as_secs_f64()))
}
