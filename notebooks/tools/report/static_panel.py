"""What static charts share: colours, labels, and a pair of axes that reads plotly's arrays."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgba
from plotly.colors import PLOTLY_SCALES

Trace = dict[str, Any]
DASHES = {
    "solid": "-",
    "dash": "--",
    "dot": ":",
    "dashdot": "-.",
    "longdash": (0, (8, 3)),
    "longdashdot": (0, (8, 3, 2, 3)),
}


class UnknownChart(ValueError):
    """The chart uses something that the static picture cannot show."""


def colour(value: Any, default: Any = None, opacity: float | None = None) -> Any:
    """A CSS colour (`#rrggbb`, a name, `rgb(…)`, `rgba(…)`) as matplotlib's RGBA."""
    value = default if value is None else value
    if value is None:
        return None
    parts = re.match(r"rgba?\(([^)]*)\)", value.strip()) if isinstance(value, str) else None
    if parts:
        numbers = [float(part) for part in parts[1].split(",")]
        rgba = (*(part / 255 for part in numbers[:3]), numbers[3] if len(numbers) > 3 else 1.0)
    else:
        rgba = to_rgba("none" if value == "transparent" else value)
    return rgba if opacity is None else (*rgba[:3], rgba[3] * opacity)


def plain(text: Any) -> str:
    """Plotly's label text without its few HTML tags."""
    text = re.sub(r"<br\s*/?>", "\n", str(text or ""))
    text = re.sub(r"</?(?:b|i|em|strong|sub|sup|span|a)\b[^>]*>", "", text)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def colormap(scale: Any, reverse: bool = False) -> LinearSegmentedColormap:
    """A named or listed plotly colour scale; plotly's own table gives the named ones."""
    if isinstance(scale, str):
        named = {name.lower(): stops for name, stops in PLOTLY_SCALES.items()}
        if scale.lower() not in named:
            raise UnknownChart(f"colour scale {scale!r}: known are {', '.join(sorted(named))}")
        scale = named[scale.lower()]
    stops = [(float(at), colour(shade)) for at, shade in (scale or PLOTLY_SCALES["RdBu"])]
    if reverse:
        stops = [(1 - at, shade) for at, shade in reversed(stops)]
    return LinearSegmentedColormap.from_list("plotly", stops)


class Panel:
    """One pair of axes, its categories, and what one trace leaves for the next (fills, stacked bars)."""

    def __init__(self, ax: Axes, layout: dict[str, Any], x: dict[str, Any], y: dict[str, Any]) -> None:
        self.ax, self.layout, self.axis = ax, layout, {"x": x, "y": y}
        self.categories: dict[str, list[str]] = {
            "x": list(x.get("categoryarray") or []),
            "y": list(y.get("categoryarray") or []),
        }
        self.bars: list[Trace] = []
        self.previous: tuple[np.ndarray, np.ndarray] | None = None

    def values(self, data: Any, which: str) -> np.ndarray:
        """Numbers of a data array; text becomes the index of its category."""
        if isinstance(data, dict):
            raise UnknownChart("typed arrays (bdata) are not read: emit plain JSON lists")
        if any(isinstance(item, str) for item in data) or self.axis[which].get("type") == "category":
            known = self.categories[which]
            known += [item for item in dict.fromkeys(map(str, data)) if item not in known]
            return np.array([known.index(str(item)) for item in data], dtype=float)
        return np.array([np.nan if item is None else item for item in data], dtype=float)

    def points(self, trace: Trace) -> tuple[np.ndarray, np.ndarray]:
        """x and y of a trace; a missing one counts 0, 1, 2, … as plotly does."""
        x, y = trace.get("x"), trace.get("y")
        count = len(x if x is not None else y if y is not None else [])
        return self.values(x if x is not None else range(count), "x"), self.values(
            y if y is not None else range(count), "y"
        )


def colourbar(panel: Panel, drawn: Any, wanted: Trace | None) -> None:
    wanted = wanted or {}
    title = wanted.get("title") or {}
    made = panel.ax.figure.colorbar(drawn, ax=panel.ax, shrink=0.9, pad=0.02)
    made.set_label(plain(title.get("text") if isinstance(title, dict) else title), fontsize=9)
    if wanted.get("tickvals"):
        made.set_ticks(
            wanted["tickvals"], labels=[plain(word) for word in wanted.get("ticktext") or wanted["tickvals"]]
        )
