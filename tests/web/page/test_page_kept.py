"""Nothing is lost: edits outlive their photo, what was taken away comes back, an absent server is waited for."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("playwright.sync_api", reason="browser tests need playwright")

CARDS = "#cards .card"


def delete_all(desk: Any) -> None:
    """Delete this browser's photos on the server, as if their time were over."""
    listed = desk.context.request.get(f"{desk.address}api/v1/photos").json()["photos"]
    for each in listed:
        desk.context.request.delete(f"{desk.address}api/v1/photos/{each['id']}")


def test_a_photo_that_expired_and_is_added_again_has_its_edits(sit: Callable[..., Any], photo: Path) -> None:
    desk = sit()
    page = desk.page
    desk.choose(photo)
    desk.slide("#vividness", 0.4)
    desk.slide("#strength", 0.5)
    delete_all(desk)
    page.reload()
    page.get_by_role("heading", name="Give an old photo its colours").wait_for()
    desk.choose(photo)
    assert page.locator("#strength-value").inner_text() == "50%"
    assert page.locator("#vividness-value").inner_text() == "40%"
    page.keyboard.press("Control+z")
    desk.settle()
    assert page.locator("#strength-value").inner_text() == "100%"


def test_a_photo_that_expires_while_it_is_open_is_sent_again(sit: Callable[..., Any], photo: Path) -> None:
    desk = sit()
    desk.choose(photo)
    before = desk.pixels()
    delete_all(desk)
    desk.slide("#strength", 0.5)
    assert np.abs(desk.pixels() - before).max() > 5
    desk.page.wait_for_function("() => !document.getElementById('after').hidden")
    assert desk.page.get_by_role("alert").count() == 0
    assert desk.page.locator(CARDS).count() == 1
    assert desk.page.locator("#strength-value").inner_text() == "50%"
    # after a reload the page has no copy of its own: it says so, keeps the card, and takes the photo when it comes
    desk.page.reload()
    desk.settle()
    delete_all(desk)
    desk.page.get_by_label("Strength").press("ArrowLeft")
    desk.page.get_by_role("alert").filter(has_text="no longer on the server").wait_for()
    desk.page.wait_for_timeout(1500)  # whoever chooses it late gets a thumbnail, too
    assert desk.page.locator(CARDS).count() == 1
    desk.page.locator("#files").set_input_files(str(photo))
    desk.page.wait_for_function("() => document.querySelector('#cards .state').dataset.state === 'edited'")
    assert desk.page.locator(CARDS).count() == 1
    assert desk.page.locator("#strength-value").inner_text() == "45%"
    desk.complaints[:] = [words for words in desk.complaints if "Failed to load resource" not in words]


def test_taking_away_and_applying_to_all_are_one_step_each(
    sit: Callable[..., Any], photos: list[Path], address: str
) -> None:
    desk = sit()
    page = desk.page
    desk.choose(*photos)
    page.wait_for_function("() => document.querySelectorAll('#cards img[src]:not([hidden])').length === 3")
    desk.slide("#vividness", 0.4)
    page.get_by_role("button", name="Apply these settings to all").click()
    page.keyboard.press("Control+z")
    page.locator("#cards .show").nth(1).click()
    desk.settle()
    assert page.locator("#vividness-value").inner_text() == "100%"
    page.locator("#cards .show").nth(0).click()
    assert page.locator("#vividness-value").inner_text() == "40%"

    names = [card.get_attribute("title") for card in page.locator("#cards .show").all()]
    page.locator("#cards .show").nth(1).click()
    page.locator("#cards .remove").nth(1).click()
    assert page.locator(CARDS).count() == 2
    page.locator("#offer").get_by_role("button", name="Undo").click()
    assert [card.get_attribute("title") for card in page.locator("#cards .show").all()] == names
    assert page.locator("#cards .show").nth(1).get_attribute("aria-current") == "true"
    desk.settle()
    page.locator("#cards .remove").nth(1).click()
    page.locator("#offer").get_by_role("button", name="Dismiss").click()
    page.wait_for_function("async () => (await (await fetch('api/v1/photos')).json()).photos.length === 2", polling=200)


def test_a_page_that_is_left_with_an_offer_open_draws_nothing(sit: Callable[..., Any], photos: list[Path]) -> None:
    desk = sit()
    desk.choose(*photos[:2])
    desk.page.get_by_role("button", name="Variation 4").wait_for(timeout=90_000)
    desk.page.get_by_role("button", name="Apply these settings to all").click()
    desk.page.locator("#offer").get_by_role("button", name="Undo").wait_for()
    # an image that is loaded now would count as a message to the server, and be complained of
    desk.page.goto("about:blank")


