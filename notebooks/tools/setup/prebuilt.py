"""Builds the crates of `prebuilt.toml` once, into one shared library, and lets rustdoc describe them on the way.

What cells are linked against is a light copy of the library, without its symbols: the linker would read all of them for every
cell. The loader finds them in the library itself.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tools import lab

LIST = lab.TOOLS / "setup" / "prebuilt.toml"
LOCK = LIST.with_suffix(".lock")
DESCRIBE = lab.TOOLS / "setup" / "signatures" / "describe.py"
CRATE = lab.LAB / "prebuilt"
LOADED, LINKED = CRATE / "loaded", CRATE / "linked"  # the library itself, and what cells are linked against
DESCRIBED = CRATE / "described"

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


@dataclass(frozen=True)
class Prebuilt:
    """A section of the list."""

    name: str
    version: str  # as Cargo.toml states it
    features: tuple[str, ...]
    default: bool
    behind: tuple[str, ...]


@cache
def listed() -> tuple[Prebuilt, ...]:
    """The list, with the versions and features that lab-core asks for."""
    used = workspace()
    crates = []
    for name, section in tomllib.loads(LIST.read_text(encoding="utf-8")).items():
        version, features = used.get(name, (section.get("version", "*"), []))
        every = tuple(sorted({*features, *section.get("features", [])}))
        crates.append(Prebuilt(name, version, every, section.get("default", False), tuple(section.get("behind", []))))
    return tuple(crates)


def workspace() -> dict[str, tuple[str, list[str]]]:
    """The locked version and the features of the crates that lab-core with its notebook feature uses directly."""
    metadata = cargo_metadata(lab.ROOT / "Cargo.toml", "--locked", "--features=lab-core/notebook")
    node = next(node for node in metadata["resolve"]["nodes"] if "lab-core" in node["id"])
    direct = {dependency["pkg"] for dependency in node["deps"]}
    return {name: (f"={version}", features) for number, (name, version, features) in resolved(metadata).items() if number in direct}


@cache
def cargo_metadata(manifest: Path, *options: str) -> dict[str, Any]:
    """What cargo knows of a workspace. The first time, it downloads every crate."""
    command = ["cargo", "metadata", "--format-version=1", "--manifest-path", str(manifest), *options]
    answer = lab.output_of(command, timeout=900)
    if answer is None:
        lab.stop("`cargo metadata` failed", f"run `{' '.join(command)}` to see why (a lock may be out of date)")
    return dict(json.loads(answer))


def resolved(metadata: dict[str, Any]) -> dict[str, tuple[str, str, list[str]]]:
    """Name, version and enabled features of each package, by cargo's id of it."""
    features = {node["id"]: node["features"] for node in metadata["resolve"]["nodes"]}
    return {p["id"]: (p["name"], p["version"], features[p["id"]]) for p in metadata["packages"] if p["id"] in features}


def enabled() -> dict[str, tuple[str, list[str]]]:
    """The version of each listed crate as it is built, and all features that it has then."""
    names = {crate.name for crate in listed()}
    packages = resolved(cargo_metadata(CRATE / "Cargo.toml")).values()
    return {name: (version, features) for name, version, features in packages if name in names}


@cache
def dependencies() -> dict[str, set[str]]:
    """What each listed crate depends on, at whatever distance, by name."""
    metadata = cargo_metadata(CRATE / "Cargo.toml")
    names = {package["id"]: package["name"] for package in metadata["packages"]}
    direct = {node["id"]: node["dependencies"] for node in metadata["resolve"]["nodes"]}
    found: dict[str, set[str]] = {}
    for number in direct[metadata["resolve"]["root"]]:
        reached, waiting = {number}, [number]
        while waiting:
            new = set(direct[waiting.pop()]) - reached
            reached |= new
            waiting += new
        found[names[number]] = {names[other] for other in reached}
    return found


