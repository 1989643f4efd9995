"""Turn executed notebooks into HTML reports, and gather their verdicts on one index page.

    python -m tools.report.export reports/lab2_report_b.ipynb …     # those pages, then the index
    python -m tools.report.export                                   # every notebook in reports/

Only `reports/*.ipynb` is read: a change of the template needs no notebook run again.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

import nbformat

from tools import lab
from tools.report.page import render, render_report
from tools.report.read import Report, read
from tools.report.tables import Claim


def export(notebook: Path) -> tuple[Path, Report]:
    """Write `NAME.html` beside the executed `NAME.ipynb`."""
    page, report = render_report(nbformat.read(notebook, as_version=4), notebook.stem, index="index.html")
    target = notebook.with_suffix(".html")
    lab.write_atomically(target, page)
    return target, report


def export_index(folder: Path, known: Iterable[Report] = ()) -> Path:
    """Write `index.html`: the reports of the folder and the verdict on each claim, once.

    A claim may stand in its report and in the overview; two different verdicts on it are an error.
    """
    read_already = {report.name: report for report in known}
    reports = [
        read_already.get(path.stem) or read(nbformat.read(path, as_version=4), path.stem)
        for path in sorted(folder.glob("*.ipynb"))
    ]
    order = {name: place for place, name in enumerate(lab.contents())}
    reports.sort(key=lambda report: (order.get(report.name, len(order)), report.name))
    board: dict[str, tuple[Claim, Report]] = {}
    for report in sorted(reports, key=lambda report: report.outline.letter == ""):  # a claim's link leads to its report
        for claim in report.claims:
            first, where = board.setdefault(claim.id, (claim, report))
            if first.verdict != claim.verdict:
                raise ValueError(f"claim {claim.id}: {first.verdict} in {where.name}, but {claim.verdict} in {report.name}")
    groups = {
        "": [report for report in reports if report.outline.letter or report.claims],
        "Guides": [report for report in reports if report.name in order and not (report.outline.letter or report.claims)],
        "Your own notebooks": [report for report in reports if report.name not in order and not report.outline.letter],
    }
    rows = [{"claim": claim, "report": report} for _, (claim, report) in sorted(board.items())]
    target = folder / "index.html"
    lab.write_atomically(target, render("scoreboard.html.j2", groups=groups, rows=rows))
    return target


def main() -> int:
    parser = argparse.ArgumentParser(description="Executed notebooks to HTML reports.")
    parser.add_argument("notebooks", nargs="*", type=Path, help="executed notebooks (default: all in reports/)")
    given = parser.parse_args()
    notebooks = given.notebooks or sorted(lab.REPORTS.glob("*.ipynb"))
    if not notebooks:
        print(f"no executed notebook in {lab.REPORTS}: run `make reports`", file=sys.stderr)
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
