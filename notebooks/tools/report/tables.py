"""Tables: their markup passes an allow-list, and their claims and verdicts are collected."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import bleach
from bs4 import BeautifulSoup, Tag
from markupsafe import Markup

from tools.report.prose import VERDICTS, Heading

MANY_COLUMNS = 8  # a table of more columns is printed smaller, to fit 150 mm of paper
A_SENTENCE = 60  # a table with a cell of more letters is shown as cards on a phone
TAGS = [
    "a",
    "b",
    "br",
    "caption",
    "code",
    "div",
    "em",
    "p",
    "pre",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
]
ATTRIBUTES = ["class", "title", "scope", "role", "colspan", "rowspan", "data-claim", "data-verdict"]


@dataclass
class Claim:
    """One row of a table of verdicts."""

    id: str
    verdict: str
    cells: dict[str, str]
    heading: Heading | None


def tally(claims: list[Claim]) -> Counter[str]:
    """How many claims came to each verdict; each claim once, however often the notebook shows it."""
    return Counter({claim.id: claim.verdict for claim in claims}.values())


def table(data: dict[str, Any], file: str, question: Heading | None) -> tuple[dict[str, Any], list[Claim]]:
    """The block of an HTML output, and the claims in it, which are counted under the question above."""
    clean = bleach.clean("".join(data["text/html"]), TAGS, ATTRIBUTES, strip=True)
    soup = BeautifulSoup(clean, "html.parser")
    heads = soup.select("thead th")
    columns = [head.get_text(" ", strip=True) for head in heads]
    for column, head in enumerate(heads):  # a column of numbers has its name to the right, too
        cells = soup.select(f"tbody td:nth-child({column + 1})")
        if cells and all("num" in (cell.get("class") or []) for cell in cells):
            head["class"] = "num"
    claims = [read_claim(row, columns, question) for row in soup.select("tr[data-claim]")]
    frame = soup.find("table")
    if isinstance(frame, Tag):
        kinds = ["claims"] if claims else ["sentences"] if of_sentences(frame, columns) else []
        frame["class"] = " ".join(kinds + (["many"] if len(columns) > MANY_COLUMNS else []))
    caption = soup.find("caption")
    if isinstance(caption, Tag):  # its words wrap at the page's edge, even where the table is wider and scrolls
        words = soup.new_tag("span", string=caption.get_text(" ", strip=True))
        caption.clear()
        caption.append(words)
    place = question.number or question.text if question else ""
    label = caption.get_text(" ", strip=True) if caption else f"Table in {place}" if place else "Table"
    block = {
        "kind": "table" if frame else "markup",
        "html": Markup(str(soup)),
        "label": label,
        "csv": "data:text/csv;charset=utf-8," + quote("".join(data["text/csv"])) if "text/csv" in data else "",
        "file": file,
    }
    return block, claims


def of_sentences(frame: Tag, columns: list[str]) -> bool:
    """Whether a table of four columns or more holds sentences; its cells then get the names of their columns, too."""
    rows = [row.find_all("td") for row in frame.select("tbody tr")]
    if len(columns) <= 3 or not any(len(cell.get_text()) > A_SENTENCE for row in rows for cell in row):
        return False
    for row in rows:
        for column, cell in zip(columns, row):
            head(cell, column)
    return True


def head(cell: Tag, column: str) -> None:
    """The name of a cell's column, for cards; a mark where it is long, and a badge where it is a verdict."""
    cell["data-head"] = column
    verdict = cell.get_text(strip=True)
    if len(verdict) > A_SENTENCE:
        cell["class"] = "long"
    if verdict in VERDICTS:
        cell.string = ""
        cell.append(BeautifulSoup(f'<span class="badge {verdict}">{verdict}</span>', "html.parser"))


def read_claim(row: Tag, columns: list[str], question: Heading | None) -> Claim:
    """The claim of a row, whose cells get a badge and the names of their columns, for cards on a phone."""
    cells = row.find_all(["td", "th"])
    named = dict(zip(columns, (cell.get_text(" ", strip=True) for cell in cells)))
    claim = Claim(str(row["data-claim"]), str(row.get("data-verdict")), named, question)
    if claim.verdict not in VERDICTS:
        raise ValueError(f"claim {claim.id}: the verdict must be one of {', '.join(VERDICTS)}, found {claim.verdict!r}")
    if question:
        question.verdicts[claim.verdict] += 1
    for column, cell in zip(columns, cells):
        head(cell, column)
    return claim
