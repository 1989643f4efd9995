"""Runs the notebooks whose inputs changed, in a kernel for each core but at most two, and writes their reports.

    python -m tools.report                      every notebook that is not up to date
    python -m tools.report lab2_report_b …      only these, by name or path
    python -m tools.report --all                every notebook
    python -m tools.report --plan               name those that would run; exit 1 if there are any

An executed notebook, `reports/NAME.ipynb`, is replaced only when all its cells succeeded.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tools import lab
from tools.report.plan import chosen, common_inputs, inputs_of, is_current, is_ours, versions
from tools.setup.module import MODULE

UNHURRIED = ":opt 0"  # cells that are not optimised are compiled in half the time
PAGE = [lab.TOOLS / "lab.py", lab.TOOLS / "report", MODULE]  # what an HTML page is made from, beside the executed notebook


@dataclass
class Failure(Exception):
    """The cell that stopped a notebook."""

    notebook: str
    cell: str
    message: str

    def __str__(self) -> str:
        return f"FAILED {self.notebook}, {self.cell}:\n" + "\n".join(f"    {line}" for line in self.message.splitlines())


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


@dataclass
class Runner:
    """Runs notebooks, several at once, and knows the kernels that run, to end them when it is stopped."""

    kernel: str
    reports: Path
    progress: Progress = field(default_factory=Progress)
    clients: set[Any] = field(default_factory=set)
    stopped: bool = False

    def run(self, notebook: Path, inputs: str) -> None:
        """Run one notebook by nbclient; write it when every cell succeeded."""
        import nbformat
        from nbclient import NotebookClient
        from nbclient.exceptions import CellExecutionError, DeadKernelError
        from nbconvert.filters import strip_ansi

        content: Any = nbformat.read(notebook, as_version=4)
        for cell in content.cells:
            cell.metadata.pop("lab", None)
        code = [at for at, cell in enumerate(content.cells) if cell.cell_type == "code" and cell.source.strip()]
        begun = {-1: time.monotonic()}  # of each cell by its place, and of the notebook

        def on_start(cell_index: int, **_: Any) -> None:
            begun[cell_index] = time.monotonic()
            if cell_index in code:
                self.progress.cell(notebook.stem, code.index(cell_index) + 1, len(code), begun[cell_index] - begun[-1])

        def on_executed(cell: Any, cell_index: int, **_: Any) -> None:
            cell.metadata["lab"] = {"seconds": round(time.monotonic() - begun[cell_index], 3)}

        def on_begin(**_: Any) -> None:
            if client.kc is not None and is_ours(notebook):
                client.kc.execute(UNHURRIED, silent=True, store_history=False)

        client = NotebookClient(
            content, kernel_name=self.kernel, timeout=None, startup_timeout=120, record_timing=False,
            resources={"metadata": {"path": str(notebook.resolve().parent)}},
            on_notebook_start=on_begin, on_cell_start=on_start, on_cell_executed=on_executed,
        )  # fmt: skip
        if self.stopped:
            return
        self.clients.add(client)
        try:
            client.execute()
        except (CellExecutionError, DeadKernelError) as error:
            at = max(begun)
            where = f"cell {code.index(at) + 1} of {len(code)} (id {content.cells[at].get('id', '?')})" if at in code else "at its start"
            raise Failure(notebook.name, where, strip_ansi(getattr(error, "traceback", str(error)))) from None
        finally:
            self.clients.discard(client)
        seconds = time.monotonic() - begun[-1]
        content.metadata["lab"] = {
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "seconds": round(seconds, 3),
            "versions": versions(),
            "inputs": inputs,
        }
        lab.write_atomically(self.reports / notebook.name, nbformat.writes(content) + "\n")
        times = sorted(content.cells[at].metadata.lab.seconds for at in code)
        median = f", median {times[len(times) // 2]:.2f} s a cell" if times else ""
        self.progress.line(notebook.stem, f"ran {notebook.stem}: {len(code)} cells in {seconds:.1f} s{median}")

    def run_all(self, stale: list[tuple[Path, str]], kernels: int) -> int:
        """Run notebooks in so many kernels side by side, the longest first; returns how many failed."""
        failed = 0
        with ThreadPoolExecutor(kernels) as pool:
            longest_first = sorted(stale, key=lambda item: item[0].stat().st_size, reverse=True)
            runs = {pool.submit(self.run, path, inputs): path for path, inputs in longest_first}
            try:
                for done in as_completed(runs):
                    try:
                        done.result()
                    except Failure as failure:
                        failed += 1
                        self.progress.line(runs[done].stem, str(failure))
            except BaseException:
                self.stop()
                raise
        return failed

    def stop(self) -> None:
        """End the kernels that run, and with them their notebooks."""
        self.stopped = True
        for client in list(self.clients):
            launcher = getattr(client.km, "provisioner", None)
            if launcher is not None and launcher.pid:
                os.kill(launcher.pid, signal.SIGTERM)


def export(reports: Iterable[Path], index: Path) -> int:
    """Write the pages that are missing or older than what they are made from; the index, too, where it lists others than there are."""
    made = max(path.stat().st_mtime for root in PAGE for path in (root.rglob("*") if root.is_dir() else [root]) if path.exists())
    old = []
    for notebook in reports:
        page = notebook.with_suffix(".html")
        if not notebook.is_file():
            continue
        if not page.is_file() or page.stat().st_mtime < max(made, notebook.stat().st_mtime):
            old.append(str(notebook))
    listed = set(re.findall(r'href="([^"/#]+)\.html"', index.read_text(encoding="utf-8"))) if index.is_file() else set()
    if not old and listed == {notebook.stem for notebook in index.parent.glob("*.ipynb")}:
        return 0
    return subprocess.call([str(lab.PYTHON), "-m", "tools.report.export", *old], env=lab.jupyter_env())


def main() -> int:
    """Decide what to run, run it, export it; the exit status says whether all succeeded."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notebooks", nargs="*")
    parser.add_argument("--all", action="store_true", help="run also what is up to date")
    parser.add_argument("--plan", action="store_true", help="only name what would run")
    parser.add_argument("--kernel", default="rust", help="the kernel to run them in (rust)")
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

    os.environ.update(lab.jupyter_env())
    failed = Runner(options.kernel, options.reports).run_all(stale, options.kernels) if stale else 0
    if not stale:
        print("every report is up to date")
    if options.no_export:
        exported = 0
    else:
        exported = export([options.reports / path.name for path in notebooks], options.reports / "index.html")
    if failed:
        print(f"{failed} of {len(stale)} notebooks failed; their earlier reports are unchanged", file=sys.stderr)
    return 1 if failed or exported else 0
