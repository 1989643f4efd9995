"""A notebook of one's own: `make new NAME=experiment` writes notebooks/experiment.ipynb with the set-up cell."""

from __future__ import annotations

import re
import sys

import nbformat
from nbformat import v4

from tools import lab


def main() -> int:
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if not re.fullmatch(r"\w[\w-]*", name):
        lab.stop(f"a name of letters, digits, - and _ is needed, found {name!r}", "for instance: make new NAME=experiment")
    path = lab.NOTEBOOKS / f"{name}.ipynb"
    if path.exists():
        lab.stop(f"{path.relative_to(lab.ROOT)} exists", "choose another name")
    first = nbformat.read(lab.NOTEBOOKS / f"{lab.contents()[0]}.ipynb", as_version=4)
    set_up = next(cell.source for cell in first.cells if cell.source.startswith(":dep"))
    cells = [
        v4.new_markdown_cell(f"# {name.replace('_', ' ')}", id="title"),
        v4.new_code_cell(set_up, id="set-up"),
        v4.new_code_cell("iris()", id="start"),
    ]
    metadata = {key: first.metadata[key] for key in ("kernelspec", "language_info")}
    lab.write_atomically(path, nbformat.writes(v4.new_notebook(cells=cells, metadata=metadata)) + "\n")
    print(f"{path.relative_to(lab.ROOT)}: open it with `make lab`; `make report NAME={name}` runs it and writes its page")
    return 0


if __name__ == "__main__":
    sys.exit(main())
