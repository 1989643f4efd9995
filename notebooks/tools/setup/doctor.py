"""Says what is installed, which versions, what is missing and how to mend it. Installs nothing."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tools import lab

GIB = 1024**3
NEEDED_FREE = 3 * GIB  # evcxr's build folder and the kernel's warm build, with room to spare


class Finding(NamedTuple):
    """One line of the report; a remedy means that something is wrong, `blocking` that `make` would fail."""

    what: str
    found: str
    remedy: str = ""
    blocking: bool = False


def size(folder: Path) -> int:
    """Bytes on disk below a folder, each hard-linked file once."""
    seen: dict[int, int] = {}
    for root, _, names in os.walk(folder):
        for name in names:
            info = os.lstat(os.path.join(root, name))
            seen[info.st_ino] = info.st_blocks * 512 if hasattr(info, "st_blocks") else info.st_size
    return sum(seen.values())


def toolchain() -> Iterator[Finding]:
    """Rust, its standard library's sources, a linker, Python."""
    rustc = lab.output_of(["rustc", "-V"])
    version = re.match(r"rustc (\d+)\.(\d+)", rustc or "")
    if version is None:
        yield Finding("rustc", "missing", "install Rust from https://rustup.rs, then open a new terminal", True)
    elif (int(version[1]), int(version[2])) < lab.RUSTC_MIN:
        yield Finding("rustc", rustc or "", "1.95 or newer is needed: `rustup update stable`", True)
    else:
        yield Finding("rustc", rustc or "")
    cargo = lab.output_of(["cargo", "-V"])
    yield Finding("cargo", cargo or "missing", "" if cargo else "it comes with Rust: https://rustup.rs", not cargo)
    sources = Path(lab.output_of(["rustc", "--print", "sysroot"]) or "/nowhere") / "lib/rustlib/src/rust/library"
    given = os.environ.get("RUST_SRC_PATH")
    if sources.is_dir() or given:
        yield Finding("rust-src", given or "present (types and completion of the standard library)")
    else:
        yield Finding("rust-src", "missing: cells must state the types of their variables, completion knows no std",
                      "`rustup component add rust-src`, or your distribution's rust-src package")  # fmt: skip
    linker = shutil.which("cc")
    if os.name != "nt":
        yield Finding("linker", linker or "missing", "" if linker else "install gcc or clang (it provides `cc`)", not linker)
    python = sys.version.split()[0]
    old = sys.version_info < lab.PYTHON_MIN
    yield Finding("python", python, "3.11 or newer is needed: `make PYTHON=python3.12`" if old else "", old)


def kernel() -> Iterator[Finding]:
    """The virtual environment, evcxr, the kernelspecs, the warm builds."""
    if not lab.PYTHON.exists():
        yield Finding("packages", "not installed yet", "`make setup` installs them into .lab/venv")
    else:
        extension = lab.VENV / "share/jupyter/labextensions/jupyterlab-plotly/package.json"
        if extension.is_file():
            yield Finding("plotly in JupyterLab", f"extension {json.loads(extension.read_text())['version']}")
        else:
            yield Finding("plotly in JupyterLab", "its extension is missing: charts stay blank",
                          "delete .lab/venv and run `make setup`")  # fmt: skip
    found = lab.find_evcxr()
    other = shutil.which("evcxr_jupyter")
    if found:
        yield Finding("evcxr_jupyter", f"{lab.EVCXR_VERSION} ({found})")
    elif other:
        yield Finding("evcxr_jupyter", f"{lab.evcxr_version(Path(other)) or 'unknown version'} on the PATH, not {lab.EVCXR_VERSION}",
                      "`make setup` builds the right one into .lab/evcxr; yours stays as it is")  # fmt: skip
    else:
        yield Finding("evcxr_jupyter", "not built yet", "`make setup` builds it into .lab/evcxr")
    specs = sorted((lab.VENV / "share/jupyter/kernels").glob("rust*/kernel.json"))
    for path in specs:
        argv = json.loads(path.read_text(encoding="utf-8"))["argv"]
        moved = "" if Path(argv[0]).is_file() else "the repository has moved: run `make setup`"
        yield Finding(f"kernel {path.parent.name}", argv[0], moved)
        kind = argv[-2]
        if (lab.LAB / "kernels" / kind / "warm" / "target").is_dir():
            yield Finding("  warm build", "present")
        elif kind == "rust-full":
            yield Finding("  warm build", "none: the first cell compiles everything, unless `python -m tools.setup --full` did")
        else:
            yield Finding("  warm build", "missing: the first cell compiles everything", "`make setup`")


def disk() -> Iterator[Finding]:
    """What the lab takes, and what is left."""
    for name, folder in (("disk: .lab", lab.LAB), ("disk: target", lab.ROOT / "target"), ("disk: reports", lab.REPORTS)):
        if folder.is_dir():
            yield Finding(name, f"{size(folder) / GIB:.2f} GiB (`make clean` frees it)")
    free = shutil.disk_usage(lab.ROOT).free
    yield Finding("disk: free", f"{free / GIB:.1f} GiB", "3 GiB are needed for a first build" if free < NEEDED_FREE else "")


def main() -> int:
    """Print the findings; fail when something would stop `make`."""
    blocking = False
    for finding in (*toolchain(), *kernel(), *disk()):
        print(f"{'!' if finding.remedy else ' '} {finding.what:<21} {finding.found}")
        if finding.remedy:
            print(f"  {'':<21} -> {finding.remedy}")
        blocking |= finding.blocking
    return 1 if blocking else 0


if __name__ == "__main__":
    sys.exit(main())
