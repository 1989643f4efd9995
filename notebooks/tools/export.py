"""Turn executed notebooks into HTML reports, and gather their verdicts on one index page.

    python notebooks/tools/export.py reports/lab2_report_b.ipynb …     # those pages, then the index
    python notebooks/tools/export.py                                   # every notebook in reports/
    python notebooks/tools/export.py --install                         # the same page from `jupyter nbconvert`

Only `reports/*.ipynb` is read: a change of the template needs no notebook run again.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import nbformat

from page import TEMPLATE, TOOLS, render, render_report
from report import VERDICTS, Report, read

REPORTS = TOOLS.parent.parent / "reports"


def write(path: Path, text: str) -> None:
    """Write beside the target and rename: a reader sees the old page or the new one, never half of one."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as out:
            out.write(text)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def export(notebook: Path) -> tuple[Path, Report]:
    """Write `NAME.html` beside the executed `NAME.ipynb`."""
    page, report = render_report(nbformat.read(notebook, as_version=4), notebook.stem, index="index.html")
    target = notebook.with_suffix(".html")
    write(target, page)
    return target, report


def export_index(folder: Path, known: Iterable[Report] = ()) -> Path:
    """Write `index.html`: the reports of the folder and the verdict on each claim, once.

    A claim may stand in its report and in the overview; two different verdicts on it are an error.
    """
    read_already = {report.name: report for report in known}
    reports = [
        read_already.get(path.stem) or read(nbformat.read(path, as_version=4), path.stem, pictures=False)
        for path in sorted(folder.glob("*.ipynb"))
    ]
    reports.sort(key=lambda report: (report.letter, report.name))  # the overview has none and comes first
    board: dict[str, dict[str, object]] = {}
    for report in sorted(reports, key=lambda report: report.letter == ""):  # a claim's link leads to its report
        for claim in report.claims:
            row = board.setdefault(
                claim.id, {"id": claim.id, "verdict": claim.verdict, "report": report, "claim": claim}
            )
            if row["verdict"] != claim.verdict:
                first = row["report"].name if isinstance(row["report"], Report) else ""
                raise ValueError(f"claim {claim.id}: {row['verdict']} in {first}, but {claim.verdict} in {report.name}")
    rows = sorted(board.values(), key=lambda row: str(row["id"]))
    target = folder / "index.html"
    write(target, render("scoreboard.html.j2", charts=False, reports=reports, rows=rows, words=VERDICTS))
    return target


def install() -> Path:
    """Make a plain `jupyter nbconvert --to html` of this Python environment write our page."""
    target = Path(sys.prefix) / "etc" / "jupyter" / "jupyter_nbconvert_config.py"
    target.parent.mkdir(parents=True, exist_ok=True)
    lines = [
        "# written by notebooks/tools/export.py --install",
        "import sys",
        f"sys.path.insert(0, {str(TOOLS)!r})",
        f'c.HTMLExporter.template_name = "{TEMPLATE.name}"',
        f"c.HTMLExporter.extra_template_basedirs = [{str(TEMPLATE.parent)!r}]",
        'c.HTMLExporter.preprocessors = ["page.ReportPreprocessor"]',
    ]
    write(target, "\n".join(lines) + "\n")
    return target


def main() -> int:
    parser = argparse.ArgumentParser(description="Executed notebooks to HTML reports.")
    parser.add_argument("notebooks", nargs="*", type=Path, help="executed notebooks (default: all in reports/)")
    parser.add_argument(
        "--install", action="store_true", help="set up `jupyter nbconvert` of this environment to write the same page"
    )
    given = parser.parse_args()
    if given.install:
        print(install())
        return 0
    notebooks = given.notebooks or sorted(REPORTS.glob("*.ipynb"))
    if not notebooks:
        print(f"no executed notebook in {REPORTS}: run `make reports`", file=sys.stderr)
        return 1
    try:
        done = [export(path) for path in notebooks]
        pages = [page for page, _ in done]
        for folder in dict.fromkeys(path.parent for path in notebooks):
            pages.append(export_index(folder, [report for page, report in done if page.parent == folder]))
    except (OSError, ValueError) as error:
        print(f"export: {error}", file=sys.stderr)
        return 1
    for page in pages:
        print(f"{page} ({page.stat().st_size / 1e6:.2f} MB)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
