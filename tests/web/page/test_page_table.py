"""The light table: what is seen at once, how it is compared, and how it is taken home."""

import io
import re
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("playwright.sync_api", reason="browser tests need playwright")

HANDLE = "#divider"


def test_the_divider_stays_where_it_is_while_the_photo_moves_below(sit: Callable[..., Any], photo: Path) -> None:
    desk = sit()
    page = desk.page
    desk.choose(photo)
    for _ in range(7):
        page.get_by_role("button", name="Zoom in").click()
    view = page.locator("#view").bounding_box()
    middle = view["x"] + view["width"] / 2
    assert page.locator(HANDLE).bounding_box()["x"] == pytest.approx(middle, abs=2)
    page.mouse.move(view["x"] + 100, view["y"] + 300)
    page.mouse.down()
    page.mouse.move(view["x"] + 260, view["y"] + 200, steps=4)
    page.mouse.up()
    assert page.locator(HANDLE).bounding_box()["x"] == pytest.approx(middle, abs=2)
    # it is taken by its handle, and the colours begin where it is
    slider = page.get_by_role("slider", name="Compare original and colours")
    box = slider.bounding_box()
    page.mouse.move(box["x"] + 22, box["y"] + 22)
    page.mouse.down()
    page.mouse.move(view["x"] + 200, box["y"] + 22, steps=4)
    page.mouse.up()
    at = page.locator(HANDLE).bounding_box()["x"]
    assert at == pytest.approx(view["x"] + 200, abs=2)
    after = page.locator("#after").bounding_box()
    clip = page.locator("#after").evaluate("image => image.style.clipPath")
    share = float(re.findall(r"([\d.]+)%", clip)[0]) / 100
    assert after["x"] + share * after["width"] == pytest.approx(at, abs=2)


def test_the_welcome_shows_what_it_does(sit: Callable[..., Any]) -> None:
    page = sit().page
    cut = page.locator("#showcase-cut")
    cut.wait_for()
    for value in (20, 80):
        cut.evaluate("(dial, value) => { dial.value = value; dial.dispatchEvent(new Event('input')); }", value)
        assert f"{value}%" in page.locator("#showcase .over").evaluate("image => getComputedStyle(image).clipPath")
    loaded = "[...document.querySelectorAll('#showcase img')].every((image) => image.naturalWidth === 512)"
    page.wait_for_function(f"() => {loaded}")


def test_the_file_is_seen_while_it_is_sent(sit: Callable[..., Any], photo: Path) -> None:
    desk = sit()
    page = desk.page
    page.route("**/api/v1/photos", lambda route: route.request.method == "GET" and route.continue_())
    page.locator("#files").set_input_files(str(photo))
    page.wait_for_function("() => document.getElementById('before').naturalWidth === 512")
    assert page.locator("#before").get_attribute("src").startswith("blob:")
    page.locator("#working").wait_for()
    page.unroute("**/api/v1/photos")


def test_variations_come_unasked_and_the_chosen_one_is_there_after_a_reload(
    sit: Callable[..., Any], photo: Path
) -> None:
    desk = sit()
    page = desk.page
    desk.choose(photo)
    third = page.get_by_role("button", name="Variation 3")
    third.wait_for()
    assert third.bounding_box()["width"] > 110
    third.click()
    desk.settle()
    chosen = desk.pixels()
    page.reload()
    desk.settle()
    page.locator('#variations [aria-pressed="true"]', has_text="Variation 3").wait_for()
    assert np.array_equal(desk.pixels(), chosen)


def test_networks_are_called_by_what_they_are_good_for(sit: Callable[..., Any], photo: Path) -> None:
    desk = sit()
    page = desk.page
    desk.choose(photo)
    labels = page.locator("#model option").all_inner_texts()
    names = page.locator("#model option").evaluate_all("options => options.map((option) => option.value)")
    if len(names) > 1:
        called = dict(zip(names, labels, strict=True))
        # whatever else of the zoo is offered, the default is the fast one
        assert (called["photochrom_fast"], called["photochrom"]) == ("Fast", "Best quality")
        assert page.locator("#model").input_value() == "photochrom_fast"
        others = page.locator("#model optgroup[label='For comparison'] option").count()
        assert others == len(names) - 2
    assert page.locator("#model-note").inner_text().endswith(".")
    page.get_by_text("Details").click()
    assert page.locator("#model-facts").inner_text().startswith(tuple(names))


