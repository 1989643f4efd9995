//! How many threads the crate uses. No result depends on it.

use std::cell::Cell;

thread_local! {
    /// Set where an outer loop already keeps every core busy.
    static BUSY: Cell<bool> = const { Cell::new(false) };
}

/// 1 inside [`alone`]; else `LAB_THREADS` where the environment sets it to a number above 0; else the cores available.
pub(crate) fn count() -> usize {
    if BUSY.get() {
        return 1;
    }
    let set = std::env::var("LAB_THREADS").ok().and_then(|value| value.parse().ok()).filter(|&n| n > 0);
    set.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get))
}

/// Runs `work` on this thread only: what it calls sees a [`count`] of 1.
pub(crate) fn alone<T>(work: impl FnOnce() -> T) -> T {
    /// Restores the flag also where `work` panics.
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            BUSY.set(self.0);
        }
    }
    let _restore = Restore(BUSY.replace(true));
    work()
}
