"""Keeps the kernel's crate graph small: Polars, plotly and faer are built once into one shared library.

What makes a plain kernel slow is the size of the graph behind `:dep lab-core`: its analyser reads the source of every crate
before the first cell, and every cell links every crate. So the kernel's cargo settings replace (`[patch.crates-io]`) the three
heavy crates by thin ones of the same name and version. To the compiler a thin crate is all of the real one, re-exported from
the shared library that its build script points to; to the analyser, which runs no build scripts, it is the short list of
signatures in `stubs/NAME.rs`. lab-core itself is compiled from its source as ever.

And what cells are linked against is a light copy of the shared library, without its symbols: the linker would read all of
them for every cell. The loader finds them in the library itself.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from tools import lab

HEAVY = ("polars", "plotly", "faer")
STUBS = lab.TOOLS / "setup" / "stubs"
CRATE = lab.LAB / "prebuilt"
LOADED, LINKED = CRATE / "loaded", CRATE / "linked"  # the library itself, and what cells are linked against

BUILD_SCRIPT = """\
fn main() {{
    println!("cargo::rerun-if-changed={linked}");
    println!("cargo::rustc-check-cfg=cfg(prebuilt)");
    println!("cargo::rustc-cfg=prebuilt");
    println!("cargo::rustc-link-search=all={linked}");
    println!("cargo::rustc-link-search=all={target}");
    println!("cargo::rustc-link-search=dependency={host}");
}}
"""

# The compiler's metadata of the library, and the one symbol that every cell asks for, lest the linker leave the library out.
LIGHT = """\
.section .rustc, "", @progbits
.incbin "{metadata}"
.section .rodata, "a", @progbits
.globl LAB_PREBUILT
.type LAB_PREBUILT, @object
.size LAB_PREBUILT, 1
LAB_PREBUILT: .byte 0
.section .note.GNU-stack, "", @progbits
"""


@cache
def packages() -> dict[str, tuple[str, list[str]]]:
    """The locked version and enabled features of each heavy crate, as lab-core with its notebook feature uses it."""
    command = ["cargo", "metadata", "--format-version=1", "--locked", "--features=lab-core/notebook"]
    answer = lab.output_of(command, timeout=900)  # the first time, it downloads every crate
    if answer is None:
        lab.stop("`cargo metadata` failed", "run `cargo metadata --locked` to see why (Cargo.lock may be out of date)")
    metadata: dict[str, Any] = json.loads(answer)
    features = {node["id"]: node["features"] for node in metadata["resolve"]["nodes"]}
    return {p["name"]: (p["version"], features.get(p["id"], [])) for p in metadata["packages"] if p["name"] in HEAVY}


def shared_library(profile: str) -> None:
    """Write the crate that holds the heavy ones. It lies outside the kernels' folders, whose settings are not for it."""
    dependencies = [
        f'{name} = {{ version = "={version}", default-features = false, features = {json.dumps(features)} }}'
        for name, (version, features) in packages().items()
    ]
    manifest = ["[package]", 'name = "prebuilt"', 'version = "0.0.0"', 'edition = "2024"', "", "[lib]", 'crate-type = ["dylib"]', "",
                "[workspace]", "", "[dependencies]", *dependencies, "", profile]  # fmt: skip
    lab.write_if_changed(CRATE / "Cargo.toml", "\n".join(manifest))
    anchor = "#[unsafe(no_mangle)]\npub static LAB_PREBUILT: u8 = 0;\n"
    lab.write_if_changed(CRATE / "src" / "lib.rs", "".join(f"pub extern crate {name};\n" for name in HEAVY) + anchor)
    shutil.copy(lab.ROOT / "Cargo.lock", CRATE / "Cargo.lock")


