//! Accuracy, the same experiment repeated over many seeds, and the five-number summary of its results.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crate::error::{Error, Result};
use crate::progress::Progress;

/// The share of predictions equal to the labels, 0 to 1.
///
/// # Errors
/// [`Error::Empty`] for no predictions, [`Error::Shape`] where the lengths differ.
///
/// ```
/// assert_eq!(lab_core::accuracy(&[0, 1, 2, 2], &[0, 1, 1, 2])?, 0.75);
/// # Ok::<(), lab_core::Error>(())
/// ```
pub fn accuracy(predicted: &[usize], actual: &[usize]) -> Result<f64> {
    if predicted.len() != actual.len() {
        return Err(Error::Shape {
            what: "the number of predictions".into(),
            expected: format!("{}, the number of labels", actual.len()),
            found: predicted.len().to_string(),
        });
    }
    if actual.is_empty() {
        return Err(Error::Empty { what: "predictions" });
    }
    let right = predicted.iter().zip(actual).filter(|(p, a)| p == a).count();
    Ok(right as f64 / actual.len() as f64)
}

/// Runs an experiment once for every seed, on all cores, and returns the results in seed order.
///
/// The outcome does not depend on the number of threads: each run sees only its seed, and the error of the smallest
/// failing seed is the one returned. `LAB_THREADS` in the environment limits the threads. In a notebook (feature
/// `notebook`), runs that take longer than a second report their progress on standard error.
///
/// # Errors
/// The first error in seed order; seeds above a failed one may be left out. [`Error::Interrupted`] where the running
/// cell was interrupted.
///
/// ```
/// use lab_core::{Random, Seed, run_seeds};
///
/// let first_draws = run_seeds(0..4, |seed| Ok(Random::new(Seed::Torch(seed)).uniform((1, 1))[[0, 0]]))?;
/// assert_eq!(first_draws.len(), 4);
/// assert_eq!(first_draws[0], f64::from(0.496_256_6_f32)); // torch.manual_seed(0); torch.rand(1)
/// # Ok::<(), lab_core::Error>(())
/// ```
pub fn run_seeds<T: Send>(seeds: Range<u64>, run: impl Fn(u64) -> Result<T> + Sync) -> Result<Vec<T>> {
    let count = seeds.end.saturating_sub(seeds.start);
    let threads = crate::threads::count().min(usize::try_from(count).unwrap_or(usize::MAX));
    let next = AtomicU64::new(seeds.start);
    let failed = AtomicU64::new(seeds.end); // the smallest seed that failed; the first seed stops all
    let progress = Progress::of(usize::try_from(count).unwrap_or(usize::MAX), "seeds");
    let done = AtomicUsize::new(0);
    let work = || {
        let (mut results, mut errors) = (Vec::new(), Vec::new());
        // A worker takes the next seed as soon as it is free: runs may differ in length.
        while let Ok(seed) = next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |seed| {
            (seed < failed.load(Ordering::Relaxed)).then(|| seed + 1)
        }) {
            let result = if threads > 1 { crate::threads::alone(|| run(seed)) } else { run(seed) };
            let mut fail = |seed, error| {
                failed.fetch_min(seed, Ordering::Relaxed);
                errors.push((seed, error));
            };
            match result {
                Ok(result) => results.push((seed, result)),
                Err(error) => fail(seed, error),
            }
            if let Err(stopped) = progress.reached(done.fetch_add(1, Ordering::Relaxed) + 1) {
                fail(seeds.start, stopped);
            }
        }
        (results, errors)
    };
    let shared = || {
        std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
            let (mut results, mut errors) = work();
            for other in others {
                match other.join() {
                    Ok((more, failures)) => {
                        results.extend(more);
                        errors.extend(failures);
                    }
                    Err(panic) => std::panic::resume_unwind(panic), // the caller's own closure panicked
                }
            }
            (results, errors)
        })
    };
    let (mut results, errors) = if threads > 1 { shared() } else { work() };
    if let Some((_, error)) = errors.into_iter().min_by_key(|&(seed, _)| seed) {
        return Err(error);
    }
    results.sort_unstable_by_key(|&(seed, _)| seed);
    Ok(results.into_iter().map(|(_, result)| result).collect())
}

/// Five-number summary and mean of a sample.
///
/// ```
/// let s = lab_core::Summary::of(&[4.0, 1.0, 3.0, 2.0]).unwrap();
/// assert_eq!((s.min, s.q1, s.median, s.q3, s.max, s.mean), (1.0, 1.75, 2.5, 3.25, 4.0, 2.5));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// Smallest value.
    pub min: f64,
    /// Lower quartile.
    pub q1: f64,
    /// Median.
    pub median: f64,
    /// Upper quartile.
    pub q3: f64,
    /// Largest value.
    pub max: f64,
    /// Arithmetic mean.
    pub mean: f64,
}

impl Summary {
    /// Summarises `values`; `None` for an empty sample and for one that holds NaN or infinity, which has no summary.
    ///
    /// The quantile q lies at position q (n - 1) of the sorted sample, counted from 0, interpolated linearly: type 7 of
    /// Hyndman and Fan (1996), "Sample quantiles in statistical packages", and the default of R and NumPy.
    ///
    /// ```
    /// use lab_core::Summary;
    ///
    /// assert_eq!(Summary::of(&[]), None);
    /// assert_eq!(Summary::of(&[1.0, f64::NAN]), None);
    /// assert_eq!(Summary::of(&[7.0]).map(|s| s.q1), Some(7.0));
    /// ```
    pub fn of(values: &[f64]) -> Option<Summary> {
        if values.is_empty() || values.iter().any(|value| !value.is_finite()) {
            return None;
        }
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        Some(Summary {
            min: sorted[0],
            q1: quantile(&sorted, 0.25),
            median: quantile(&sorted, 0.5),
            q3: quantile(&sorted, 0.75),
            max: sorted[sorted.len() - 1],
            mean: sorted.iter().sum::<f64>() / sorted.len() as f64,
        })
    }
}

/// The quantile q, 0 to 1, of a sample in ascending order that is not empty; see [`Summary::of`].
pub(crate) fn quantile(sorted: &[f64], q: f64) -> f64 {
    let last = sorted.len() - 1;
    let position = q * last as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 <= position <= last")]
    let below = (position as usize).min(last);
    let (low, high) = (sorted[below], sorted[(below + 1).min(last)]);
    let share = position - below as f64;
    if (high - low).is_finite() { low + (high - low) * share } else { low * (1.0 - share) + high * share }
}
