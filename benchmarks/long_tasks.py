"""How long the page of `photochrom serve` is busy at a time while a slider moves, against the page at rest.

    python benchmarks/long_tasks.py [--seconds 8] [--photo FILE]

Headless Chromium colours a photo, rests, and then moves the vividness slider thirty times a second, while the server
answers with colours as fast as it can. A task over 50 ms is told by the browser itself (Long Tasks API); the bar is
100 ms. On a busy machine tasks wait within: what the page at rest shows is the machine's own part.
"""

import argparse
import time
from pathlib import Path
from typing import Any

from first_paint import serve
from playwright.sync_api import sync_playwright

PHOTO = Path(__file__).parents[1] / "docs" / "photos" / "astronaut_gray.jpg"
BAR = 100
WATCH = """() => { window.tasks = [];
  new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map(({ duration }) => duration)))
    .observe({ type: "longtask" }); }"""
MOVE = """(value) => { const dial = document.getElementById("vividness"); dial.value = value;
  dial.dispatchEvent(new Event("input", { bubbles: true })); }"""
COLORED = "() => document.getElementById('view').getAttribute('aria-busy') === 'false'"


def watch(page: Any, seconds: float, *, move: bool) -> list[float]:
    """Returns the page's long tasks, milliseconds, over a span in which its slider moves or not."""
    page.evaluate("() => { window.tasks = []; }")
    end, step = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        if move:
            page.evaluate(MOVE, 2 * abs((step / 60) % 2 - 1))
            step += 1
        page.wait_for_timeout(33)
    return [float(each) for each in page.evaluate("() => window.tasks")]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--photo", type=Path, default=PHOTO)
    given = parser.parse_args()
    with serve() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(address)
        page.locator("#files").set_input_files(str(given.photo))
        page.wait_for_selector("#after:not([hidden])", timeout=120_000)
        page.wait_for_function(COLORED, timeout=120_000)
        page.wait_for_selector("#variations button", timeout=120_000)
        page.evaluate(WATCH)
        for round_ in range(2):
            for move in (False, True):
                tasks = watch(page, given.seconds, move=move)
                longest = max(tasks, default=0)
                what = "moving" if move else "at rest"
                print(f"round {round_ + 1}, {what}: {len(tasks)} tasks over 50 ms, longest {longest:.0f} (bar {BAR})")
        browser.close()


if __name__ == "__main__":
    main()
