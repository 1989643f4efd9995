"""Sets up everything the notebooks need, in `.lab` only; run again, it does only what is missing.

Python packages from the locked list, evcxr_jupyter, the kernelspecs, the shared library of heavy crates (`thin.py`), and a
warm build of lab-core. With `--full` also that of the kernel `rust-full`, which builds every crate from source.
Needs nothing but Python's standard library, because it runs before anything is installed.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

import kernel
import lab
import thin

KINDS = ("rust", "rust-full")  # how the crates behind a cell are built: the heavy ones prebuilt, or all from source
# Name of the kernel, as notebooks state it -> its kind, the name shown in the menu, its environment. All run all notebooks.
KERNELS: dict[str, tuple[str, str, dict[str, str]]] = {
    "rust": ("rust", "Rust (lab)", {}),
    "rust-quick": ("rust", "Rust (lab, cells not optimised)", {"CARGO_PROFILE_DEV_OPT_LEVEL": "0"}),
    "rust-full": ("rust-full", "Rust (lab, every crate from source: slower)", {}),
}
LIBRARY = lab.LAB / "library"  # what the kernels' analyser reads of the standard library
THIN = os.name != "nt"  # Windows cannot export as many symbols from one library

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


def check_tools() -> str:
    """Name what is missing or too old, with what to do; return the compiler's version."""
    if sys.version_info < lab.PYTHON_MIN:
        lab.stop(f"Python {sys.version.split()[0]} is too old: 3.11 or newer is needed",
                 "install a newer one and run `make PYTHON=python3.12` (or whatever it is called)")  # fmt: skip
    if subprocess.run([sys.executable, "-c", "import venv, ensurepip"], capture_output=True).returncode != 0:
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
    """Copy the standard library's source for the kernels' analyser, but for the processors' intrinsics.

    They are read at each kernel's start, and are nothing that a notebook names the types of.
    """
    source = library_source()
    stamp = lab.Stamp("library", [rustc, str(source)])
    if stamp.fresh() and LIBRARY.is_dir():
        return
    shutil.rmtree(LIBRARY, ignore_errors=True)
    shutil.copytree(source, LIBRARY, ignore=shutil.ignore_patterns("stdarch"))
    lab.write_atomically(LIBRARY / "stdarch" / "crates" / "core_arch" / "src" / "mod.rs", "pub mod arch {}\n")
    stamp.set()


def python_packages() -> None:
    """The virtual environment, from the lock with hashes."""
    locked = lab.TOOLS / "requirements.txt"
    stamp = lab.Stamp("python", [locked, sys.version, str(lab.VENV)])
    if stamp.fresh() and lab.PYTHON.exists():
        return
    shutil.rmtree(lab.VENV, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", lab.VENV], check=True)
    lab.watch("Python packages (100)",
              [lab.PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--require-hashes",
               "--only-binary=:all:", "-r", locked])  # fmt: skip
    stamp.set()


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
    if kernel.evcxr_path() != found:
        lab.write_atomically(kernel.EVCXR_PATH, f"{found}\n")


def profile() -> str:
    """The workspace's dev profile as cargo settings, without debug assertions. A cell's own level is evcxr's `:opt` (2).

    Not incremental: little of a cell is left in the next, an optimised lab-core gains nothing, and its loops run faster whole.
    """
    manifest = tomllib.loads((lab.ROOT / "Cargo.toml").read_text(encoding="utf-8"))
    lines = ["[profile.dev]", "debug = false", "debug-assertions = false", "overflow-checks = false",
             "incremental = false", ""]  # fmt: skip
    packages = manifest.get("profile", {}).get("dev", {}).get("package", {})
    lines += ['[profile.dev.package."*"]', f"opt-level = {packages.get('*', {}).get('opt-level', 0)}"]
    for name, settings in packages.items():
        if name != "*" and "opt-level" in settings:
            lines += [f'[profile.dev.package."{name}"]', f"opt-level = {settings['opt-level']}"]
    return "\n".join(lines) + "\n"


def kernelspecs(rustc: str) -> None:
    """What Jupyter and VS Code read, in the virtual environment; and each kernel's settings."""
    files: dict[Path, str] = {}
    for name, (kind, title, environment) in KERNELS.items():
        spec = {
            "argv": [str(lab.PYTHON), str(lab.TOOLS / "kernel.py"), kind, "{connection_file}"],
            "display_name": title,
            "language": "rust",
            "interrupt_mode": "message" if os.name == "nt" else "signal",
            "env": {"RUST_SRC_PATH": str(LIBRARY), **environment},
        }
        files[lab.VENV / "share" / "jupyter" / "kernels" / name / "kernel.json"] = json.dumps(spec, indent=1) + "\n"
    for kind in KINDS:
        folder = kernel.folder_of(kind)
        files[folder / ".cargo" / "config.toml"] = profile() + CELLS + (thin.thin_crates(folder, rustc) if THIN and kind == "rust" else "")
        files[folder / "evcxr.toml"] = "[evcxr]\n"
        files[folder / "init.evcxr"] = FIRST_CELL
        files[folder / "prelude.rs"] = "" if os.name == "nt" else SECOND_CELL
    for path, text in files.items():
        thin.write_if_changed(path, text)


def plain_nbconvert() -> None:
    """`jupyter nbconvert --to html` of this environment keeps the charts, because it writes our page."""
    source = lab.TOOLS / "jupyter_nbconvert_config.py"
    target = lab.VENV / "etc" / "jupyter" / source.name
    if not target.is_file() or target.read_bytes() != source.read_bytes():
        lab.write_atomically(target, source.read_text(encoding="utf-8"))


def warm(rustc: str, kinds: Iterable[str]) -> None:
    """Let each kernel build lab-core and its dependencies once, so that a start compiles nothing but cells."""
    sources = [lab.ROOT / name for name in ("Cargo.toml", "Cargo.lock", "lab-core", "data")]
    # Cargo goes by times: a file that is written again, with the same content, is built again.
    used = [path for folder in (lab.ROOT / "lab-core", thin.LINKED) for path in folder.rglob("*") if path.is_file()]
    written = max(path.stat().st_mtime_ns for path in used)
    for kind in kinds:
        folder = kernel.folder_of(kind)
        stamp = lab.Stamp(f"warm-{kind}", [rustc, str(kernel.evcxr_path()), str(lab.ROOT), str(written), *sources, folder / ".cargo", folder / "thin"])
        if stamp.fresh() and (folder / "warm" / "target").is_dir():
            continue
        (folder / "warm").mkdir(parents=True, exist_ok=True)
        shutil.copy(lab.ROOT / "Cargo.lock", folder / "warm" / "pinned.lock")
        lab.watch(f"{kind.capitalize()}: lab-core and what it needs, for the kernel of that name (a minute; `rust-full` some minutes)",
                  [lab.PYTHON, lab.TOOLS / "warm.py", kind], env=lab.jupyter_env())  # fmt: skip
        stamp.set()


def main() -> None:
    """Do the steps; each says nothing when there is nothing to do. The long ones do not need each other."""
    rustc = check_tools()

    def prebuilt() -> None:
        if THIN:
            thin.build(rustc, profile())

    lab.together(evcxr, prebuilt, python_packages)
    standard_library(rustc)
    kernelspecs(rustc)
    plain_nbconvert()
    warm(rustc, KINDS if "--full" in sys.argv else ("rust",))


if __name__ == "__main__":
    main()
