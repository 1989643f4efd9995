"""Read an executed notebook into a `Report`: title, contents, verdicts, and blocks in reading order.

Nothing is executed here, and nothing is fetched. Cell output is data: prose is rendered with raw HTML escaped, table
markup passes an allow-list, everything else is escaped by the template.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from markupsafe import Markup
from nbconvert.filters import ansi2html
from nbformat import NotebookNode
from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexers import get_lexer_by_name

from tools.report.figures import CHART, SVG, figure, image
from tools.report.live import EXPLORABLE, explorable
from tools.report.prose import Outline, badges, markdown, slug
from tools.report.tables import Claim, table, tally

Block = dict[str, Any]  # `kind` names the template's macro, the rest is what it shows
OPEN, FOLDED = {"answer", "exercise", "check"}, {"helper", "solution"}  # tags of cells whose code is shown, or folded
PLAIN = re.compile(r'<span class="(?:n|nn|p|o|w|bp|err)">([^<]*)</span>')  # tokens that the style leaves as they are
BESIDE = "beside"  # the tag of a markdown cell that ends in a ```python block, which stands beside the next code cell
FIGURES = ("figure", "live")  # the kinds of blocks that have a number and a caption
LEAD = "lead"  # the tag of the cell whose figure stands on the first screen


@dataclass
class Report:
    """All that a page shows."""

    name: str
    outline: Outline = field(default_factory=Outline)
    lab: dict[str, Any] = field(default_factory=dict)
    claims: list[Claim] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    lead: Block | None = None

    @property
    def title(self) -> str:
        return self.outline.title or self.name

    @property
    def subject(self) -> str:
        """The title without its letter, which the index shows beside it."""
        subject = re.sub(r"^Report [A-Z] [–-] ", "", self.title)
        return subject[:1].upper() + subject[1:]

    @property
    def figures(self) -> list[Block]:
        return [block for block in self.blocks if block["kind"] in FIGURES]

    @property
    def live(self) -> bool:
        """Whether lab-core has something to compute in the page: inputs that answer, or claims to check."""
        return bool(self.claims) or any(block["kind"] == "live" for block in self.blocks)

    @property
    def charts(self) -> bool:
        """Whether plotly.js has something to draw."""
        return any(block["height"] for block in self.figures)

    @property
    def date(self) -> str:
        """When the notebook ran, for reading: 21 November 2026, 22:31 UTC."""
        if not self.lab.get("date"):
            return ""
        moment = datetime.fromisoformat(self.lab["date"])
        return f"{moment.day} {moment:%B %Y, %H:%M} {moment.tzname() or ''}".strip()

    @property
    def verdicts(self) -> Counter[str]:
        return tally(self.claims)


def read(notebook: NotebookNode, name: str) -> Report:
    """Everything a page needs from an executed notebook; errors name the cell."""
    report = Report(name, lab=dict(notebook.metadata.get("lab", {})))
    language = notebook.metadata.get("language_info", {}).get("name", "Rust").capitalize()
    left = ""
    for number, cell in enumerate(notebook.cells, 1):
        try:
            left = read_cell(cell, report, language, left)
        except Exception as error:
            raise ValueError(f"{name}, cell {number} ({cell.get('id', 'no id')}): {error}") from error
    for number, block in enumerate(report.figures, 1):
        block["number"] = number
    taken = [heading.id for heading in report.outline.headings]
    for block in report.blocks:
        if block["kind"] == "live":  # its name in an address that keeps chosen values
            block["anchor"] = slug(block["name"], taken)
            taken.append(block["anchor"])
    report.lead = report.lead or next(iter(report.figures), None)
    for block in report.blocks:
        if block["kind"] == "prose":
            for heading in report.outline.headings:
                block["html"] = block["html"].replace(f"<!--verdicts {heading.id}-->", badges(heading.verdicts))
    return report


def read_cell(cell: NotebookNode, report: Report, language: str, left: str) -> str:
    """Adds a cell's blocks: unfolded code above its outputs, folded code below; Python that waited beside the code.

    Returns the Python that waits for the next cell, to be given back as `left`.
    """
    tags = set(cell.metadata.get("tags", []))
    if cell.cell_type == "markdown":
        at = cell.source.find("```python\n") if BESIDE in tags else -1
        end = len(cell.source) if at < 0 else at
        report.blocks.append({"kind": "prose", "html": markdown(cell.source[:end], report.outline)})
        return str(cell.source[end:])
    if cell.cell_type != "code" or not cell.source.strip():
        return left
    shown = [block for output in cell.outputs for block in show(output, report, cell)]
    if left:
        pair = {"kind": "beside", "python": markdown(left, report.outline), "code": code(cell, language, True)}
        report.blocks += [pair, *shown]
    else:
        opened = is_open(cell, tags)
        report.blocks += [code(cell, language, True), *shown] if opened else [*shown, code(cell, language, False)]
    if LEAD in tags:
        report.lead = next((block for block in shown if block["kind"] in FIGURES), report.lead)
    return ""


def is_open(cell: NotebookNode, tags: set[str]) -> bool:
    """Whether a cell's code is unfolded, as its tag says. Without such a tag, code is folded that sets up, draws a
    picture or shows a table of verdicts."""
    if tags & (OPEN | FOLDED):
        return bool(tags & OPEN)
    data = [output.get("data", {}) for output in cell.outputs]
    pictures = any(CHART in item or SVG in item or "data-claim=" in "".join(item.get("text/html", "")) for item in data)
    return not (pictures or cell.source.lstrip().startswith(":dep"))


def show(output: NotebookNode, report: Report, cell: NotebookNode) -> list[Block]:
    """The blocks of one output: the richest form that this page can show."""
    if output.output_type == "stream":
        return [text(output.text.rstrip("\n"), output.name)] if output.text.strip() else []
    if output.output_type == "error":
        return [text("\n".join(output.traceback) or output.evalue, "error")]
    data = output.data
    if EXPLORABLE in data:
        return [explorable(data)]
    if CHART in data or SVG in data:
        return [figure(data)]
    if "text/html" in data:
        file = f"{report.name}-{cell.get('id', 'table')}.csv"
        block, claims = table(data, file, report.outline.question)
        report.claims += claims
        return [block]
    if bitmap := image(data):
        return [bitmap]
    if "text/markdown" in data:
        return [{"kind": "prose", "html": markdown("".join(data["text/markdown"]), report.outline)}]
    words = "".join(data.get("text/plain", ""))
    return [] if words.strip() in ("", "()") else [text(words, "result")]  # `()`, the value of a loop, is not shown


def text(words: str, name: str) -> Block:
    return {"kind": "text", "html": Markup(ansi2html(words)), "name": name}


def code(cell: NotebookNode, language: str, unfolded: bool) -> Block:
    """A cell's highlighted source, and the line that stands for it while it is folded."""
    source = cell.source.strip("\n")
    shown = highlight(source, get_lexer_by_name(language.lower()), HtmlFormatter(nowrap=True))
    return {
        "kind": "code",
        "html": Markup(PLAIN.sub(r"\1", shown)),
        "id": cell.get("id", ""),
        "lines": source.count("\n") + 1,
        "first": source.splitlines()[0].strip(),
        "language": language,
        "seconds": cell.metadata.get("lab", {}).get("seconds"),
        "open": unfolded,
    }
