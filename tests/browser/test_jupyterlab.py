"""One notebook in a real JupyterLab: every cell runs, every chart and table shows at once."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from conftest import CHART, ROOT, bundles, jupyterlab, outputs

NAME = "lab2_report_b.ipynb"
MINUTE = 60_000  # milliseconds


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a copy of the notebook that names lab-core by its whole path: JupyterLab saves what it runs."""
    made = ROOT / "target" / "jupyterlab"
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    notebook = json.loads((ROOT / "notebooks" / NAME).read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"]).replace('"../lab-core"', f'"{ROOT / "lab-core"}"')
    (made / NAME).write_text(json.dumps(notebook), encoding="utf-8")
    yield made
    shutil.rmtree(made)


def test_a_notebook_runs_and_shows_its_charts_and_tables(browser: Browser, folder: Path) -> None:
    with jupyterlab(folder) as (address, token, _):
        check(browser, address, token, folder)


def check(browser: Browser, address: str, token: str, folder: Path) -> None:
    """Run the notebook there, and compare what shows with what `make reports` kept. JupyterLab shows errors as what is written to stderr."""
    code = [c for c in json.loads((folder / NAME).read_text(encoding="utf-8"))["cells"] if c["cell_type"] == "code"]
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.goto(f"{address}lab/tree/{NAME}?token={token}")
    expect(page.locator(".jp-CodeCell")).to_have_count(len(code), timeout=MINUTE)
    expect(page.locator(".jp-NotebookPanel")).to_contain_text("Rust (lab)", timeout=MINUTE)
    page.locator(".jp-CodeCell").first.click()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    expect(page.locator(".jp-CodeCell .jp-InputPrompt").last).to_have_text(re.compile(r"\[\d+\]"), timeout=5 * MINUTE)

    prompts = page.locator(".jp-CodeCell .jp-InputPrompt").all_inner_texts()
    assert all(re.search(r"\[\d+\]", prompt) for prompt in prompts), prompts
    expect(page.locator('.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.stderr"]')).to_have_count(0)
    reference = ROOT / "reports" / NAME  # `make reports` ran the same notebook without JupyterLab
    charts, tables = (
        sum(CHART in bundle for bundle in bundles(reference)),  # plotly draws an explorable's, too
        sum('class="lab-table' in "".join(t) for t in outputs(reference, "text/html")),
    )
    assert charts and tables
    expect(page.locator(".js-plotly-plot .main-svg:first-child")).to_have_count(charts, timeout=MINUTE)
    expect(page.locator(".lab-table table")).to_have_count(tables)
    page.close()
