"""From choosing a photo to saving it: what everybody does."""

from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("playwright.sync_api", reason="browser tests need playwright")

BUSY = '{"code": "service.busy", "detail": "The service is busy.", "remedy": "Try again later."}'
SCROLLS = """(({ scrollWidth, scrollHeight }) => [scrollWidth > innerWidth, scrollHeight > innerHeight])(
  document.documentElement)"""
COUNT_CLICKS = """() => {
  window.clicks = 0;
  addEventListener("click", ({ isTrusted }) => { clicks += isTrusted; }, true);
}"""
CUT = "() => Number(document.getElementById('slider').getAttribute('aria-valuenow'))"


def color_of(pixels: np.ndarray) -> float:
    """How far from gray, mean over the picture."""
    return float(np.mean(pixels.max(axis=2) - pixels.min(axis=2)))


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_one_photo_from_choosing_to_saving(sit: Callable[..., Any], photo: Path, tmp_path: Path, phone: bool) -> None:
    desk = sit(phone=phone)
    page = desk.page
    page.get_by_role("heading", name="Give an old photo its colours").wait_for()
    assert page.get_by_role("button", name="Take a photo").is_visible() == phone
    page.get_by_text("are deleted 1 hour after").wait_for()
    page.evaluate(COUNT_CLICKS)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a photo").click()
    chooser.value.set_files(photo)
    desk.settle()
    assert color_of(desk.pixels()) > 8
    page.locator("#status", has_text="collins.jpg is coloured").wait_for(state="attached")
    # the photo is the largest thing, and the page itself never scrolls
    sheet, panel = page.locator("#sheet").bounding_box(), page.locator("#panel").bounding_box()
    assert sheet["width"] * sheet["height"] > panel["width"] * panel["height"]
    assert page.evaluate(SCROLLS) == [False, False]
    if phone:
        # while a slider moves the whole photo stays in sight
        assert sheet["y"] + sheet["height"] <= panel["y"]
    name = desk.save(lambda: page.get_by_role("button", name="Save", exact=True).click(), tmp_path / "saved.jpg")
    # a person's own: to choose, and to save; the third is in the system's window of files
    assert page.evaluate("clicks") == 2
    assert name.endswith(".jpg")
    with Image.open(tmp_path / "saved.jpg") as saved:
        assert (saved.format, saved.size) == ("JPEG", (512, 512))
        assert saved.getexif()[0x010F] == "Hasselblad"
        assert saved.getexif()[0x8298] == "Public domain"
        assert color_of(np.asarray(saved.convert("RGB"), np.float64)) > 8
    page.get_by_role("button", name="More ways to save").click()
    desk.save(lambda: page.get_by_role("button", name="Save as PNG").click(), tmp_path / "saved.png")
    assert (tmp_path / "saved.png").read_bytes().startswith(b"\x89PNG")


def test_the_divider_by_keyboard_mouse_and_touch(sit: Callable[..., Any], photo: Path) -> None:
    for phone in (False, True):
        desk = sit(phone=phone)
        page = desk.page
        desk.choose(photo)
        slider = page.get_by_role("slider", name="Compare original and colours")
        assert page.evaluate(CUT) == 50
        slider.press("ArrowRight")
        assert page.evaluate(CUT) == 52
        assert slider.get_attribute("aria-valuetext") == "52% original"
        slider.press("Home")
        assert page.evaluate(CUT) == 0
        slider.press("End")
        assert page.evaluate(CUT) == 100
        x, y = desk.place(0.25, 0.4)
        if phone:
            page.touchscreen.tap(x, y)
        else:
            page.mouse.move(*desk.place(0.9, 0.5))
            page.mouse.down()
            page.mouse.move(x, y, steps=4)
            page.mouse.up()
        assert 24 <= page.evaluate(CUT) <= 26
        seen = "getComputedStyle(document.getElementById('after')).visibility"
        page.get_by_role("button", name="Hold to see the original").hover()
        page.mouse.down()
        assert page.evaluate(seen) == "hidden"
        page.mouse.up()
        assert page.evaluate(seen) == "visible"


def test_two_fingers_zoom_and_a_tap_places_a_hint(sit: Callable[..., Any], photo: Path) -> None:
    desk = sit(phone=True)
    page = desk.page
    desk.choose(photo)
    x, y = desk.place(0.5, 0.5)
    fingers = desk.context.new_cdp_session(page)
    for kind, apart in (("touchStart", 40), ("touchMove", 70), ("touchMove", 100), ("touchEnd", None)):
        points = [] if apart is None else [{"x": x - apart, "y": y, "id": 0}, {"x": x + apart, "y": y, "id": 1}]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    sheet = page.locator("#sheet").bounding_box()
    assert 2.2 < sheet["width"] / 370 < 2.8
    assert desk.place(0.5, 0.5) == pytest.approx((x, y), abs=3)
    tool = page.get_by_role("button", name="Hint", exact=True)
    # while the browser still counts two quick fingers as moving, a tap only stops them: tap again, as one does
    for _ in range(5):
        tool.tap()
        page.wait_for_timeout(500)
        if tool.get_attribute("aria-pressed") == "true":
            break
    assert tool.get_attribute("aria-pressed") == "true"
    page.touchscreen.tap(x, y)
    editor, view = page.locator("#editor").bounding_box(), page.locator("#view").bounding_box()
    # what is hinted at stays in sight above the window that colours it
    assert page.locator(".pin").bounding_box()["y"] + 32 <= editor["y"]
    assert view["y"] + view["height"] <= editor["y"] + 52


