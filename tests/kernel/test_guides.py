"""Polars and plotly as their guides write them, in the kernel "Rust (lab)" and without a written type.

evcxr infers the type of every variable from signatures that set-up generates, and rustc checks it: it compiles the cell with
that type written down. So a cell that runs is one where both agree, and a new Polars cannot drift away unseen.
"""

from __future__ import annotations

import json
import re
import unittest
from dataclasses import dataclass
from pathlib import Path

from session import Session

CELLS = Path(__file__).parent / "cells"
A_TYPE = re.compile(r"^\s*let (?:mut )?\w+\s*:", re.MULTILINE)
A_VARIABLE = re.compile(r"^let \(?(.+?)\)? = ", re.MULTILINE)


@dataclass(frozen=True)
class Cell:
    """A cell of a file, and texts that it must show."""

    code: str
    expected: tuple[str, ...]


def cells(name: str) -> list[Cell]:
    """The cells of a file: see the head of `cells/polars.rs`."""
    found = []
    for part in (CELLS / name).read_text(encoding="utf-8").split("// %%")[1:]:
        lines = part.splitlines()[1:]  # what stands behind the mark is a heading
        expected = tuple(line[4:] for line in lines if line.startswith("//> "))
        found.append(Cell("\n".join(line for line in lines if not line.startswith("//> ")).strip(), expected))
    return found


class Guides(unittest.TestCase):
    def check(self, name: str) -> int:
        """Run a file's cells; each must succeed and show what it says."""
        with Session() as kernel:
            for cell in cells(name):
                with self.subTest(cell.code):
                    answer = kernel.run(cell.code)
                    self.assertIsNone(answer.error)
                    shown = json.dumps(answer.outputs, ensure_ascii=False).replace('\\"', '"')
                    for text in cell.expected:
                        self.assertIn(text, shown)
        return len(cells(name))

    def test_polars_works_as_in_its_guide(self) -> None:
        self.assertGreaterEqual(self.check("polars.rs"), 15)

    def test_plotly_works_as_in_its_book(self) -> None:
        self.assertGreaterEqual(self.check("plotly.rs"), 8)

    def test_fifty_variables_have_the_types_that_rustc_gives_them(self) -> None:
        self.check("inference.rs")
        variables = [name for cell in cells("inference.rs") for name in A_VARIABLE.findall(cell.code)]
        self.assertGreaterEqual(len(variables), 50)

    def test_no_cell_writes_a_type(self) -> None:
        for path in CELLS.glob("*.rs"):
            self.assertEqual([cell.code for cell in cells(path.name) if A_TYPE.search(cell.code)], [], path.name)


if __name__ == "__main__":
    unittest.main()
