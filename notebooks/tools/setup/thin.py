"""Keeps the kernel's crate graph small: thin crates in the place of the prebuilt ones.

What makes a plain kernel slow is the size of the graph behind `:dep lab-core`: its analyser reads the source of every crate
before the first cell, and every cell links every crate. So the kernel's cargo settings replace (`[patch.crates-io]`) the crates of
`prebuilt.toml` by thin ones of the same name and version. To the compiler a thin crate is all of the real one, re-exported from
the shared library that its build script points to; to the analyser, which runs no build scripts, it is a file of signatures.
lab-core itself is compiled from its source as ever.
"""

from __future__ import annotations

import json
from pathlib import Path

from tools import lab
from tools.setup import prebuilt
from tools.setup.signatures.crates import UnknownFormat
from tools.setup.signatures.modules import signatures

MANIFEST = """\
[package]
name = "{name}"
version = "{version}"
edition = "2024"
links = "lab-{name}"

[features]
{features}

[dependencies]
{dependencies}
"""

# The last line tells lab-core's build script what Polars has.
BUILD_SCRIPT = """\
fn main() {{
    println!("cargo::rerun-if-changed={linked}");
    println!("cargo::rustc-check-cfg=cfg(prebuilt)");
    println!("cargo::rustc-cfg=prebuilt");
    println!("cargo::rustc-link-search=all={linked}");
    println!("cargo::rustc-link-search=all={target}");
    println!("cargo::rustc-link-search=dependency={host}");
    println!("cargo::metadata=features={features}");
}}
"""

SOURCE = """\
#[cfg(prebuilt)]
extern crate prebuilt;
#[cfg(prebuilt)]
#[used]
static NEEDED: &u8 = &prebuilt::LAB_PREBUILT;
#[cfg(prebuilt)]
pub use prebuilt::{name}::*;
{behind}
#[cfg(not(prebuilt))]
include!("stub.rs");
"""


def thin_crates(folder: Path, rustc: str) -> str:
    """Write the thin crates; returns the cargo settings that put them in the place of the real ones."""
    deps, host_deps = prebuilt.deps_of(rustc), prebuilt.CRATE / "target" / "debug" / "deps"
    settings = ["", "[patch.crates-io]"]
    enabled = prebuilt.enabled()
    for listed in prebuilt.listed():
        version, features = enabled[listed.name]
        crate = folder / "thin" / listed.name
        others = [f'{name} = "={enabled[name][0]}"' for name in neighbours(listed)]
        named = sorted({"default", *features})
        files = {
            "Cargo.toml": MANIFEST.format(name=listed.name, version=version, dependencies="\n".join(others),
                                          features="\n".join(f"{feature} = []" for feature in named)),
            "build.rs": BUILD_SCRIPT.format(linked=prebuilt.LINKED, target=deps, host=host_deps, features=",".join(named)),
            "src/lib.rs": SOURCE.format(name=source_name(listed.name), behind="\n".join(
                f"#[cfg(prebuilt)]\n#[doc(hidden)]\npub use prebuilt::{name} as __{name};" for name in map(source_name, listed.behind))),
        }  # fmt: skip
        for name, text in files.items():
            lab.write_if_changed(crate / name, text)
        stub(listed, crate / "src" / "stub.rs")
        settings.append(f"{listed.name} = {{ path = {json.dumps(crate.as_posix())} }}")
    return "\n".join(settings) + "\n"


def source_name(package: str) -> str:
    """A package's name in Rust's source."""
    return package.replace("-", "_")


def neighbours(crate: prebuilt.Prebuilt) -> list[str]:
    """The other listed crates that this one depends on: its functions may have their types."""
    behind = prebuilt.dependencies()[crate.name]
    return [other.name for other in prebuilt.listed() if other.name != crate.name and other.name in behind]


def stub(crate: prebuilt.Prebuilt, path: Path) -> None:
    """Write a crate's signatures, unless they are there from the same descriptions."""
    described = [prebuilt.DESCRIBED / f"{source_name(name)}.json" for name in (crate.name, *crate.behind)]
    near = [prebuilt.DESCRIBED / f"{source_name(name)}.json" for name in neighbours(crate)]
    stamp = lab.Stamp(f"signatures-{crate.name}", [*described, *near, Path(__file__).parent / "signatures"])
    if stamp.fresh() and path.is_file():
        return
    try:
        text = signatures(described[0], described[1:], near)
    except (UnknownFormat, OSError) as problem:
        print(f"  {crate.name}: the kernel cannot tell its types, so variables of them need theirs written ({problem})")
        text = ""
    lab.write_if_changed(path, text)
    stamp.set()
