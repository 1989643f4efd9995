"""What comes from elsewhere: Rust's tools and library, Python's packages, the program evcxr_jupyter."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tools import lab
from tools.kernel import process

LIBRARY = lab.LAB / "library"  # what the kernels' analyser reads of the standard library


def check_tools() -> str:
    """Name what is missing or too old, with what to do; return the compiler's version."""
    if sys.version_info < lab.PYTHON_MIN:
        lab.stop(f"Python {sys.version.split()[0]} is too old: 3.11 or newer is needed",
                 "install a newer one and run `make PYTHON=python3.12` (or whatever it is called)")  # fmt: skip
    if subprocess.run([sys.executable, "-c", "import venv, ensurepip"], capture_output=True, check=False).returncode != 0:
        lab.stop("this Python cannot make virtual environments",
                 "install its venv module (Debian and Ubuntu: `apt install python3-venv`)")  # fmt: skip
    for tool in ("cargo", "rustc"):
        if lab.output_of([tool, "--version"]) is None:
            lab.stop(f"{tool} is not on the PATH, or does not run", "install Rust from https://rustup.rs, then open a new terminal")
    version = lab.output_of(["rustc", "-vV"]) or ""
    release = re.search(r"release: (\d+)\.(\d+)", version)
    if release is None or (int(release[1]), int(release[2])) < lab.RUSTC_MIN:
        lab.stop(f"{version.splitlines()[0]} is too old: 1.95 or newer is needed", "run `rustup update stable`")
    if not library_source().is_dir() and lab.output_of(["rustup", "component", "add", "rust-src"]) is None:
        lab.stop("the standard library's source is missing, without which the kernel cannot tell a variable's type",
                 "run `rustup component add rust-src` (or install your system's package of it, such as rust-src)")  # fmt: skip
    if os.name != "nt" and shutil.which("cc") is None:
        lab.stop("no C compiler (`cc`), which Rust needs as its linker",
                 "install one (Debian and Ubuntu: `apt install gcc`; macOS: `xcode-select --install`)")  # fmt: skip
    return version


def library_source() -> Path:
    """Where the standard library's source is, with rust-src."""
    given = os.environ.get("RUST_SRC_PATH")
    return Path(given or f"{lab.output_of(['rustc', '--print', 'sysroot'])}/lib/rustlib/src/rust/library")


def standard_library(rustc: str) -> None:
    """Copy the standard library's source for the kernels' analyser, but for what costs it most at each start of a kernel.

    That is the processors' intrinsics, whose types no notebook needs, and the examples that document numbers' methods: macros
    repeat them for each of the twelve integers.
    """
    source = library_source()
    stamp = lab.Stamp("library", [rustc, str(source), Path(__file__)])
    if stamp.fresh() and LIBRARY.is_dir():
        return
    shutil.rmtree(LIBRARY, ignore_errors=True)
    shutil.copytree(source, LIBRARY, ignore=shutil.ignore_patterns("stdarch"))
    lab.write_atomically(LIBRARY / "stdarch" / "crates" / "core_arch" / "src" / "mod.rs", "pub mod arch {}\n")
    for path in (LIBRARY / "core" / "src" / "num").rglob("*.rs"):
        lab.write_atomically(path, first_paragraphs(path.read_text(encoding="utf-8")))
    stamp.set()


def first_paragraphs(source: str) -> str:
    """Rust's source without what follows the first paragraph of each item's documentation."""
    kept, after = [], False
    for line in source.split("\n"):
        documents = line.lstrip().startswith(("///", "#[doc = "))
        after = documents and (after or line.strip() == "///")
        if not (documents and after):
            kept.append(line)
    return "\n".join(kept)


def python_packages() -> None:
    """The virtual environment, from the lock with hashes; in it, `tools` is found from every folder."""
    locked = lab.TOOLS / "setup" / "requirements.txt"
    stamp = lab.Stamp("python", [locked, sys.version, str(lab.VENV)])
    if not (stamp.fresh() and lab.PYTHON.exists()):
        new_environment(locked)
        stamp.set()
    (packages,) = lab.VENV.glob("Lib/site-packages" if os.name == "nt" else "lib/python*/site-packages")
    lab.write_if_changed(packages / "lab-tools.pth", f"{lab.NOTEBOOKS}\n")
    described = packages / "lab_tools-0.dist-info"  # papermill finds its translator by this
    lab.write_if_changed(described / "METADATA", "Metadata-Version: 2.1\nName: lab-tools\nVersion: 0\n")
    lab.write_if_changed(described / "entry_points.txt", "[papermill.engine]\nrust = tools.kernel.papermill:Engine\n")


def new_environment(locked: Path) -> None:
    """Make the virtual environment again and install into it what is locked."""
    shutil.rmtree(lab.VENV, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", lab.VENV], check=True)
    lab.watch("Python packages (110)",
              [lab.PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--require-hashes",
               "--only-binary=:all:", "-r", locked])  # fmt: skip


def evcxr() -> None:
    """The kernel's program: one of exactly our version on the PATH, or built here."""
    found = lab.find_evcxr()
    if found is None:
        # The parts of its analyser that a notebook never asks for, or not for long, need not be fast.
        unhurried = {"ra_ap_ide_assists": 0, "ra_ap_ide_diagnostics": 0, "ra_ap_ide_ssr": 0, "ra_ap_ide": 1, "ra_ap_ide_completion": 1}
        levels = [f"--config=profile.release.package.{crate}.opt-level={level}" for crate, level in unhurried.items()]
        lab.watch(f"evcxr_jupyter {lab.EVCXR_VERSION}, the Rust kernel (350 crates, the longest step: about eight minutes on two cores)",
                  ["cargo", "install", "evcxr_jupyter", "--version", f"={lab.EVCXR_VERSION}", "--locked", "--force",
                   "--root", lab.LAB / "evcxr", "--target-dir", lab.LAB / "evcxr" / "target", *levels],
                  env=dict(os.environ))  # fmt: skip
        shutil.rmtree(lab.LAB / "evcxr" / "target", ignore_errors=True)
        found = lab.find_evcxr()
        if found is None:
            lab.stop(f"the evcxr_jupyter just built is not {lab.EVCXR_VERSION}", "run `make clean` and try again")
    if process.evcxr_path() != found:
        lab.write_atomically(process.EVCXR_PATH, f"{found}\n")