def library_names() -> list[str]:
    """The crates in the library that are described, as Rust's source names them."""
    packages = dict.fromkeys(name for crate in listed() for name in (crate.name, *crate.behind))
    return [name.replace("-", "_") for name in packages]


def write_crate(profile: str) -> None:
    """Write the crate that holds them. It lies outside the kernels' folders, whose settings are not for it."""
    dependencies = [
        f'{crate.name} = {{ version = "{crate.version}", default-features = {json.dumps(crate.default)}, features = {json.dumps(crate.features)} }}'
        for crate in listed()
    ]
    versions = {package["name"]: package["version"] for package in tomllib.loads(LOCK.read_text(encoding="utf-8"))["package"]}
    behind = {name for crate in listed() for name in crate.behind}
    dependencies += [f'{name} = {{ version = "{versions.get(name, "*")}", default-features = false }}' for name in sorted(behind)]
    manifest = ["[package]", 'name = "prebuilt"', 'version = "0.0.0"', 'edition = "2024"', "", "[lib]", 'crate-type = ["dylib"]', "",
                "[workspace]", "", "[dependencies]", *dependencies, "", profile]  # fmt: skip
    lab.write_if_changed(CRATE / "Cargo.toml", "\n".join(manifest))
    anchor = "#[unsafe(no_mangle)]\npub static LAB_PREBUILT: u8 = 0;\n"
    lab.write_if_changed(CRATE / "src" / "lib.rs", "".join(f"pub extern crate {name};\n" for name in library_names()) + anchor)


def build(rustc: str, profile: str) -> None:
    """Build the shared library, when it is missing or what it is made of changed."""
    write_crate(profile)
    stamp = lab.Stamp("prebuilt", [rustc, *(CRATE / name for name in ("Cargo.toml", "src")), LOCK, DESCRIBE, Path(__file__)])
    if stamp.fresh() and LOADED.is_dir() and LINKED.is_dir() and DESCRIBED.is_dir():
        return
    shutil.copy(LOCK, CRATE / "Cargo.lock")
    DESCRIBED.mkdir(exist_ok=True)
    # The extra -Cmetadata sets these crates apart from the same ones in the kernel's own graph; by the path the library finds
    # Rust's own, also when nothing else has loaded that.
    env = {**os.environ, "RUSTFLAGS": "-Cprefer-dynamic -Cmetadata=prebuilt", "RUSTC_WRAPPER": str(DESCRIBE),
           "LAB_DESCRIBE": " ".join([str(DESCRIBED), *library_names()])}  # fmt: skip
    env.pop("CARGO_TARGET_DIR", None)
    title = f"{', '.join(crate.name for crate in listed())} as one shared library (340 crates, some minutes, at the same time)"
    lab.watch(title.capitalize(),
              ["cargo", "rustc", "--manifest-path", CRATE / "Cargo.toml", "--target", host(rustc), "--",
               "-Cstrip=symbols", f"-Clink-arg=-Wl,-rpath,{lab.output_of(['rustc', '--print', 'target-libdir'])}"], env=env)  # fmt: skip
    lab.write_if_changed(LOCK, (CRATE / "Cargo.lock").read_text(encoding="utf-8"))
    for folder in (LOADED, LINKED):
        folder.mkdir(exist_ok=True)
    built = deps_of(rustc) / ("libprebuilt.dylib" if sys.platform == "darwin" else "libprebuilt.so")
    library = built.replace(LOADED / built.name)  # where the compiler does not look for it
    if not (sys.platform == "linux" and light_copy(library, LINKED / library.name)):
        shutil.copy2(library, LINKED / library.name)
    prune()
    stamp.set()


def prune() -> None:
    """Delete what was compiled for the library and is in it now; the crates' metadata stays, which the compiler reads for cells."""
    for built in (CRATE / "target").rglob("*.rlib"):
        built.unlink()
    for folder in (CRATE / "target").rglob("incremental"):
        shutil.rmtree(folder)


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
