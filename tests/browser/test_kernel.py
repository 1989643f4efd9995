"""The kernel as a person meets it in JupyterLab: Run All, progress, the interrupt button, Restart; and what leaves the machine."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from conftest import ROOT, jupyterlab

NAME = "kernel.ipynb"
MINUTE = 60_000  # milliseconds
NOT_RUN = re.compile(r"^\[\s*\]:$")
CELLS = {
    "set-up": f':dep lab-core = {{ path = "{ROOT / "lab-core"}", features = ["notebook"] }}\nuse lab_core::prelude::*;',
    "variables": "let x = iris().scaled(Scale::Centre)?.x;\nlet two: usize = 2;",
    "panics": "let v = vec![1, 2];\nlet third = v[two];",
    "after": 'println!("reached");',
    "shape": "x.dim()",
    "sweep": "let losses = run_seeds(0..100_000_000, |seed| {\n"
             "    let p = GdParams { epochs: 20, seed: Seed::Portable(seed), gradient: Gradient::Analytic, ..Default::default() };\n"
             "    Ok(gd_factorise(&x, &p)?.losses[20])\n})?;",
    "place": 'std::env::var("LAB_INTERRUPT")?',
}  # fmt: skip
# In every Python of the server and of its kernels: who looks up or connects to which address.
WATCH = """\
import os, sys
def note(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo"):
        address = arguments[1] if event == "socket.connect" else arguments[0]
        host = address[0] if isinstance(address, tuple) else address
        with open(os.environ["LAB_TEST_ADDRESSES"], "a") as file:
            file.write(f"{event} {host!r}\\n")
sys.addaudithook(note)
"""
HERE = re.compile(r"socket\.\w+ b?'?(127\.0\.0\.1|::1|localhost|/.*|0\.0\.0\.0|::|None|)'?$")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a notebook of these cells."""
    made = ROOT / "target" / "jupyterlab-kernel"
    shutil.rmtree(made, ignore_errors=True)
    (made / "watch").mkdir(parents=True)
    (made / "watch" / "sitecustomize.py").write_text(WATCH)
    (made / "addresses").write_text("")
    cells = [
        {"cell_type": "code", "id": name, "metadata": {}, "execution_count": None, "outputs": [], "source": source}
        for name, source in CELLS.items()
    ]
    spec = {"name": "rust", "display_name": "Rust (lab)", "language": "rust"}
    content = {"cells": cells, "metadata": {"kernelspec": spec}, "nbformat": 4, "nbformat_minor": 5}
    (made / NAME).write_text(json.dumps(content))
    yield made
    shutil.rmtree(made)


def started(folder: Path) -> set[int]:
    """The processes of JupyterLab on that folder, whoever started them: they have its environment."""
    mark, found = f"LAB_TEST_ADDRESSES={folder / 'addresses'}".encode(), set()
    for path in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if mark in path.read_bytes().split(b"\0"):
                found.add(int(path.parent.name))
    return found


def within(seconds: float, what: str, look: Callable[[], object]) -> object:
    """What `look` finds at last."""
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, f"{what}: not within {seconds} s"
        time.sleep(0.2)
    return found


class Notebook:
    """A notebook that is open in JupyterLab."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def cell(self, name: str) -> Locator:
        return self.page.locator(".jp-CodeCell").nth(list(CELLS).index(name))

    def prompt(self, name: str) -> Locator:
        return self.cell(name).locator(".jp-InputPrompt")

    def begin(self, name: str) -> None:
        """Run a cell by Shift-Enter."""
        self.cell(name).locator(".cm-content").click()
        self.page.keyboard.press("Shift+Enter")

    def run(self, name: str) -> str:
        """Run a cell to its end; what it shows."""
        before = self.prompt(name).inner_text()
        self.begin(name)
        expect(self.prompt(name)).to_have_text(re.compile(r"\[\d+\]"), timeout=2 * MINUTE)
        expect(self.prompt(name)).not_to_have_text(before, timeout=2 * MINUTE)
        return self.cell(name).locator(".jp-OutputArea").inner_text() if self.cell(name).locator(".jp-OutputArea-output").count() else ""

    def restart(self) -> None:
        self.page.get_by_role("menuitem", name="Kernel", exact=True).click()
        self.page.get_by_text("Restart Kernel…", exact=True).click()
        self.page.locator(".jp-Dialog .jp-mod-accept").click()


def test_a_kernel_in_jupyterlab(browser: Browser, folder: Path) -> None:
    watched = {"PYTHONPATH": f"{folder / 'watch'}{os.pathsep}{ROOT / 'notebooks'}", "LAB_TEST_ADDRESSES": str(folder / "addresses")}
    with jupyterlab(folder, **watched, CARGO_NET_OFFLINE="true") as (address, token, server):
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        requests: list[str] = []
        page.on("request", lambda request: requests.append(request.url))
        page.goto(f"{address}lab/tree/{NAME}?token={token}")
        expect(page.locator(".jp-CodeCell")).to_have_count(len(CELLS), timeout=MINUTE)
        expect(page.locator(".jp-NotebookPanel")).to_contain_text("Rust (lab)", timeout=MINUTE)
        notebook = Notebook(page)
        run_all_stops_at_the_panic(notebook)
        progress_is_one_line_and_the_button_stops_it(notebook)
        restart_takes_the_spare(notebook)
        page.screenshot(path=ROOT / "target" / "jupyterlab-kernel.png", full_page=True)
        page.close()
        own = (address, address.replace("http", "ws", 1), "data:", "blob:")
        assert [url for url in requests if not url.startswith(own)] == []

        assert len(started(folder)) >= 5, "the server, and a kernel in four processes"
        os.kill(server.pid, signal.SIGKILL)
        server.wait()
        within(60, "the end of all that JupyterLab had started", lambda: not started(folder))
    addresses = (folder / "addresses").read_text().splitlines()
    assert addresses, "nothing was watched"
    assert [line for line in addresses if not HERE.match(line)] == []


def run_all_stops_at_the_panic(notebook: Notebook) -> None:
    """The cells before it have run and those after it have not; variables answer."""
    notebook.cell("set-up").click()
    notebook.page.get_by_role("menuitem", name="Run", exact=True).click()
    notebook.page.get_by_text("Run All Cells", exact=True).click()
    error = notebook.cell("panics").locator('[data-mime-type="application/vnd.jupyter.stderr"]')
    expect(error).to_contain_text("index out of bounds: the len is 2 but the index is 2", timeout=3 * MINUTE)
    expect(error).to_contain_text("in line 2 of the cell: let third = v[two];")
    expect(notebook.prompt("after")).to_have_text(NOT_RUN, timeout=MINUTE)
    expect(notebook.prompt("sweep")).to_have_text(NOT_RUN)
    assert "(150, 4)" in notebook.run("shape")


def progress_is_one_line_and_the_button_stops_it(notebook: Notebook) -> None:
    """A sweep tells how far it is in one line that changes, and ends within a second; variables answer."""
    notebook.begin("sweep")
    output = notebook.cell("sweep").locator(".jp-OutputArea-output")
    expect(output).to_contain_text("seeds after", timeout=MINUTE)
    seen = set()
    for _ in range(30):
        text = output.inner_text().strip()
        assert "\n" not in text and output.count() == 1, text
        seen.add(text)
        if len(seen) > 2:
            break
        notebook.page.wait_for_timeout(200)
    assert len(seen) > 2, f"the line does not change: {seen}"
    begun = time.monotonic()
    notebook.page.locator('[data-command="notebook:interrupt-kernel"]').first.click()
    error = notebook.cell("sweep").locator('[data-mime-type="application/vnd.jupyter.stderr"]')
    expect(error).to_contain_text("All variables stay.", timeout=10_000)
    took = time.monotonic() - begun
    assert took < 1.0, f"the answer came after {took:.2f} s"
    assert "seeds after" not in notebook.cell("sweep").inner_text()
    assert "(150, 4)" in notebook.run("shape")


def restart_takes_the_spare(notebook: Notebook) -> None:
    """The kernel that answers after Restart was running before."""
    place = ROOT / ".lab" / "kernels" / "rust" / "spares"

    def spares() -> list[str]:
        return [json.loads(path.read_text())["name"] for path in place.glob("*.ready")]

    waiting = within(180, "a spare", spares)
    notebook.restart()
    shown = notebook.run("place")
    assert any(name in shown for name in waiting), (shown, waiting)  # type: ignore[attr-defined]
    assert "error" in notebook.run("shape").lower(), "variables of before are gone"
