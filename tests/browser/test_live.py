"""Figures that compute, each explorable that lab-core has: moved by keyboard, from a file, with the network off."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from conftest import AXE, AXE_RUN, PHONE, SVG, Visit, outputs
from figures import DESK, VALUE, box, figures, press, seen, settled, slide, with_range


@pytest.fixture(scope="module")
def visit(browser: Browser, explorables: Path) -> Iterator[Visit]:
    with Visit(browser, explorables, color_scheme="light", viewport=DESK) as opened:
        yield opened


@pytest.fixture
def page(visit: Visit) -> Page:
    """The page with every figure at its start."""
    for button in visit.page.locator(".reset").all():
        button.click()
    return visit.page


def test_nothing_is_compiled_before_the_first_use(browser: Browser, explorables: Path) -> None:
    with Visit(browser, explorables) as fresh:
        page = fresh.page
        page.locator("figure.live").last.scroll_into_view_if_needed()
        assert page.workers == []
        slide(with_range(page), [1])
        settled(with_range(page))
        slide(page.locator("figure.live:has(input[type=range])").last, [1])
        settled(page.locator("figure.live:has(input[type=range])").last)
        assert len(page.workers) == 1, "one worker computes for all figures"


def test_every_input_answers_to_the_keyboard(page: Page) -> None:
    silent = []
    for figure in figures(page):
        name, start, changed = figure.get_attribute("data-explorable"), seen(figure), set()
        for control in figure.locator("[data-control]:not([data-kind=file])").all():
            before = seen(figure)
            press(control)
            settled(figure)
            changed.add(seen(figure)[0])
            if seen(figure) == before:
                silent.append((name, control.get_attribute("data-control")))
        assert changed - {start[0]}, f"{name}: no input changes the picture"
    assert silent == []


def test_a_start_computed_here_is_that_of_the_notebook(page: Page, explorables: Path) -> None:
    """There and back again: the page's own numbers are the native ones."""
    for figure, native in zip(figures(page), outputs(explorables.with_suffix(".ipynb"), SVG), strict=True):
        name, values = figure.get_attribute("data-explorable"), seen(figure)[1]
        box = figure.locator("[data-control] :is(input:not([type=file]), select)").first
        box.evaluate("it => it.dispatchEvent(new Event('input', { bubbles: true }))")
        settled(figure)
        assert figure.evaluate("it => it.matches('.moved')"), name
        assert seen(figure)[1:] == (values, ""), name
        drawn = figure.evaluate("it => decodeURIComponent(it.querySelector('img.now').src)")
        assert close("".join(native), drawn) is None, name


def close(native: str, drawn: str) -> str | None:
    """The first place where two pictures differ by more than two tenths of a pixel."""
    number = re.compile(r"-?\d+(?:\.\d+)?")
    native, drawn = (svg[svg.index('<rect class="paper"') :] for svg in (native, drawn))
    if number.sub("#", native) != number.sub("#", drawn):
        return "the pictures differ by more than numbers"
    pairs = zip(number.findall(native), number.findall(drawn))
    return next((f"{one} and {other}" for one, other in pairs if abs(float(one) - float(other)) > 0.21), None)


def test_fifty_quick_moves_leave_the_last_one(page: Page) -> None:
    figure = with_range(page)
    slide(figure, [8])
    settled(figure)
    last = seen(figure)
    figure.locator(".reset").click()
    slide(figure, [1 + at % 7 for at in range(49)] + [8])
    settled(figure)
    assert seen(figure) == last


def test_an_answer_that_comes_after_a_reset_is_dropped(page: Page) -> None:
    figure = with_range(page)
    start = seen(figure)
    slide(figure, [2])
    figure.evaluate("it => it.querySelector('.reset').click()")
    other = figures(page)[-1]
    press(other.locator("[data-control]:not([data-kind=file])").first)
    settled(other)  # the worker has answered both
    assert seen(figure) == start


def test_reset_brings_everything_back(page: Page) -> None:
    for figure in figures(page):
        start, boxes = seen(figure), figure.locator("[data-control] :is(input, select)")
        before = boxes.evaluate_all(f"all => all.map({VALUE})")
        press(figure.locator("[data-control]:not([data-kind=file])").first)
        settled(figure)
        figure.locator(".reset").press("Enter")
        assert (seen(figure), boxes.evaluate_all(f"all => all.map({VALUE})")) == (start, before)
        expect(figure.locator(".reset")).to_be_focused()
    assert "?" not in page.url


def test_values_are_announced_once_the_inputs_rest(page: Page) -> None:
    figure = with_range(page)
    slide(figure, [3, 4, 5])
    settled(figure)
    what, value = (figure.locator(f".said:visible {tag}").first.text_content() or "" for tag in ("dt", "dd"))
    expect(figure.locator("[role=status].aloud")).to_contain_text(f"{what}: {value}")
    assert figure.locator("img.still:visible").get_attribute("alt")


