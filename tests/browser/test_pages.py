"""Every exported page in a real browser without a network: each is opened once, and looked at in this order."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, expect
from pypdf import PdfReader

from conftest import AXE, AXE_RUN, CHART, PHONE, REPORTS, SVG, Visit, bundles, outputs

PAGES = sorted(REPORTS.glob("*.html"))
MAX_BYTES = 1_400_000
A4_POINTS = (595, 842)
DESK = {"width": 1280, "height": 800}


def test_there_are_pages() -> None:
    reports = [page for page in PAGES if page.with_suffix(".ipynb").exists()]
    assert reports, f"no exported report in {REPORTS}: run `make reports` first"
    assert REPORTS / "index.html" in PAGES


@pytest.fixture(scope="module", params=PAGES, ids=lambda path: path.stem)
def visit(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Visit]:
    with Visit(browser, request.param, color_scheme="light", reduced_motion="reduce", viewport=DESK) as opened:
        opened.drawn()
        yield opened


def found_in(visit: Visit, kind: str) -> list[object]:
    """What the page's notebook gave out; the index has no notebook."""
    notebook = visit.path.with_suffix(".ipynb")
    return outputs(notebook, kind) if notebook.exists() else []


def test_size_and_policy(visit: Visit) -> None:
    text = visit.path.read_text(encoding="utf-8")
    assert len(text.encode()) <= MAX_BYTES
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert policy
    rules = dict(rule.strip().split(" ", 1) for rule in policy[1].replace("&#39;", "'").split(";"))
    assert rules["default-src"] == "'none'" and "connect-src" not in rules
    assert re.fullmatch(r"('sha256-[\w+/=]{44}' ?)+('wasm-unsafe-eval')?", rules["script-src"])
    computes = 'id="module"' in text
    assert computes == ("'wasm-unsafe-eval'" in rules["script-src"]) == (rules.get("worker-src") == "blob:")
    assert computes == any(mark in text for mark in ("<tr data-claim=", "data-explorable=")) or visit.path.stem == "index"
    assert rules["img-src"] == "data: blob:"


def test_every_chart_is_drawn_and_described(visit: Visit) -> None:
    plots = visit.page.locator("figure.chart .plot[role=img]")
    drawn = "plots => plots.filter(plot => plot.querySelector('svg.main-svg')?.getBoundingClientRect().width > 200).length"
    assert plots.evaluate_all(drawn) == len(found_in(visit, CHART))
    assert all(plots.evaluate_all("plots => plots.map(plot => plot.getAttribute('aria-label'))"))


def test_no_chart_or_table_came_out_as_text(visit: Visit) -> None:
    texts = visit.page.locator("pre.output.result").all_text_contents()
    assert [text[:80] for text in texts if re.match(r"(Chart|Table|Finding) \{", text)] == []


def test_links_lead_somewhere(visit: Visit) -> None:
    page = visit.page
    hashes = page.locator("a[href^='#']").evaluate_all("links => links.map(link => link.getAttribute('href').slice(1))")
    missing = "names => names.filter(name => !document.getElementById(decodeURIComponent(name.split('?')[0])))"
    assert page.evaluate(missing, hashes) == []
    for link in page.locator(".contents a[href^='#']").all():
        link.click()
        name = unquote((link.get_attribute("href") or "").removeprefix("#"))
        target = page.locator(f'[id="{name}"]')
        assert target.evaluate("it => it.getBoundingClientRect().top >= 0 && it.getBoundingClientRect().top < innerHeight")
    files = page.locator("a[href*='.html']:not([href*='://'])").evaluate_all("links => links.map(link => link.getAttribute('href').split('#'))")
    for name, *anchor in files:
        other = visit.path.with_name(name)
        assert other.exists() and all(f'id="{it}"' in other.read_text(encoding="utf-8") for it in anchor)


def test_charts_follow_the_theme(visit: Visit) -> None:
    page = visit.page
    inks = [plot.locator(".xtick text, .ytick text").first for plot in page.locator(".js-plotly-plot").all()]
    light = [ink.evaluate("ink => getComputedStyle(ink).fill") for ink in inks]
    page.emulate_media(color_scheme="dark")
    for ink, shade in zip(inks, light, strict=True):
        expect(ink).not_to_have_css("fill", shade)
    page.locator("[data-do=theme]").click()
    for ink, shade in zip(inks, light, strict=True):
        expect(ink).to_have_css("fill", shade)
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    page.emulate_media(color_scheme="light")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accessibility(visit: Visit, theme: str) -> None:
    page = visit.page
    folds = page.locator("details.code")
    folds.evaluate_all("folds => folds.forEach(fold => { fold.open = true; })")
    page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
    page.evaluate(AXE)
    assert page.evaluate(AXE_RUN) == []
    page.evaluate("document.documentElement.dataset.theme = 'light'")
    folds.evaluate_all("folds => folds.forEach(fold => { fold.open = fold.matches('.answer'); })")


