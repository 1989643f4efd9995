"""Markdown cells: anchored headings, mathematics as MathML, raw HTML shown as text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from latex2mathml.converter import convert as to_mathml
from markupsafe import Markup
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

VERDICTS = ("reproduced", "right", "loose", "wrong")


@dataclass
class Heading:
    """A heading: its anchor, the number of its question, and the verdicts found below it."""

    id: str
    number: str
    text: str
    level: int
    verdicts: Counter[str] = field(default_factory=Counter)


@dataclass
class Outline:
    """The title of a notebook and its headings, collected while its prose is rendered."""

    title: str = ""
    headings: list[Heading] = field(default_factory=list)

    @property
    def letter(self) -> str:
        """The report's letter, or nothing."""
        found = re.match(r"Report ([A-Z])\b", self.title)
        return found[1] if found else ""

    @property
    def question(self) -> Heading | None:
        """The last question so far."""
        return next((heading for heading in reversed(self.headings) if heading.level == 2), None)


class Prose(IPythonRenderer):
    """nbconvert's renderer, with our headings, links and formulas."""

    def __init__(self, outline: Outline) -> None:
        super().__init__(escape=True, allow_harmful_protocols=False)
        self.outline = outline

    def heading(self, text: str, level: int, **_: Any) -> str:
        """The first title becomes the page's; any other heading gets an anchor and a place for its verdicts."""
        words = re.sub(r"\s-\s", " – ", re.sub(r"<[^>]+>", "", text)).strip()
        if level == 1 and not self.outline.title:
            self.outline.title = str(Markup(words).unescape())
            return ""
        question = re.match(r"(?:Exercise|Question)\s+(\d+(?:\.\d+)*[a-z]?|[A-Z]\b)\s*[–:-]?\s*(.*)", words)
        number, said = (question[1], question[2]) if question else ("", words)
        taken = {heading.id for heading in self.outline.headings}
        anchor = slug(f"exercise {number}" if number else words, taken)
        self.outline.headings.append(Heading(anchor, number, str(Markup(said).unescape()), level))
        shown, label = re.sub(r"\s-\s", " – ", text), words.replace('"', "&quot;")
        link = f'<a class="anchor" href="#{anchor}" aria-label="Link to {label}">#</a>'
        return f'<h{level} id="{anchor}">{shown} <!--verdicts {anchor}-->{link}</h{level}>\n'

    def link(self, text: str, url: str, title: str | None = None) -> str:
        """A link to a notebook beside this one becomes one to its page."""
        return super().link(text, re.sub(r"^([\w-]+)\.ipynb(?=#|$)", r"\1.html", url), title)

    def inline_math(self, body: str) -> str:
        return to_mathml(body.strip())

    def block_math(self, body: str) -> str:
        return to_mathml(body.strip(), display="block")

    def latex_environment(self, name: str, body: str) -> str:
        return self.block_math(f"\\begin{{{name}}}{body}\\end{{{name}}}")


def slug(words: str, taken: Iterable[str]) -> str:
    """An anchor for these words that is not taken."""
    base = re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-") or "section"
    known = set(taken)
    return next(name for name in (base, *(f"{base}-{count}" for count in range(2, len(known) + 3))) if name not in known)


def markdown(source: str, outline: Outline) -> Markup:
    """Prose as HTML; a wide table scrolls."""
    html = str(MarkdownWithMath(renderer=Prose(outline)).render(source))
    return Markup(html.replace("<table>", '<div class="scroll"><table>').replace("</table>", "</table></div>"))


def badges(verdicts: Counter[str]) -> Markup:
    """One badge per verdict word, with its count where there are several."""
    shown = [(word, verdicts[word]) for word in VERDICTS if verdicts[word]]
    one = Markup('<span class="badge {}">{}{}</span>')
    return Markup(" ").join(one.format(word, word, f" ×{count}" if count > 1 else "") for word, count in shown)
