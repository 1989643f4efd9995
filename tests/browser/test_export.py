"""The exporter on notebooks made to break it."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from conftest import CHART, LAB_PYTHON, Visit, export

EVIL = "</script><script>window.broken=1</script><img src=x onerror=window.broken=1><b onclick=window.broken=1>x</b>"


def code(source: str, data: dict[str, Any], identity: str = "cell") -> dict[str, Any]:
    output = {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": data}
    return {
        "cell_type": "code",
        "id": identity,
        "metadata": {},
        "execution_count": 1,
        "source": source,
        "outputs": [output],
    }


def prose(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": "prose", "metadata": {}, "source": source}


def chart(trace: dict[str, Any], title: str = "Title") -> dict[str, Any]:
    return {
        CHART: {"data": [trace], "layout": {"title": {"text": title}, "meta": {"description": title}}},
        "text/plain": title,
    }


def row(claim: str, verdict: str) -> dict[str, Any]:
    html = f'<div class="lab-table"><table><thead><tr><th>verdict</th></tr></thead><tbody><tr data-claim="{claim}" data-verdict="{verdict}"><td>{verdict}</td></tr></tbody></table></div>'
    return {"text/html": html, "text/plain": verdict}


def save(path: Path, *cells: dict[str, Any]) -> Path:
    cells = tuple(dict(cell, id=f"{cell['id']}-{at}") for at, cell in enumerate(cells))
    path.write_text(
        json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {"language_info": {"name": "Rust"}}, "cells": list(cells)})
    )
    return path


def test_hostile_content_is_shown_and_not_run(browser: Browser, tmp_path: Path) -> None:
    line = {"type": "scatter", "x": [1, 2], "y": [1, 2], "name": EVIL}
    hostile = save(
        tmp_path / "hostile.ipynb",
        prose(
            f"# Report A - {EVIL}\n\n## Exercise 1.1 - {EVIL}\n\n{EVIL}\n\n[x](javascript:window.broken=1) ![x](https://example.org/x.png)"
        ),
        code(
            f"// {EVIL}",
            {
                "text/html": f'<div class="lab-table"><table><tr><td title="{EVIL}">{EVIL}</td></tr></table></div>',
                "text/csv": EVIL,
            },
        ),
        code("chart", chart(line, EVIL)),
        code("text", {"text/plain": EVIL}),
    )
    done = export(hostile)
    assert done.returncode == 0, done.stderr
    for name in ("hostile.html", "index.html"):
        with Visit(browser, tmp_path / name) as visit:
            page = visit.drawn()
            page.locator("b").first.click() if page.locator("main b").count() else None
            assert page.evaluate("window.broken") is None
            assert page.locator("[onclick], [onerror], a[href^='javascript']").count() == 0
            assert [url for url in visit.strangers() if not url.endswith("/x.png")] == []


def test_a_chart_without_a_still_picture_says_so_where_no_script_runs(browser: Browser, tmp_path: Path) -> None:
    notebook = save(tmp_path / "n.ipynb", code("chart", chart({"type": "scatter", "x": [1, 2], "y": [1, 2]})))
    assert export(notebook).returncode == 0
    with Visit(browser, tmp_path / "n.html") as visit:
        assert visit.drawn().locator("figure.chart .js-plotly-plot").count() == 1
    with Visit(browser, tmp_path / "n.html", java_script_enabled=False) as plain:
        assert plain.page.get_by_text("needs JavaScript").is_visible()


def test_a_cell_that_cannot_be_shown_is_named_and_the_earlier_page_stays(tmp_path: Path) -> None:
    notebook = save(tmp_path / "n.ipynb", prose("# T"), code("table", row("A1", "perhaps")))
    (tmp_path / "n.html").write_text("the earlier report")
    done = export(notebook)
    assert done.returncode == 1
    assert "n, cell 2 (cell-1): claim A1: the verdict must be one of" in done.stderr
    assert (tmp_path / "n.html").read_text() == "the earlier report"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["n.html", "n.ipynb"]


def test_answers_are_open_and_helpers_folded(tmp_path: Path) -> None:
    cells = [
        code(":dep lab-core = {}", {"text/plain": "()"}),
        code("let answer = 1; answer", {"text/plain": "1"}),
        code("chart", chart({"type": "bar", "x": [1], "y": [1]})),
        dict(code("tagged", chart({"type": "bar", "x": [1], "y": [1]})), metadata={"tags": ["answer"]}),
        dict(code("let helper = 2;", {"text/plain": "2"}), metadata={"tags": ["helper"]}),
    ]
    assert export(save(tmp_path / "n.ipynb", *cells)).returncode == 0
    opened = re.findall(r'<details class="code answer" id="cell-cell-(\d)" open>', (tmp_path / "n.html").read_text())
    assert opened == ["1", "3"]


def test_two_verdicts_on_a_claim_are_refused(tmp_path: Path) -> None:
    one, other = (
        save(tmp_path / "n.ipynb", code("v", row("A1", "right"))),
        save(tmp_path / "o.ipynb", code("v", row("A1", "wrong"))),
    )
    done = export(one, other)
    assert done.returncode == 1 and "claim A1: right in n, but wrong in o" in done.stderr


@pytest.mark.parametrize("formula", ["$\\frac{1}{2\\sigma_1}$", "$$\\|A - UV^\\top\\|_F^2$$"])
def test_formulas_become_mathml(tmp_path: Path, formula: str) -> None:
    assert export(save(tmp_path / "n.ipynb", prose(f"Before {formula} after"))).returncode == 0
    page = (tmp_path / "n.html").read_text()
    assert "<math xmlns=" in page and "\\" not in page.split("<main")[1].split("</main")[0]


def test_the_same_notebook_gives_the_same_bytes(tmp_path: Path) -> None:
    notebook = save(tmp_path / "n.ipynb", code("chart", chart({"type": "box", "y": [1, 2, 3, 9]})))
    pages = []
    for _ in range(2):
        assert export(notebook).returncode == 0
        pages.append((tmp_path / "n.html").read_bytes())
    assert pages[0] == pages[1]


def test_plain_nbconvert_keeps_the_charts(browser: Browser, tmp_path: Path) -> None:
    notebook = save(tmp_path / "n.ipynb", prose("# T"), code("chart", chart({"type": "bar", "x": ["a", "b"], "y": [1, 2]})))
    convert = [LAB_PYTHON.with_name("jupyter"), "nbconvert", "--to", "html", notebook]
    home = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    subprocess.run(convert, check=True, capture_output=True, cwd=tmp_path, env=home)
    with Visit(browser, tmp_path / "n.html") as visit:
        assert visit.drawn().locator("figure.chart .js-plotly-plot").count() == 1
        assert visit.strangers() == [] and visit.complaints == []
