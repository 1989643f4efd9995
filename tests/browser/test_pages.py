"""Every exported page in a real browser without a network."""

from __future__ import annotations

import base64
import json
import re
import unicodedata
from pathlib import Path
from urllib.parse import unquote

import axe_playwright_python
import pytest
from conftest import CHART, REPORTS, Visit, outputs
from playwright.sync_api import Browser, expect
from pypdf import PdfReader

PAGES = sorted(REPORTS.glob("*.html"))
NOTEBOOKS = [page for page in PAGES if page.with_suffix(".ipynb").exists()]
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
MAX_BYTES = 2_500_000
A4_POINTS = (595, 842)
every_page = pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
every_report = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def test_there_are_pages() -> None:
    assert NOTEBOOKS, f"no exported report in {REPORTS}: run `make reports` first"
    assert (REPORTS / "index.html").exists()


@every_page
def test_nothing_leaves_and_nothing_complains(browser: Browser, path: Path) -> None:
    with Visit(browser, path) as visit:
        visit.drawn()
        assert visit.strangers() == []
        assert visit.complaints == []


@every_page
def test_size(path: Path) -> None:
    assert path.stat().st_size <= MAX_BYTES


@every_report
def test_every_chart_is_drawn(browser: Browser, path: Path) -> None:
    charts = outputs(path.with_suffix(".ipynb"), CHART)
    with Visit(browser, path) as visit:
        page = visit.drawn()
        drawn = "plots => plots.filter(plot => plot.querySelector('svg.main-svg')?.getBoundingClientRect().width > 200).length"
        assert page.locator("figure.chart .plot").evaluate_all(drawn) == len(charts)
        labels = page.locator("figure.chart .plot[role=img]").evaluate_all(
            "plots => plots.map(plot => plot.getAttribute('aria-label'))"
        )
        assert all(labels) and len(labels) == len(charts)


@every_page
def test_contents_links_work(browser: Browser, path: Path) -> None:
    with Visit(browser, path, reduced_motion="reduce") as visit:
        page = visit.drawn()
        hashes = page.locator("a[href^='#']").evaluate_all(
            "links => [...new Set(links.map(link => link.getAttribute('href')))]"
        )
        assert (
            page.evaluate(
                "hashes => hashes.filter(hash => !document.getElementById(decodeURIComponent(hash.slice(1))))", hashes
            )
            == []
        )
        for link in page.locator(".contents a[href^='#']").all():
            link.click()
            target = page.locator(link.get_attribute("href") or "")
            assert target.evaluate(
                "heading => { const top = heading.getBoundingClientRect().top; return top >= 0 && top < innerHeight; }"
            )
        files = page.locator("a[href$='.html']").evaluate_all("links => links.map(link => link.getAttribute('href'))")
        assert [name for name in files if not (path.parent / name).exists()] == []


@every_report
def test_charts_follow_the_theme(browser: Browser, path: Path) -> None:
    with Visit(browser, path, color_scheme="light") as visit:
        page = visit.drawn()
        plots = page.locator(".js-plotly-plot").all()
        inks = [plot.locator(".xtick text, .ytick text").first for plot in plots]
        light = [ink.evaluate("ink => getComputedStyle(ink).fill") for ink in inks]
        page.emulate_media(color_scheme="dark")
        for ink, shade in zip(inks, light, strict=True):
            expect(ink).not_to_have_css("fill", shade)
        page.locator("[data-do=theme]").click()
        for ink, shade in zip(inks, light, strict=True):
            expect(ink).to_have_css("fill", shade)
        assert visit.complaints == []


@every_page
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessibility(browser: Browser, path: Path, scheme: str) -> None:
    with Visit(browser, path, color_scheme=scheme) as visit:
        page = visit.drawn()
        page.locator("details.code").evaluate_all("folds => folds.slice(0, 3).forEach(fold => { fold.open = true; })")
        page.evaluate(AXE)
        found = page.evaluate(
            "async () => (await axe.run()).violations.filter(v => ['serious', 'critical'].includes(v.impact)).map(v => [v.id, v.nodes[0].html])"
        )
        assert found == []


@every_page
@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_phone_width(browser: Browser, path: Path, script: bool) -> None:
    with Visit(browser, path, viewport={"width": 360, "height": 740}, java_script_enabled=script) as visit:
        if script:
            visit.drawn()
            assert visit.page.evaluate("document.scrollingElement.scrollWidth") <= 360
        assert visit.page.locator("h1").is_visible()


