"""Builds `.lab/module/lab.wasm`, lab-core as pages run it: `python -m tools.setup.module`; again only when lab-core has changed.

It is the crate with the feature `live`, compiled to WebAssembly as a library of plain functions. Its standard library is compiled
from rust-src, which the kernel needs anyway: made for size and without the words of panics, it is a third smaller than rustup's.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tools import lab

TARGET = "wasm32-unknown-unknown"
MODULE = lab.LAB / "module" / "lab.wasm"
# A crate that could ask the system for randomness compiles without a way to do so: nothing here ever asks.
FLAGS = '--cfg getrandom_backend="custom" -C target-feature=+simd128 -Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none'
COMMAND = ["cargo", "rustc", "-p", "lab-core", "--lib", "--crate-type", "cdylib", "--profile", "module", "--locked",
           "--target", TARGET, "--no-default-features", "--features", "live",
           "-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"]  # fmt: skip


def main() -> None:
    """Build the module where something that it is made of has changed."""
    rustc = lab.output_of(["rustc", "-vV"]) or ""
    core = lab.ROOT / "lab-core"
    made_of = (lab.ROOT / "Cargo.toml", lab.ROOT / "Cargo.lock", core / "Cargo.toml", core / "src", core / "data", Path(__file__))
    parts: list[str | bytes | Path] = [rustc, *made_of]
    stamp = lab.Stamp("module", parts)
    if stamp.fresh() and MODULE.is_file():
        return
    env = dict(os.environ, RUSTFLAGS=FLAGS, RUSTC_BOOTSTRAP="1")  # which lets a stable cargo compile the standard library
    env.pop("CARGO_ENCODED_RUSTFLAGS", None)
    target = Path(env.get("CARGO_TARGET_DIR", lab.ROOT / "target"))
    lab.watch("module of the pages (lab-core as WebAssembly, about a minute)", COMMAND, env=env)
    MODULE.parent.mkdir(parents=True, exist_ok=True)
    draft = MODULE.with_suffix(".tmp")
    shutil.copyfile(target / TARGET / "module" / "lab_core.wasm", draft)
    draft.replace(MODULE)
    stamp.set()


if __name__ == "__main__":
    main()
