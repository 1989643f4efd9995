"""A plotly chart as a still SVG for paper and for readers without JavaScript.

matplotlib draws it at export from the very JSON that the page's plotly.js draws: no browser is needed where reports
are made, and text stays text. Anything that cannot be shown is an `UnknownChart` error, never a missing curve.
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

os.environ.setdefault(
    "MPLCONFIGDIR", str(Path(__file__).parents[2] / ".lab" / "jupyter" / "matplotlib")
)  # not the home

import matplotlib
import numpy as np
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, PercentFormatter

from tools.report.static_panel import DASHES, Panel, Trace, UnknownChart, colour, plain
from tools.report.static_svg import compact
from tools.report.static_traces import draw

STYLE = {
    "svg.fonttype": "none", "svg.hashsalt": "lab", "text.parse_math": False, "path.simplify_threshold": 0.3,
    "font.size": 9.5, "axes.titlesize": 10, "axes.labelsize": 9.5, "legend.fontsize": 9, "legend.frameon": False,
    "axes.spines.top": False, "axes.spines.right": False, "axes.edgecolor": "#888", "axes.linewidth": 0.8,
    "axes.grid": True, "axes.axisbelow": True, "grid.color": "#ddd", "grid.linewidth": 0.6,
    "xtick.color": "#888", "ytick.color": "#888", "xtick.labelcolor": "#333", "ytick.labelcolor": "#333",
    "axes.labelcolor": "#222", "text.color": "#222",
}  # fmt: skip
WIDTH = 720  # CSS pixels; an A4 page between 18 mm margins is 658 wide


def to_svg(chart: dict[str, Any]) -> str:
    """The chart (`data` and `layout` as plotly takes them) as one SVG document without outside references."""
    layout = chart.get("layout") or {}
    height = min(layout.get("height") or 400, 900)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH / 96, height / 96), layout="constrained")
        FigureCanvasSVG(figure)
        panels = lay_out(figure, chart)
        traces = last_step(chart)
        drawn = [trace for trace in traces if trace.get("visible", True) is True]
        for panel_key, panel in panels.items():
            panel.bars = [trace for trace in drawn if trace.get("type") == "bar" and keys(trace) == panel_key]
        for number, trace in enumerate(traces):
            if trace in drawn:
                draw(panels[keys(trace)], trace, number)
        for panel in panels.values():
            finish(panel)
        for shape in layout.get("shapes") or []:
            draw_shape(panels, shape)
        for note in layout.get("annotations") or []:
            annotate(panels, note)
        legend(figure, panels, drawn, layout)
        if chart.get("frames"):
            figure.suptitle(plain(chart["frames"][-1].get("name")), fontsize=9.5)
        out = io.StringIO()
        figure.savefig(out, format="svg", transparent=False, metadata={"Date": None, "Creator": None})
    return compact(out.getvalue())


def last_step(chart: dict[str, Any]) -> list[Trace]:
    """The traces as they stand after the last frame of an animation; its name becomes the picture's heading."""
    traces = [dict(trace) for trace in chart["data"]]
    for frame in (chart.get("frames") or [])[-1:]:
        for at, change in zip(frame.get("traces") or range(len(traces)), frame.get("data") or [], strict=False):
            traces[at] |= change
    return traces


def keys(trace: Trace) -> tuple[str, str]:
    return trace.get("xaxis") or "x", trace.get("yaxis") or "y"


def axis_of(layout: dict[str, Any], key: str) -> dict[str, Any]:
    """`x` is `layout.xaxis`, `y2` is `layout.yaxis2`."""
    return layout.get(f"{key[0]}axis{key[1:]}") or {}


def lay_out(figure: Figure, chart: dict[str, Any]) -> dict[tuple[str, str], Panel]:
    """One panel per pair of axes, placed by `layout.grid` or by the axes' domains."""
    layout = chart.get("layout") or {}
    pairs = list(dict.fromkeys(keys(trace) for trace in chart["data"])) or [("x", "y")]
    spans = {pair: (span(layout, pair, 0), span(layout, pair, 1)) for pair in pairs}
    lefts = sorted({across for across, _ in spans.values()})
    tops = sorted({up for _, up in spans.values()}, reverse=True)
    cells = figure.add_gridspec(
        len(tops), len(lefts), width_ratios=[b - a for a, b in lefts], height_ratios=[b - a for a, b in tops]
    )
    panels: dict[tuple[str, str], Panel] = {}
    for pair in pairs:
        x, y = axis_of(layout, pair[0]), axis_of(layout, pair[1])
        under = next((panels[other] for other in panels if y.get("overlaying") == other[1]), None)
        if under:
            ax = under.ax.twinx()
            ax.grid(False)
            ax.spines["right"].set_visible(True)
        else:
            share = {
                f"share{which}": next(
                    (panel.ax for other, panel in panels.items() if other[at] in (pair[at], axis.get("matches"))), None
                )
                for at, (which, axis) in enumerate((("x", x), ("y", y)))
            }
            across, up = spans[pair]
            ax = figure.add_subplot(cells[tops.index(up), lefts.index(across)], **share)
        panels[pair] = Panel(ax, layout, x, y)
    return panels


