"""Where everything lies, and the environment that keeps Jupyter out of the user's home."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import partial
from pathlib import Path
from typing import NoReturn

from tools.kernel.facts import VERSION_MARK

ROOT = Path(__file__).resolve().parents[2]
LAB = ROOT / ".lab"  # everything that `make` installs; `make clean` deletes it
TOOLS = ROOT / "notebooks" / "tools"
NOTEBOOKS = ROOT / "notebooks"
REPORTS = ROOT / "reports"
VENV = LAB / "venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")

EVCXR_VERSION = "0.22.0"
RUSTC_MIN = (1, 95)
PYTHON_MIN = (3, 11)


def jupyter_env() -> dict[str, str]:
    """The caller's environment with every folder that Jupyter writes to moved into `.lab`."""
    jupyter = LAB / "jupyter"
    moved = {
        "JUPYTER_CONFIG_DIR": jupyter / "config",
        "JUPYTER_DATA_DIR": jupyter / "data",
        "JUPYTER_RUNTIME_DIR": jupyter / "runtime",
        "IPYTHONDIR": jupyter / "ipython",
        "XDG_CACHE_HOME": jupyter / "cache",
    }
    env = dict(os.environ)
    env.update({name: str(path) for name, path in moved.items()})
    env.update(
        VIRTUAL_ENV=str(VENV),
        PATH=f"{BIN}{os.pathsep}{env.get('PATH', os.defpath)}",
        JUPYTER_PREFER_ENV_PATH="1",
        JUPYTER_PLATFORM_DIRS="0",
        PYTHONDONTWRITEBYTECODE="1",
    )
    return env


def digest(parts: Iterable[str | bytes | Path]) -> str:
    """SHA-256 over texts, files (name and content) and folders (recursively, in order of name)."""
    sha = hashlib.sha256()

    def add(data: bytes) -> None:
        sha.update(len(data).to_bytes(8, "little") + data)

    def add_path(path: Path) -> None:
        if path.is_dir():
            for child in sorted(path.iterdir()):
                if child.name not in {"__pycache__", ".ipynb_checkpoints", "target"}:
                    add_path(child)
        elif path.is_file():
            add(path.name.encode())
            add(path.read_bytes())

    for part in parts:
        if isinstance(part, Path):
            add_path(part)
        else:
            add(part.encode() if isinstance(part, str) else part)
    return sha.hexdigest()


def contents() -> list[str]:
    """The names of the project's own notebooks, in order; any other notebook is its owner's."""
    lines = (NOTEBOOKS / "contents.txt").read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def write_atomically(path: Path, text: str) -> None:
    """Write a file so that no reader ever sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def write_if_changed(path: Path, text: str) -> None:
    """Leave the file and its time alone when it is right already: cargo rebuilds by time."""
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        write_atomically(path, text)


def stop(problem: str, remedy: str) -> NoReturn:
    """End with what is wrong and what to do about it."""
    sys.exit(f"\nerror: {problem}\n       {remedy}")


def output_of(command: Sequence[str | Path], timeout: float = 60) -> str | None:
    """What a command prints, or None when it is missing, fails or takes longer (in seconds)."""
    try:
        done = subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=timeout, cwd=ROOT, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def evcxr_version(binary: Path) -> str | None:
    """The version of an evcxr_jupyter."""
    try:
        content = binary.read_bytes()
    except OSError:
        return None
    at = content.find(VERSION_MARK)
    return content[at + len(VERSION_MARK) :][:24].split(b"/")[0].decode("ascii", "replace") if at >= 0 else None


def find_evcxr() -> Path | None:
    """An evcxr_jupyter of exactly our version: the repo's own, else one on the PATH."""
    suffix = ".exe" if os.name == "nt" else ""
    own = LAB / "evcxr" / "bin" / f"evcxr_jupyter{suffix}"
    on_path = shutil.which("evcxr_jupyter")
    for candidate in [own, *([Path(on_path)] if on_path else [])]:
        if evcxr_version(candidate) == EVCXR_VERSION:
            return candidate
    return None


WATCHED: set[subprocess.Popen[str]] = set()  # the commands that `watch` runs just now


def watch(title: str, command: Sequence[str | Path], env: Mapping[str, str] | None = None) -> None:
    """Run a long command: one moving line on a terminal, a line every 20 s elsewhere, the rest in `.lab/logs`."""
    name = title.split(maxsplit=1)[0].strip(":,").lower()
    log = LAB / "logs" / f"{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    live = sys.stdout.isatty()
    start = told = time.monotonic()
    last: deque[str] = deque(maxlen=30)
    say = partial(print, flush=True)
    say(f"{title} ...")
    process = subprocess.Popen(
        [str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL, text=True, errors="replace", env=env, cwd=ROOT,
    )  # fmt: skip
    WATCHED.add(process)
    assert process.stdout is not None
    with log.open("w", encoding="utf-8") as record:
        for line in process.stdout:
            record.write(line)
            record.flush()
            last.append(line.rstrip())
            now = f"  {name}, {time.monotonic() - start:.0f} s: {line.strip()}"[: shutil.get_terminal_size().columns - 1]
            if live:
                say(f"\r\033[K{now}", end="")
            elif time.monotonic() - told > 20:
                told = time.monotonic()
                say(now)
    code = process.wait()
    WATCHED.discard(process)
    clear = "\r\033[K" if live else ""
    if code != 0:
        print(clear + "\n".join(last), file=sys.stderr)
        stop(f"{title} failed", f"the lines above say why; all of it is in {log.relative_to(ROOT)}")
    say(f"{clear}  {name}: done in {time.monotonic() - start:.0f} s")


def together(*steps: Callable[[], None]) -> None:
    """Do steps side by side; when one fails, stop what the others run and fail as it did."""
    with ThreadPoolExecutor(len(steps)) as pool:
        try:
            for done in as_completed([pool.submit(step) for step in steps]):
                done.result()
        except BaseException:
            for process in list(WATCHED):
                process.terminate()
            raise


class Stamp:
    """Remembers what a step was done from, so that it is done again only when that changes."""

    def __init__(self, name: str, parts: Iterable[str | bytes | Path]) -> None:
        self.path = LAB / "stamps" / f"{name}.json"
        self.key = digest(parts)

    def fresh(self) -> bool:
        """Whether the step was finished from the same inputs."""
        try:
            return bool(json.loads(self.path.read_text(encoding="utf-8"))["key"] == self.key)
        except (OSError, ValueError, KeyError):
            return False

    def set(self) -> None:
        """Note that the step is finished."""
        write_atomically(self.path, json.dumps({"key": self.key}) + "\n")