def test_confidence_lies_hatched_over_gray(sit: Callable[..., Any], photo: Path) -> None:
    desk = sit()
    page = desk.page
    desk.choose(photo)
    page.get_by_role("button", name="Show how sure the network is").click()
    page.wait_for_selector("#sureness:not([hidden])")
    style = "(id, name) => getComputedStyle(document.getElementById(id))[name]"
    assert "grayscale" in page.evaluate(f"({style})('after', 'filter')")
    assert "gradient" in page.evaluate(f"({style})('sureness', 'maskImage')")
    page.get_by_role("button", name="Show how sure the network is").click()
    assert page.evaluate(f"({style})('after', 'filter')") == "none"


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_the_grid_has_names_and_states(sit: Callable[..., Any], photos: list[Path], phone: bool) -> None:
    desk = sit(phone=phone)
    page = desk.page
    desk.choose(*photos)
    page.wait_for_function("() => document.querySelectorAll('#cards img[src]:not([hidden])').length === 3")
    page.get_by_role("button", name="Show all as a grid").click()
    for path in photos:
        name = page.locator("#cards .words b", has_text=path.name)
        name.wait_for()
        state = name.locator("xpath=following-sibling::span")
        assert state.inner_text()
        assert state.is_visible()
    width, right = page.viewport_size["width"], page.locator("#cards").bounding_box()
    assert right["x"] + right["width"] <= width
    page.locator("#cards .show").nth(1).click()
    page.locator("#view").wait_for()
    assert page.locator("#cards .show").nth(1).get_attribute("aria-current") == "true"


def test_both_in_one_picture_and_other_formats(sit: Callable[..., Any], photo: Path, tmp_path: Path) -> None:
    desk = sit()
    page = desk.page
    desk.choose(photo)
    for label, known in (("TIFF", "TIFF"), ("WebP", "WEBP")):
        page.get_by_role("button", name="More ways to save").click()
        desk.save(page.get_by_role("button", name=label, exact=True).click, tmp_path / label)
        with Image.open(tmp_path / label) as saved:
            assert saved.format == known
    page.get_by_role("button", name="More ways to save").click()
    name = desk.save(page.get_by_role("button", name="Save before and after").click, tmp_path / "side.jpg")
    assert name == "collins.side.jpg"
    side = Image.open(io.BytesIO((tmp_path / "side.jpg").read_bytes())).convert("RGB")
    assert side.width > 2 * 512
    pixels = np.asarray(side, float)
    spread = np.ptp(pixels, axis=2)
    left, right = spread[:500, :500].mean(), spread[:500, -500:].mean()
    assert left < 2 < 8 < right


def test_back_closes_the_sheet_on_a_phone(sit: Callable[..., Any], photo: Path) -> None:
    desk = sit(phone=True)
    page = desk.page
    desk.choose(photo)
    address = page.url
    page.get_by_role("button", name="Hint", exact=True).tap()
    page.touchscreen.tap(*desk.place(0.5, 0.5))
    page.locator("#editor").wait_for()
    page.go_back()
    page.locator("#editor").wait_for(state="hidden")
    assert page.url == address
    assert page.locator("#cards .card").count() == 1
    # closed by its own button, it leaves nothing behind in the history
    page.touchscreen.tap(*desk.place(0.4, 0.4))
    page.get_by_role("button", name="Close").tap()
    page.wait_for_function("() => !history.state?.sheet")


def test_a_close_look_shows_the_pixels_of_the_scan(sit: Callable[..., Any], tmp_path: Path) -> None:
    grain = np.random.default_rng(0).integers(90, 166, (200, 2600), np.uint8)
    Image.fromarray(grain).save(tmp_path / "scan.png")
    desk = sit()
    page = desk.page
    desk.choose(tmp_path / "scan.png")
    assert not [url for url in desk.asked if url.endswith("/tiles")]
    page.locator("#view").focus()
    page.keyboard.press("1")
    assert page.locator("#sheet").bounding_box()["width"] == pytest.approx(2600, abs=1)
    page.wait_for_selector("#after-tiles img:not([hidden])")
    place = page.locator("#before-tiles img:not([hidden])").first
    place.wait_for()
    column = int(place.get_attribute("data-place").split("/")[0])
    # a pixel of the scan is a pixel of the screen, and its grain is not smoothed
    data = place.evaluate(
        """(image) => {
          const canvas = document.createElement("canvas");
          [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
          canvas.getContext("2d").drawImage(image, 0, 0);
          return [image.getBoundingClientRect().width, canvas.toDataURL("image/png").split(",")[1]];
        }"""
    )
    with Image.open(io.BytesIO(b64decode(data[1]))) as tile:
        shown = np.asarray(tile.convert("L"), float)
    assert shown.shape[1] == pytest.approx(data[0], abs=0.5)
    own = grain[: shown.shape[0], 512 * column : 512 * column + shown.shape[1]]
    assert np.abs(shown - own).mean() < 0.2 * own.std()
    # other colours are not covered by the tiles of before
    page.get_by_label("Strength").press("ArrowLeft")
    assert page.locator("#after-tiles img").count() == 0
    page.wait_for_selector("#after-tiles img:not([hidden])")
