"""How soon the page of `photochrom serve` shows something, over a slow line and over a good one.

    python benchmarks/first_paint.py            after  make page
    python benchmarks/first_paint.py --rounds 9

Headless Chromium with an empty cache; the Chrome DevTools Protocol delays and slows every request. First paint is the
browser's own first contentful paint; in the built page it has words, else its frame alone. Usable is when the page's
script has asked the service what it takes. Of several rounds the median and the quickest are told, because a busy
machine only adds; what it adds is seen without a line. A page that is served as its source stands, without
`make page`, is measured too, for comparison.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from playwright.sync_api import sync_playwright

from photochrom.web.routes.page import BUILT


class Line(NamedTuple):
    """A line to the service."""

    name: str
    latency: float
    """Milliseconds that a request takes at least."""
    rate: float
    """Kilobits a second, down; a fifth of it up."""
    bar: float
    """Seconds until the first paint."""


#: as WebPageTest has them
LINES = [Line("slow 3G", 400, 400, 2.0), Line("cable", 28, 5000, 0.3)]
#: what is left of the machine's own time
NO_LINE = Line("no line", 0, 1e6, 0)
PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
USABLE = "() => document.getElementById('kept').textContent ? performance.now() : 0"
FETCHED = """() => performance.getEntriesByType('resource').filter(({ name }) => !name.includes('/api/'))
  .reduce(([count, bytes], { transferSize }) => [count + 1, bytes + transferSize], [1, 0])"""


class Load(NamedTuple):
    """One load of the page: seconds, files and kilobytes."""

    painted: float
    usable: float
    files: int
    kilobytes: float


@contextmanager
def serve() -> Iterator[str]:
    """Runs the service; where it answers."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "PHOTOCHROM_STORAGE_URL": folder, "PYTHONUNBUFFERED": "1"}
        command = [sys.executable, "-m", "photochrom", "serve", "--port", "0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
            assert process.stdout is not None
            yield next(word for word in process.stdout.readline().split() if word.startswith("http"))
            process.terminate()


def load(browser: Any, address: str, line: Line) -> Load:
    """Loads the page once, with nothing kept from before."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    rate = line.rate * 1000 / 8
    conditions = {"latency": line.latency, "downloadThroughput": rate, "uploadThroughput": rate / 5}
    session.send("Network.emulateNetworkConditions", {"offline": False, **conditions})
    page.goto(address, wait_until="commit", timeout=120_000)
    usable = page.wait_for_function(USABLE, timeout=120_000).json_value()
    painted = page.wait_for_function(PAINTED, timeout=120_000).json_value()
    files, size = page.evaluate(FETCHED)
    context.close()
    return Load(painted / 1000, usable / 1000, files, size / 1000)


def report(line: Line, loads: list[Load], alone: float) -> None:
    """Prints what was measured over a line; ``alone`` is the first paint without one, seconds."""
    painted = [each.painted for each in loads]
    first, usable = statistics.median(painted), statistics.median(each.usable for each in loads)
    print(
        f"  {line.name}: first paint {first:.2f} s, quickest {min(painted):.2f} s (bar {line.bar} s), "
        f"{first - alone:.2f} s more than without a line; "
        f"usable {usable:.2f} s; {loads[0].files} files, {loads[0].kilobytes:.0f} kB",
        flush=True,
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    marker = BUILT / "source.txt"
    if not marker.exists():
        parser.error("The page is not built. Run  make page.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        known = marker.read_text()
        try:
            for name, text in (("built", known), ("as its source stands", "")):
                marker.write_text(text)
                with serve() as address:
                    load(browser, address, NO_LINE)  # the first answer opens the network
                    busy = f"{os.getloadavg()[0]:.1f} processes want {os.cpu_count()} processors"
                    print(f"{name}, {arguments.rounds} rounds; {busy}")
                    loads = {
                        line: [load(browser, address, line) for _ in range(arguments.rounds)]
                        for line in (NO_LINE, *LINES)
                    }
                    alone = statistics.median(each.painted for each in loads[NO_LINE])
                    print(f"  no line: first paint {alone:.2f} s")
                    for line in LINES:
                        report(line, loads[line], alone)
        finally:
            marker.write_text(known)
        browser.close()


if __name__ == "__main__":
    main()