def test_every_bad_file_is_listed(sit: Callable[..., Any], photo: Path, tmp_path: Path) -> None:
    desk = sit()
    bad = [tmp_path / f"bad {number}.jpg" for number in range(7)]
    for path in bad:
        path.write_text("not a photo at all")
    desk.choose(*bad[:3], photo, *bad[3:])
    page = desk.page
    page.get_by_text("7 files could not be added").wait_for()
    told = page.locator("#alerts li").all_inner_texts()
    # each is named as its owner calls it, once
    assert [words.count(path.name) for words, path in zip(sorted(told), bad, strict=True)] == [1] * 7
    assert page.locator(CARDS).count() == 1
    desk.complaints.clear()


def test_what_is_there_of_a_photo_that_was_cut_is_coloured(
    sit: Callable[..., Any], photo: Path, tmp_path: Path
) -> None:
    desk = sit(locale="de-DE")
    page = desk.page
    cut = tmp_path / "Hochzeit 1931.jpg"
    cut.write_bytes(photo.read_bytes()[:18_000])
    page.locator("#files").set_input_files(str(cut))
    page.get_by_role("alert").get_by_text("Hochzeit 1931.jpg: Dem Foto fehlt das Ende.").wait_for()
    page.get_by_role("button", name="Kolorieren, was da ist").click()
    desk.settle()
    assert page.get_by_role("alert").count() == 0
    assert page.locator("#facts").inner_text().startswith("Hochzeit 1931.jpg")
    top, bottom = desk.pixels()[:100], desk.pixels()[-100:]
    assert np.ptp(top, axis=2).mean() > 8 > np.ptp(bottom, axis=2).mean()
    desk.complaints.clear()


def test_files_added_while_the_page_begins_come_once(sit: Callable[..., Any], photo: Path, tmp_path: Path) -> None:
    desk = sit()
    page = desk.page
    desk.choose(photo)
    second = tmp_path / "second.png"
    Image.open(photo).rotate(90).save(second)
    page.route("**/api/v1/photos", lambda route: (page.wait_for_timeout(800), route.continue_()))
    page.reload(wait_until="commit")
    page.wait_for_selector("#choose", state="attached")
    page.wait_for_load_state("load")
    page.locator("#files").set_input_files([str(second)])
    page.wait_for_function("() => document.querySelectorAll('#cards .show').length === 2")
    desk.settle()
    page.wait_for_timeout(500)
    names = sorted(card.get_attribute("title") for card in page.locator("#cards .show").all())
    assert names == ["collins.jpg", "second.png"]
    assert page.locator("#cards [aria-current]").get_attribute("title") == "second.png"


def test_a_photo_chosen_before_the_page_listens_is_taken(sit: Callable[..., Any], photo: Path) -> None:
    desk = sit()
    page = desk.page
    page.route("**/texts/languages.json", lambda route: (page.wait_for_timeout(800), route.continue_()))
    page.reload(wait_until="load")
    desk.choose(photo)
    assert page.locator(CARDS).count() == 1


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture
def restartable(tmp_path: Path) -> Iterator[tuple[str, Callable[[], subprocess.Popen[str]]]]:
    """Where a service answers, and how it is begun; photos are kept for seconds only."""
    port = free_port()
    environment = {
        **os.environ,
        "PHOTOCHROM_STORAGE_URL": str(tmp_path / "store"),
        "PHOTOCHROM_MAX_PHOTO_SECONDS": "20",
    }
    running: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "photochrom", "serve", "--port", str(port)]
        running.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment))
        assert running[-1].stdout is not None
        assert "http" in running[-1].stdout.readline()
        return running[-1]

    yield f"http://127.0.0.1:{port}/", start
    for process in running:
        process.send_signal(signal.SIGTERM)
        process.communicate()


def test_a_server_that_is_away_is_waited_for_and_said(
    browser: Any, restartable: tuple[str, Callable[[], subprocess.Popen[str]]], photo: Path
) -> None:
    from tests.web.page.conftest import Desk

    address, start = restartable
    service = start()
    desk = Desk(browser, address)
    page = desk.page
    desk.choose(photo)
    before = desk.pixels()
    service.send_signal(signal.SIGKILL)
    service.wait()
    page.get_by_label("Strength").press("ArrowLeft")
    page.locator("#away").wait_for()
    assert page.locator(CARDS).count() == 1
    assert page.get_by_role("alert").count() == 0
    start()
    page.locator("#away").wait_for(state="hidden")
    desk.settle()
    page.wait_for_function("() => !document.querySelector('#view[aria-busy=true]')")
    assert (desk.pixels() != before).any()
    # and it is said before a photo that nobody uses is deleted
    page.get_by_text("collins.jpg will be deleted").wait_for(timeout=50_000)
    page.get_by_role("button", name="Keep").click()
    page.locator("#expiring").wait_for(state="hidden")
    listed = json.loads(page.evaluate("async () => (await fetch('api/v1/photos')).text()"))["photos"]
    assert len(listed) == 1
    desk.context.close()
