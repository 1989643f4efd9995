//! Refuses work that cannot fit into memory, before anything is allocated: a failed allocation would end the process, and a
//! notebook's variables with it.

use crate::error::{Error, Result};

/// Up to so many bytes the system is not asked: the query takes longer than small work.
const SMALL: u128 = 1 << 26;

/// Refuses to begin where `numbers` times 8 bytes are more than is available.
pub(crate) fn check_room(what: impl Into<String>, numbers: u128) -> Result<()> {
    let bytes = numbers.saturating_mul(8);
    if bytes <= SMALL {
        return Ok(());
    }
    let available = available();
    if bytes <= u128::from(available) && reservable(bytes) {
        return Ok(());
    }
    Err(Error::Memory { what: what.into(), bytes, available })
}

/// Whether the system would hand out so many bytes; none of them is touched.
fn reservable(bytes: u128) -> bool {
    usize::try_from(bytes).is_ok_and(|bytes| Vec::<u8>::new().try_reserve_exact(bytes).is_ok())
}

/// Bytes that are free or can be freed, as Linux counts them, within the control group's limit; elsewhere unknown and taken
/// as unlimited, so that only [`reservable`] decides.
fn available() -> u64 {
    if cfg!(target_family = "wasm") {
        return u64::MAX; // there are no files to ask
    }
    let read = |path: &str| std::fs::read_to_string(path).ok();
    let number = |text: String| text.trim().parse::<u64>().ok();
    let free = read("/proc/meminfo").and_then(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
        Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
    });
    let limit = read("/sys/fs/cgroup/memory.max").and_then(number);
    let used = read("/sys/fs/cgroup/memory.current").and_then(number);
    let within = limit.zip(used).map(|(limit, used)| limit.saturating_sub(used));
    free.unwrap_or(u64::MAX).min(within.unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_fit_is_refused_with_its_bytes() {
        assert_eq!(check_room("a little", 1000), Ok(()));
        let Err(Error::Memory { bytes, available, .. }) = check_room("too much", 1 << 50) else {
            panic!("2^53 bytes must not fit")
        };
        assert!(bytes == 1 << 53 && available > 0);
        assert!(check_room("more than can be counted", u128::MAX).is_err());
    }
}
