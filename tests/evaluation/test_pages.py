"""The pages in a real browser: the report's sliders, and a participant of a study from consent to the last pair."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import skimage.data
from PIL import Image

from photochrom.evaluation.report import write_report
from photochrom.evaluation.results.schema import (
    DataSet,
    Entry,
    Evaluation,
    Example,
    Interval,
    Machine,
    MetricInfo,
    Photo,
    ProtocolInfo,
    Row,
)
from photochrom.user_study import StudyOptions, create_study, summarize


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A phone-sized page that notes every complaint and every request."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    found = context.new_page()
    found.complaints, found.asked = [], []
    found.on("console", lambda message: found.complaints.append(message.text))
    found.on("pageerror", lambda error: found.complaints.append(str(error)))
    found.on("request", lambda request: found.asked.append(request.url))
    yield found
    context.close()


def report(folder: Path) -> Path:
    """A report with one card to slide, of a photo with a hostile name."""
    hostile = "<img src=x onerror=alert(1)>"
    coffee = Image.fromarray(skimage.data.coffee()).resize((300, 200))
    (folder / "examples").mkdir()
    for name, image in (("truth", coffee), ("gray", coffee.convert("L")), ("made", coffee.convert("L"))):
        image.convert("RGB").save(folder / "examples" / f"{name}.webp")
    example = Example(hostile, "random", "examples/truth.webp", "examples/gray.webp", "examples/made.webp")
    entry = Entry("net", "net", "network", None, "a" * 64, "1", "MIT", 9, 9, 1, (), {"psnr": Interval(24.0)},
                  (Row(hostile, {"psnr": 24.0}),), (), (), (), None, (example,), None)  # fmt: skip
    data = DataSet(hostile, "f" * 64, 1, (Photo(hostile, hostile, "", 300, 200),), ())
    metrics = (MetricInfo("psnr", "PSNR", "dB", "higher", "photo", 0.0, 2, "over sRGB"),)
    machine = Machine("Linux", 2, "3.11", "1.20")
    protocol = ProtocolInfo("lab256", 1, "a square")
    write_report(Evaluation(1, "1", protocol, data, 0, machine, metrics, (entry,), (), ()), folder)
    return folder / "report.html"


def test_a_slider_by_mouse_and_keyboard(page: Any, tmp_path: Path) -> None:
    path = report(tmp_path)
    page.goto(path.as_uri())
    # loads nothing, says nothing, fits the phone
    assert [url for url in page.asked if not url.startswith("data:")] == [path.as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    cut = "document.querySelector('.layers').style.getPropertyValue('--cut')"
    slider = page.get_by_role("slider")
    slider.focus()
    assert page.evaluate(cut) == "50%"
    slider.press("ArrowRight")
    assert page.evaluate(cut) == "51%"
    slider.press("Home")
    assert page.evaluate(cut) == "0%"
    assert slider.get_attribute("aria-valuetext") == "0 % gray, 100 % net"
    box = slider.bounding_box()
    slider.click(position={"x": 0.75 * box["width"], "y": box["height"] / 2})
    assert 70 <= float(page.evaluate(cut).rstrip("%")) <= 80
    seen = (
        "[...document.querySelectorAll('.layers img')]"
        ".filter(i => getComputedStyle(i).visibility === 'visible').map(i => i.alt)"
    )
    assert page.evaluate(seen) == ["gray", "net"]
    page.get_by_label("On the left").select_option("truth")
    assert page.evaluate(seen) == ["truth", "net"]
    page.get_by_label("On the right").select_option("truth")
    assert page.evaluate(seen) == ["truth"]
    assert page.complaints == []


@pytest.fixture
def study(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A study of four pairs served by a real process: its folder and address."""
    pytest.importorskip("uvicorn", reason="serving needs the web extra")
    for folder in ("truth", "model"):
        (tmp_path / folder).mkdir()
        for number in range(5):
            image = Image.fromarray(skimage.data.chelsea()).crop((40 * number, 0, 40 * number + 200, 200))
            (image if folder == "truth" else image.convert("L")).save(tmp_path / folder / f"{number}.png")
    options = StudyOptions(practice=1, checks=1, trials=3, seconds=0.1)
    create_study(tmp_path / "truth", tmp_path / "model", tmp_path / "study", options=options)
    command = [sys.executable, "-m", "photochrom", "study", "serve", str(tmp_path / "study"), "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    yield tmp_path / "study", process.stdout.readline().strip()
    process.terminate()
    process.communicate()


def test_a_participant_from_consent_to_the_end(page: Any, study: tuple[Path, str]) -> None:
    folder, address = study
    page.goto(address)
    page.get_by_role("button", name="I agree, begin").click()
    for number in range(1, 3):
        page.get_by_text(f"Pair {number} of 5", exact=True).wait_for()
        page.wait_for_selector("#choose1:visible")
        page.keyboard.press("1" if number == 1 else "ArrowRight")
        if number == 1:
            # practice is told right from wrong
            page.locator("#say").filter(has_text=re.compile("^(Right|Not so)")).wait_for()
    page.get_by_text("Pair 3 of 5", exact=True).wait_for()
    # who leaves goes on where they were
    page.reload()
    page.get_by_role("button", name="Go on").click()
    for number in range(3, 6):
        page.get_by_text(f"Pair {number} of 5", exact=True).wait_for()
        page.wait_for_selector("#choose1:visible")
        page.click("#choose2" if number % 2 else "#choose1")
    page.get_by_text("That was all").wait_for()
    assert page.complaints == []
    assert all(url.startswith((address, "data:")) for url in page.asked)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.reload()
    page.get_by_text("That was all").wait_for()
    if summarize_or_none(folder) is not None:
        assert summarize_or_none(folder).answers == 3
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Delete my answers after all").click()
    page.get_by_text("Nothing of your answers is left").wait_for()
    assert summarize_or_none(folder) is None


def summarize_or_none(folder: Path) -> Any:
    """None where nobody is counted: chance may have failed the only check."""
    from photochrom.errors import StudyError

    try:
        return summarize(folder)
    except StudyError:
        return None
