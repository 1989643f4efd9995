"""Read an executed notebook into a `Report`: title, contents, verdicts, and blocks in reading order.

Nothing is executed here, and nothing is fetched. Cell output is data: prose is rendered with raw HTML escaped, table
markup passes an allow-list, everything else is escaped by the template.
"""

from __future__ import annotations

import base64
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

import bleach
import nbformat
from bs4 import BeautifulSoup
from latex2mathml.converter import convert as to_mathml
from markupsafe import Markup
from nbconvert.filters import ansi2html
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

from tools.report.charts import CHART, chart

Block = dict[str, Any]  # `kind` names the template's macro, the rest is what it shows
VERDICTS = ("reproduced", "right", "loose", "wrong")
MANY_COLUMNS = 8  # of 150 mm of paper
TABLE_TAGS = "a b br caption code div em p pre small span strong sub sup table tbody td tfoot th thead tr".split()
TABLE_ATTRIBUTES = ["class", "title", "scope", "colspan", "rowspan", "data-claim", "data-verdict"]


@dataclass
class Heading:
    """A question of the report: its number, its anchor, and the verdicts found below it."""

    id: str
    number: str
    text: str
    level: int
    verdicts: Counter[str] = field(default_factory=Counter)


@dataclass
class Claim:
    """One row of a table of verdicts."""

    id: str
    verdict: str
    cells: dict[str, str]
    heading: Heading | None


@dataclass
class Report:
    """All that a page shows."""

    name: str
    title: str = ""
    letter: str = ""
    lab: dict[str, Any] = field(default_factory=dict)
    headings: list[Heading] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)

    @property
    def subject(self) -> str:
        """The title without its letter, which the index shows beside it."""
        subject = re.sub(r"^Report [A-Z] [–-] ", "", self.title)
        return subject[:1].upper() + subject[1:]

    @property
    def charts(self) -> int:
        return sum(block["kind"] == "chart" for block in self.blocks)

    @property
    def date(self) -> str:
        """When the notebook ran, for reading: 21 November 2026, 22:31 UTC."""
        if not self.lab.get("date"):
            return ""
        moment = datetime.fromisoformat(self.lab["date"])
        return f"{moment.day} {moment:%B %Y, %H:%M} {moment.tzname() or ''}".strip()

    @property
    def verdicts(self) -> Counter[str]:
        """Each claim once, however often the notebook shows it."""
        return Counter({claim.id: claim.verdict for claim in self.claims}.values())


class Prose(IPythonRenderer):
    """Markdown with anchored headings and mathematics as MathML; raw HTML is shown as text."""

    def __init__(self, report: Report) -> None:
        super().__init__(escape=True, allow_harmful_protocols=False)
        self.report = report

    def heading(self, text: str, level: int, **_: Any) -> str:
        words = re.sub(r"\s-\s", " – ", re.sub(r"<[^>]+>", "", text)).strip()
        if level == 1 and not self.report.title:
            self.report.title = str(Markup(words).unescape())
            letter = re.match(r"Report ([A-Z])\b", words)
            self.report.letter = letter[1] if letter else ""
            return ""
        question = re.match(r"(?:Exercise|Question)\s+(\d+(?:\.\d+)*[a-z]?|[A-Z]\b)\s*[–:-]?\s*(.*)", words)
        slug = (
            re.sub(r"[^a-z0-9]+", "-", (f"exercise {question[1]}" if question else words).lower()).strip("-")
            or "section"
        )
        taken = {heading.id for heading in self.report.headings}
        slug = next(name for name in (slug, *(f"{slug}-{count}" for count in range(2, 1000))) if name not in taken)
        entry = Heading(
            slug, question[1] if question else "", str(Markup(question[2] if question else words).unescape()), level
        )
        self.report.headings.append(entry)
        shown = re.sub(r"\s-\s", " – ", text)
        words = words.replace('"', "&quot;")
        anchor = f'<a class="anchor" href="#{slug}" aria-label="Link to {words}">#</a>'
        return f'<h{level} id="{slug}">{shown} <!--verdicts {slug}-->{anchor}</h{level}>\n'

    def link(self, text: str, url: str, title: str | None = None) -> str:
        """A link to a notebook beside this one becomes one to its page."""
        return super().link(text, re.sub(r"^([\w-]+)\.ipynb(?=#|$)", r"\1.html", url), title)

    def inline_math(self, body: str) -> str:
        return to_mathml(body.strip())

    def block_math(self, body: str) -> str:
        return to_mathml(body.strip(), display="block")

    def latex_environment(self, name: str, body: str) -> str:
        return self.block_math(f"\\begin{{{name}}}{body}\\end{{{name}}}")


