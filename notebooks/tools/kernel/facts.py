"""Facts about evcxr, cargo and rustc that they do not promise, and the cells that rest on them.

How evcxr writes a cell's variables and their store is in `cell_rustc.rs`, because the program needs it.
`tests/kernel/test_facts.py` has a test for each, which says what broke when a new version breaks it; those of refused variables
and of a second `:dep` are in `test_guides.py`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

# The crate that evcxr makes of a cell is called `ctx`. One codegen unit: splitting a cell saves nothing.
CELLS = "[profile.dev.package.ctx]\ncodegen-units = 1\n"

VERSION_MARK = b"/evcxr_jupyter-"  # the program has no `--version`: its panic messages name its sources, and so its version
# Files that rustc and cargo replace; others (fingerprints, lists of sources) they write in place, where a link would be followed.
REPLACED = re.compile(r".*\.(rlib|rmeta|so|dylib|dll|exe)|build[-_]script[-_]build(-\w+)?")

CELL_FILE = "src/lib.rs"  # where evcxr writes a cell before it compiles it, below the kernel's folder
PROGRAM = "evcxr_jupyter"  # the name of evcxr's process and of the one that it starts to run the cells
CELL_NAME = re.compile(r"\bcommand_\d+")  # what a cell is called in a compiler's message
PROCESS_ENDED = "Subprocess terminated with status: "  # how evcxr begins to say that the latter has ended

# How evcxr says that it cannot keep a variable, which it does before anything of the cell has run.
REFERENCE = "contains a reference with a non-static lifetime"
REFUSED_VARIABLE = re.compile(rf"The variable `(?P<name>\w+)` (?P<why>{REFERENCE}|is a closure)")
# What it says of a closure instead, where a variable's type has a lifetime that is left out, such as `AnyValue<'_>`.
ESCAPES = "borrowed data escapes outside of function"

# What the kernel's own macros tell the kernel stands in a line of its own or at the end of one, after this.
MARK = "\x01lab:"

# evcxr announces a panic, and an error that `?` returned, by one `println!` each, in code that it writes around the cell, and
# prints that error by `eprintln!("{}", error)`. Macros of the same names, defined first, put a mark beside the announcement and
# around the error. `print!` has a mark because evcxr passes whole lines on. The last line is for evcxr's first `?`: it takes the
# compiler's complaint about that for one about the display of the cell's value, and would show that value as plain text.
FIRST_CELL = r"""
std::panic::set_hook(Box::new(|panic| {
    let place = panic.location().map(|place| format!("{}:{}", place.file(), place.line())).unwrap_or_default();
    let message = panic.payload_as_str().unwrap_or("a panic without a message");
    std::eprintln!("\u{1}lab:panic {place}\n{message}\n\u{1}lab:end");
}));
#[allow(unused_macros)]
macro_rules! println {
    ("EVCXR_PANIC_NOTIFICATION") => { std::println!("\u{1}lab:panicked\nEVCXR_PANIC_NOTIFICATION") };
    ("{}", evcxr_internal_runtime::USER_ERROR_OCCURRED) => {
        std::println!("\u{1}lab:failed\n{}", evcxr_internal_runtime::USER_ERROR_OCCURRED)
    };
    ($($anything:tt)*) => { std::println!($($anything)*) };
}
#[allow(unused_macros)]
macro_rules! eprintln {
    (@lab [$($same:tt)*] $format:literal, error) => {{
        std::eprintln!("\u{1}lab:error");
        std::eprintln!($($same)*);
        std::eprintln!("\u{1}lab:end");
    }};
    (@lab [$($same:tt)*] $($anything:tt)*) => { std::eprintln!($($same)*) };
    ($($anything:tt)*) => { eprintln!(@lab [$($anything)*] $($anything)*) };
}
#[allow(unused_macros)]
macro_rules! print {
    ($($anything:tt)*) => { std::println!("{}\u{1}lab:more", std::format_args!($($anything)*)) };
}
#[allow(unused_macros)]
macro_rules! eprint {
    ($($anything:tt)*) => { std::eprintln!("{}\u{1}lab:more", std::format_args!($($anything)*)) };
}
Ok::<(), std::fmt::Error>(())?;
"""
LAB_CORE = ':dep lab-core = { path = "../lab-core", features = ["notebook"] }'
SET_UP = f"{LAB_CORE}\nuse lab_core::prelude::*;"  # as in each notebook
# What a spare has done before anybody asks for it, without the prelude; a variable that is moved away is gone.
WARM_CELLS = (LAB_CORE, "let flowers = lab_core::iris().scaled(lab_core::Scale::Centre)?;", "drop(flowers);")
# At each `:dep`, evcxr lets cargo look at that crate alone, which makes it forget the versions of all others.
SECOND_CELL = '!cp "$EVCXR_TMPDIR/pinned.lock" "$EVCXR_TMPDIR/Cargo.lock"'
# The analyser drops what it has parsed at each change of the code, and reads the implementations of all traits when it first needs
# a variable's type. So a variable in the cell that brings a crate lets it parse that crate once instead of twice (NOTES.md says
# what that saves). A variable that is moved away is not kept.
READ_AT_ONCE = 'let read_at_once = "".to_owned(); drop(read_at_once);'


# What a cell gets after its last `:dep`; without the first, lab-core would be compiled again, with newer crates.
AFTER_DEP = [READ_AT_ONCE] if os.name == "nt" else [SECOND_CELL, READ_AT_ONCE]


def after_dependencies(code: str, added: Sequence[str]) -> str:
    """A cell with further lines after its last `:dep`, if it has one."""
    lines = code.split("\n")
    last = max((number for number, line in enumerate(lines) if line.lstrip().startswith(":dep")), default=None)
    return code if last is None else "\n".join([*lines[: last + 1], *added, *lines[last + 1 :]])
