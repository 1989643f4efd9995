"""Times what the pages compute, in Chromium: the answers of every explorable, and `Verify` of every page; and their sizes.

    make bench-live

An answer is timed from an input's event to the new picture, decoded. Nothing fails here: a clock decides no test.
"""

from __future__ import annotations

import re
import statistics
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from conftest import CHROMIUM, REPORTS, Visit

MOVES = 20
PATIENCE = 600_000  # milliseconds
# Moves every input but a file in turn, and gives the milliseconds to each new picture.
MOVE = """async (figure, moves) => {
    const inputs = [...figure.querySelectorAll('[data-control] :is(input:not([type=file]), select)')];
    const answered = () => new Promise(resolve => new MutationObserver((_, observer) => {
        if (figure.getAttribute('aria-busy') === 'false') { observer.disconnect(); resolve(); }
    }).observe(figure, { attributes: true, attributeFilter: ['aria-busy'] }));
    const times = [];
    for (let move = 0; move < moves; move += 1) {
        const input = inputs[move % inputs.length];
        const before = input.value;
        if (input.type === 'checkbox') input.checked = !input.checked;
        else if (input.tagName === 'SELECT') input.selectedIndex = (input.selectedIndex + 1) % input.length;
        else input.stepUp(), input.value === before && input.stepDown(2);
        const start = performance.now();
        input.dispatchEvent(new Event('input', { bubbles: true }));
        await answered();
        await figure.querySelector('img.now').decode();
        times.push(performance.now() - start);
    }
    return times;
}"""


def main() -> int:
    pages = sorted(REPORTS.glob("*.html"))
    if not (CHROMIUM and pages):
        print(f"bench-live needs a Chromium on the PATH and pages in {REPORTS}", file=sys.stderr)
        return 1
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        for path in pages:
            measure(browser, path)
    return 0


def measure(browser: Browser, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    module = re.search(r'id="module">([^<]*)', text)
    packed = len(module[1]) / 1000 if module else 0
    print(f"{path.stem}: {len(text.encode()) / 1000:.0f} kB, {packed:.0f} kB of them the module", flush=True)
    with Visit(browser, path, viewport={"width": 1280, "height": 900}) as visit:
        for figure in visit.page.locator("figure.live").all():
            first, *times = figure.evaluate(MOVE, MOVES)
            name, worst = figure.get_attribute("data-explorable"), max(times)
            print(f"  {name}: median {statistics.median(times):.0f} ms, worst {worst:.0f} ms; the first {first:.0f} ms", flush=True)
        if visit.page.locator(".verify-all").count():
            visit.page.locator(".verify-all").click()
            visit.page.locator(".verify:not([data-state=going])").wait_for(timeout=PATIENCE)
            print(f"  Verify: {visit.page.locator('.outcome').text_content()}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
