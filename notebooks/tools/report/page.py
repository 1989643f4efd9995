"""A `Report` as one HTML file that opens anywhere: style, script, plotly.js and the notebook itself inside it."""

from __future__ import annotations

import base64
import gzip
import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

import nbformat
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from traitlets import Bool

from tools.report.live import module
from tools.report.prose import badges
from tools.report.read import Report, read

TOOLS = Path(__file__).parent
TEMPLATE = TOOLS / "template" / "lab-report"


def packed(text: str) -> str:
    """gzip and base64, as the page's DecompressionStream reads it; the same bytes at every export."""
    return base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode()


def digest(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


@lru_cache(maxsize=1)
def plotly() -> tuple[str, str]:
    """plotly.js packed for the page, and the hash by which the page's policy lets it run."""
    wanted, name = (TOOLS / "vendor" / "SHA256SUMS").read_text().split()
    compressed = (TOOLS / "vendor" / f"{name}.gz").read_bytes()
    source = gzip.decompress(compressed)
    found = hashlib.sha256(source).hexdigest()
    if found != wanted:
        raise ValueError(f"{name}: SHA-256 must be {wanted}, found {found}; restore the file")
    return base64.b64encode(compressed).decode(), digest(source.decode())


@lru_cache(maxsize=1)
def templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def read_all(*names: str) -> str:
    return "".join((TEMPLATE / name).read_text(encoding="utf-8") for name in names)


def render(template: str, charts: bool = False, live: bool = False, **values: Any) -> str:
    """A whole page. Its policy lets only our scripts, plotly.js and lab-core run, and nothing load."""
    lab_core = module() if live else ""
    script, computing = read_all("script.js"), read_all("lab.js", "live.js", "verify.js")
    allowed = [digest(script)]
    allowed += [plotly()[1]] if charts else []
    allowed += [digest(computing), "'wasm-unsafe-eval'"] if lab_core else []
    rules = [
        f"script-src {' '.join(allowed)}",
        *(["worker-src blob:"] if lab_core else []),
        "style-src 'unsafe-inline'",
        "img-src data: blob:",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    shell = {
        "policy": "; ".join(["default-src 'none'", *rules]),
        "scripts": [Markup(computing), Markup(script)] if lab_core else [Markup(script)],
        "style": Markup(read_all("style.css", "live.css")),
        "plotly": plotly()[0] if charts else "",
        "worker": Markup(read_all("worker.js")) if lab_core else "",
        "module": lab_core,
    }
    return templates().get_template(template).render(shell=shell, badges=badges, **values)


def render_report(notebook: NotebookNode, name: str, index: str = "") -> tuple[str, Report]:
    """The page of an executed notebook, and what was read from it; `index` is the page that lists all reports."""
    report = read(notebook, name)
    shown = {"report": report, "index": index, "notebook": packed(nbformat.writes(notebook))}
    return render("report.html.j2", report.charts, report.live, **shown), report


class ReportPreprocessor(Preprocessor):
    """Brings the same page to a plain `jupyter nbconvert --to html` (see `jupyter_nbconvert_config.py`)."""

    enabled = Bool(True).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        resources["page"], _ = render_report(nb, resources.get("metadata", {}).get("name", "notebook"))
        return nb, resources