def test_phone_width(visit: Visit) -> None:
    visit.page.set_viewport_size(PHONE)
    assert visit.page.evaluate("document.scrollingElement.scrollWidth") <= PHONE["width"]
    if visit.page.locator(".contents a").count():
        expect(visit.page.locator(".contents")).to_be_hidden()
        visit.page.locator(".side summary").click()
        expect(visit.page.locator(".contents")).to_be_visible()
    visit.page.set_viewport_size(DESK)


def test_every_verdict_is_in_sight(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 1100, "height": 800})
    cut = "tables => tables.filter(table => table.offsetWidth > table.parentElement.clientWidth).map(table => table.caption.innerText)"
    assert visit.page.locator("table:has([data-claim])").evaluate_all(cut) == []
    visit.page.set_viewport_size(DESK)


def test_tables_sort(visit: Visit) -> None:
    for table in visit.page.locator(".scroll table:has(thead th button)").all():
        head = table.locator("thead th:has(button)").first
        at = head.evaluate("head => head.cellIndex")
        column = f"table => [...table.tBodies[0].rows].map(row => row.cells[{at}].textContent.trim())"
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


def test_one_control_unfolds_all_code(visit: Visit) -> None:
    folds, control = visit.page.locator("details.code"), visit.page.locator("[data-do=code]")
    if control.count():
        control.click()
        assert folds.evaluate_all("folds => folds.length > 0 && folds.every(fold => fold.open)")
        control.click()
        assert folds.evaluate_all("folds => folds.every(fold => fold.open === fold.matches('.answer'))")


def test_downloads_are_what_was_run(visit: Visit, tmp_path: Path) -> None:
    button = visit.page.locator("[data-do=notebook]")
    if button.count():
        with visit.page.expect_download() as waiting:
            button.click()
        waiting.value.save_as(tmp_path / "got.ipynb")
        run = visit.path.with_suffix(".ipynb").read_text(encoding="utf-8")
        assert json.loads((tmp_path / "got.ipynb").read_text(encoding="utf-8")) == json.loads(run)
    links = visit.page.locator("a[download$='.csv']").evaluate_all("links => links.map(link => link.href)")
    assert [unquote(link.split(",", 1)[1]) for link in links] == ["".join(csv) for csv in found_in(visit, "text/csv")]


def letters(text: str) -> str:
    """A text without spaces, ligatures and combining marks: extracted from a PDF, a mark may be a control character."""
    apart = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in apart if unicodedata.category(letter)[0] not in "MCZ")


def test_print_has_every_chart_whole(visit: Visit, tmp_path: Path) -> None:
    visit.page.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True)
    sheets = PdfReader(tmp_path / "page.pdf").pages
    assert all((round(sheet.mediabox.width), round(sheet.mediabox.height)) == A4_POINTS for sheet in sheets)
    texts = [letters(sheet.extract_text()) for sheet in sheets]
    notebook = visit.path.with_suffix(".ipynb")
    figures = [bundle.get(CHART) for bundle in (bundles(notebook) if notebook.exists() else []) if SVG in bundle]
    for number, chart in enumerate(figures, 1):
        if chart is None:  # a diagram has no axes
            continue
        where = [text for text in texts if f"Figure{number}." in text]
        title = (chart["layout"].get("xaxis") or {}).get("title") or {}
        words = title.get("text", "") if isinstance(title, dict) else title
        words = letters(re.sub(r"<[^>]*>", "", words))
        assert any(words in text for text in where), f"figure {number}: its axis title and its caption are on one sheet"


def test_without_script_the_still_pictures_show(visit: Visit, browser: Browser) -> None:
    with Visit(browser, visit.path, java_script_enabled=False, viewport=PHONE) as plain:
        stills = plain.page.locator("figure img.still").all()
        assert len(stills) == len(found_in(visit, SVG)) >= len(found_in(visit, CHART))
        assert all(still.is_visible() and (still.bounding_box() or {}).get("height", 0) > 40 for still in stills)
        assert not any(plot.is_visible() for plot in plain.page.locator("figure.chart .plot").all())
        assert plain.strangers() == [] and plain.page.locator("h1").is_visible()


def test_nothing_left_the_page_and_nothing_complained(visit: Visit) -> None:
    assert visit.strangers() == []
    assert visit.complaints == []
