"""What is committed of a notebook's outputs, and when they differ from a run's."""

from __future__ import annotations

import re
from base64 import b64decode
from typing import Any

import nbformat
import pytest
from nbconvert import HTMLExporter
from nbformat import NotebookNode, v4

from tools import lab
from tools.report import outputs

PLOT, SVG = "application/vnd.plotly.v1+json", "image/svg+xml"


def cell(source: str, data: dict[str, Any], tags: list[str] | None = None, identity: str = "a") -> NotebookNode:
    made: NotebookNode = v4.new_code_cell(source, id=identity, metadata={"tags": tags or [], "lab": {"seconds": 1.5}})
    made.outputs = [v4.new_output("execute_result", data, execution_count=7)]
    return made


def book(*cells: NotebookNode) -> NotebookNode:
    made: NotebookNode = v4.new_notebook(cells=list(cells), metadata={"lab": {"date": "today"}, "widgets": {"state": {}}})
    return made


def differences(one: NotebookNode, other: NotebookNode) -> list[str]:
    return list(outputs.compare("n", outputs.cleaned(one, None), outputs.cleaned(other, None)))


def test_only_what_a_code_host_shows_is_committed() -> None:
    data = {PLOT: {"data": []}, SVG: "<svg/>", "text/plain": "T", "text/csv": "a,b"}
    kept = outputs.cleaned(book(cell("chart", data)), None)
    assert kept.metadata == {}
    assert kept.cells[0].metadata == {}
    assert kept.cells[0].outputs[0].data == {SVG: "<svg/>", "text/plain": "T"}
    assert kept.cells[0].outputs[0].execution_count == kept.cells[0].execution_count == 1
    assert outputs.cleaned(kept, None) == kept, "cleaning twice is cleaning once"


def test_a_changed_number_is_named_with_its_cell() -> None:
    table = "<table><tr><td>15.2288</td><td>GD</td></tr></table>"
    run = book(cell("loss", {"text/html": table}, identity="losses"))
    edited = book(cell("loss", {"text/html": table.replace("15.2288", "15.2388")}, identity="losses"))
    [said] = differences(edited, run)
    assert "n, cell 1 (losses)" in said and "15.2388" in said and "15.2288" in said


def test_rounding_is_no_difference_and_words_are() -> None:
    def loss(text: str) -> NotebookNode:
        return book(cell("loss", {"text/plain": text}))

    assert differences(loss("15.2288, 2e-15"), loss("15.2289, -7.1e-16")) == []
    assert len(differences(loss("15.2288"), loss("15.2290"))) == 1
    assert len(differences(loss("39 of 1000"), loss("40 of 1000"))) == 1
    assert len(differences(loss("wrong"), loss("right"))) == 1
    assert len(differences(loss("1 2"), loss("1"))) == 1
    assert len(differences(loss("#2e5777"), loss("#2e5778"))) == 1, "a colour is no number"
    assert differences(loss("10,000 and −0.5"), loss("10,000 and −0.6")) == []


def test_a_missing_output_or_a_changed_cell_is_a_difference() -> None:
    run, bare = book(cell("x", {"text/plain": "1"})), book(v4.new_code_cell("x", id="a"))
    assert len(differences(bare, run)) == 1
    assert "changed since it was run" in differences(book(cell("y", {"text/plain": "1"})), run)[0]


def test_what_the_clock_decides_is_kept_and_not_compared() -> None:
    committed, run = (book(cell("t", {"text/plain": f"took {s} s"}, ["timed"])) for s in (1.5, 2.7))
    assert differences(committed, run) == []
    assert outputs.cleaned(run, committed).cells[0].outputs[0].data["text/plain"] == "took 1.5 s"
    committed.metadata["language_info"], run.metadata["language_info"] = {"name": "rust"}, {"name": "rust", "version": "1.96"}
    assert outputs.cleaned(run, committed)["metadata"]["language_info"] == {"name": "rust"}
    run.cells[0].source = "changed"
    assert outputs.cleaned(run, committed).cells[0].outputs[0].data["text/plain"] == "took 2.7 s"


@pytest.mark.parametrize(("text", "number", "unit"), [("−1,234.50", -1234.5, 0.01), ("8.4e-8", 8.4e-8, 1e-9), ("39", 39, 0)])
def test_numbers_are_read_as_they_are_printed(text: str, number: float, unit: float) -> None:
    found, last = outputs.value(text)
    assert found == number and abs(last - unit) <= 1e-6 * unit


@pytest.mark.parametrize("name", lab.contents())
def test_an_outside_viewer_shows_every_picture_and_table(name: str) -> None:
    """nbconvert with its own template, which knows nothing of plotly's JSON or of this project."""
    notebook = nbformat.read(lab.NOTEBOOKS / f"{name}.ipynb", as_version=4)
    given = [output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", [])]
    page, _ = HTMLExporter().from_notebook_node(notebook)
    shown = [b64decode(coded).decode() for coded in re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', page)]
    assert shown == [data[SVG] for data in given if SVG in data and "text/html" not in data], "of an exercise, viewers show the answer"
    assert all('role="img"' in picture and "<title>" in picture and "<desc>" in picture for picture in shown), "a screen reader's words"
    tables = sum("".join(data.get("text/html", "")).count('class="lab-table"') for data in given)
    assert page.count('class="lab-table"') == tables
