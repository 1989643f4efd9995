"""The same pages in Firefox: the figures answer to the keyboard, and the claims agree."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import REPORTS
from firefox import Firefox

FIREFOX = next(filter(None, map(shutil.which, ("firefox-esr", "firefox"))), None)
LEFT, UP, RIGHT, DOWN = "\ue012", "\ue013", "\ue014", "\ue015"
# The second key is for the end of a range. BiDi's space bar ticks no box in Firefox 153: a box is clicked.
KEYS = {"range": (LEFT, RIGHT), "number": (UP, DOWN), "select-one": (DOWN, UP), "checkbox": ()}
# True once an expression is, or false after five minutes.
UNTIL = """new Promise(resolve => {{
    const end = Date.now() + 300_000, look = () => ({}) ? resolve(true) : Date.now() > end ? resolve(false) : setTimeout(look, 20);
    look();
}})"""


@pytest.fixture(scope="module")
def firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    if not FIREFOX:
        assert "CI" not in os.environ, "CI needs a Firefox on PATH"
        pytest.skip("no Firefox on PATH (Debian: apt install firefox-esr)")
    opened = Firefox(FIREFOX, tmp_path_factory.mktemp("firefox"))
    yield opened
    opened.close()


def test_every_explorable_answers_to_the_keyboard(firefox: Firefox, explorables: Path) -> None:
    firefox.open(explorables)
    figures = firefox.evaluate("[...document.querySelectorAll('figure.live')].map(figure => figure.id)")
    silent = []
    for figure in figures:
        found = f"document.querySelector('#{figure}')"
        box = f"{found}.querySelector('[data-control] :is(input:not([type=file]), select)')"
        value = f"(box => box.type === 'checkbox' ? box.checked : box.value)({box})"
        before, start = (firefox.evaluate(it) for it in (f"{found}.querySelector('img.now').src", value))
        firefox.evaluate(f"{box}.focus()")
        for key in KEYS[firefox.evaluate(f"{box}.type")]:
            if firefox.evaluate(value) == start:
                firefox.press(key)
        firefox.evaluate(f"{box}.type === 'checkbox' && {box}.click()")
        assert firefox.evaluate(UNTIL.format(f"{found}.getAttribute('aria-busy') === 'false'")), figure
        assert firefox.evaluate(f"{found}.querySelector('.trouble').textContent") == ""
        if firefox.evaluate(f"{found}.querySelector('img.now').src") == before:
            silent.append(figure)
    assert figures and silent == []
    assert firefox.complaints() == []


def test_every_claim_agrees(firefox: Firefox) -> None:
    firefox.open(REPORTS / "overview.html")  # which has the claims of all pages
    firefox.evaluate("document.querySelector('.verify-all').click()")
    assert firefox.evaluate(UNTIL.format("document.querySelector('.verify').dataset.state !== 'going'"))
    outcome = firefox.evaluate("document.querySelector('.outcome').textContent")
    print(f"\n{outcome}")
    assert firefox.evaluate("[...document.querySelectorAll('tr[data-claim]:not(.agrees)')].map(row => row.innerText)") == []
    assert firefox.evaluate("document.querySelector('.verify').dataset.state") == "agrees"
    assert firefox.complaints() == []
