"""Figures that compute, and what is wrong: addresses that lie, files that are none, browsers and modules that cannot."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from conftest import Visit
from figures import DESK, PATIENCE, figures, seen, settled, slide, with_range

CSV = b"width,height,kind\n" + b"".join(b"%d.5,%d,%s\n" % (at, at * at % 7, b"abc"[at % 3 :][:1]) for at in range(30))


@pytest.fixture(scope="module")
def page(browser: Browser, explorables: Path) -> Iterator[Page]:
    with Visit(browser, explorables, viewport=DESK) as opened:
        yield opened.page


@pytest.mark.parametrize("chosen", ["{range}=1e9", "{range}=<img src=x onerror=window.broken=1>", "{range}=%0A%0Ax", "nothing=1"])
def test_an_address_that_lies_is_refused_in_words(page: Page, browser: Browser, explorables: Path, chosen: str) -> None:
    anchor = with_range(page).get_attribute("data-anchor")
    name = with_range(page).locator("[data-kind=range]").first.get_attribute("data-control")
    with Visit(browser, explorables, viewport=DESK, fragment=f"{anchor}?{chosen.format(range=name)}") as lying:
        figure = lying.page.locator(f"[data-anchor={anchor}]")
        settled(figure)
        expect(figure.locator(".trouble")).not_to_be_empty()
        expect(figure.locator("img.still.default")).to_be_visible()
        assert lying.page.evaluate("window.broken") is None and figure.locator(".trouble *").count() == 0
        slide(figure, [2])
        settled(figure)
        expect(figure.locator(".trouble")).to_be_hidden()
        assert lying.complaints == []


def test_a_file_is_read_or_refused_with_a_reason(page: Page) -> None:
    figure = page.locator("figure.live:has(input[type=file])").first
    box, trouble, start = figure.locator("input[type=file]"), figure.locator(".trouble"), seen(figure)
    most = int(box.get_attribute("data-bytes") or 0)
    for content, reason in ((b"1," * most, "at most"), (b"\x89PNG\r\n\x1a\n\0\0", "not text"), (b" \n", "empty")):
        box.set_input_files({"name": "given.csv", "mimeType": "text/csv", "buffer": content})
        expect(trouble).to_contain_text(reason)
        assert seen(figure)[:2] == start[:2]
    box.set_input_files({"name": "given.csv", "mimeType": "text/csv", "buffer": b"a,b\n1,x\n2\n"})
    expect(trouble).not_to_contain_text("given.csv")  # lab-core's own words
    settled(figure)
    assert "3" in (trouble.text_content() or ""), "the line that is wrong"
    box.set_input_files({"name": "given.csv", "mimeType": "text/csv", "buffer": CSV})
    settled(figure)
    expect(trouble).to_be_hidden()
    expect(figure.locator(".stays")).to_contain_text("given.csv")
    chosen = seen(figure)
    assert chosen[0] != start[0]
    figure.locator(".reset").click()
    assert seen(figure) == start
    figure.locator(".control.file").evaluate(
        """(box, text) => {
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File([text], 'dropped.csv'));
            for (const kind of ['dragover', 'drop']) box.dispatchEvent(new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }));
        }""",
        CSV.decode(),
    )
    expect(figure.locator(".stays")).to_contain_text("dropped.csv")
    settled(figure)
    assert seen(figure) == chosen


@pytest.mark.parametrize("absent", ["script", "WebAssembly", "Worker"])
def test_without_what_it_needs_the_still_pictures_show(browser: Browser, explorables: Path, absent: str) -> None:
    with Visit(browser, explorables, java_script_enabled=absent != "script", without=absent) as plain:
        for figure in figures(plain.page):
            assert figure.locator("img.still:visible").count() == 1 and figure.locator(".said:visible dd").count() > 0
            assert figure.locator(":is(.inputs, .now):visible").count() == 0


@pytest.mark.parametrize("module", ["AAAA", "no base64", "H4sIAAAAAAACA2NkSAQAkv5XBQMAAAA="])
def test_a_module_that_does_not_run_leaves_the_still(browser: Browser, explorables: Path, tmp_path: Path, module: str) -> None:
    text = re.sub(r'(id="module">)[^<]*', rf"\g<1>{module}", explorables.read_text(encoding="utf-8"))
    (tmp_path / "broken.html").write_text(text, encoding="utf-8")
    with Visit(browser, tmp_path / "broken.html") as broken:
        figure = with_range(broken.page)
        slide(figure, [1])
        settled(figure)
        expect(figure.locator(".trouble")).to_contain_text("could not compute")
        expect(figure.locator("img.still.default")).to_be_visible()
        assert broken.complaints == []


def test_a_worker_that_dies_is_made_anew(browser: Browser, explorables: Path, tmp_path: Path) -> None:
    dies = 'onmessage = async ({ data }) => { if (data.text.includes("dies")) { setTimeout(() => { throw new Error("it died") }); return; }'
    text = explorables.read_text(encoding="utf-8").replace("onmessage = async ({ data }) => {", dies)
    (tmp_path / "dying.html").write_text(text, encoding="utf-8")
    with Visit(browser, tmp_path / "dying.html") as dying:
        figure = with_range(dying.page)
        dying.page.evaluate("location.hash = `${document.querySelector('figure.live:has([type=range])').dataset.anchor}?it=dies`")
        expect(figure.locator(".trouble")).to_contain_text("it died", timeout=PATIENCE)
        slide(figure, [1])
        settled(figure)
        expect(figure.locator(".trouble")).to_be_hidden()