def test_the_address_keeps_what_was_chosen(visit: Visit, browser: Browser, page: Page) -> None:
    figure, other = with_range(page), page.locator("figure.live:has(input[type=range])").last
    for each in (other, figure):
        slide(each, [3])
        settled(each)
    anchors = [each.get_attribute("data-anchor") or "" for each in (figure, other)]
    page.wait_for_url(re.compile(rf"#{anchors[0]}\?[^;]+;{anchors[1]}\?"))
    with Visit(browser, visit.path, viewport=DESK, fragment=page.url.partition("#")[2]) as shared:
        for anchor, given in zip(anchors, (figure, other)):
            opened = shared.page.locator(f"[data-anchor={anchor}]")
            settled(opened)
            assert seen(opened) == seen(given)
        expect(shared.page.locator(f"[data-anchor={anchors[0]}]")).to_be_in_viewport()
    with Visit(browser, visit.path, viewport=DESK, fragment="figure-2") as plain:
        expect(plain.page.locator("#figure-2")).to_be_in_viewport()
        assert plain.page.workers == []


def test_a_moved_picture_is_saved_as_it_is(page: Page, tmp_path: Path) -> None:
    figure = with_range(page)
    slide(figure, [4])
    settled(figure)
    with page.expect_download() as waiting:
        figure.locator("[data-do=svg]").click()
    waiting.value.save_as(tmp_path / "saved.svg")
    saved = (tmp_path / "saved.svg").read_text(encoding="utf-8")
    assert saved.startswith("<svg xmlns") and 'class="heading"' in saved
    assert saved[saved.index("<rect") :] in figure.evaluate("it => decodeURIComponent(it.querySelector('img.now').src)")


def test_print_shows_the_start(page: Page) -> None:
    for figure in figures(page):
        start = seen(figure)
        press(figure.locator("[data-control]:not([data-kind=file])").first)
        settled(figure)
        page.emulate_media(media="print")
        assert seen(figure)[:2] == start[:2]
        expect(figure.locator(".setting")).to_be_visible()
        expect(figure.locator(".inputs")).to_be_hidden()
        page.emulate_media(media="screen")
        expect(figure.locator(".setting")).to_be_hidden()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accessibility(page: Page, theme: str) -> None:
    for figure in figures(page):
        press(figure.locator("[data-control]:not([data-kind=file])").first)
        settled(figure)
    figures(page)[0].evaluate("it => { it.querySelector('.trouble').hidden = false; it.querySelector('.trouble').textContent = 'x'; }")
    page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
    page.evaluate(AXE)
    assert page.evaluate(AXE_RUN) == []
    page.evaluate("document.documentElement.dataset.theme = 'light'")


def test_the_picture_follows_the_theme(page: Page) -> None:
    figure = with_range(page)
    slide(figure, [2])
    settled(figure)
    shades = []
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        shades.append(sum(corner(page, figure.locator("img.now"))))
    page.evaluate("document.documentElement.dataset.theme = 'light'")
    assert shades[0] > 3 * 240 and shades[1] < 3 * 60


def corner(page: Page, image: Locator) -> tuple[int, ...]:
    """Red, green and blue of the picture's first pixel as it is on the screen."""
    image.scroll_into_view_if_needed()
    box = image.bounding_box()
    assert box
    shot = page.screenshot(clip={"x": box["x"] + 2, "y": box["y"] + 2, "width": 1, "height": 1})
    data, at = b"", 8
    while at < len(shot):
        length, kind = struct.unpack(">I4s", shot[at : at + 8])
        data += shot[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
        at += 12 + length
    return tuple(zlib.decompress(data)[1:4])


def test_on_a_phone_the_picture_stands_below_the_inputs(page: Page) -> None:
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.scrollingElement.scrollWidth") <= PHONE["width"]
    for figure in figures(page):
        edges = "it => ['.inputs', '.scroll'].map(name => it.querySelector(name).getBoundingClientRect())"
        assert figure.evaluate(f"it => (([inputs, picture]) => inputs.bottom <= picture.top)(({edges})(it))"), "the picture's height moves none"
        press(figure.locator("[data-control]:not([data-kind=file])").first)
        settled(figure)
        drawn = figure.locator("img.now")
        assert drawn.evaluate("it => it.naturalWidth") <= box(drawn)["width"] + 1 <= PHONE["width"], "as wide as the place"
    page.set_viewport_size(DESK)


def test_nothing_left_the_page_and_nothing_complained(visit: Visit) -> None:
    assert visit.strangers() == []
    assert visit.complaints == []
