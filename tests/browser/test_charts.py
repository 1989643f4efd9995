"""Every kind of chart, drawn by plotly.js and by lab-core's own SVG: the same ticks, names and legend, and a phone's layout."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect

from conftest import CHART, PHONE, SVG, Visit, outputs, page_of

SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "−0123456789")
TICKS = """plot => Object.keys(plot._fullLayout).filter(key => /^[xy]axis\\d*$/.test(key)).sort().map(key => {
  const axis = plot._fullLayout[key];
  return [axis._id, [...plot.querySelectorAll(`.${axis._id}tick text`)].map(text => text.textContent.replaceAll("\u200b", ""))];
})"""


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of one chart of every kind."""
    return page_of("gallery.ipynb", "charts", tmp_path_factory.mktemp("gallery"))


@pytest.fixture(scope="module")
def visit(browser: Browser, gallery: Path) -> Iterator[Visit]:
    with Visit(browser, gallery, viewport={"width": 1280, "height": 800}) as opened:
        opened.drawn()
        yield opened


def kinds(gallery: Path) -> list[str]:
    return ["".join(cell["source"]) for cell in json.loads(gallery.with_suffix(".ipynb").read_text())["cells"]]


def drawn_ticks(plot: Locator) -> dict[str, list[str]]:
    """The texts at each of plotly's axes, such as `x2`."""
    return dict(plot.evaluate(TICKS))


def written_ticks(svg: str) -> dict[str, list[str]]:
    """The texts at each axis of the SVG, in plotly's names of axes."""
    found: dict[str, list[str]] = {}
    for number, panel in enumerate(svg.split('<g class="panel"')[1:], 1):
        for letter in "xy":
            texts = re.findall(rf'<text [^>]*class="{letter}"[^>]*>([^<]*)</text>', panel)
            found[letter + (str(number) if number > 1 else "")] = [text.translate(SUPERSCRIPTS) for text in texts]
    return found


def test_plotly_sets_the_ticks_that_the_svg_has(visit: Visit, gallery: Path) -> None:
    svgs = outputs(gallery.with_suffix(".ipynb"), SVG)
    plots = visit.page.locator("figure.chart .plot[role=img]").all()
    assert len(plots) == len(svgs) > 10
    differing: dict[str, Any] = {}
    for kind, plot, svg in zip(kinds(gallery), plots, svgs, strict=True):
        drawn, written = drawn_ticks(plot), written_ticks("".join(svg))
        if drawn != written:
            differing[kind] = (drawn, written)
    assert differing == {}


def test_plotly_shows_the_legend_that_the_svg_has(visit: Visit, gallery: Path) -> None:
    for plot, svg in zip(
        visit.page.locator("figure.chart .plot[role=img]").all(), outputs(gallery.with_suffix(".ipynb"), SVG), strict=True
    ):
        entries = re.findall(r'class="entry">([^<]*)</text>', "".join(svg))
        assert plot.locator(".legendtext").all_text_contents() == entries


def test_panels_stand_below_each_other_on_a_phone(browser: Browser, gallery: Path) -> None:
    with Visit(browser, gallery, viewport=PHONE) as phone:
        page = phone.drawn()
        assert page.evaluate("document.scrollingElement.scrollWidth") <= PHONE["width"]
        plot = page.locator("figure.chart .plot[role=img]").nth(kinds(gallery).index("two panels"))
        first, second = plot.evaluate(
            "plot => ['', 2].map(at => [plot._fullLayout['xaxis' + at]._offset, plot._fullLayout['yaxis' + at]._offset])"
        )
        assert first[0] == second[0] and first[1] + 200 < second[1], "the second panel stands below the first"
        page.set_viewport_size({"width": 1280, "height": 800})
        expect(plot).to_have_attribute("data-narrow", "false")


def test_a_figure_is_saved_with_its_title(visit: Visit, tmp_path: Path) -> None:
    figure = visit.page.locator("figure.chart").first
    for kind, start in (("svg", b"<svg xmlns"), ("png", b"\x89PNG")):
        with visit.page.expect_download() as waiting:
            figure.locator(f"[data-do={kind}]").click()
        waiting.value.save_as(tmp_path / f"figure.{kind}")
        assert (tmp_path / f"figure.{kind}").read_bytes().startswith(start)
    saved = (tmp_path / "figure.svg").read_text()
    whole = "".join(outputs(visit.path.with_suffix(".ipynb"), SVG)[0])
    assert saved == whole, "the saved picture is lab-core's own, title and all"
    assert len(outputs(visit.path.with_suffix(".ipynb"), CHART)) > 10
