"""What an explorable becomes in a page, in git, and where nothing can compute."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from nbformat import NotebookNode, v4

from tools.report import live, outputs, page

SVG = '<svg width="720" height="440" viewBox="0 0 720 440"><title>T</title><desc>It falls.</desc></svg>'
EVIL = '"><script>x</script>'
CONTROLS: dict[str, dict[str, Any]] = {
    "lr": {"kind": "range", "low": 0.001, "high": 0.03, "step": 0.0005, "value": "0.01"},
    "seed": {"kind": "number", "low": 0, "high": 9999, "step": 1, "value": "7"},
    "aligned": {"kind": "check", "value": "true"},
    "optimiser": {"kind": "select", "options": ["plain", "Adam"], "value": "Adam"},
    "hidden": {"kind": "cells", "rows": 1, "columns": 2, "labels": ["a00", "a01"], "value": "0,1"},
    "csv": {"kind": "file", "bytes": 1000000, "value": ""},
}


def declared(**changes: Any) -> dict[str, Any]:
    controls = [{"name": name, "label": f"the {name}", **fields} for name, fields in CONTROLS.items()]
    whole = {"name": "edge", "title": "T", "teaches": "Try 0.02.", "controls": controls, "said": [["loss", "15.2288"]]}
    return {live.EXPLORABLE: {**whole, **changes}, "image/svg+xml": SVG, "text/plain": "T"}


def book(*outputs_of: dict[str, Any]) -> NotebookNode:
    cells = [v4.new_code_cell("explore", id=f"a{at}", outputs=[v4.new_output("execute_result", data)]) for at, data in enumerate(outputs_of)]
    made: NotebookNode = v4.new_notebook(cells=[v4.new_markdown_cell("# Title\n\n## Edge", id="m"), *cells])
    return made


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A module, though not one that computes."""
    (tmp_path / "lab.wasm").write_bytes(b"\0asm")
    monkeypatch.setattr(live, "MODULE", tmp_path / "lab.wasm")


@pytest.mark.usefixtures("built")
def test_every_kind_of_input_is_a_native_one_with_a_label() -> None:
    html, report = page.render_report(book(declared(), declared()), "n")
    assert report.live and not report.charts and [block["anchor"] for block in report.figures] == ["edge-2", "edge-3"]
    assert 'type="range" id="figure-1-lr" min="0.001" max="0.03" step="0.0005" value="0.01"' in html
    assert '<option>plain</option><option selected>Adam</option>' in html and 'data-bytes="1000000"' in html
    assert 'value="0,1" checked' in html and "<dt>loss</dt><dd>15.2288</dd>" in html
    assert "Shown for the lr 0.01, the seed 7, the aligned yes, the optimiser Adam, the hidden a01, the csv the built-in data." in html
    assert html.count('id="figure-1-seed"') == html.count('for="figure-1-seed"') == html.count('id="edge-2"') == 1


@pytest.mark.usefixtures("built")
def test_the_policy_grows_only_where_something_computes() -> None:
    computing, _ = page.render_report(book(declared()), "n")
    still, _ = page.render_report(book({"image/svg+xml": SVG}), "n")
    for word in ("&#39;wasm-unsafe-eval&#39;", "worker-src blob:", 'id="module"', "WebAssembly. It runs"):
        assert word in computing and word not in still
    assert "&#39;unsafe-eval&#39;" not in computing and "connect-src" not in computing


def test_without_a_module_the_picture_stands_still(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(live, "MODULE", tmp_path / "nowhere")
    html, _ = page.render_report(book(declared()), "n")
    assert 'class="still default"' in html and 'id="module"' not in html and "wasm-unsafe-eval" not in html


def test_words_of_a_declaration_are_text() -> None:
    controls = [{"name": "a", "label": EVIL, "kind": "select", "options": [EVIL], "value": EVIL}]
    html, _ = page.render_report(book(declared(teaches=EVIL, controls=controls, said=[[EVIL, EVIL]])), "n")
    assert "<script>x" not in html and html.count("&lt;script&gt;x") >= 5


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"name": "Edge of"}, "a name must be lower-case"),
        ({"controls": [{"name": "a b", "kind": "check"}]}, "a name must be lower-case"),
        ({"controls": [{"name": "a", "kind": "dial"}]}, "control a: the kind must be one of range, "),
        ({"controls": [{"name": "a", "label": "", "kind": "range", "low": 0, "value": "1"}]}, "control a: a range needs high, step"),
    ],
)
def test_a_declaration_that_breaks_a_rule_names_the_cell(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=f"n, cell 2 \\(a0\\): {complaint}"):
        page.render_report(book(declared(**changes)), "n")


def test_its_picture_is_committed_and_its_declaration_is_not() -> None:
    kept = outputs.cleaned(book(declared()), None)
    assert set(kept.cells[1].outputs[0].data) == {"image/svg+xml", "text/plain"}
