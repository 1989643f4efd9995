"""What is stale, and what runs when nobody names a notebook."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode, v4

from tools import lab
from tools.report.plan import chosen, inputs_of, is_current


def saved(path: Path, source: str, outputs: list[NotebookNode] | None = None) -> Path:
    cell = v4.new_code_cell(source, id="a", outputs=outputs or [])
    nbformat.write(v4.new_notebook(cells=[cell]), path)
    return path


def test_a_changed_cell_or_library_makes_a_report_stale_and_an_output_does_not(tmp_path: Path) -> None:
    notebook = saved(tmp_path / "n.ipynb", "1 + 1")
    inputs = inputs_of(notebook, "common")
    report = tmp_path / "report.ipynb"
    report.write_text(json.dumps({"metadata": {"lab": {"inputs": inputs}}}), encoding="utf-8")
    assert is_current(report, inputs)
    saved(notebook, "1 + 1", [v4.new_output("stream", text="2")])
    assert inputs_of(notebook, "common") == inputs
    assert not is_current(report, inputs_of(notebook, "another library"))
    assert not is_current(report, inputs_of(saved(notebook, "1 + 2"), "common"))


@pytest.mark.parametrize("text", ["", "{}", "not JSON", '{"metadata": {}}'])
def test_a_report_that_cannot_be_read_is_stale(tmp_path: Path, text: str) -> None:
    (tmp_path / "report.ipynb").write_text(text, encoding="utf-8")
    assert not is_current(tmp_path / "report.ipynb", "inputs")
    assert not is_current(tmp_path / "nowhere.ipynb", "inputs")


def test_only_the_projects_notebooks_run_unasked(tmp_path: Path) -> None:
    assert [path.stem for path in chosen([])] == lab.contents()
    own = saved(tmp_path / "own.ipynb", "1")
    assert chosen([str(own)]) == [own]
    with pytest.raises(SystemExit, match="there is no notebook"):
        chosen(["nobody_wrote_this"])
