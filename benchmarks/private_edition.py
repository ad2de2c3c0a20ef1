"""How long the page that colours in the browser takes for a photo, beside Python on the same photo in the same run.

    python benchmarks/private_edition.py                     1 and 12 megapixels, gray; after  make page
    python benchmarks/private_edition.py --color             the same as RGB files, which take the exact way
    python benchmarks/private_edition.py --megapixels 50     any size

Headless Chromium on two processors, the network loaded and warm. Shown: from the choice of the file to its colours on
the screen. Saved: from the click to the file on the disk. Of several rounds the quickest counts, because a busy
machine only adds. Processor seconds are those of all of the browser's processes: a quiet machine needs no more. Long
tasks are those of the page's own thread, by its own observer, while it loads and while it works. Their processor time
is Chromium's, of one round more in which a dial is moved too: on a busy machine a task takes long because it waits.
"""

import argparse
import functools
import http.server
import os
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from photo import make_gray
from playwright.sync_api import sync_playwright

from photochrom import Colorizer
from photochrom.private_edition import write_site
from photochrom.registry import find_model

#: seconds, by megapixels
BARS = {1: 1.5, 12: 5.0}
#: milliseconds of one task of the page's own thread
TASK_BAR = 100
OBSERVE = """
globalThis.longTasks = [];
const note = (list) => longTasks.push(...list.getEntries().map(({ duration }) => duration));
new PerformanceObserver(note).observe({ type: "longtask", buffered: true });
"""


class Tasks:
    """The tasks of pages' own threads, as Chromium traces them."""

    def __init__(self, session: Any) -> None:
        self.session = session
        self.events: list[dict[str, Any]] = []
        self.complete = False
        session.on("Tracing.dataCollected", lambda part: self.events.extend(part["value"]))
        session.on("Tracing.tracingComplete", lambda _: setattr(self, "complete", True))
        chosen = {"includedCategories": ["toplevel", "blink.user_timing"], "excludedCategories": ["*"]}
        session.send("Tracing.start", {"transferMode": "ReportEvents", "traceConfig": chosen})

    @staticmethod
    def mark(page: Any) -> None:
        """Tells the page's own thread from the others; a page that is loaded again may have another."""
        page.evaluate("() => { performance.mark('own-thread'); }")

    def longest(self, page: Any) -> float:
        """Ends the trace; processor time of the longest task of the marked threads, milliseconds."""
        self.session.send("Tracing.end")
        while not self.complete:
            page.wait_for_timeout(50)
        own = {(event["pid"], event["tid"]) for event in self.events if event["name"] == "own-thread"}
        tasks = [event for event in self.events if event["name"].endswith("RunTask") and "tdur" in event]
        return float(max(event["tdur"] for event in tasks if (event["pid"], event["tid"]) in own)) / 1000


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def processor_seconds(session: Any) -> float:
    return sum(float(process["cpuTime"]) for process in session.send("SystemInfo.getProcessInfo")["processInfo"])


def measure_page(
    browser: Any, address: str, photo: Path, rounds: int
) -> tuple[list[tuple[float, float, float, float]], float]:
    """Seconds until shown and until saved, processor seconds, and the longest task in milliseconds, of each round.

    Then the longest processor time of a task, milliseconds, of one round more and of the loading before.
    """
    session = browser.new_browser_cdp_session()
    page = browser.new_page()
    page.set_default_timeout(300_000)
    page.add_init_script(OBSERVE)
    tasks = Tasks(session)
    page.goto(address)
    page.wait_for_selector("html[data-kept=yes]", state="attached")
    tasks.mark(page)
    # the service worker lets the page use threads from the second load on
    page.reload()
    page.wait_for_selector("html[data-network=ready]", state="attached")
    assert page.evaluate("() => crossOriginIsolated")
    loading = page.evaluate("() => Math.max(0, ...longTasks)")
    tasks.mark(page)
    page.click("#sample")
    _settle(page)
    _renew(page)
    page.locator("#files").set_input_files(str(photo))
    _settle(page)
    page.locator("#strength").fill("0.8")
    _settle(page)
    longest_busy = tasks.longest(page)
    _check_observer(page)
    found = []
    for _ in range(rounds):
        _renew(page)
        page.evaluate("() => { longTasks.length = 0; }")
        busy, start = processor_seconds(session), time.perf_counter()
        page.locator("#files").set_input_files(str(photo))
        _settle(page)
        shown = time.perf_counter() - start
        start = time.perf_counter()
        with page.expect_download() as download:
            page.click("#save")
        download.value.path()
        saved = time.perf_counter() - start
        longest = max(loading, page.evaluate("() => Math.max(0, ...longTasks)"))
        found.append((shown, saved, processor_seconds(session) - busy, longest))
    page.close()
    return found, longest_busy


