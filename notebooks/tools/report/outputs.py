"""The outputs that the notebooks carry in git: written from a run, compared with a run, kept clean on the way into git.

    python -m tools.report.outputs write            # reports/*.ipynb -> notebooks/*.ipynb
    python -m tools.report.outputs check            # does a run still give what is committed?
    python -m tools.report.outputs clean FILE       # git's filter: a notebook from standard input, as it is committed
    python -m tools.report.outputs tidy FILE …      # the same in place, for those who have no filter

What is committed is what a code host can show: HTML, still pictures and text; neither plotly's JSON nor the state of widgets.
A cell tagged `timed` shows something that depends on the clock: it keeps its committed outputs, and is not compared.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tools import lab

SVG = "image/svg+xml"
KEPT = ("text/html", SVG, "image/png", "text/plain")
METADATA = ("kernelspec", "language_info")  # of a notebook; of a cell, its tags
MAX_BYTES = 700_000
NOISE = 1e-9  # numbers below this are rounding errors of something that is nought
NUMBER = re.compile(r"(?<![#0-9a-f.])[-−]?\d+(?:,\d{3})*(?:\.\d+)?(?:e[-+]?\d{1,3}(?!\d))?")  # not in a colour


def cleaned(notebook: NotebookNode, committed: NotebookNode | None) -> NotebookNode:
    """The notebook as it is committed; timed outputs, and what Jupyter says of the kernel, are those committed already."""
    earlier = {cell.id: cell for cell in committed.cells} if committed else {}
    cells = []
    count = 0
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        kept = NotebookNode(cell_type=cell.cell_type, id=cell.id, metadata={"tags": tags} if tags else {}, source=cell.source)
        if cell.cell_type == "code":
            before = earlier.get(cell.id)
            same = before is not None and "timed" in tags and before.source == cell.source and before.outputs
            count += bool(cell.source.strip())
            kept.execution_count = count if cell.outputs or cell.execution_count else None
            outputs = before.outputs if before is not None and same else cell.outputs
            kept.outputs = [clean for output in outputs if (clean := clean_output(output, kept.execution_count))]
        cells.append(kept)
    said = (committed or notebook).metadata
    metadata = {key: said[key] for key in METADATA if key in said}
    return NotebookNode(nbformat=4, nbformat_minor=5, metadata=metadata, cells=cells)


def clean_output(output: NotebookNode, count: int | None) -> NotebookNode | None:
    """An output without what is not committed; none where nothing is left."""
    if output.output_type == "stream":
        return NotebookNode(output_type="stream", name=output.name, text=output.text)
    if output.output_type == "error":
        return NotebookNode(output_type="error", ename=output.ename, evalue=output.evalue, traceback=output.traceback)
    data = {kind: output.data[kind] for kind in KEPT if kind in output.data}
    if not data:
        return None
    kept = NotebookNode(output_type=output.output_type, metadata={}, data=data)
    if output.output_type == "execute_result":
        kept.execution_count = count
    return kept


def text_of(notebook: NotebookNode) -> str:
    """The file's text, in the one form that git sees."""
    return str(nbformat.writes(notebook)) + "\n"


def write(name: str) -> None:
    """Puts the outputs of the run into the notebook."""
    target = lab.NOTEBOOKS / f"{name}.ipynb"
    committed = nbformat.read(target, as_version=4)
    run = nbformat.read(lab.REPORTS / target.name, as_version=4)
    if [cell.source for cell in run.cells] != [cell.source for cell in committed.cells]:
        lab.stop(f"{name} has changed since it was run", "run `make reports` first")
    for cell, ran in zip(committed.cells, run.cells):
        cell.metadata["tags"] = ran.metadata.get("tags", cell.metadata.get("tags", []))
    lab.write_atomically(target, text_of(cleaned(run, committed)))
    print(f"{target.relative_to(lab.ROOT)} ({target.stat().st_size / 1000:.0f} kB)")


def check(name: str) -> Iterator[str]:
    """What is wrong with the outputs that a notebook carries, cell by cell."""
    path = lab.NOTEBOOKS / f"{name}.ipynb"
    size = path.stat().st_size
    if size > MAX_BYTES:
        yield f"{name}: at most {MAX_BYTES // 1000} kB are committed, found {size // 1000}"
    committed = nbformat.read(path, as_version=4)
    if not any(cell.get("outputs") for cell in committed.cells):
        yield f"{name}: no outputs are committed"
        return
    run = cleaned(nbformat.read(lab.REPORTS / path.name, as_version=4), None)
    yield from compare(name, committed, run)


