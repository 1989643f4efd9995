"""Traces over a grid: heat maps and contour lines."""

from __future__ import annotations

from typing import Any

import numpy as np

from tools.report.static_panel import Panel, Trace, colormap, colour, colourbar, plain


def grid(panel: Panel, trace: Trace) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    z = np.array([[np.nan if item is None else item for item in row] for row in trace["z"]], dtype=float)
    x = panel.values(trace["x"] if trace.get("x") is not None else range(z.shape[1]), "x")
    y = panel.values(trace["y"] if trace.get("y") is not None else range(z.shape[0]), "y")
    return x, y, z


def heatmap(panel: Panel, trace: Trace, base: Any) -> None:
    x, y, z = grid(panel, trace)
    low, high, middle = trace.get("zmin"), trace.get("zmax"), trace.get("zmid")
    if middle is not None:
        reach = max(abs(np.nanmin(z) - middle), abs(np.nanmax(z) - middle))
        low, high = middle - reach, middle + reach
    shading = "nearest" if len(x) == z.shape[1] else "flat"
    scale = colormap(trace.get("colorscale"), trace.get("reversescale", False))
    mesh = panel.ax.pcolormesh(x, y, z, cmap=scale, vmin=low, vmax=high, shading=shading, rasterized=z.size > 400)
    panel.ax.grid(False)
    if trace.get("texttemplate"):
        words = trace.get("text")
        for row, column in np.ndindex(z.shape):
            word = plain(words[row][column]) if words else f"{z[row, column]:.3g}"
            r, g, b, _ = mesh.cmap(mesh.norm(z[row, column]))
            ink = "black" if 0.299 * r + 0.587 * g + 0.114 * b > 0.5 else "white"
            panel.ax.text(x[column], y[row], word, ha="center", va="center", fontsize=8, color=ink)
    if trace.get("showscale", True):
        colourbar(panel, mesh, trace.get("colorbar"))


def contour(panel: Panel, trace: Trace, base: Any) -> None:
    x, y, z = grid(panel, trace)
    wanted, scale = trace.get("contours") or {}, colormap(trace.get("colorscale"), trace.get("reversescale", False))
    levels: Any = trace.get("ncontours") or 15
    if wanted.get("size"):
        levels = np.arange(wanted["start"], wanted["end"] + wanted["size"] / 2, wanted["size"])
    filled = wanted.get("coloring", "fill") in ("fill", "heatmap")
    line = trace.get("line") or {}
    if filled:
        drawn = panel.ax.contourf(x, y, z, levels, cmap=scale, extend="both")
    elif line.get("color"):
        drawn = panel.ax.contour(x, y, z, levels, colors=[colour(line["color"])], linewidths=1)
    else:
        drawn = panel.ax.contour(x, y, z, levels, cmap=scale, linewidths=1)
    if wanted.get("showlabels") and not filled:
        panel.ax.clabel(drawn, fontsize=7)
    if trace.get("showscale", True) and (filled or not line.get("color")):
        colourbar(panel, drawn, trace.get("colorbar"))