def build(rustc: str, profile: str) -> None:
    """Build the shared library, when it is missing or what it is made of changed."""
    shared_library(profile)
    stamp = lab.Stamp("prebuilt", [rustc, *(CRATE / name for name in ("Cargo.toml", "src")), lab.ROOT / "Cargo.lock", Path(__file__)])
    if stamp.fresh() and LOADED.is_dir() and LINKED.is_dir():
        return
    # The extra -Cmetadata sets these crates apart from the same ones in the kernel's own graph; by the path the library finds
    # Rust's own, also when nothing else has loaded that.
    env = {**os.environ, "RUSTFLAGS": "-Cprefer-dynamic -Cmetadata=prebuilt"}
    env.pop("CARGO_TARGET_DIR", None)
    lab.watch("Polars, plotly and faer as one shared library (160 crates, at the same time)",
              ["cargo", "rustc", "--manifest-path", CRATE / "Cargo.toml", "--target", host(rustc), "--",
               f"-Clink-arg=-Wl,-rpath,{lab.output_of(['rustc', '--print', 'target-libdir'])}"], env=env)  # fmt: skip
    for folder in (LOADED, LINKED):
        folder.mkdir(exist_ok=True)
    built = deps_of(rustc) / ("libprebuilt.dylib" if sys.platform == "darwin" else "libprebuilt.so")
    library = built.replace(LOADED / built.name)  # where the compiler does not look for it
    if not (sys.platform == "linux" and light_copy(library, LINKED / library.name)):
        shutil.copy2(library, LINKED / library.name)
    stamp.set()


def light_copy(library: Path, copy: Path) -> bool:
    """Make a library that links like another but has none of its symbols; False where the tools for it are missing."""
    with tempfile.TemporaryDirectory(dir=CRATE) as folder:
        metadata, source = Path(folder) / "metadata", Path(folder) / "light.s"
        source.write_text(LIGHT.format(metadata=metadata), encoding="utf-8")
        extract = ["objcopy", "-O", "binary", "--only-section=.rustc", "--set-section-flags=.rustc=alloc", library, metadata]
        assemble = ["cc", "-shared", "-nostdlib", f"-Wl,-soname,{library.name}", "-o", copy, source]
        return all(lab.output_of([str(word) for word in command]) is not None for command in (extract, assemble))


def host(rustc: str) -> str:
    """The platform that `rustc -vV` names."""
    return next(line.split(": ")[1] for line in rustc.splitlines() if line.startswith("host: "))


def deps_of(rustc: str) -> Path:
    """Where cargo leaves the shared library and the crates in it."""
    return CRATE / "target" / host(rustc) / "debug" / "deps"


def thin_crates(folder: Path, rustc: str) -> str:
    """Write the thin crates; returns the cargo settings that put them in the place of the real ones."""
    deps, host_deps = deps_of(rustc), CRATE / "target" / "debug" / "deps"
    settings = ["", "[patch.crates-io]"]
    for name, (version, features) in packages().items():
        crate = folder / "thin" / name
        listed = "\n".join(f"{feature} = []" for feature in sorted(features))
        lab.write_if_changed(crate / "Cargo.toml",
                         f'[package]\nname = "{name}"\nversion = "{version}"\nedition = "2024"\n\n[features]\n{listed}\n')  # fmt: skip
        lab.write_if_changed(crate / "build.rs", BUILD_SCRIPT.format(linked=LINKED, target=deps, host=host_deps))
        stub = STUBS / f"{name}.rs"
        signatures = stub.read_text(encoding="utf-8") if stub.is_file() else ""
        lab.write_if_changed(crate / "src" / "stub.rs", signatures)
        lab.write_if_changed(crate / "src" / "lib.rs",
                         "#[cfg(prebuilt)]\nextern crate prebuilt;\n"
                         "#[cfg(prebuilt)]\n#[used]\nstatic NEEDED: &u8 = &prebuilt::LAB_PREBUILT;\n"
                         f"#[cfg(prebuilt)]\npub use prebuilt::{name}::*;\n"
                         "#[cfg(not(prebuilt))]\ninclude!(\"stub.rs\");\n")  # fmt: skip
        settings.append(f"{name} = {{ path = {json.dumps(crate.as_posix())} }}")
    return "\n".join(settings) + "\n"
