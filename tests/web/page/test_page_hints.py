"""Steering: hints on the photo, variations, reference and palette, confidence, projects."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skimage.data
from PIL import Image

pytest.importorskip("playwright.sync_api", reason="browser tests need playwright")

NAME = "(({ ariaLabel, innerText }) => (ariaLabel || innerText || '').trim())(document.activeElement)"


def test_a_hint_by_mouse_colours_what_lies_around_it(
    sit: Callable[..., Any], change: Callable[..., float], photo: Path
) -> None:
    desk = sit()
    page = desk.page
    desk.choose(photo)
    before = desk.pixels()
    page.get_by_role("button", name="Hint", exact=True).click()
    page.mouse.click(*desk.place(0.3, 0.8))
    editor = page.get_by_role("dialog", name="Which colour is here?")
    editor.locator(".swatch").nth(2).wait_for()
    # nothing happens before a colour is chosen, and giving up leaves nothing
    assert np.array_equal(desk.pixels(), before)
    page.keyboard.press("Escape")
    assert page.locator(".pin").count() == 0
    page.mouse.click(*desk.place(0.3, 0.8))
    code = editor.get_by_label("Colour code")
    code.fill("blue")
    code.press("Enter")
    editor.get_by_text("Write it like #8a5a3c.").wait_for()
    code.fill("#2f5fd0")
    code.press("Enter")
    desk.settle()
    after = desk.pixels()
    assert change(before, after, 154, 410, reach=12) > 15
    assert change(before, after, 154, 410, reach=12) > 4 * change(before, after, 440, 60, reach=12)
    near = after[400:420, 144:164].mean(axis=(0, 1))
    assert near[2] > near[0]
    # it is dragged elsewhere
    page.keyboard.press("Escape")
    page.mouse.move(*desk.place(0.3, 0.8))
    page.mouse.down()
    page.mouse.move(*desk.place(0.75, 0.12), steps=5)
    page.mouse.up()
    desk.settle()
    (moved,) = desk.hints()
    assert (moved["x"] / 512, moved["y"] / 512) == pytest.approx((0.75, 0.12), abs=0.01)
    page.get_by_role("button", name="Hint 1: blue", exact=True).wait_for()
    page.get_by_role("button", name="Delete hint 1").click()
    desk.settle()
    assert np.array_equal(desk.pixels(), before)


def test_suggestions_droppers_and_zoom(sit: Callable[..., Any], photo: Path) -> None:
    desk = sit()
    page = desk.page
    desk.choose(photo)
    page.get_by_role("button", name="Hint", exact=True).click()
    x, y = map(round, desk.place(0.4, 0.45))  # a wheel turns at whole pixels
    (left, top), (right, bottom) = desk.place(0, 0), desk.place(1, 1)
    there = (x - left) / (right - left), (y - top) / (bottom - top)
    page.mouse.move(x, y)
    for _ in range(4):
        page.mouse.wheel(0, -240)
    # what was under the mouse still is
    assert desk.place(*there) == pytest.approx((x, y), abs=1)
    page.mouse.click(x, y)
    swatches = page.locator("#editor .swatch")
    swatches.nth(2).wait_for()
    words = swatches.nth(1).get_attribute("aria-label")
    assert any(chance in words for chance in ("likely", "possible", "rare"))
    swatches.nth(1).click()
    desk.settle()
    (hint,) = desk.hints()
    assert (hint["x"] / 512, hint["y"] / 512) == pytest.approx((0.4, 0.45), abs=0.01)
    assert hint["color"] == swatches.nth(1).get_attribute("data-color")
    # a colour from another place of the photo
    page.get_by_role("button", name="Pick a colour from another place of the photo").click()
    page.mouse.click(x - 90, y + 30)
    page.locator("#aiming").wait_for(state="hidden")
    desk.settle()
    assert desk.hints()[0]["color"] != hint["color"]
    # the field, by keyboard
    color = desk.hints()[0]["color"]
    page.get_by_role("slider", name="Colour, at the brightness of the photo").press("ArrowRight")
    desk.settle()
    assert desk.hints()[0]["color"] != color
    page.get_by_role("button", name="Done").click()
    page.locator("#zoom-fit").click()
    assert page.locator("#zoom-out").is_disabled()


def test_everything_by_keyboard_alone(sit: Callable[..., Any], tmp_path: Path) -> None:
    desk = sit()
    page = desk.page
    page.get_by_role("button", name="Try it with this photo").wait_for()

    def walk_to(name: str) -> None:
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate(NAME).startswith(name):
                return
        raise AssertionError(f"no Tab leads to {name}")

    walk_to("Skip to the photo")
    walk_to("Try it with this photo")
    page.keyboard.press("Enter")
    desk.settle()
    before = desk.pixels()
    walk_to("Add a hint")
    page.keyboard.press("Enter")
    page.locator("#editor .swatch").nth(2).wait_for()
    # the pin has the focus: to the left and down, then its window
    for _ in range(8):
        page.keyboard.press("Shift+ArrowLeft")
        page.keyboard.press("Shift+ArrowDown")
    while page.evaluate("document.activeElement.id") != "editor-hex":
        page.keyboard.press("Tab")
    page.keyboard.type("#2f5fd0")
    page.keyboard.press("Enter")
    desk.settle()
    assert not np.array_equal(desk.pixels(), before)
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.className").startswith("pin")
    place = desk.hints()[0]
    page.keyboard.press("ArrowRight")
    desk.settle()
    assert desk.hints()[0]["x"] > place["x"]
    page.keyboard.press("Delete")
    desk.settle()
    assert np.array_equal(desk.pixels(), before)
    # single letters work where the photo has the focus
    page.locator("#view").focus()
    page.keyboard.press("h")
    assert page.locator("#tool-hint").get_attribute("aria-pressed") == "false"
    page.keyboard.press("+")
    assert page.locator("#zoom-out").is_enabled()
    page.keyboard.press("0")
    assert page.locator("#zoom-out").is_disabled()
    assert desk.save(lambda: page.keyboard.press("Control+s"), tmp_path / "saved.jpg").endswith(".jpg")


def test_variations_confidence_palette_and_reference(sit: Callable[..., Any], photo: Path, tmp_path: Path) -> None:
    desk = sit()
    page = desk.page
    desk.choose(photo)
    first = desk.pixels()
    page.get_by_role("button", name="Variation 4").wait_for()
    page.get_by_role("button", name="Variation 2").click()
    desk.settle()
    variation = desk.pixels()
    assert np.abs(variation - first).mean() > 0.5
    page.get_by_role("button", name="First choice").click()
    desk.settle()
    assert np.array_equal(desk.pixels(), first)
    page.get_by_role("button", name="Show how sure the network is").click()
    page.wait_for_function("() => document.getElementById('sureness').naturalWidth > 0")
    page.get_by_text("Where it is guessing, a hint helps most.").wait_for()
    page.get_by_role("button", name="Show how sure the network is").click()
    add = page.get_by_label("Add a colour")
    add.fill("#2e5d3a")
    desk.settle()
    assert not np.array_equal(desk.pixels(), first)
    page.get_by_role("button", name="Remove green").click()
    desk.settle()
    assert np.array_equal(desk.pixels(), first)
    (model, *_) = page.evaluate("() => fetch('api/v1/models').then((answer) => answer.json())")
    if not model["reference"]:
        page.get_by_text(f"{model['name']} takes no reference photo").wait_for()
        return
    Image.fromarray(skimage.data.astronaut()).save(tmp_path / "colors.png")
    page.locator("#reference-file").set_input_files(str(tmp_path / "colors.png"))
    page.get_by_text("places take their colour from it").wait_for()
    desk.settle()
    assert not np.array_equal(desk.pixels(), first)
    # a reference is no photo of its own, after a reload neither
    page.reload()
    desk.settle()
    page.get_by_alt_text("The reference photo").wait_for()
    assert page.locator("#cards .show").count() == 1
    page.get_by_role("button", name="Remove the reference photo").click()
    desk.settle()
    assert np.array_equal(desk.pixels(), first)


def test_a_project_goes_out_and_comes_back(sit: Callable[..., Any], photo: Path, tmp_path: Path) -> None:
    desk = sit()
    page = desk.page
    desk.choose(photo)
    page.get_by_role("button", name="Hint", exact=True).click()
    page.mouse.click(*desk.place(0.3, 0.8))
    page.locator("#editor-hex").fill("#2f5fd0")
    page.locator("#editor-hex").press("Enter")
    desk.slide("#vividness", 0.5)
    colored = desk.pixels()
    page.get_by_role("button", name="More ways to save").click()
    project = tmp_path / "collins.json"
    desk.save(lambda: page.get_by_role("button", name="Save project").click(), project)

    # another browser, which does not have the photo
    other = sit()
    other.page.locator("#project-file").set_input_files(str(project))
    dialog = other.page.get_by_role("dialog", name="Which photo is this project for?")
    dialog.get_by_text("collins.jpg").wait_for()
    Image.open(photo).rotate(90).save(tmp_path / "turned.jpg")
    other.page.locator("#project-photo").set_input_files(str(tmp_path / "turned.jpg"))
    other.page.get_by_role("alert").wait_for()
    other.page.get_by_role("button", name="Dismiss").click()
    assert [words for words in other.complaints if "409" not in words] == []
    other.complaints.clear()
    other.page.locator("#project-file").set_input_files(str(project))
    dialog.wait_for()
    other.page.locator("#project-photo").set_input_files(str(photo))
    other.page.locator(".pin").wait_for(state="attached")
    other.settle()
    assert np.array_equal(other.pixels(), colored)
    # and one that does
    other.page.get_by_role("button", name="Start over").click()
    other.page.locator("#project-file").set_input_files(str(project))
    other.page.locator(".pin").wait_for(state="attached")
    (tmp_path / "other.json").write_text("[]")
    other.page.locator("#project-file").set_input_files(str(tmp_path / "other.json"))
    other.page.get_by_role("alert").filter(has_text="This is not a project file").wait_for()
