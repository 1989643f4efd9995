"""What Jupyter and VS Code read of the kernels, the settings that each kernel starts with, and its warm build."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tomllib
from collections.abc import Iterable
from pathlib import Path

from tools import lab
from tools.kernel import process
from tools.kernel.facts import CELLS, FIRST_CELL, SECOND_CELL
from tools.setup import prebuilt, thin
from tools.setup.toolchain import LIBRARY

# The kernels by name, as notebooks state it, and as the menu shows it: the heavy crates prebuilt, or all from source. Both run all
# notebooks.
KERNELS = {"rust": "Rust (lab)", "rust-full": "Rust (lab, every crate from source: slower)"}
THIN = os.name != "nt"  # Windows cannot export as many symbols from one library


def profile() -> str:
    """The workspace's dev profile as cargo settings, without debug assertions. A cell's own level is evcxr's `:opt` (2).

    Not incremental: cells share little, an optimised lab-core gains nothing, and its loops run faster compiled whole.
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
    specs = lab.VENV / "share" / "jupyter" / "kernels"
    for former in specs.glob("rust*"):
        if former.name not in KERNELS:
            shutil.rmtree(former)
    for kind, title in KERNELS.items():
        spec = {
            "argv": [str(lab.PYTHON), "-P", "-m", "tools.kernel", kind, "{connection_file}"],
            "display_name": title,
            "language": "rust",
            "interrupt_mode": "message",
            "env": {"RUST_SRC_PATH": str(LIBRARY)},
        }
        files[specs / kind / "kernel.json"] = json.dumps(spec, indent=1) + "\n"
        folder = process.folder_of(kind)
        thin_crates = thin.thin_crates(folder, rustc) if THIN and kind == "rust" else ""
        files[folder / ".cargo" / "config.toml"] = profile() + CELLS + cells_compiler(rustc) + thin_crates
        files[folder / "evcxr.toml"] = "[evcxr]\n"
        files[folder / "init.evcxr"] = FIRST_CELL
        files[folder / "prelude.rs"] = "" if os.name == "nt" else SECOND_CELL
    for path, text in files.items():
        lab.write_if_changed(path, text)


def cells_compiler(rustc: str) -> str:
    """Build what cargo calls to compile cells; returns the cargo settings that say so."""
    if os.name == "nt":
        return ""
    program, store = (lab.TOOLS / "kernel" / name for name in ("cell_rustc.rs", "cell_store.rs"))
    built = lab.LAB / "kernels" / program.stem
    stamp = lab.Stamp(program.stem, [rustc, program, store])
    if not (stamp.fresh() and built.is_file()):
        for source, kind in ((program, "bin"), (store, "rlib")):
            subprocess.run(["rustc", "-O", "--edition=2024", f"--crate-type={kind}", f"--out-dir={built.parent}", source],
                           cwd=lab.ROOT, check=True)  # fmt: skip
        stamp.set()
    return f"\n[build]\nrustc-workspace-wrapper = {json.dumps(str(built))}\n"


def no_news() -> None:
    """Keep JupyterLab of this environment from asking the network for news and new versions when it starts."""
    quiet = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}
    lab.write_if_changed(lab.VENV / "share" / "jupyter" / "lab" / "settings" / "overrides.json", json.dumps(quiet, indent=1) + "\n")


def plain_nbconvert() -> None:
    """Make `jupyter nbconvert --to html` of this environment write our page, which keeps the charts."""
    source = lab.TOOLS / "report" / "jupyter_nbconvert_config.py"
    target = lab.VENV / "etc" / "jupyter" / source.name
    if not target.is_file() or target.read_bytes() != source.read_bytes():
        lab.write_atomically(target, source.read_text(encoding="utf-8"))


def warm(rustc: str, kinds: Iterable[str]) -> None:
    """Let each kernel build lab-core and its dependencies once, so that a start compiles nothing but cells."""
    sources = [lab.ROOT / name for name in ("Cargo.toml", "Cargo.lock", "lab-core", "data")] + [lab.TOOLS / "setup" / "warm.py"]
    # Cargo compares times of modification: a file that is written again with the same content is compiled again.
    used = [path for folder in (lab.ROOT / "lab-core", prebuilt.LINKED) for path in folder.rglob("*") if path.is_file()]
    written = max(path.stat().st_mtime_ns for path in used)
    for kind in kinds:
        folder = process.folder_of(kind)
        stamp = lab.Stamp(f"warm-{kind}", [rustc, str(process.evcxr_path()), str(lab.ROOT), str(written), *sources, folder / ".cargo", folder / "thin"])
        if stamp.fresh() and (folder / "warm" / "target").is_dir():
            continue
        (folder / "warm").mkdir(parents=True, exist_ok=True)
        shutil.copy(lab.ROOT / "Cargo.lock", folder / "warm" / "pinned.lock")
        lab.watch(f"{kind.capitalize()}: lab-core and what it needs, for the kernel of that name (a minute; `rust-full` some minutes)",
                  [lab.PYTHON, "-m", "tools.setup.warm", kind], env=lab.jupyter_env())  # fmt: skip
        stamp.set()
