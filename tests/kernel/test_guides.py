"""Polars and plotly as their guides write them, in the kernel "Rust (lab)" and without a written type.

evcxr infers the type of every variable from signatures that set-up generates, and rustc checks it: it compiles the cell with
that type written down. So a cell that runs is one where both agree, and a new Polars cannot drift away unseen.
"""

from __future__ import annotations

import json
import re
import tomllib
import unittest
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from session import Session
from tools.kernel import deps
from tools.kernel.facts import SET_UP

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
    """One kernel for all of them: what takes time is a start."""

    kernel: ClassVar[Session]

    @classmethod
    def setUpClass(cls) -> None:
        cls.kernel = cls.enterClassContext(Session())
        cls.kernel.run(":opt 0")  # types and answers are tested, not speed: cells compile in half the time

    def check(self, name: str) -> int:
        """Run a file's cells; each must succeed and show what it says."""
        for cell in cells(name):
            with self.subTest(cell.code):
                answer = self.kernel.run(cell.code)
                self.assertIsNone(answer.error)
                shown = json.dumps(answer.outputs, ensure_ascii=False).replace('\\"', '"')
                for text in cell.expected:
                    self.assertIn(text, shown)
        return len(cells(name))

    def test_polars_and_plotly_work_as_in_their_guides(self) -> None:
        of_polars = self.check("polars.rs") + self.check("polars_values.rs")
        self.kernel.run(":clear")  # each cell takes every variable out of evcxr's store and puts it back
        self.assertGreaterEqual(of_polars + self.check("plotly.rs"), 50)

    def test_fifty_variables_have_the_types_that_rustc_gives_them(self) -> None:
        self.check("inference.rs")
        variables = [name for cell in cells("inference.rs") for name in A_VARIABLE.findall(cell.code)]
        self.assertGreaterEqual(len(variables), 50)

    def test_the_prebuilt_crates_serve_a_dep_of_theirs_and_no_other_version_or_feature(self) -> None:
        self.assertIsNone(self.kernel.run(SET_UP).error)
        for code in (':dep polars = "0.55"', ':dep polars = { version = "0.55", features = ["lazy"] }', ':dep plotly = "0.14"'):
            with self.subTest(code):
                self.assertIsNone(self.kernel.run(code).error)
                self.assertEqual(deps.serve(code, "rust", brought=True), ("", None), "cargo is not asked")
                self.assertEqual(deps.serve(code, "rust", brought=False), (code, None), "nothing has named it yet")
        for code in (':dep itoa = "1"', ':dep chrono = "0.4"'):
            self.assertEqual(deps.serve(code, "rust", brought=True), (code, None), "the prelude does not name it")
        self.assertIsNone(self.kernel.run("let mean = polars::prelude::col(\"a\").mean();").error)
        for dep, why in (('"0.50"', "another version"), ('{ version = "0.55", features = ["parquet"] }', "without the feature parquet")):
            with self.subTest(dep):
                answer = self.kernel.run(f":dep polars = {dep}")
                self.assertEqual(answer.reply["ename"], "DepError")
                self.assertIn(why, answer.reply["evalue"])

    def test_a_second_dep_changes_no_version(self) -> None:
        begun = self.kernel.run(SET_UP)
        self.assertEqual((begun.error, begun.outputs), (None, []), "bringing the versions back shows nothing")
        self.assertIsNone(self.kernel.run(':dep itoa = "1"\nlet folder = std::env::var("EVCXR_TMPDIR")?;').error)
        pinned, used = (
            {(package["name"], package["version"]) for package in tomllib.loads(self.printed(f'print!("{{}}", std::fs::read_to_string(format!("{{folder}}/{name}"))?);'))["package"]}
            for name in ("pinned.lock", "Cargo.lock")
        )  # fmt: skip
        names = {name for name, _ in pinned}
        self.assertEqual({package for package in used if package[0] in names} - pinned, set())
        self.assertIn("itoa", {name for name, _ in used})

    def printed(self, code: str) -> str:
        """What a cell prints."""
        return self.kernel.run(code).text("stdout")

    def test_no_cell_writes_a_type(self) -> None:
        for path in CELLS.glob("*.rs"):
            self.assertEqual([cell.code for cell in cells(path.name) if A_TYPE.search(cell.code)], [], path.name)


if __name__ == "__main__":
    unittest.main()
