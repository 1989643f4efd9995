"""A chart of a notebook as a block of the page: what plotly.js draws, its still picture, its caption."""

from __future__ import annotations

import copy
import math
import re
from typing import Any
from urllib.parse import quote

from tools.report.static_chart import to_svg

CHART = "application/vnd.plotly.v1+json"
MANY_DECADES = 3


def chart(data: dict[str, Any], number: int, pictures: bool) -> dict[str, Any]:
    """A chart for plotly.js, its still picture, and its caption; the title moves into the caption."""
    drawing = copy.deepcopy(data[CHART])
    layout = drawing.setdefault("layout", {})
    title = layout.pop("title", "")
    layout.pop("margin", None)  # made for a title above the chart
    if layout.get("sliders"):
        layout["margin"] = {"r": 48}  # the last label stands half outside
    title = re.sub(r"<[^>]+>", "", (title.get("text") if isinstance(title, dict) else title) or "")
    ease_log_axes(drawing)
    if all(trace.get("type") == "box" for trace in drawing["data"]):
        layout.setdefault("showlegend", False)  # the axis names the boxes
    meta = layout.get("meta")
    description = (meta.get("description") if isinstance(meta, dict) else "") or data.get("text/plain", "") or title
    columns = len({trace.get("xaxis", "x") for trace in drawing["data"]})
    return {
        "kind": "chart",
        "number": number,
        "title": title,
        "description": description,
        "height": layout.get("height") or 420,
        "wide": columns > 1 or bool(layout.get("sliders")),
        "still": "data:image/svg+xml," + quote(to_svg(drawing) if pictures else "", safe=" !$'()*+,-./:;=?@_~"),
        "drawing": drawing,
    }


def ease_log_axes(drawing: dict[str, Any]) -> None:
    """Ticks that read at a glance: 1, 2, 5, 10, … over few decades, 10⁻⁸, 10⁻⁴, … over many (plotly writes 10n, 100µ)."""
    for name, axis in drawing["layout"].items():
        if (
            not re.fullmatch(r"[xy]axis\d*", name)
            or axis.get("type") != "log"
            or axis.get("dtick")
            or axis.get("tickvals")
        ):
            continue
        letter, key = name[0], name[0] + name[5:]
        arrays = [trace.get(letter) or [] for trace in drawing["data"] if trace.get(f"{letter}axis", letter) == key]
        values = [value for array in arrays for value in array if isinstance(value, (int, float)) and value > 0]
        decades = math.log10(max(values) / min(values)) if values else 0
        in_panel = letter == "x" and "domain" in axis  # half as wide
        if decades > (MANY_DECADES / 2 if in_panel else MANY_DECADES):
            axis |= {"dtick": math.ceil(decades / 6), "exponentformat": "power"}
        elif decades > 1:
            axis |= {"dtick": "D2", "exponentformat": "none"}
