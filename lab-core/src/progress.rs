//! What long work says of itself in a notebook: whole lines, few of them, none when it is quick.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// How far a piece of work is. Any thread may tell.
pub(crate) struct Progress {
    what: &'static str,
    total: usize,
    start: Instant,
    /// The step at which to look at the clock again: a look costs as much as a small epoch.
    look: AtomicUsize,
    /// When the next line is due, in milliseconds after `start`.
    due: AtomicUsize,
}

impl Progress {
    /// `total` steps, of which `what` is the plural noun.
    pub(crate) fn of(total: usize, what: &'static str) -> Self {
        Self { what, total, start: Instant::now(), look: AtomicUsize::new(1), due: AtomicUsize::new(1000) }
    }

    /// Notes that `done` steps are finished. Under the feature `notebook`, and unless an outer loop tells of itself, prints a
    /// line that is due.
    pub(crate) fn reached(&self, done: usize) {
        if !cfg!(feature = "notebook") || done < self.look.load(Ordering::Relaxed) {
            return;
        }
        let elapsed = usize::try_from(self.start.elapsed().as_millis()).unwrap_or(usize::MAX);
        let tenth = done.saturating_mul(100) / elapsed.max(1); // steps in a tenth of a second
        self.look.store(done.saturating_add(tenth.clamp(1, done.max(1))), Ordering::Relaxed);
        if !crate::threads::inside()
            && let Some(line) = self.line(done, elapsed)
        {
            eprintln!("{line}");
        }
    }

    /// The line after `done` steps and so many milliseconds: the first after a second, each further one after as long
    /// again but at most ten seconds, none for the last step.
    fn line(&self, done: usize, elapsed: usize) -> Option<String> {
        let due = self.due.load(Ordering::Relaxed);
        if elapsed < due || done >= self.total {
            return None;
        }
        let next = elapsed + elapsed.min(10_000);
        self.due.compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed).ok()?; // one thread says it
        let seconds = elapsed as f64 / 1000.0;
        let left = seconds * (self.total - done) as f64 / done as f64;
        let Self { what, total, .. } = self;
        Some(format!("{done} of {total} {what} after {seconds:.0} s, about {left:.0} s left"))
    }
}

#[cfg(test)]
mod tests {
    use super::Progress;

    #[test]
    fn quick_work_says_nothing_and_long_work_little() {
        let progress = Progress::of(100_000, "seeds");
        assert_eq!(progress.line(900, 999), None);
        let first = progress.line(1000, 1000);
        assert_eq!(first.as_deref(), Some("1000 of 100000 seeds after 1 s, about 99 s left"));
        let lines = (1001..=100_000).filter(|&done| progress.line(done, done).is_some()).count();
        assert_eq!(lines, 12, "2, 4, 8, 16 s, and every ten seconds from 26 s to 96 s");
    }

    #[test]
    fn the_end_is_no_progress() {
        assert_eq!(Progress::of(3, "seeds").line(3, 5000), None);
    }
}
