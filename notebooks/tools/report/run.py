"""Runs the notebooks whose inputs changed, in a kernel for each core but at most two, and writes their reports.

    python -m tools.report                      every notebook that is not up to date
    python -m tools.report lab2_report_b …      only these, by name or path
    python -m tools.report --all                every notebook
    python -m tools.report --plan               name those that would run; exit 1 if there are any

An executed notebook, `reports/NAME.ipynb`, is replaced only when all its cells succeeded. The kernel calls a panic and an
error from `?` a success; while a notebook runs here, both end the process that runs the cells, which the kernel reports.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools import lab
from tools.kernel.facts import SECOND_CELL

if TYPE_CHECKING:
    from tools.kernel.session import Answer, Session

INPUTS = [lab.ROOT / name for name in ("Cargo.toml", "Cargo.lock", "lab-core/Cargo.toml", "lab-core/src", "data")]
SELF = [lab.TOOLS / "lab.py", lab.TOOLS / "kernel", *(lab.TOOLS / "setup" / f"{name}.py" for name in ("kernelspecs", "thin")), Path(__file__)]
PAGE = [lab.TOOLS / "lab.py", lab.TOOLS / "report"]  # what an HTML page is made from, beside the executed notebook

# evcxr announces a panic, and an error that `?` returned, by one println! each, in code that it writes around the cell.
# A macro of the same name, defined first, turns these two announcements into the end of the process and passes on the rest.
STRICT = """\
macro_rules! println {
    ("EVCXR_PANIC_NOTIFICATION") => { std::process::exit(101) };
    ("{}", evcxr_internal_runtime::USER_ERROR_OCCURRED) => { std::process::exit(102) };
    ($($anything:tt)*) => { std::println!($($anything)*) };
}"""


@dataclass
class Failure:
    """The cell that stopped a notebook."""

    notebook: str
    cell: str
    message: str

    def __str__(self) -> str:
        return f"FAILED {self.notebook}, {self.cell}:\n" + "\n".join(f"    {line}" for line in self.message.splitlines())


def inputs_of(notebook: Path, common: str) -> str:
    """A fingerprint of all that decides a notebook's outputs: its cells, lab-core, the data, the versions."""
    content = json.loads(notebook.read_text(encoding="utf-8"))
    cells = [[cell["cell_type"], "".join(cell["source"])] for cell in content["cells"]]
    return lab.digest([json.dumps(cells), common])


def common_inputs() -> str:
    """The part of the fingerprint that all notebooks share."""
    return lab.digest([*INPUTS, *SELF, lab.output_of(["rustc", "-V"]) or "", lab.EVCXR_VERSION])


def is_current(report: Path, inputs: str) -> bool:
    """Whether the executed notebook was made from these inputs."""
    try:
        return bool(json.loads(report.read_text(encoding="utf-8"))["metadata"]["lab"]["inputs"] == inputs)
    except (OSError, ValueError, KeyError):
        return False


def versions() -> dict[str, str]:
    """What the report was made with."""
    manifest = (lab.ROOT / "Cargo.toml").read_text(encoding="utf-8")
    version = re.search(r'^version = "(.+?)"', manifest, re.MULTILINE)
    return {
        "lab-core": version[1] if version else "unknown",
        "rustc": (lab.output_of(["rustc", "-V"]) or "unknown").removeprefix("rustc ").split(" ")[0],
        "evcxr": lab.EVCXR_VERSION,
        "revision": lab.output_of(["git", "rev-parse", "--short", "HEAD"]) or "unknown",
    }


def reason(answer: Answer) -> str:
    """Why a cell failed: the compiler's words, or what it printed before it died, without the backtrace."""
    printed = answer.text("stderr").split("stack backtrace:")[0].strip()
    error = answer.error or ""
    return printed if printed and error.startswith("Subprocess terminated") else f"{error}\n{printed}".strip()


class Progress:
    """One moving line on a terminal, one line a notebook elsewhere."""

    def __init__(self) -> None:
        self.live = sys.stdout.isatty()
        self.running: dict[str, str] = {}

    def cell(self, name: str, number: int, total: int, seconds: float) -> None:
        """Say which cell runs."""
        self.running[name] = f"{name}: cell {number} of {total}, {seconds:.0f} s"
        if self.live:
            told = "; ".join(self.running.values())[: shutil.get_terminal_size().columns - 1]
            print(f"\r\033[K{told}", end="", flush=True)

    def line(self, name: str, text: str) -> None:
        """Say how a notebook ended."""
        self.running.pop(name, None)
        print(f"\r\033[K{text}" if self.live else text, flush=True)


