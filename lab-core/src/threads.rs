//! How many threads the crate uses. No result depends on it.

use std::cell::Cell;
use std::sync::LazyLock;

/// Cached: the query is slow.
static CORES: LazyLock<usize> =
    LazyLock::new(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get));

thread_local! {
    /// Set where an outer loop already keeps every core busy.
    static BUSY: Cell<bool> = const { Cell::new(false) };
}

/// The number of threads to use: 1 inside [`alone`] and in WebAssembly; else `LAB_THREADS` where the environment sets
/// it to a number above 0; else the number of cores available.
pub(crate) fn count() -> usize {
    if inside() || cfg!(target_family = "wasm") {
        return 1;
    }
    #[cfg(test)]
    if let Some(threads) = tests::forced() {
        return threads;
    }
    let set = std::env::var("LAB_THREADS").ok().and_then(|value| value.parse().ok()).filter(|&n| n > 0);
    set.unwrap_or_else(|| *CORES)
}

/// Whether this code runs inside [`alone`]: as one task of an outer loop that uses all cores.
pub(crate) fn inside() -> bool {
    BUSY.get()
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

/// Runs every task, on as many threads as [`count`] allows; each thread takes the next task as soon as it is free.
pub(crate) fn each<F: FnOnce() + Send>(tasks: Vec<F>) {
    let threads = count().min(tasks.len());
    if threads <= 1 {
        return tasks.into_iter().for_each(|task| task());
    }
    let tasks = std::sync::Mutex::new(tasks.into_iter());
    let next = || tasks.lock().ok().and_then(|mut tasks| tasks.next());
    let work = || {
        alone(|| {
            while let Some(task) = next() {
                task();
            }
        });
    };
    #[cfg(test)]
    tests::note(threads - 1);
    std::thread::scope(|scope| {
        (1..threads).for_each(|_| drop(scope.spawn(work)));
        work();
    });
}

/// For the tests of the whole crate: a fixed number of threads, and how many were started.
#[cfg(test)]
pub(crate) mod tests {
    use std::cell::Cell;

    thread_local! {
        static FORCED: Cell<Option<usize>> = const { Cell::new(None) };
        static STARTED: Cell<usize> = const { Cell::new(0) };
    }

    pub(super) fn forced() -> Option<usize> {
        FORCED.get()
    }

    pub(super) fn note(started: usize) {
        STARTED.set(STARTED.get() + started);
    }

    /// Runs `work` with so many threads at its disposal; the result, and how many further threads it started.
    pub(crate) fn on<T>(threads: usize, work: impl FnOnce() -> T) -> (T, usize) {
        FORCED.set(Some(threads));
        STARTED.set(0);
        let result = work();
        FORCED.set(None);
        (result, STARTED.get())
    }
}