def span(layout: dict[str, Any], pair: tuple[str, str], at: int) -> tuple[float, float]:
    """Where an axis lies in the figure, 0 to 1 from the left or from below."""
    axis, grid = axis_of(layout, pair[at]), layout.get("grid")
    if at == 1 and axis.get("overlaying"):
        return span(layout, (pair[0], axis["overlaying"]), 1)
    if axis.get("domain") or not grid:
        low, high = axis.get("domain") or (0.0, 1.0)
        return round(low, 6), round(high, 6)
    rows, columns = grid.get("rows") or 1, grid.get("columns") or 1
    number = int(pair[at][1:] or 1) - 1
    count = (columns, rows)[at]
    if grid.get("pattern", "coupled") == "independent":
        number = (number % columns, number // columns)[at]
    if at == 1 and grid.get("roworder", "top to bottom") == "top to bottom":
        number = count - 1 - number
    return round(number / count, 6), round((number + 1) / count, 6)


def finish(panel: Panel) -> None:
    """Scales, ranges, ticks and titles, once the traces are drawn."""
    for which in ("x", "y"):
        axis, ax = panel.axis[which], panel.ax
        inner = getattr(ax, f"{which}axis")
        log = axis.get("type") == "log"
        if log:
            getattr(ax, f"set_{which}scale")("log")
            low, high = getattr(ax, f"get_{which}lim")()
            inner.set_major_locator(LogLocator(10, (1, 2, 5) if high < 200 * low else (1,), numticks=10))
            inner.set_major_formatter(FuncFormatter(power))
            inner.set_minor_formatter(NullFormatter())
        limits = axis.get("range")
        if limits and None not in limits:
            getattr(ax, f"set_{which}lim")(*((10.0**end for end in limits) if log else limits))
        if axis.get("autorange") == "reversed":
            inner.set_inverted(True)
        if panel.categories[which]:
            inner.set_ticks(
                range(len(panel.categories[which])), labels=[plain(name) for name in panel.categories[which]]
            )
        if axis.get("tickvals"):
            inner.set_ticks(axis["tickvals"], labels=[plain(word) for word in axis.get("ticktext") or axis["tickvals"]])
        elif axis.get("dtick") and not log and not panel.categories[which]:
            inner.set_major_locator(matplotlib.ticker.MultipleLocator(axis["dtick"]))
        if "%" in (axis.get("tickformat") or ""):
            inner.set_major_formatter(PercentFormatter(1))
        if axis.get("tickangle"):
            ax.tick_params(which, rotation=-axis["tickangle"])
        title = axis.get("title")
        inner.set_label_text(plain(title.get("text") if isinstance(title, dict) else title))
        if axis.get("showgrid") is False:
            ax.grid(False, axis=which)
        if axis.get("showticklabels") is False or axis.get("visible") is False:
            ax.tick_params(
                which,
                length=0,
                **{f"label{side}": False for side in (("bottom", "top") if which == "x" else ("left", "right"))},
            )
        if axis.get("visible") is False:
            ax.grid(False, axis=which)
        if axis.get("scaleanchor"):
            ax.set_aspect(
                axis.get("scaleratio") or 1, adjustable="box" if axis.get("constrain") == "domain" else "datalim"
            )


def power(value: float, _at: int | None = None) -> str:
    """A tick of a logarithmic axis: 0.01, 200 or 10⁻⁷."""
    if 1e-4 < value < 1e6:
        return f"{value:g}"
    mantissa, exponent = f"{value:.0e}".split("e")
    raised = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"10{raised}" if mantissa == "1" else f"{mantissa}·10{raised}"


def place(panels: dict[tuple[str, str], Panel], item: dict[str, Any]) -> tuple[Panel, Any]:
    """The panel that a shape or note belongs to, and a map from its x, y to that panel's coordinates.

    A `paper` coordinate runs over the whole figure; it is mapped into the panel whose span lies nearest.
    """
    refs = {which: item.get(f"{which}ref") or which for which in ("x", "y")}
    wanted = [(at, refs[which].split()[0]) for at, which in enumerate("xy") if refs[which] != "paper"]
    fits = [pair for pair in panels if all(pair[at] == key for at, key in wanted)]
    if not fits:
        raise UnknownChart(f"a shape or annotation refers to axes {refs['x']}, {refs['y']}, on which nothing is drawn")
    layout = panels[fits[0]].layout

    def distance(pair: tuple[str, str]) -> float:
        total = 0.0
        for at, which in enumerate("xy"):
            if refs[which] == "paper" and (spot := item.get(which, item.get(f"{which}0"))) is not None:
                low, high = span(layout, pair, at)
                total += max(low - spot, spot - high, 0.0)
        return total

    pair = min(fits, key=distance)
    panel = panels[pair]

    def to_panel(which: str, value: Any) -> float:
        if refs[which] == "paper":
            low, high = span(layout, pair, "xy".index(which))
            return (value - low) / (high - low)
        if "domain" in refs[which]:
            return float(value)
        number = float(panel.values([value], which)[0])
        return 10.0**number if panel.axis[which].get("type") == "log" and "text" in item else number

    inside = {which: refs[which] != "paper" and "domain" not in refs[which] for which in ("x", "y")}
    blend = matplotlib.transforms.blended_transform_factory
    ax = panel.ax
    transform = blend(ax.transData if inside["x"] else ax.transAxes, ax.transData if inside["y"] else ax.transAxes)
    return panel, (to_panel, transform)


def draw_shape(panels: dict[tuple[str, str], Panel], shape: dict[str, Any]) -> None:
    panel, (at, transform) = place(panels, shape)
    x = [at("x", shape.get("x0", 0)), at("x", shape.get("x1", 1))]
    y = [at("y", shape.get("y0", 0)), at("y", shape.get("y1", 1))]
    line = shape.get("line") or {}
    pen: dict[str, Any] = {
        "lw": line.get("width", 2) * 0.75,
        "ls": DASHES.get(line.get("dash", "solid"), "--"),
        "transform": transform,
    }
    ink = colour(line.get("color"), "#444", shape.get("opacity", 1.0))
    limits = panel.ax.get_xlim(), panel.ax.get_ylim()
    kind = shape.get("type", "rect")
    if kind == "line":
        panel.ax.plot(x, y, color=ink, **pen)
    elif kind in ("rect", "circle"):
        fill = colour(shape.get("fillcolor"), "none", shape.get("opacity", 1.0))
        spread = abs(x[1] - x[0]), abs(y[1] - y[0])
        if kind == "rect":
            patch: Any = matplotlib.patches.Rectangle((min(x), min(y)), *spread, fc=fill, ec=ink, **pen)
        else:
            patch = matplotlib.patches.Ellipse((np.mean(x), np.mean(y)), *spread, fc=fill, ec=ink, **pen)
        patch.set_zorder(0.5 if shape.get("layer") == "below" else 2)
        panel.ax.add_patch(patch)
    else:
        raise UnknownChart(f"shape {kind!r}: known are line, rect, circle")
    if "paper" in (shape.get("xref"), shape.get("yref")):
        panel.ax.set(xlim=limits[0], ylim=limits[1])


def annotate(panels: dict[tuple[str, str], Panel], note: dict[str, Any]) -> None:
    panel, (at, transform) = place(panels, note)
    x, y, text = at("x", note.get("x", 0.5)), at("y", note.get("y", 0.5)), plain(note.get("text"))
    free = all(note.get(f"{which}ref", which).endswith(("paper", "domain")) for which in ("x", "y"))
    if free and y >= 0.98 and 0.3 < x < 0.7:
        panel.ax.set_title(text)  # a facet's heading
        return
    arrow = note.get("showarrow", True)
    offset = (
        (note.get("ax", -10) * 0.75, -note.get("ay", -30) * 0.75)
        if arrow
        else (note.get("xshift", 0) * 0.75, note.get("yshift", 0) * 0.75)
    )
    across = {"left": "left", "right": "right", "center": "center"}.get(note.get("xanchor", "auto"), "center")
    up = {"top": "top", "bottom": "bottom", "middle": "center"}.get(note.get("yanchor", "auto"), "center")
    panel.ax.annotate(
        text,
        (x, y),
        offset,
        xycoords=transform,
        textcoords="offset points",
        ha=across,
        va=up,
        fontsize=8.5,
        annotation_clip=False,
        color=colour((note.get("font") or {}).get("color"), "#222"),
        arrowprops={"arrowstyle": "->", "color": "#666", "lw": 0.8} if arrow else None,
    )


def legend(figure: Figure, panels: dict[tuple[str, str], Panel], drawn: list[Trace], layout: dict[str, Any]) -> None:
    """One legend below all panels, a name once, as plotly shows it."""
    shown = {trace.get("name") for trace in drawn if trace.get("showlegend", True)}
    named = {}
    for panel in panels.values():
        for handle, label in zip(*panel.ax.get_legend_handles_labels()):
            if label in shown:
                named.setdefault(label, handle)
    if layout.get("showlegend", len(drawn) > 1 or any(trace.get("showlegend") for trace in drawn)) and named:
        words = [plain(label) for label in named]
        columns = max(1, min(len(words), 110 // (max(map(len, words)) + 6)))
        figure.legend(named.values(), words, loc="outside lower center", ncols=columns)
