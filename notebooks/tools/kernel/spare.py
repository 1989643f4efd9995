"""A spare: an evcxr that was started, and has run the set-up, before anybody asked for a kernel.

    python -m tools.kernel.spare KIND OWNER

prepares one for the folder that it is started in, and keeps it until a kernel adopts it, until the process OWNER is
gone, or until it is of no more use: an hour has passed, lab-core or a setting has changed, or it has grown too large.
Then the spare is ended. A kernel which adopts it begins without variables and imports. What stays is that lab-core is a
dependency: so nothing changes when the first cell brings it, and the analyser reads nothing again.

`LAB_SPARE=0` turns spares off, `LAB_SPARE=1` on; without it they are made where a Jupyter server starts the kernels.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO

import psutil

from tools import lab
from tools.kernel import facts
from tools.kernel.evcxr import Ended, Evcxr
from tools.kernel.process import folder_of

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

LIFE = 3600.0  # seconds that a spare waits for a kernel
LARGEST = 2 << 30  # bytes of memory that a spare may hold, and that must be free before one is made
POLL = 2.0  # seconds between two looks at whether it is still wanted; less than LATER, or the next one would not be made
LATER = 4.0  # seconds without a cell before a kernel has a spare made

INPUTS = [lab.ROOT / name for name in ("Cargo.toml", "Cargo.lock", "lab-core/Cargo.toml", "lab-core/src", "data")]
# Cells see the environment; what Jupyter and the shell set for each process of their own does not matter to them.
OWN = re.compile(r"(JPY_|KERNEL_|JUPYTER|IPYTHON|PYDEVD|LAB_SPARE)|(_|SHLVL|PWD|OLDPWD|TERM|COLUMNS|LINES|PS1)$")


def wanted() -> bool:
    """Whether kernels started here have spares made."""
    chosen = os.environ.get("LAB_SPARE", "1" if "JPY_SESSION_NAME" in os.environ else "0")
    return chosen != "0" and fcntl is not None


def key_of(kind: str) -> str:
    """What must be the same for a spare to be adopted: folder, environment, settings, lab-core, data."""
    settings = [lab.LAB / "stamps" / f"warm-{kind}.json", folder_of(kind) / "evcxr.toml", folder_of(kind) / "init.evcxr"]
    environment = sorted(f"{name}={value}" for name, value in os.environ.items() if not OWN.match(name))
    return lab.digest([kind, str(Path.cwd()), *environment, *settings, *INPUTS])[:24]


async def adopt(kind: str) -> Evcxr | None:
    """The spare that is ready for this folder, if there is one; it is this process's from now on."""
    if os.environ.get("LAB_SPARE") == "0":
        return None
    ready = _place(kind) / f"{key_of(kind)}.ready"
    try:
        found = json.loads(ready.read_text(encoding="utf-8"))
        process = psutil.Process(found["process"])
        ready.rename(ready.with_suffix(f".{os.getpid()}"))  # succeeds for one process only; the keeper sees whose it is
    except (OSError, ValueError, psutil.Error):
        return None
    evcxr = Evcxr(kind, found["name"])
    await evcxr.connect(Path(found["connection"]), process)
    return evcxr


def prepare(kind: str, owner: int, cwd: Path | None = None, env: dict[str, str] | None = None) -> None:
    """Have a spare made, unless there is one, or memory is short."""
    if psutil.virtual_memory().available > LARGEST:
        command = [sys.executable, "-P", "-m", "tools.kernel.spare", kind, str(owner)]
        silent = subprocess.DEVNULL
        subprocess.Popen(command, cwd=cwd, env=env, stdin=silent, stdout=silent, stderr=silent, start_new_session=True)


def _place(kind: str) -> Path:
    return folder_of(kind) / "spares"


async def _warm(evcxr: Evcxr) -> None:
    """Run what every notebook runs first, and leave behind only that lab-core is known."""
    errors = False

    def take(message: dict[str, object]) -> None:
        nonlocal errors
        errors |= message["msg_type"] == "error"

    if Path("../lab-core/Cargo.toml").is_file():  # as in the notebooks' own folder
        for cell in facts.WARM_CELLS:
            await evcxr.run(cell, take)
    if errors:
        raise Ended


def _unhurried(evcxr: Evcxr, until: threading.Event) -> None:
    """Give compilers the lowest priority. evcxr keeps its own, which could not be raised again for the adopter."""
    while not until.wait(0.05):
        for process in evcxr.compilers():
            with contextlib.suppress(psutil.Error):
                process.nice(19)


def _held(path: Path) -> IO[str] | None:
    """A file that this process alone holds, or None while another one does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file


def _adopter(ready: Path) -> psutil.Process | None:
    """The process that has renamed the file."""
    for path in ready.parent.glob(f"{ready.stem}.[0-9]*"):
        path.unlink()
        with contextlib.suppress(psutil.Error):
            return psutil.Process(int(path.suffix[1:]))
    return None


def _memory(pid: int) -> int:
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        return sum(p.memory_info().rss for p in [process, *process.children(recursive=True)])
    return 0


def of_use(kind: str, key: str, pid: int, owner: psutil.Process, since: float) -> bool:
    """Whether a spare may still be adopted: its owner runs, it is neither too old nor too large, what it was made of is unchanged."""
    return owner.is_running() and time.monotonic() - since < LIFE and _memory(pid) < LARGEST and key_of(kind) == key


async def keep(kind: str, owner: psutil.Process) -> None:
    """Make a spare; keep it until a kernel has adopted it and ended, or until it is of no more use."""
    key = key_of(kind)
    lock = _held(_place(kind) / f"{key}.lock")
    if lock is None:
        return  # another keeper has one for the same key
    ready, made = _place(kind) / f"{key}.ready", threading.Event()
    evcxr = Evcxr(kind)
    try:
        threading.Thread(target=_unhurried, args=(evcxr, made), daemon=True).start()
        making = asyncio.create_task(_make(evcxr))
        while not making.done():
            await asyncio.wait([making], timeout=POLL)
            if not owner.is_running():
                making.cancel()
        await making
        made.set()
        pid = evcxr.release()
        told = {"name": evcxr.folder.name, "connection": str(evcxr.connection), "process": pid}
        lab.write_atomically(ready, json.dumps(told))
        since = time.monotonic()
        while ready.exists():
            if not (evcxr.alive() and of_use(kind, key, pid, owner, since)):
                with contextlib.suppress(FileNotFoundError):  # adopted meanwhile
                    ready.unlink()
                    return
            time.sleep(POLL)
        adopter = _adopter(ready)
        lock.close()  # from now on the next one may be made
        while adopter is not None and adopter.is_running() and adopter.status() != psutil.STATUS_ZOMBIE and evcxr.alive():
            time.sleep(POLL)
    except (Ended, asyncio.CancelledError, psutil.NoSuchProcess):
        pass
    finally:
        made.set()
        evcxr.end()


async def _make(evcxr: Evcxr) -> None:
    await evcxr.start()
    await _warm(evcxr)


if __name__ == "__main__":
    with contextlib.suppress(psutil.NoSuchProcess):
        asyncio.run(keep(sys.argv[1], psutil.Process(int(sys.argv[2]))))