def compare(name: str, committed: NotebookNode, run: NotebookNode) -> Iterator[str]:
    """Where committed outputs and those of a run differ by more than rounding."""
    for number, (ours, new) in enumerate(zip_longest(committed.cells, run.cells), 1):
        if ours is None or new is None or ours.source != new.source:
            yield f"{name}, cell {number}: the notebook has changed since it was run"
            return
        if ours.cell_type != "code" or "timed" in ours.metadata.get("tags", []):
            continue
        parts = zip_longest(pieces(ours), pieces(new), fillvalue="nothing")
        for before, after in parts:
            if where := difference(before, after):
                yield f"{name}, cell {number} ({ours.id}): {where}"
                break


def pieces(cell: NotebookNode) -> Iterator[str]:
    """Every text that a cell gives out, in order."""
    for output in cell.outputs:
        if output.output_type == "stream":
            yield output.text
        elif output.output_type == "error":
            yield output.evalue
        else:
            yield from ("".join(output.data[kind]) for kind in KEPT if kind in output.data)


def difference(committed: str, run: str) -> str | None:
    """The first place where two texts differ by more than one unit in the last printed digit of a number."""
    words, fresh_words = NUMBER.split(committed), NUMBER.split(run)
    numbers, fresh = NUMBER.findall(committed), NUMBER.findall(run)
    for at, (before, after) in enumerate(zip_longest(words, fresh_words, fillvalue="")):
        if before != after:
            return f"committed is {excerpt(before)}, the run gives {excerpt(after)}"
        if at < min(len(numbers), len(fresh)) and not close(numbers[at], fresh[at]):
            return f"committed is {numbers[at]}, the run gives {fresh[at]} after {excerpt(before[-30:])}"
    return None


def excerpt(words: str) -> str:
    return repr(words if len(words) <= 60 else words[:60] + "…")


def close(one: str, other: str) -> bool:
    """Whether two printed numbers agree to one unit in the last digit of the shorter, or are both noise."""
    (a, unit), (b, unit_other) = value(one), value(other)
    return abs(a - b) <= 1.001 * max(unit, unit_other) or max(abs(a), abs(b)) < NOISE


def value(number: str) -> tuple[float, float]:
    """A printed number, and one unit of its last digit; whole numbers count exactly."""
    plain = number.replace(",", "").replace("−", "-")
    mantissa, _, exponent = plain.partition("e")
    decimals = len(mantissa.partition(".")[2])
    unit = 10.0 ** (int(exponent or 0) - decimals)
    return float(plain), unit if decimals or exponent else 0.0


def committed_version(file: str) -> NotebookNode | None:
    """A file of the repository as git has it staged, or none."""
    done = subprocess.run(["git", "show", f":{file}"], capture_output=True, text=True, check=False)
    return nbformat.reads(done.stdout, as_version=4) if done.returncode == 0 else None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["write", "check", "clean", "tidy"])
    parser.add_argument("names", nargs="*", help="notebooks, by name (default: all of the project's); for clean and tidy, paths")
    given = parser.parse_args()
    if given.what == "clean":
        notebook = nbformat.reads(sys.stdin.read(), as_version=4)
        sys.stdout.write(text_of(cleaned(notebook, committed_version(given.names[0]) if given.names else None)))
        return 0
    if given.what == "tidy":
        for file in map(Path, given.names):
            clean = text_of(cleaned(nbformat.read(file, as_version=4), committed_version(file.as_posix())))
            if clean != file.read_text(encoding="utf-8"):
                lab.write_atomically(file, clean)
        return 0
    names = [Path(name).stem for name in given.names] or lab.contents()
    if given.what == "write":
        for name in names:
            write(name)
        return 0
    wrong = [problem for name in names for problem in check(name)]
    print("\n".join(wrong) or f"the outputs of {len(names)} notebooks are those of the run")
    if wrong:
        print("`make outputs` writes those of the run; look at the difference before you commit it", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
