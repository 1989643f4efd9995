"""Runs one evcxr in a warm folder of its own, and leaves nothing behind.

    python -m tools.kernel.process FOLDER CONNECTION_FILE

The folder is `.lab/kernels/KIND/NAME`. It is made as a copy of `KIND/warm`, which `make` filled: compiled files are hard links,
so that the copy costs milliseconds and no disk; those that cargo rewrites in place are real copies. At the end it is
removed. (`warm` itself is used as it is, and stays: that is how it is filled.) When the process that started this one is
gone, everything ends.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import types
from pathlib import Path
from typing import IO

from tools import lab
from tools.kernel import facts

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

EVCXR_PATH = lab.LAB / "kernels" / "evcxr_jupyter.txt"  # where the program is: written by set-up
POLL = 1.0  # seconds between two looks at whether the starter is still there


def evcxr_path() -> Path | None:
    """The program that set-up found or built, or None before it has."""
    return Path(EVCXR_PATH.read_text(encoding="utf-8").strip()) if EVCXR_PATH.is_file() else None


def folder_of(kind: str) -> Path:
    """The folder of a kind of kernel: its cargo settings, the warm copy, and one folder per running kernel."""
    return lab.LAB / "kernels" / kind


def interrupt_flag(folder: Path) -> Path:
    """The file whose existence asks lab-core's loops, in the cells of that folder, to end."""
    return folder / "interrupt"


def copy_warm(source: Path, target: Path) -> None:
    """Copy a warmed kernel folder, hard-linking what cargo and rustc only ever replace."""

    def copy(src: str, dst: str) -> None:
        if facts.REPLACED.fullmatch(Path(src).name):
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


def environment(folder: Path) -> dict[str, str]:
    """What evcxr sees: its temporary folder, our settings instead of the user's, no writes outside the repo."""
    env = dict(os.environ)
    env.update(
        EVCXR_TMPDIR=str(folder),
        EVCXR_CONFIG_DIR=str(folder.parent),
        LAB_INTERRUPT=str(interrupt_flag(folder)),
        JUPYTER_PATH=str(lab.LAB / "kernels" / "none"),  # or evcxr would refresh a kernelspec in the home
    )
    shared = lab.LAB / "prebuilt" / "loaded"  # the prebuilt library, for the cells
    if shared.is_dir():
        name = "DYLD_FALLBACK_LIBRARY_PATH" if sys.platform == "darwin" else "LD_LIBRARY_PATH"
        env[name] = os.pathsep.join(filter(None, [str(shared), env.get(name)]))
    for inherited in ("CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR", "CARGO_INCREMENTAL", "CARGO_ENCODED_RUSTFLAGS"):
        env.pop(inherited, None)
    return env


def run(folder: Path, connection_file: str, lock: IO[str]) -> int:
    """Run evcxr until it ends, or its starter does; then end whatever it left running."""
    evcxr = evcxr_path()
    if evcxr is None:
        lab.stop("the kernel is not set up", "run `make` in the repository")
    command = [str(evcxr), "--control_file", connection_file]
    if os.name == "nt":
        return subprocess.call(command, env=environment(folder))

    if os.getpgrp() != os.getpid():
        os.setpgrp()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # stays ignored in children: the kernel stops them one by one
    parent = os.getppid()
    kernel = subprocess.Popen(command, env=environment(folder), pass_fds=[lock.fileno()])

    def on_end(_number: int, _frame: types.FrameType | None) -> None:
        kernel.terminate()

    signal.signal(signal.SIGTERM, on_end)
    signal.signal(signal.SIGHUP, on_end)
    while True:
        try:
            code = kernel.wait(timeout=POLL)
            break
        except subprocess.TimeoutExpired:
            if os.getppid() != parent:
                kernel.terminate()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.killpg(os.getpgrp(), signal.SIGTERM)  # the cells' process, a compiler: what outlived evcxr
    return code


def locked(path: Path) -> IO[str]:
    """An open file that this process alone holds until it is closed, here and in every child that inherits it."""
    file = path.open("a")
    if fcntl:
        fcntl.flock(file, fcntl.LOCK_EX)
    return file


def main() -> int:
    """Make the folder, run evcxr there, remove the folder."""
    folder, connection_file = Path(sys.argv[1]), sys.argv[2]
    home, warm = folder.parent, folder.parent / "warm"
    try:
        if folder == warm:
            with locked(warm / ".lock") as lock:
                return run(folder, connection_file, lock)
        with locked(home / ".lock"):  # no other kernel sweeps this folder before it is locked
            sweep(home)
            copy_warm(warm, folder) if warm.is_dir() else folder.mkdir()
            if not (folder / "pinned.lock").is_file():  # never warmed: everything is compiled on first use
                shutil.copy(lab.ROOT / "Cargo.lock", folder / "pinned.lock")
            held = locked(folder / ".lock")
        return run(folder, connection_file, held)
    finally:
        Path(connection_file).unlink(missing_ok=True)
        if folder != warm:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
