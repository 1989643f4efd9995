"""A Chromium without a network, the exported pages, and a hostile notebook to export."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).parents[2]
REPORTS = Path(os.environ.get("REPORTS", ROOT / "reports"))
LAB_PYTHON = ROOT / ".lab" / "venv" / "bin" / "python"
CHART, SVG = "application/vnd.plotly.v1+json", "image/svg+xml"
EXPLORABLE = "application/vnd.lab.explorable+json"
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
AXE_RUN = "axe.run().then(it => it.violations.filter(v => ['serious', 'critical'].includes(v.impact)).map(v => [v.id, v.nodes[0].html]))"
PHONE = {"width": 390, "height": 844}
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


STARTED = re.compile(r"(http://\S+/)lab\?token=(\w+)")


@contextmanager
def jupyterlab(folder: Path, **environment: str) -> Iterator[tuple[str, str, subprocess.Popen[bytes]]]:
    """JupyterLab on a folder, as `make lab` opens it: its address, its token, its process."""
    settings = folder / "settings" / "@jupyterlab" / "notebook-extension"
    settings.mkdir(parents=True)
    (settings / "tracker.jupyterlab-settings").write_text('{"windowingMode": "none"}')  # cells out of sight are drawn, too
    log = folder / "server.log"
    with log.open("w") as record:
        process = subprocess.Popen(
            [LAB_PYTHON, "-m", "tools.setup.open_lab", "--no-browser", "--ServerApp.port=0", f"--ServerApp.root_dir={folder}"],
            stdout=record, stderr=subprocess.STDOUT, start_new_session=True,
            env={**os.environ, "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"), **environment},
        )  # fmt: skip
    try:
        while (started := STARTED.search(log.read_text())) is None:
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
        yield started[1], started[2], process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=60)


def bundles(notebook: Path) -> list[dict[str, Any]]:
    """What every output is given out as, in order."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]


def outputs(notebook: Path, kind: str) -> list[Any]:
    """Every output of a MIME type, in order; lab-core, not plotly.js, draws an explorable."""
    return [bundle[kind] for bundle in bundles(notebook) if kind in bundle and not (kind == CHART and EXPLORABLE in bundle)]


def export(*arguments: Path | str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LAB_PYTHON, "-m", "tools.report.export", *map(str, arguments)], capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        assert "CI" not in os.environ, "CI needs a Chromium on PATH"
        pytest.skip("no Chromium on PATH (Debian: apt install chromium)")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM)
        yield launched
        launched.close()


class Visit:
    """One page opened with the network off, and all that it asked for or complained about.

    `fragment` is what stands after `#` in the address, `without` something of the browser's that is taken away.
    """

    def __init__(self, browser: Browser, path: Path, fragment: str = "", without: str = "", **options: Any) -> None:
        self.context: BrowserContext = browser.new_context(offline=True, accept_downloads=True, **options)
        self.page: Page = self.context.new_page()
        self.path = path
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on(
            "console",
            lambda message: self.complaints.append(message.text) if message.type in ("error", "warning") else None,
        )
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.complaints.append(f"dialog {dialog.message}"), dialog.dismiss()))
        if without:
            self.page.add_init_script(f"delete globalThis.{without}")
        self.page.goto(path.as_uri() + (f"#{fragment}" if fragment else ""))

    def __enter__(self) -> Visit:
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()

    def drawn(self) -> Page:
        """The page once it says that all its charts are drawn."""
        self.page.locator("html[data-charts], html:not(:has(figure.chart))").wait_for(state="attached")
        return self.page

    def strangers(self) -> list[str]:
        """Requests for anything but the page itself and what lies inside it."""
        return [url for url in self.requests if url.partition("#")[0] != self.path.as_uri() and not url.startswith(("data:", "blob:"))]


def page_of(notebook: str, test: str, folder: Path) -> Path:
    """The page of a notebook that the tests in Rust write; with the features of `make test`, so that nothing is built anew."""
    command = ["cargo", "test", "-q", "--workspace", "--all-features", "--test", *test.split()]
    subprocess.run(command, check=True, cwd=ROOT, capture_output=True)
    written = folder / notebook
    shutil.copy(ROOT / "target" / "tmp" / notebook, written)
    done = export(written)
    assert done.returncode == 0, done.stderr
    return written.with_suffix(".html")


@pytest.fixture(scope="session")
def explorables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of every explorable at its start."""
    return page_of("explorables.ipynb", "live written_for_the_browser", tmp_path_factory.mktemp("explorables"))
