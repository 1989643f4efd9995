//! What the WebAssembly module exports: two plain functions over its memory, and no import.

use std::cell::RefCell;
use std::ptr;

use super::protocol::respond;

/// The most bytes of a request, which is a few lines and at most one file of limited size.
const LARGEST: usize = 4 << 20;

thread_local! {
    static REQUEST: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static RESPONSE: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// A buffer for a request of so many bytes, valid until the next call; null above 4 MiB.
#[unsafe(no_mangle)]
extern "C" fn lab_reserve(bytes: usize) -> *mut u8 {
    if bytes > LARGEST {
        return ptr::null_mut();
    }
    REQUEST.with_borrow_mut(|request| {
        request.clear();
        request.resize(bytes, 0);
        request.as_mut_ptr()
    })
}

/// Answers the request that was written into the buffer. The answer begins with its length in four bytes,
/// little-endian.
#[unsafe(no_mangle)]
extern "C" fn lab_call(bytes: usize) -> *const u8 {
    let request = REQUEST.take();
    let text = request.get(..bytes).and_then(|text| std::str::from_utf8(text).ok());
    let answer = respond(text.unwrap_or_default());
    RESPONSE.with_borrow_mut(|response| {
        response.clear();
        response.extend(u32::try_from(answer.len()).unwrap_or(0).to_le_bytes());
        response.extend(answer.into_bytes());
        response.as_ptr()
    })
}
