"""What a reader does with figures that compute, and what is to be seen then."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page, expect

DESK = {"width": 1280, "height": 900}
PATIENCE = 60_000  # milliseconds: what is too slow is measured elsewhere, and fails nothing here
KEYS = {"range": "ArrowLeft", "number": "ArrowUp", "check": "Space", "cells": "Space", "select": "ArrowDown"}
OTHERS = {"range": "ArrowRight", "number": "ArrowDown", "select": "ArrowUp"}  # where the first key meets an end
VALUE = "it => it.type === 'checkbox' ? String(it.checked) : it.value"


def figures(page: Page) -> list[Locator]:
    return page.locator("figure.live").all()


def settled(figure: Locator) -> None:
    expect(figure).to_have_attribute("aria-busy", "false", timeout=PATIENCE)


def seen(figure: Locator) -> tuple[str, list[str], str]:
    """What a reader sees: the picture, the values, and lab-core's complaint."""
    image, values = figure.locator("img.still:visible"), figure.locator(".said:visible dd")
    return image.get_attribute("src") or "", values.all_text_contents(), figure.locator(".trouble").text_content() or ""


def press(control: Locator) -> None:
    """Move an input by keyboard, the other way where it stands at its end."""
    kind = control.get_attribute("data-kind") or ""
    box = control.locator("input, select").first
    before = box.evaluate(VALUE)
    box.focus()
    for key in (KEYS[kind], OTHERS.get(kind)):
        if key and box.evaluate(VALUE) == before:
            box.press(key)
    assert box.evaluate(VALUE) != before, f"{control.get_attribute('data-control')} moves"


def slide(figure: Locator, values: list[int]) -> None:
    """Move the first range to these steps at once, without a pause between."""
    figure.locator("input[type=range]").first.evaluate(
        """(range, steps) => steps.forEach(step => {
            range.value = Number(range.min) + step * Number(range.step);
            range.dispatchEvent(new Event('input', { bubbles: true }));
        })""",
        values,
    )


def with_range(page: Page) -> Locator:
    return page.locator("figure.live:has(input[type=range])").first


def box(place: Locator) -> Any:
    found = place.first.bounding_box()
    assert found
    return found
