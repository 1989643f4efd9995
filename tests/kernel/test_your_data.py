"""The notebook for the reader's own table, run by papermill on tables that are not in the repository."""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[2]
COLUMNS = ["first size", "second", "third", "fourth"]


def table(path: Path) -> None:
    """Write 90 rows of three classes, numbered 7 to 9, of which four rows lack a cell."""
    draw = random.Random(5)
    lines = [",".join([*COLUMNS, "kind", "remark"])]
    for row in range(90):
        kind = row % 3
        cells = [f"{draw.gauss(kind * (column + 1), 1):.3f}" for column in range(4)]
        if row % 25 == 10:
            cells[row % 4] = "?"
        lines.append(",".join([*cells, str(kind + 7), "text"]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


class YourData(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.csv, self.out = self.folder / "mine.csv", self.folder / "out.ipynb"
        table(self.csv)

    def run_notebook(self, features: list[str]) -> tuple[int, str]:
        """Papermill's exit status, and all that it said."""
        parameters = f"{{csv: {self.csv}, label: kind, features: {features}, missing: '?'}}"
        command = [Path(sys.executable).parent / "papermill", "your_data.ipynb", self.out, "--no-progress-bar", "-y", parameters]
        done = subprocess.run(
            [str(word) for word in command], cwd=ROOT / "notebooks", capture_output=True, text=True, check=False, timeout=600
        )
        return done.returncode, done.stdout + done.stderr

    def test_it_runs_on_another_table(self) -> None:
        code, said = self.run_notebook(COLUMNS)
        self.assertEqual(code, 0, said)
        cells = nbformat.read(self.out, as_version=4).cells
        shown = "".join(str(output.get("data", "")) for cell in cells if cell.cell_type == "code" for output in cell.outputs)
        for words in (
            "90 rows, 6 columns",
            "4 of 90 rows lack a cell",
            "86 rows of first size, second",
            "Validation accuracy on the same 50 splits",
        ):
            self.assertIn(words, shown)
        self.assertNotIn("Torgersen", shown)

    def test_it_says_what_does_not_fit(self) -> None:
        for features, message in ((["frist size", "second", "third"], 'has no column "frist size"; it has first size'),
                                  (["second", "third", "remark"], 'column "remark" must hold numbers, found "text" in row 1')):  # fmt: skip
            with self.subTest(features):
                code, said = self.run_notebook(features)
                self.assertNotEqual(code, 0)
                self.assertIn(message, said)


if __name__ == "__main__":
    unittest.main()
