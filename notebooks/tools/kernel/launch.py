"""Starts one evcxr kernel in a temporary folder of its own, warm, and leaves nothing behind.

The kernelspecs run `python -m tools.kernel KIND CONNECTION_FILE`. A kernel's folder is a copy of the one that `make` warmed:
large files are hard links, so that the copy costs milliseconds and no disk; small ones, which cargo rewrites in place,
are real copies. An interrupt stops a running compilation first and keeps the variables; only when nothing is compiling
does it end the process that runs the cells.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
import types
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from tools import lab

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

EVCXR_PATH = lab.LAB / "kernels" / "evcxr_jupyter.txt"  # where the program is: written by set-up
LINK_ABOVE = 16 * 1024  # bytes: cargo rewrites only small files (fingerprints, dep-info) in place


def evcxr_path() -> Path | None:
    """The program that set-up found or built, or None before it has."""
    return Path(EVCXR_PATH.read_text(encoding="utf-8").strip()) if EVCXR_PATH.is_file() else None


def folder_of(kind: str) -> Path:
    """The folder of a kind of kernel: its cargo settings, the warm copy, and one folder per running kernel."""
    return lab.LAB / "kernels" / kind


def copy_warm(source: Path, target: Path) -> None:
    """Copy a warmed kernel folder, hard-linking what cargo and rustc only ever replace."""

    def copy(src: str, dst: str) -> None:
        if Path(src).stat().st_size > LINK_ABOVE:
            with contextlib.suppress(OSError):
                os.link(src, dst)
                return
        shutil.copy2(src, dst)

    shutil.copytree(source, target, copy_function=copy, ignore=shutil.ignore_patterns("incremental", ".lock"))


def sweep(kind: Path) -> None:
    """Remove the folders of kernels that were killed: nobody holds their lock any more."""
    for folder in kind.glob("run-*"):
        with contextlib.suppress(OSError), (folder / ".lock").open("a") as lock:
            if fcntl:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)


def children() -> dict[int, tuple[int, str]]:
    """Every process's parent and name, by its id."""
    found: dict[int, tuple[int, str]] = {}
    listing = lab.output_of(["ps", "-A", "-o", "pid=,ppid=,comm="]) or ""
    for line in listing.splitlines():
        pid, parent, name = line.split(None, 2)
        found[int(pid)] = (int(parent), Path(name).name)
    return found


def below(pid: int) -> Iterator[tuple[int, str]]:
    """The processes started by `pid`, directly or not, innermost last."""
    processes = children()
    layer = {pid}
    while layer:
        layer = {child for child, (parent, _) in processes.items() if parent in layer}
        yield from ((child, processes[child][1]) for child in layer)


def interrupt(kernel: int) -> None:
    """Stop what the kernel is doing: the compilation if there is one, else the running cell."""
    running = list(below(kernel))
    compiling = [pid for pid, name in running if name in {"cargo", "rustc", "mold"}]
    for pid in compiling or [pid for pid, _ in running]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def environment(kind: str, folder: Path) -> dict[str, str]:
    """What evcxr sees: its temporary folder, our settings instead of the user's, no writes outside the repo."""
    env = dict(os.environ)
    env.update(
        EVCXR_TMPDIR=str(folder),
        EVCXR_CONFIG_DIR=str(folder_of(kind)),
        JUPYTER_PATH=str(lab.LAB / "kernels" / "none"),  # or evcxr would refresh a kernelspec in the home
    )
    shared = lab.LAB / "prebuilt" / "loaded"  # the library of thin.py, for the cells
    if shared.is_dir():
        name = "DYLD_FALLBACK_LIBRARY_PATH" if sys.platform == "darwin" else "LD_LIBRARY_PATH"
        env[name] = os.pathsep.join(filter(None, [str(shared), env.get(name)]))
    for inherited in ("CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR", "CARGO_INCREMENTAL", "CARGO_ENCODED_RUSTFLAGS"):
        env.pop(inherited, None)
    return env


def run(kind: str, connection_file: str, folder: Path, lock: IO[str]) -> int:
    """Run evcxr until it ends; then end whatever it left running."""
    evcxr = evcxr_path()
    if evcxr is None:
        lab.stop("the kernel is not set up", "run `make` in the repository")
    if os.name == "nt":
        return subprocess.call([evcxr, "--control_file", connection_file], env=environment(kind, folder))

    if os.getpgrp() != os.getpid():
        os.setpgrp()
    # Ignored signals stay ignored in children: only this process answers an interrupt.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    kernel = subprocess.Popen(
        [evcxr, "--control_file", connection_file], env=environment(kind, folder), pass_fds=[lock.fileno()]
    )

    def on_interrupt(_number: int, _frame: types.FrameType | None) -> None:
        interrupt(kernel.pid)

    def on_end(_number: int, _frame: types.FrameType | None) -> None:
        kernel.terminate()

    signal.signal(signal.SIGINT, on_interrupt)
    signal.signal(signal.SIGTERM, on_end)
    signal.signal(signal.SIGHUP, on_end)
    parent = os.getppid()
    while True:
        try:
            code = kernel.wait(timeout=2)
            break
        except subprocess.TimeoutExpired:
            if os.getppid() != parent:  # who started this kernel was killed, and nobody is left to end it
                kernel.terminate()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.killpg(os.getpgrp(), signal.SIGTERM)  # a cargo that outlived its kernel
    return code


def locked(path: Path) -> IO[str]:
    """An open file that this process alone holds until it is closed, here and in every child that inherits it."""
    file = path.open("a")
    if fcntl:
        fcntl.flock(file, fcntl.LOCK_EX)
    return file


def main() -> int:
    """Make the kernel's folder, run it there, remove the folder."""
    kind, connection_file = sys.argv[1:3]
    home = folder_of(kind)
    warm = home / "warm"
    if len(sys.argv) > 3 and sys.argv[3] == "--warm":  # set-up: let the kernel build what others start from
        with locked(warm / ".lock") as lock:
            return run(kind, connection_file, warm, lock)
    folder = home / f"run-{os.getpid()}-{time.time_ns():x}"
    try:
        with locked(home / ".lock"):  # no other kernel sweeps this folder before it is locked
            sweep(home)
            copy_warm(warm, folder) if warm.is_dir() else folder.mkdir()
            if not (folder / "pinned.lock").is_file():  # never warmed: everything is compiled on first use
                shutil.copy(lab.ROOT / "Cargo.lock", folder / "pinned.lock")
            lock = locked(folder / ".lock")
        return run(kind, connection_file, folder, lock)
    finally:
        shutil.rmtree(folder, ignore_errors=True)

