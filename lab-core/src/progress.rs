//! Reports the progress of runs that take longer than a second, and ends runs that were asked to stop.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use crate::error::Result;
use crate::interrupt;

/// Milliseconds between two looks at the clock, as estimated from the speed so far.
const LOOK_EVERY: usize = 20;

/// The progress of a piece of work, to which any thread may report.
pub(crate) struct Progress {
    what: &'static str,
    total: usize,
    /// `None` where there is no clock: in WebAssembly, where nobody can interrupt either.
    start: Option<Instant>,
    /// The step at which to look at the clock again: a look costs as much as a small epoch.
    look: AtomicUsize,
    /// When the next line is due, in milliseconds after `start`.
    due: AtomicUsize,
}

impl Progress {
    /// `total` steps, of which `what` is the plural noun.
    pub(crate) fn of(total: usize, what: &'static str) -> Self {
        let start = (!cfg!(target_family = "wasm")).then(Instant::now);
        Self { what, total, start, look: AtomicUsize::new(1), due: AtomicUsize::new(1000) }
    }

    /// Notes that `done` steps are finished; an error once the work was asked to stop. Under the feature `notebook`,
    /// and unless an outer loop reports its own progress, prints a line that is due. The line begins with a carriage
    /// return: the kernel "Rust (lab)" shows such lines in one place, each instead of the one before, and removes the
    /// last.
    pub(crate) fn reached(&self, done: usize) -> Result<()> {
        if done < self.look.load(Ordering::Relaxed) {
            return Ok(());
        }
        let Some(start) = self.start else { return Ok(()) };
        let elapsed = usize::try_from(start.elapsed().as_millis()).unwrap_or(usize::MAX);
        let steps = done.saturating_mul(LOOK_EVERY) / elapsed.max(1);
        self.look.store(done.saturating_add(steps.clamp(1, done.max(1))), Ordering::Relaxed);
        if elapsed < LOOK_EVERY {
            return Ok(());
        }
        // In the kernel each line replaces the one before; elsewhere all lines stay, so that they come ever more
        // rarely.
        let pause = if interrupt::request().is_some() { 1000 } else { elapsed.min(10_000) };
        if cfg!(feature = "notebook")
            && !crate::threads::inside()
            && let Some(line) = self.line(done, elapsed, pause)
        {
            eprintln!("\r{line}");
        }
        interrupt::check_interrupt()
    }

    /// The line after `done` steps and so many milliseconds: the first after a second, the next after a `pause`, none for the
    /// last step.
    fn line(&self, done: usize, elapsed: usize, pause: usize) -> Option<String> {
        let due = self.due.load(Ordering::Relaxed);
        if elapsed < due || done >= self.total {
            return None;
        }
        self.due.compare_exchange(due, elapsed + pause, Ordering::Relaxed, Ordering::Relaxed).ok()?; // one thread says it
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
        assert_eq!(progress.line(900, 999, 1000), None);
        let first = progress.line(1000, 1000, 1000);
        assert_eq!(first.as_deref(), Some("1000 of 100000 seeds after 1 s, about 99 s left"));
        let lines =
            (1001..=100_000).filter(|&done| progress.line(done, done, done.min(10_000)).is_some()).count();
        assert_eq!(lines, 12, "2, 4, 8, 16 s, and every ten seconds from 26 s to 96 s");
    }

    #[test]
    fn the_end_is_no_progress() {
        assert_eq!(Progress::of(3, "seeds").line(3, 5000, 1000), None);
    }
}
