"""Facts about evcxr, cargo and rustc that they do not promise, and the cells that rest on them."""

from __future__ import annotations

# A cell is one unit: little is gained from compiling parts of it side by side, which then are optimised together once more.
CELLS = "[profile.dev.package.ctx]\ncodegen-units = 1\n"

# Each kernel's first cell: a panic says what happened, and where unless that is the cell itself; no backtrace.
FIRST_CELL = """\
std::panic::set_hook(Box::new(|panic| {
    let place = panic.location().filter(|place| place.file() != "src/lib.rs");
    let place = place.map(|place| format!(" ({place})")).unwrap_or_default();
    eprintln!("panicked: {}{place}", panic.payload_as_str().unwrap_or("without a message"));
}));
"""
# Its second: before any `:dep`, evcxr has made cargo forget the versions that it will need.
SECOND_CELL = '!cp "$EVCXR_TMPDIR/pinned.lock" "$EVCXR_TMPDIR/Cargo.lock"'
