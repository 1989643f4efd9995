"""The claims of every page, computed again in the page: green as they are, red where a digit is changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from conftest import AXE, AXE_RUN, REPORTS, Visit

PAGES = [page for page in sorted(REPORTS.glob("*.html")) if 'class="verify"' in page.read_text(encoding="utf-8")]
PATIENCE = 300_000  # milliseconds

def test_the_pages_with_claims_can_verify_them() -> None:
    claims = [page for page in REPORTS.glob("*.html") if page.stem != "index" and "<tr data-claim=" in page.read_text(encoding="utf-8")]
    assert sorted(claims) == PAGES, "every page with claims has the button, and the module"


@pytest.fixture(params=PAGES, ids=lambda path: path.stem)
def visit(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Visit]:
    with Visit(browser, request.param, color_scheme="light", viewport={"width": 1280, "height": 900}) as opened:
        yield opened


@pytest.fixture
def smallest(browser: Browser) -> Iterator[Page]:
    """The page with the fewest claims."""
    few = min(PAGES, key=lambda page: page.read_text(encoding="utf-8").count("<tr data-claim="))
    with Visit(browser, few, viewport={"width": 1280, "height": 900}) as opened:
        yield opened.page


def verified(page: Page) -> Locator:
    page.locator(".verify-all").click()
    box = page.locator(".verify")
    expect(box).not_to_have_attribute("data-state", "going", timeout=PATIENCE)
    return box


def test_every_claim_agrees(visit: Visit) -> None:
    page = visit.page
    assert page.workers == [], "nothing runs before the button is pressed"
    rows = page.locator("tr[data-claim]")
    box = verified(page)
    wrong = page.locator("tr[data-claim]:not(.agrees)").evaluate_all("rows => rows.map(row => row.innerText)")
    assert wrong == []
    expect(box).to_have_attribute("data-state", "agrees")
    expect(box.locator(".outcome")).to_contain_text(f"{rows.count()} of {rows.count()} claims")
    print(f"\n{visit.path.stem}: {box.locator('.outcome').text_content()}")
    assert page.locator(".recomputed").count() == rows.count()
    assert all(re.match(r"✓ recomputed: -?\d", text) for text in page.locator(".recomputed").all_text_contents())
    page.evaluate(AXE)
    assert page.evaluate(AXE_RUN) == []
    assert visit.strangers() == [] and visit.complaints == []


def test_one_changed_digit_turns_its_row_red(smallest: Page) -> None:
    columns = ("ours", "held against", "reported", "quantity")
    changed = []
    for column in columns:
        free = "".join(f":not([data-claim='{claim}'])" for claim in changed)
        cells = smallest.locator(f"tr[data-claim]{free} td[data-head='{column}']").filter(has_text=re.compile(r"[1-9]"))
        row = cells.first.locator("xpath=..")
        changed.append(row.get_attribute("data-claim") or "")
        cells.first.evaluate("cell => { cell.textContent = cell.textContent.replace(/[1-9]/, digit => digit % 9 + 1); }")
    box = verified(smallest)
    expect(box).to_have_attribute("data-state", "differs")
    red = smallest.locator("tr.differs").evaluate_all("rows => rows.map(row => row.dataset.claim)")
    assert sorted(red) == sorted(changed)
    assert sorted(box.locator(".outcome a").all_text_contents()) == sorted(changed)
    for claim, column in zip(changed, columns):
        expect(smallest.locator(f"tr[data-claim='{claim}'] .recomputed")).to_contain_text(f"✗ recomputed: {column} is")
    expect(smallest.locator("tr.agrees")).to_have_count(smallest.locator("tr[data-claim]").count() - len(changed))


def test_a_changed_verdict_and_an_unknown_claim_are_named(smallest: Page) -> None:
    rows = smallest.locator("tr[data-claim]")
    first, last = (row.get_attribute("data-claim") for row in (rows.first, rows.last))
    rows.first.locator("[data-head=verdict] .badge").evaluate("badge => { badge.textContent = badge.textContent === 'right' ? 'wrong' : 'right'; }")
    rows.last.evaluate("row => { row.dataset.claim = 'Z9-none'; }")
    box = verified(smallest)
    expect(box).to_have_attribute("data-state", "differs")
    expect(smallest.locator(f"tr[data-claim='{first}']")).to_have_class(re.compile("differs"))
    expect(smallest.locator("tr[data-claim='Z9-none'] .recomputed")).to_contain_text("not recomputed")
    expect(box.locator(".outcome")).to_contain_text("Z9-none")
    assert last != "Z9-none"


def test_it_can_be_cancelled_and_begun_again(smallest: Page) -> None:
    box, button = smallest.locator(".verify"), smallest.locator(".verify-all")
    button.click()
    expect(box).to_have_attribute("data-state", "going")
    expect(box.locator("progress")).to_be_visible()
    button.evaluate("it => it.textContent === 'Cancel' && it.click()")
    expect(button).not_to_have_text("Cancel", timeout=PATIENCE)
    verified(smallest)
    expect(box).to_have_attribute("data-state", "agrees")


def test_without_script_there_is_no_button(browser: Browser) -> None:
    for path in PAGES:
        with Visit(browser, Path(path), java_script_enabled=False) as plain:
            expect(plain.page.locator(".verify")).to_be_hidden()