@every_report
def test_still_pictures_without_script(browser: Browser, path: Path) -> None:
    with Visit(browser, path, java_script_enabled=False) as visit:
        stills = visit.page.locator("figure.chart img.still")
        assert stills.count() == len(outputs(path.with_suffix(".ipynb"), CHART))
        assert all(still.is_visible() and (still.bounding_box() or {}).get("height", 0) > 100 for still in stills.all())
        assert not any(plot.is_visible() for plot in visit.page.locator("figure.chart .plot").all())


@every_report
def test_print_has_every_chart_whole(browser: Browser, path: Path, tmp_path: Path) -> None:
    with Visit(browser, path) as visit:
        page = visit.drawn()
        page.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True)
        assert visit.complaints == []
    sheets = PdfReader(tmp_path / "page.pdf").pages
    assert all((round(sheet.mediabox.width), round(sheet.mediabox.height)) == A4_POINTS for sheet in sheets)
    plain = [unicodedata.normalize("NFKC", sheet.extract_text()) for sheet in sheets]  # no ligatures
    texts = [re.sub(r"\s", "", text) for text in plain]
    for number, chart in enumerate(outputs(path.with_suffix(".ipynb"), CHART), 1):
        where = [text for text in texts if f"Figure{number}." in text]
        title = (chart["layout"].get("xaxis") or {}).get("title") or {}
        words = title.get("text", "") if isinstance(title, dict) else title
        words = re.sub(r"<[^>]*>|\s", "", unicodedata.normalize("NFKC", words))
        assert any(words in text for text in where), f"figure {number}: its axis title and its caption are on one sheet"


@every_report
def test_downloads_are_what_was_run(browser: Browser, path: Path, tmp_path: Path) -> None:
    notebook = path.with_suffix(".ipynb")
    with Visit(browser, path) as visit:
        page = visit.drawn()
        with page.expect_download() as waiting:
            page.locator("[data-do=notebook]").click()
        waiting.value.save_as(tmp_path / "got.ipynb")
        assert json.loads((tmp_path / "got.ipynb").read_text(encoding="utf-8")) == json.loads(
            notebook.read_text(encoding="utf-8")
        )
        links = page.locator("a[download$='.csv']").evaluate_all("links => links.map(link => link.href)")
        assert [unquote(link.split(",", 1)[1]) for link in links] == [
            "".join(csv) for csv in outputs(notebook, "text/csv")
        ]


@every_page
def test_tables_sort(browser: Browser, path: Path) -> None:
    with Visit(browser, path) as visit:
        page = visit.drawn()
        for table in page.locator(".scroll table:has(thead th button)").all():
            head = table.locator("thead th").first
            column = "table => [...table.tBodies[0].rows].map(row => row.cells[0].textContent.trim())"
            given = table.evaluate(column)
            head.locator("button").click()
            assert head.get_attribute("aria-sort") == "ascending"
            up = table.evaluate(column)
            head.locator("button").click()
            assert head.get_attribute("aria-sort") == "descending"
            head.locator("button").click()
            assert head.get_attribute("aria-sort") is None
            assert table.evaluate(column) == given
            assert sorted(up) == sorted(given)
            numbers = [float(cell) for cell in up if re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", cell)]
            assert numbers == sorted(numbers)


@every_report
def test_one_control_unfolds_all_code(browser: Browser, path: Path) -> None:
    with Visit(browser, path) as visit:
        folds = visit.drawn().locator("details.code")
        assert folds.evaluate_all("folds => folds.some(fold => fold.open)") is False
        visit.page.locator("[data-do=code]").click()
        assert folds.evaluate_all("folds => folds.every(fold => fold.open)") is True


@every_page
def test_policy_forbids_the_network(path: Path) -> None:
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', path.read_text(encoding="utf-8"))
    assert policy
    rules = dict(rule.strip().split(" ", 1) for rule in policy[1].replace("&#39;", "'").split(";"))
    assert rules["default-src"] == "'none'" and "connect-src" not in rules
    assert re.fullmatch(r"('sha256-[\w+/=]{44}' ?)+", rules["script-src"])
    assert rules["img-src"] == "data: blob:"
    assert base64.b64decode(rules["script-src"].split("'")[1].removeprefix("sha256-"))
