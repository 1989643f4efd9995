"""What stock tools say of a notebook with a panicking cell in its middle, and papermill's parameters."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
PANICS = 'let v = vec![1, 2];\nlet third = v[two];'


def notebook(path: Path, *cells: str) -> Path:
    """Write a notebook of code cells for the kernel "rust"."""
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    made.metadata = {"kernelspec": {"name": "rust", "display_name": "Rust (lab)", "language": "rust"}}
    nbformat.write(made, path)
    return path


class StockTools(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def run_tool(self, *command: str | Path) -> tuple[int, str]:
        """Exit status, and all that was said."""
        done = subprocess.run([str(word) for word in command], cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
        return done.returncode, done.stdout + done.stderr

    def test_every_runner_fails_at_the_panicking_cell_and_names_it(self) -> None:
        broken = notebook(self.folder / "broken.ipynb", "let two: usize = 2;", PANICS, 'println!("not reached");')
        out = self.folder / "out.ipynb"
        runners: dict[str, list[str | Path]] = {
            "jupyter execute": [BIN / "jupyter", "execute", broken],
            "papermill": [BIN / "papermill", broken, out],
            "nbconvert": [BIN / "jupyter", "nbconvert", "--to", "notebook", "--execute", broken, "--output", out],
            "tools.report": [sys.executable, "-m", "tools.report", broken, "--no-export", "--reports", self.folder],
        }
        for name, command in runners.items():
            with self.subTest(name):
                code, said = self.run_tool(*command)
                self.assertNotEqual(code, 0, said)
                self.assertIn("index out of bounds: the len is 2 but the index is 2", said)
                self.assertIn("v[two]", said)
                self.assertNotIn("not reached\n", said)

    def test_the_environment_lists_its_kernels_without_any_setting(self) -> None:
        command: list[str | Path] = [BIN / "jupyter", "kernelspec", "list", "--json"]
        done = subprocess.run(command, env={"HOME": str(self.folder)}, cwd=self.folder, capture_output=True, text=True, check=True)
        found = json.loads(done.stdout)["kernelspecs"]["rust"]
        self.assertEqual(Path(found["resource_dir"]), BIN.resolve().parent / "share" / "jupyter" / "kernels" / "rust")
        self.assertEqual((found["spec"]["language"], found["spec"]["interrupt_mode"]), ("rust", "message"))
        self.assertEqual(Path(found["spec"]["argv"][0]).resolve(), Path(sys.executable).resolve())

    def test_papermill_sets_parameters(self) -> None:
        cells = ["let epochs: usize = 1000;\nlet lr = 0.1;\nlet name = \"a\";\nlet ranks = vec![1, 2];", "(epochs, lr, name, ranks)"]
        source = notebook(self.folder / "source.ipynb", *cells)
        content = json.loads(source.read_text())
        content["cells"][0]["metadata"]["tags"] = ["parameters"]
        source.write_text(json.dumps(content))
        out = self.folder / "out.ipynb"
        code, said = self.run_tool(BIN / "papermill", source, out, "-p", "epochs", "5", "-p", "lr", "0.25", "-p", "name", 'say "hi"', "-y", "ranks: [3, 4]")
        self.assertEqual(code, 0, said)
        shown = nbformat.read(out, as_version=4).cells[-1].outputs[0].data["text/plain"]
        self.assertEqual(shown, '(5, 0.25, "say \\"hi\\"", [3, 4])')


if __name__ == "__main__":
    unittest.main()