def read(notebook: nbformat.NotebookNode, name: str, *, pictures: bool = True) -> Report:
    """Everything a page needs from an executed notebook; errors name the cell.

    Without `pictures` the charts' still pictures, most of the work, are left out: the index needs verdicts only.
    """
    report = Report(name, lab=dict(notebook.metadata.get("lab", {})))
    language = notebook.metadata.get("language_info", {}).get("name", "Rust").capitalize()
    for number, cell in enumerate(notebook.cells, 1):
        try:
            if cell.cell_type == "markdown":
                html = MarkdownWithMath(renderer=Prose(report)).render(cell.source)
                html = html.replace("<table>", '<div class="scroll"><table>').replace("</table>", "</table></div>")
                report.blocks.append({"kind": "prose", "html": Markup(html)})
            elif cell.cell_type == "code" and cell.source.strip():
                for output in cell.outputs:
                    report.blocks += show(output, report, cell, pictures)
                report.blocks.append(code(cell, language))
        except Exception as error:
            raise ValueError(f"{name}, cell {number} ({cell.get('id', 'no id')}): {error}") from error
    report.title = report.title or name
    for block in report.blocks:
        if block["kind"] == "prose":
            for heading in report.headings:
                block["html"] = block["html"].replace(f"<!--verdicts {heading.id}-->", badges(heading.verdicts))
    return report


def badges(verdicts: Counter[str]) -> Markup:
    """One badge per verdict word, with its count where there are several."""
    shown = [(word, verdicts[word]) for word in VERDICTS if verdicts[word]]
    return Markup(" ").join(
        Markup('<span class="badge {}">{}{}</span>').format(word, word, f" ×{count}" if count > 1 else "")
        for word, count in shown
    )


def show(output: nbformat.NotebookNode, report: Report, cell: nbformat.NotebookNode, pictures: bool) -> list[Block]:
    """The blocks of one output: the richest form that this page can show."""
    if output.output_type == "stream":
        return (
            [{"kind": "text", "html": Markup(ansi2html(output.text.rstrip("\n"))), "name": output.name}]
            if output.text.strip()
            else []
        )
    if output.output_type == "error":
        return [
            {"kind": "text", "html": Markup(ansi2html("\n".join(output.traceback) or output.evalue)), "name": "error"}
        ]
    data = output.data
    if CHART in data:
        return [chart(data, report.charts + 1, pictures)]
    if "text/html" in data:
        return [table(data, report, cell)]
    for kind in ("image/svg+xml", "image/png", "image/jpeg"):
        if kind in data:
            packed = base64.b64encode(data[kind].encode()).decode() if "svg" in kind else data[kind].replace("\n", "")
            return [{"kind": "image", "source": f"data:{kind};base64,{packed}", "text": data.get("text/plain", "")}]
    if "text/markdown" in data:
        return [
            {"kind": "prose", "html": Markup(MarkdownWithMath(renderer=Prose(report)).render(data["text/markdown"]))}
        ]
    text = data.get("text/plain", "")
    if text.strip() in ("", "()"):  # the unit value of a loop says nothing
        return []
    return [{"kind": "text", "html": Markup(ansi2html(text)), "name": "result"}]


def table(data: dict[str, Any], report: Report, cell: nbformat.NotebookNode) -> Block:
    """A table through the allow-list, with its claims noted under the heading above it."""
    soup = BeautifulSoup(bleach.clean(data["text/html"], TABLE_TAGS, TABLE_ATTRIBUTES, strip=True), "html.parser")
    columns = [head.get_text(" ", strip=True) for head in soup.select("thead th")]
    for column, head in enumerate(soup.select("thead th")):  # a column of numbers has its name to the right, too
        cells = soup.select(f"tbody td:nth-child({column + 1})")
        if cells and all("num" in (cell.get("class") or []) for cell in cells):
            head["class"] = "num"
    question = next((heading for heading in reversed(report.headings) if heading.level == 2), None)
    for row in soup.select("tr[data-claim]"):
        cells = row.find_all(["td", "th"])
        claim = Claim(
            str(row["data-claim"]),
            str(row.get("data-verdict")),
            dict(zip(columns, (item.get_text(" ", strip=True) for item in cells))),
            question,
        )
        if claim.verdict not in VERDICTS:
            raise ValueError(
                f"claim {claim.id}: the verdict must be one of {', '.join(VERDICTS)}, found {claim.verdict!r}"
            )
        report.claims.append(claim)
        if question:
            question.verdicts[claim.verdict] += 1
        for item in cells:
            if item.get_text(strip=True) == claim.verdict:
                item.string = ""
                item.append(soup.new_tag("span", attrs={"class": f"badge {claim.verdict}"}, string=claim.verdict))
    if len(columns) > MANY_COLUMNS and (frame := soup.find("table")):
        frame["class"] = "many"  # smaller on paper
    caption = soup.find("caption")
    label = (
        caption.get_text(" ", strip=True)
        if caption
        else f"Table in {question.number or question.text}"
        if question
        else "Table"
    )
    csv = "data:text/csv;charset=utf-8," + quote(data["text/csv"]) if "text/csv" in data else ""
    return {
        "kind": "table",
        "html": Markup(str(soup)),
        "label": label,
        "csv": csv,
        "file": f"{report.name}-{cell.get('id', 'table')}.csv",
    }


def code(cell: nbformat.NotebookNode, language: str) -> Block:
    """A folded cell: its highlighted source and the line that stands for it."""
    source = cell.source.strip("\n")
    shown = highlight(source, get_lexer_by_name(language.lower()), HtmlFormatter(nowrap=True))
    seconds = cell.metadata.get("lab", {}).get("seconds")
    first = source.splitlines()[0].strip()
    return {
        "kind": "code",
        "html": Markup(shown),
        "id": cell.get("id", ""),
        "lines": source.count("\n") + 1,
        "first": first,
        "language": language,
        "seconds": seconds,
    }
