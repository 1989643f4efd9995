"""A person's own notebook beside the project's: begun by a target, listed as theirs, left alone by the rest."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat import v4

from tools import lab
from tools.report import new
from tools.report.export import export, export_index
from tools.report.plan import is_ours


@pytest.fixture
def notebooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of notebooks with the project's first and its list."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    for name in ("contents.txt", f"{lab.contents()[0]}.ipynb"):
        (folder / name).write_bytes((lab.NOTEBOOKS / name).read_bytes())
    monkeypatch.setattr(lab, "NOTEBOOKS", folder)
    monkeypatch.setattr(lab, "ROOT", tmp_path)
    return folder


def begin(monkeypatch: pytest.MonkeyPatch, *names: str) -> int:
    monkeypatch.setattr("sys.argv", ["new", *names])
    return new.main()


def test_a_new_notebook_has_the_set_up_cell(notebooks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert begin(monkeypatch, "experiment") == 0
    made = nbformat.read(notebooks / "experiment.ipynb", as_version=4)
    nbformat.validate(made)
    assert made.cells[1].source.startswith(":dep lab-core")
    assert made.metadata.kernelspec.name == "rust"


@pytest.mark.usefixtures("notebooks")
@pytest.mark.parametrize("name", ["", "../outside", "two words"])
def test_a_name_that_is_no_file_name_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with pytest.raises(SystemExit, match="a name of letters"):
        begin(monkeypatch, name)


def test_only_the_projects_cells_go_without_optimisation(notebooks: Path) -> None:
    assert is_ours(notebooks / f"{lab.contents()[0]}.ipynb")
    assert not is_ours(notebooks / "experiment.ipynb")
    assert not is_ours(notebooks.parent / f"{lab.contents()[0]}.ipynb")


def test_nothing_is_overwritten(notebooks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (notebooks / f"{lab.contents()[0]}.ipynb").read_bytes()
    with pytest.raises(SystemExit, match="exists"):
        begin(monkeypatch, lab.contents()[0])
    assert (notebooks / f"{lab.contents()[0]}.ipynb").read_bytes() == before


def test_the_index_lists_it_as_theirs(tmp_path: Path) -> None:
    for name, title in ((lab.contents()[1], "# Report A - Ours"), ("experiment", "# Mine")):
        nbformat.write(v4.new_notebook(cells=[v4.new_markdown_cell(title)]), tmp_path / f"{name}.ipynb")
        export(tmp_path / f"{name}.ipynb")
    page = export_index(tmp_path).read_text(encoding="utf-8")
    assert page.index(">Ours<") < page.index("Your own notebooks") < page.rindex(">Mine<")
