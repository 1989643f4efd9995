"""Draw plotly traces with matplotlib: one function per trace type.

`draw` is the entry; a type that is not in `KINDS` is an error, so that a printed report never lacks what its
interactive page shows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.ticker import MaxNLocator
from plotly.colors import qualitative

from tools.report.static_grids import contour, heatmap
from tools.report.static_panel import DASHES, Panel, Trace, UnknownChart, colormap, colour, colourbar, plain

SYMBOLS = {
    "circle": "o",
    "square": "s",
    "diamond": "D",
    "cross": "P",
    "x": "X",
    "triangle-up": "^",
    "triangle-down": "v",
    "star": "*",
    "pentagon": "p",
    "hexagon": "h",
    "line-ns": "|",
    "line-ew": "_",
    "asterisk": "x",
}
STEPS = {"hv": "steps-post", "vh": "steps-pre", "hvh": "steps-mid"}


def scatter(panel: Panel, trace: Trace, base: Any) -> None:
    x, y = panel.points(trace)
    mode = trace.get("mode") or ("lines+markers" if len(x) < 20 else "lines")
    line, marker, label = trace.get("line") or {}, trace.get("marker") or {}, trace.get("name")
    opacity = trace.get("opacity", 1.0)
    shade = colour(
        line.get("color") or (marker.get("color") if isinstance(marker.get("color"), str) else None), base, opacity
    )
    fill = trace.get("fill", "none")
    if fill != "none":
        area = colour(trace.get("fillcolor")) or (*shade[:3], 0.3)
        style: Trace = {"color": area, "lw": 0, "label": label if mode == "none" or line.get("width") == 0 else None}
        if fill == "tonexty" and panel.previous is not None:
            low_x, low = panel.previous
            panel.ax.fill(np.r_[x, low_x[::-1]], np.r_[y, low[::-1]], **style)
        elif fill in ("tozeroy", "tonexty"):
            panel.ax.fill_between(x, y, **style)
        elif fill == "toself":
            panel.ax.fill(x, y, **style)
        else:
            raise UnknownChart(f"fill {fill!r}")
    if "lines" in mode and line.get("width") != 0:
        style = {"color": shade, "lw": line.get("width", 2) * 0.75, "ls": DASHES.get(line.get("dash", "solid"), "--")}
        panel.ax.plot(
            x, y, drawstyle=STEPS.get(line.get("shape"), "default"), label=None if "markers" in mode else label, **style
        )
    if "markers" in mode:
        markers(panel, trace, x, y, shade, label)
    if "text" in mode:
        words = trace.get("text") or []
        for at_x, at_y, word in zip(x, y, [words] * len(x) if isinstance(words, str) else words, strict=False):
            panel.ax.annotate(plain(word), (at_x, at_y), (0, 3), textcoords="offset points", ha="center", fontsize=8)
    errors(panel, trace, x, y, shade)
    panel.previous = (x, y)


def markers(panel: Panel, trace: Trace, x: np.ndarray, y: np.ndarray, shade: Any, label: str | None) -> None:
    marker = trace.get("marker") or {}
    size, symbol = marker.get("size", 6), marker.get("symbol", "circle")
    opacity = marker.get("opacity", 1.0) * trace.get("opacity", 1.0)
    shared: Trace = {
        "s": (np.array(size, dtype=float) * 0.75) ** 2,
        "zorder": 3,
        "label": label,
        "rasterized": len(x) > 1500,
    }
    edge = marker.get("line") or {}
    shared["linewidths"] = edge.get("width", 0) * 0.75
    given = marker.get("color")
    if isinstance(given, list) and any(isinstance(item, (int, float)) for item in given):
        scale = colormap(marker.get("colorscale"), marker.get("reversescale", False))
        dots = panel.ax.scatter(
            x,
            y,
            c=np.array(given, dtype=float),
            cmap=scale,
            vmin=marker.get("cmin"),
            vmax=marker.get("cmax"),
            alpha=opacity,
            **shared,
        )
        if marker.get("showscale"):
            colourbar(panel, dots, marker.get("colorbar"))
        return
    fills = (
        [colour(item, base_of(shade), opacity) for item in given]
        if isinstance(given, list)
        else colour(given, base_of(shade), opacity)
    )
    shapes = symbol if isinstance(symbol, list) else [symbol]
    for shape in dict.fromkeys(shapes):
        rows = np.array([item == shape for item in symbol]) if isinstance(symbol, list) else np.ones(len(x), dtype=bool)
        name = shape.removesuffix("-open") if isinstance(shape, str) else shape
        if name not in SYMBOLS:
            raise UnknownChart(f"marker symbol {shape!r}: known are {', '.join(SYMBOLS)}")
        ink: Any = [item for item, row in zip(fills, rows) if row] if isinstance(fills, list) else [fills]
        hollow = name != shape
        part = dict(shared, s=shared["s"][rows] if np.ndim(shared["s"]) else shared["s"])
        part["linewidths"] = max(shared["linewidths"], 1) if hollow or SYMBOLS[name] in "|_x" else shared["linewidths"]
        paint: Trace = {"facecolors": "none", "edgecolors": ink} if hollow else {"c": ink}
        if not hollow and edge.get("width"):
            paint["edgecolors"] = [colour(edge.get("color"), "white")]
        panel.ax.scatter(x[rows], y[rows], marker=SYMBOLS[name], **part, **paint)


def base_of(shade: Any) -> Any:
    """The opaque colour beneath a shade whose opacity is applied elsewhere."""
    return (*shade[:3], 1.0) if shade is not None else None


def errors(panel: Panel, trace: Trace, x: np.ndarray, y: np.ndarray, shade: Any) -> None:
    for which in ("x", "y"):
        error = trace.get(f"error_{which}") or {}
        if error.get("array") and error.get("visible", True):
            up = np.array(error["array"], dtype=float)
            down = np.array(error.get("arrayminus") or up, dtype=float)
            panel.ax.errorbar(
                x,
                y,
                fmt="none",
                ecolor=colour(error.get("color"), shade),
                elinewidth=1,
                capsize=2,
                **{f"{which}err": [down, up]},
            )


def bar(panel: Panel, trace: Trace, base: Any) -> None:
    flat = trace.get("orientation") == "h"
    x, y = panel.points(trace)
    at, length = (y, x) if flat else (x, y)
    mode, gap = panel.layout.get("barmode", "group"), panel.layout.get("bargap", 0.2)
    marker = trace.get("marker") or {}
    pitch = float(np.min(np.diff(np.unique(at)))) if len(np.unique(at)) > 1 else 1.0
    width = np.array(trace["width"], dtype=float) if trace.get("width") is not None else pitch * (1 - gap)
    start = np.array(trace.get("base") or 0.0, dtype=float)
    rank, count = panel.bars.index(trace), len(panel.bars)
    if mode == "group" and trace.get("width") is None:
        width = width / count
        at = at + (rank - (count - 1) / 2) * width
    elif mode in ("stack", "relative"):
        for earlier in panel.bars[:rank]:
            far = dict(zip(*(panel.points(earlier)[::-1] if flat else panel.points(earlier))))
            start = start + np.array([far.get(spot, 0.0) for spot in at])
    given = marker.get("color")
    opacity = marker.get("opacity", 1.0) * trace.get("opacity", 1.0)
    if isinstance(given, list) and any(isinstance(item, (int, float)) for item in given):
        numbers = np.array(given, dtype=float)
        shade: Any = colormap(marker.get("colorscale"), marker.get("reversescale", False))(
            (numbers - numbers.min()) / (np.ptp(numbers) or 1)
        )
    else:
        shade = (
            [colour(item, base, opacity) for item in given] if isinstance(given, list) else colour(given, base, opacity)
        )
    put = panel.ax.barh if flat else panel.ax.bar
    drawn = put(at, length, width, **{"left" if flat else "bottom": start}, color=shade, label=trace.get("name"))
    words = trace.get("text")
    if words and trace.get("textposition") != "none":
        panel.ax.bar_label(
            drawn,
            [plain(words)] * len(at) if isinstance(words, str) else [plain(word) for word in words],
            padding=2,
            fontsize=8,
        )
    errors(panel, trace, *((length, at) if flat else (at, length)), colour("#555"))


def histogram(panel: Panel, trace: Trace, base: Any) -> None:
    flat = trace.get("y") is not None and trace.get("x") is None
    data = panel.values(trace["y" if flat else "x"], "y" if flat else "x")
    data = data[np.isfinite(data)]
    bins = trace.get("ybins" if flat else "xbins") or {}
    if bins.get("size"):
        edges = np.arange(bins.get("start", data.min()), bins.get("end", data.max()) + bins["size"] / 2, bins["size"])
    else:
        wanted = trace.get("nbinsy" if flat else "nbinsx") or max(len(np.histogram_bin_edges(data, "sturges")), 10)
        edges = MaxNLocator(wanted, steps=[1, 2, 5, 10]).tick_values(data.min(), data.max())
    norm = trace.get("histnorm") or ""
    factors = {
        "": 1.0,
        "probability": 1 / len(data),
        "percent": 100 / len(data),
        "density": 1 / (edges[1] - edges[0]),
        "probability density": 1 / len(data) / (edges[1] - edges[0]),
    }
    if norm not in factors:
        raise UnknownChart(f"histnorm {norm!r}")
    marker = trace.get("marker") or {}
    shade = colour(marker.get("color"), base, marker.get("opacity", 1.0) * trace.get("opacity", 1.0))
    weights = np.full(len(data), factors[norm])
    panel.ax.hist(
        data,
        edges,
        weights=weights,
        cumulative=bool((trace.get("cumulative") or {}).get("enabled")),
        color=shade,
        ec="white",
        lw=0.4,
        label=trace.get("name"),
        orientation="horizontal" if flat else "vertical",
    )


def box(panel: Panel, trace: Trace, base: Any) -> None:
    flat = trace.get("orientation") == "h" or (
        trace.get("y") is None and trace.get("x") is not None and trace.get("q1") is None
    )
    value, group = ("x", "y") if flat else ("y", "x")
    names = trace.get(group) if trace.get(group) is not None else [trace.get(f"{group}0") or trace.get("name") or ""]
    if trace.get("q1") is not None:
        at = panel.values(names, group)
        keys = {"q1": "q1", "med": "median", "q3": "q3", "whislo": "lowerfence", "whishi": "upperfence"}
        stats = [
            {key: trace[source][row] for key, source in keys.items()} | {"fliers": []}
            for row in range(len(trace["q1"]))
        ]
    else:
        data = panel.values(trace[value], value)
        spots = panel.values(names if len(names) == len(data) else [names[0]] * len(data), group)
        at = np.unique(spots)
        stats = [box_stats(data[(spots == spot) & np.isfinite(data)], trace) for spot in at]
    shade = colour((trace.get("line") or {}).get("color") or (trace.get("marker") or {}).get("color"), base)
    pen = {"color": shade, "lw": 1.2}
    panel.ax.bxp(
        stats,
        at,
        widths=0.5,
        patch_artist=True,
        vert=None,
        orientation="horizontal" if flat else "vertical",
        manage_ticks=False,
        medianprops=pen,
        whiskerprops=pen,
        capprops=pen,
        boxprops={"fc": colour(trace.get("fillcolor")) or (*shade[:3], 0.35), "ec": shade, "lw": 1.2},
        flierprops={"marker": "o", "ms": 3, "mfc": shade, "mec": "none"},
        label=trace.get("name"),
    )


def box_stats(data: np.ndarray, trace: Trace) -> Trace:
    """Quartiles, whiskers at 1.5 interquartile ranges, and the points beyond them (plotly's default)."""
    q1, median, q3 = np.percentile(data, [25, 50, 75], method="hazen")
    inside = data[(data >= q1 - 1.5 * (q3 - q1)) & (data <= q3 + 1.5 * (q3 - q1))]
    beyond = [] if trace.get("boxpoints") is False else data[(data < inside.min()) | (data > inside.max())]
    return {"q1": q1, "med": median, "q3": q3, "whislo": inside.min(), "whishi": inside.max(), "fliers": beyond}


KINDS: dict[str, Callable[[Panel, Trace, Any], None]] = {
    "scatter": scatter,
    "bar": bar,
    "histogram": histogram,
    "box": box,
    "heatmap": heatmap,
    "contour": contour,
}


def draw(panel: Panel, trace: Trace, number: int) -> None:
    """Draw one trace; `number` picks its colour where the trace names none."""
    kind = trace.get("type", "scatter")
    if kind not in KINDS:
        raise UnknownChart(f"trace type {kind!r}: the static picture knows {', '.join(KINDS)}")
    colours = panel.layout.get("colorway") or qualitative.Plotly
    KINDS[kind](panel, trace, colour(colours[number % len(colours)]))
