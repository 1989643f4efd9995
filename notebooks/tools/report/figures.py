"""A picture of a notebook as a block of the page: what plotly.js draws, its still picture, its caption."""

from __future__ import annotations

import base64
import re
from html import unescape
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

CHART = "application/vnd.plotly.v1+json"
SVG = "image/svg+xml"
UNRESERVED = " !$'()*+,-./:;<=>?@_~"  # what a data URI between double quotes need not escape
BODY = re.compile(r'<view id="body" viewBox="0 ([\d.]+) ([\d.]+) ([\d.]+)"/>')


def figure(data: dict[str, Any]) -> dict[str, Any]:
    """The block of an output that has a picture: a chart, or an SVG alone.

    lab-core's charts come with both forms; the still picture serves where no script runs, and on paper. Its title moves
    into the caption. A chart of plotly's own has no still picture: the page says so there.
    """
    svg = "".join(data.get(SVG, ""))
    layout = data.get(CHART, {}).get("layout") or {}
    named = layout.get("title") or ""
    meta = layout.get("meta")
    said = meta.get("description") if isinstance(meta, dict) else ""
    title = inside(svg, "title") or plain(named.get("text") if isinstance(named, dict) else named)
    return {
        "kind": "figure",
        "title": title,
        "description": inside(svg, "desc") or said or "".join(data.get("text/plain", "")) or title,
        "height": (layout.get("height") or 420) if CHART in data else None,  # plotly.js draws it from the packed notebook
        "wide": "xaxis2" in layout or bool(layout.get("sliders")),
        "still": Markup("data:image/svg+xml," + quote(body(svg), safe=UNRESERVED)) if svg else "",
    }


def inside(svg: str, tag: str) -> str:
    """The text of an SVG's title or description."""
    found = re.search(rf"<{tag}>([^<]*)</{tag}>", svg)
    return unescape(found[1]) if found else ""


def plain(text: str | None) -> str:
    """A plotly title without its markup."""
    return unescape(re.sub(r"<[^>]+>", "", text or ""))


def body(svg: str) -> str:
    """lab-core's picture without the title above it, which the caption says; any other picture whole."""
    part = BODY.search(svg)
    if not part:
        return svg
    top, width, height = part.groups()
    return re.sub(
        r'width="[\d.]+" height="[\d.]+" viewBox="[^"]+"',
        f'width="{width}" height="{height}" viewBox="0 {top} {width} {height}"',
        svg,
        count=1,
    )


def image(data: dict[str, Any]) -> dict[str, Any] | None:
    """The block of a bitmap, or none."""
    for kind in ("image/png", "image/jpeg"):
        if kind in data:
            packed = base64.b64encode(base64.b64decode("".join(data[kind]))).decode()
            return {"kind": "image", "source": f"data:{kind};base64,{packed}", "text": "".join(data.get("text/plain", ""))}
    return None
