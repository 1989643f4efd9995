//! The request to stop a computation: a notebook's kernel makes it, and long loops check for it.

use std::path::PathBuf;
use std::sync::OnceLock;

use crate::error::{Error, Result};

/// Returns an error once the running cell was asked to stop. All long loops of this crate check this, and a loop of
/// your own can, too.
///
/// The request is a file: the kernel "Rust (lab)" names it in the environment variable `LAB_INTERRUPT`, makes it when a
/// person interrupts a cell, and removes it when the cell has ended. Where the variable is not set, no request is
/// possible. A check takes about a microsecond.
///
/// # Errors
/// [`Error::Interrupted`] if the file is there.
///
/// ```
/// let mut sum = 0.0;
/// for n in 1..1_000_000_u32 {
///     sum += 1.0 / f64::from(n).powi(2);
///     if n % 1000 == 0 {
///         lab_core::check_interrupt()?;
///     }
/// }
/// assert!((sum - std::f64::consts::PI.powi(2) / 6.0).abs() < 1e-5);
/// # Ok::<(), lab_core::Error>(())
/// ```
pub fn check_interrupt() -> Result<()> {
    match request() {
        Some(request) if request.exists() => Err(Error::Interrupted),
        _ => Ok(()),
    }
}

/// The file whose existence is the request; `None` where no request is possible, outside the kernel "Rust (lab)".
pub(crate) fn request() -> Option<&'static PathBuf> {
    static REQUEST: OnceLock<Option<PathBuf>> = OnceLock::new();
    if cfg!(target_family = "wasm") {
        return None; // there is no environment
    }
    REQUEST.get_or_init(|| std::env::var_os("LAB_INTERRUPT").map(PathBuf::from)).as_ref()
}