def execute(session: Session, notebook: Path, report: Path, inputs: str, progress: Progress) -> Failure | None:
    """Run one notebook in the kernel; write it when every cell succeeded."""
    import nbformat

    content: Any = nbformat.read(notebook, as_version=4)
    code = [cell for cell in content.cells if cell.cell_type == "code" and cell.source.strip()]
    start = time.monotonic()
    session.run(":clear")
    session.run(STRICT)
    session.run(SECOND_CELL)  # cargo has just forgotten the versions of all that STRICT does not need
    for number, cell in enumerate(code, 1):
        progress.cell(notebook.stem, number, len(code), time.monotonic() - start)
        answer = session.run(cell.source)
        if 'class="lab-error"' in (answer.data("text/html") or ""):  # a displayed `Err`, or a chart that cannot be drawn
            answer.error = answer.data("text/plain")
        if answer.error is not None:
            return Failure(f"{notebook.name}", f"cell {number} of {len(code)} (id {cell.get('id', '?')})", reason(answer))
        cell.outputs = [nbformat.from_dict(output) for output in answer.outputs]
        cell.execution_count = number
        cell.metadata["lab"] = {"seconds": round(answer.seconds, 3)}
    seconds = time.monotonic() - start
    content.metadata["lab"] = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds, 3),
        "versions": versions(),
        "inputs": inputs,
    }
    lab.write_atomically(report, nbformat.writes(content) + "\n")
    times = sorted(cell.metadata.lab.seconds for cell in code)
    median = f", median {times[len(times) // 2]:.2f} s a cell" if times else ""
    progress.line(notebook.stem, f"ran {notebook.stem}: {len(code)} cells in {seconds:.1f} s{median}")
    return None


def export(reports: Iterable[Path], index: Path) -> int:
    """Write the HTML of the notebooks whose page is missing or older than what it is made from."""
    made = max(path.stat().st_mtime for root in PAGE for path in ([root] if root.is_file() else root.rglob("*")))
    old = []
    for notebook in reports:
        page = notebook.with_suffix(".html")
        if not notebook.is_file():
            continue
        if not page.is_file() or page.stat().st_mtime < max(made, notebook.stat().st_mtime):
            old.append(str(notebook))
    if not old and index.is_file():
        return 0
    return subprocess.call([str(lab.PYTHON), "-m", "tools.report.export", *old], env=lab.jupyter_env())


def run_all(stale: list[tuple[Path, str]], kernel: str, kernels: int, reports: Path) -> list[Failure]:
    """Run notebooks in so many kernels side by side, each taking the next when it is free, the longest first."""
    from tools.kernel.session import Session  # slow to import, and not needed when nothing runs

    waiting = deque(sorted(stale, key=lambda item: item[0].stat().st_size, reverse=True))
    failures: list[Failure] = []
    sessions: list[Session] = []
    progress = Progress()

    def work(number: int) -> None:
        with Session(kernel, log=lab.LAB / "logs" / f"run-{number}.log") as session:
            sessions.append(session)
            while True:
                try:
                    path, inputs = waiting.popleft()
                except IndexError:  # another kernel took the last one
                    return
                failure = execute(session, path, reports / path.name, inputs, progress)
                if failure is not None:
                    failures.append(failure)
                    progress.line(path.stem, str(failure))

    with ThreadPoolExecutor(kernels) as pool:
        try:
            for done in as_completed([pool.submit(work, number) for number in range(min(kernels, len(stale)))]):
                done.result()
        except BaseException:
            waiting.clear()
            for session in sessions:
                session.cancelled = True
            raise
    return failures


def chosen(names: list[str]) -> list[Path]:
    """The notebooks named, or all."""
    if not names:
        return sorted(lab.NOTEBOOKS.glob("*.ipynb"))
    paths = [Path(name) if name.endswith(".ipynb") else lab.NOTEBOOKS / f"{name}.ipynb" for name in names]
    for path in paths:
        if not path.is_file():
            lab.stop(f"there is no notebook {path}", "give a name as `ls notebooks/*.ipynb` shows it")
    return paths


def main() -> int:
    """Decide what to run, run it, export it; the exit status says whether all succeeded."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notebooks", nargs="*")
    parser.add_argument("--all", action="store_true", help="run also what is up to date")
    parser.add_argument("--plan", action="store_true", help="only name what would run")
    parser.add_argument("--kernel", default="rust-quick", help="the kernel to run them in (rust-quick)")
    parser.add_argument("--kernels", type=int, default=min(2, os.cpu_count() or 1), help="how many at once (one a core, at most 2)")
    parser.add_argument("--reports", type=Path, default=lab.REPORTS, help="the folder to write to")
    parser.add_argument("--no-export", action="store_true", help="write no HTML")
    options = parser.parse_args()
    notebooks = chosen(options.notebooks)
    common = common_inputs()
    plan = [(path, inputs_of(path, common)) for path in notebooks]
    stale = [(path, inputs) for path, inputs in plan if options.all or not is_current(options.reports / path.name, inputs)]
    if options.plan:
        print("\n".join(path.stem for path, _ in stale) or "every report is up to date")
        return 1 if stale else 0

    failures = run_all(stale, options.kernel, options.kernels, options.reports) if stale else []
    if not stale:
        print("every report is up to date")
    if options.no_export:
        exported = 0
    else:
        exported = export([options.reports / path.name for path in notebooks], options.reports / "index.html")
    if failures:
        print(f"{len(failures)} of {len(stale)} notebooks failed; their earlier reports are unchanged", file=sys.stderr)
    return 1 if failures or exported else 0