def _renew(page: Any) -> None:
    page.click(".card .remove")
    page.wait_for_selector("#welcome:not([hidden])")


def _check_observer(page: Any) -> None:
    """An observer that sees nothing would pass any bar."""
    # by a timer: what is evaluated from outside is not always a task
    busy = "const end = performance.now() + 150; while (performance.now() < end);"
    page.evaluate(f"() => {{ setTimeout(() => {{ {busy} }}); }}")
    page.wait_for_function("() => Math.max(0, ...longTasks) >= 140")


def _settle(page: Any) -> None:
    page.wait_for_selector("#after:not([hidden])")
    page.wait_for_selector("#working", state="hidden")


def measure_python(colorizer: Colorizer, photo: Path, rounds: int) -> list[tuple[float, float]]:
    """Seconds and processor seconds for the same photo, from file to file."""
    found = []
    for _ in range(rounds):
        busy, start = time.process_time(), time.perf_counter()
        colorizer(photo).save(photo.with_suffix(".color.jpg"), overwrite=True)
        found.append((time.perf_counter() - start, time.process_time() - busy))
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megapixels", type=int, nargs="+", default=[1, 12])
    parser.add_argument("--color", action="store_true", help="RGB files of the same gray photo")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    colorizer = Colorizer(device="cpu", threads=2)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        write_site(folder / "site", find_model())
        flags = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=flags)
        with serve(folder / "site") as address:
            for size in arguments.megapixels:
                photo = folder / f"{size}.jpg"
                short = round((size * 1e6 * 3 / 4) ** 0.5)
                image = make_gray(short * 4 // 3, short)
                (image.convert("RGB") if arguments.color else image).save(photo, quality=92)
                pages, task = measure_page(browser, address, photo, arguments.rounds)
                report(size, pages, task, measure_python(colorizer, photo, arguments.rounds))
        browser.close()


def report(size: int, pages: Sequence[tuple[float, ...]], task: float, ours: list[tuple[float, float]]) -> None:
    shown, saved, busy, _ = (min(column) for column in zip(*pages, strict=True))
    longest = max(row[3] for row in pages)
    wall, python_busy = (min(column) for column in zip(*ours, strict=True))
    bar = f" (bar {BARS[size]} s)" if size in BARS else ""
    load = f"{os.getloadavg()[0]:.1f} processes want {os.cpu_count()} processors" if hasattr(os, "getloadavg") else ""
    print(f"{size} megapixels, quickest of {len(pages)}; {load}")
    print(f"  page: shown {shown:.2f} s{bar}, saved {saved:.2f} s more, processors {busy:.2f} s for both")
    print(f"  Python, file to file: {wall:.2f} s, processors {python_busy:.2f} s")
    ratio, busy_ratio = (shown + saved) / wall, busy / python_busy
    print(f"  ratio of shown and saved to Python {ratio:.2f}, of processor seconds {busy_ratio:.2f}")
    print(f"  longest task of the page's own thread: {longest:.0f} ms (bar {TASK_BAR} ms)")
    print(f"  most processor time of one of its tasks: {task:.0f} ms", flush=True)


if __name__ == "__main__":
    main()