def test_dials_are_live_and_can_be_undone(sit: Callable[..., Any], photo: Path, tmp_path: Path) -> None:
    desk = sit()
    page = desk.page
    Image.open(photo).point(lambda value: 60 + value // 2).save(tmp_path / "faded.png")
    desk.choose(tmp_path / "faded.png")
    first = desk.pixels()
    desk.slide("#vividness", 2)
    bold = desk.pixels()
    assert color_of(bold) > color_of(first) + 2
    desk.slide("#strength", 0)
    assert color_of(desk.pixels()) < 1
    assert page.locator("#strength-value").inner_text() == "0%"
    page.keyboard.press("Control+z")
    desk.settle()
    assert np.array_equal(desk.pixels(), bold)
    page.get_by_role("button", name="Undo").click()
    desk.settle()
    assert np.array_equal(desk.pixels(), first)
    assert page.get_by_role("button", name="Undo").is_disabled()
    page.keyboard.press("Control+Shift+z")
    desk.settle()
    assert np.array_equal(desk.pixels(), bold)
    page.get_by_label("Restore contrast").check()
    desk.settle()
    assert not np.array_equal(desk.pixels(), bold)
    # a reload finds the photo, how it is set, and what can be undone
    page.reload()
    desk.settle()
    assert page.get_by_label("Restore contrast").is_checked()
    page.keyboard.press("Control+z")
    desk.settle()
    assert np.array_equal(desk.pixels(), bold)
    page.get_by_role("button", name="Start over").click()
    desk.settle()
    assert np.array_equal(desk.pixels(), first)


def test_the_sample_pasting_and_dropping(sit: Callable[..., Any], photo: Path) -> None:
    desk = sit()
    page = desk.page
    page.get_by_role("button", name="Try it with this photo").click()
    desk.settle()
    assert page.locator("#facts").inner_text().startswith("collins.jpg")
    bring = """async ([kind, data, name]) => {
      const transfer = new DataTransfer();
      const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
      transfer.items.add(new File([bytes], name, { type: "image/jpeg" }));
      const options = { bubbles: true, cancelable: true, clipboardData: transfer, dataTransfer: transfer };
      const types = kind === "paste" ? [ClipboardEvent, ["paste"]] : [DragEvent, ["dragenter", "dragover", "drop"]];
      for (const type of types[1]) document.body.dispatchEvent(new types[0](type, options));
    }"""
    data = b64encode(photo.read_bytes()).decode()
    for number, kind in enumerate(("paste", "drop"), 2):
        page.evaluate(bring, [kind, data, f"{kind}ed.jpg"])
        page.get_by_role("button", name=f"{kind}ed.jpg, ").first.wait_for()
        desk.settle()
        assert page.locator("#cards .show").count() == number
    assert page.locator("#dropping").is_hidden()


def test_images_that_a_busy_server_refused_are_there_in_the_end(sit: Callable[..., Any], photo: Path) -> None:
    desk = sit()
    refused: set[str] = set()
    again: set[str] = set()

    def refuse(route: Any) -> None:
        url = route.request.url
        if url in refused:
            again.add(url)
            route.continue_()
        else:
            refused.add(url)
            route.fulfill(status=503, headers={"Retry-After": "1"}, body=BUSY)

    desk.page.route("**/preview?*", refuse)
    desk.choose(photo)
    for image in ("#before", "#cards .card img"):
        desk.page.wait_for_function("name => document.querySelector(name).naturalWidth > 0", arg=image)
    while again != refused:
        desk.page.wait_for_timeout(100)
    assert desk.complaints
    assert all("503" in words for words in desk.complaints)
    desk.complaints.clear()


def test_no_photo_is_said_and_a_busy_server_asked_again(sit: Callable[..., Any], photo: Path, tmp_path: Path) -> None:
    desk = sit()
    page = desk.page
    (tmp_path / "notes.jpg").write_text("not a photo at all")
    page.locator("#files").set_input_files(str(tmp_path / "notes.jpg"))
    alert = page.get_by_role("alert").filter(has_text="notes.jpg")
    alert.wait_for()
    alert.get_by_role("button", name="Dismiss").click()
    assert page.get_by_role("alert").count() == 0
    page.get_by_role("heading", name="Give an old photo its colours").wait_for()

    busy = {"status": 503, "headers": {"Retry-After": "1"}, "body": BUSY}
    desk.page.route("**/colorize", lambda route: route.fulfill(**busy), times=1)
    desk.choose(photo)
    assert page.get_by_role("alert").count() == 0
    desk.page.route("**/colorize", lambda route: route.fulfill(**busy))
    desk.page.get_by_label("Strength").press("ArrowLeft")
    page.get_by_role("alert").filter(has_text="The service is busy. Try again later.").wait_for()
    page.unroute("**/colorize")
    before = desk.pixels()
    page.get_by_role("button", name="Try again").click()
    desk.settle()
    assert not np.array_equal(desk.pixels(), before)
    assert page.get_by_role("alert").count() == 0
    # refusals are written to the console by the browser itself
    assert len(desk.complaints) >= 3
    assert all("Failed to load resource" in words for words in desk.complaints)
    desk.complaints.clear()
