"""A film on the page: settings tried on its shots, several runs of one upload; and a key asked for."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("playwright.sync_api", reason="browser tests need playwright")
ROOT = Path(__file__).parents[3]
COLORED = "() => document.querySelector('#after:not([hidden])')?.src.startsWith('blob:')"
COLOR = """async () => {
  const image = document.querySelector("#after");
  // refused where the next picture takes its place meanwhile
  while (!(await image.decode().then(() => true, () => false)));
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [64, 48];
  const ink = canvas.getContext("2d");
  ink.drawImage(image, 0, 0, 64, 48);
  const data = ink.getImageData(0, 0, 64, 48).data;
  let sum = 0;
  for (let at = 0; at < data.length; at += 4) sum += Math.abs(data[at] - data[at + 2]);
  return sum / (64 * 48);
}"""


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Two shots of half a second: the astronaut, and upside down."""
    av = pytest.importorskip("av", reason="films need the video extra")
    photo = Image.open(ROOT / "docs" / "photos" / "astronaut_gray.jpg").resize((320, 320))
    path = tmp_path / "1926.mp4"
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for number in range(26):
            shot = photo if number < 13 else photo.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
            part = shot.crop((number, 40, number + 160, 160)).convert("RGB")
            output.mux(stream.encode(av.VideoFrame.from_image(part)))
        output.mux(stream.encode(None))
    return path


def test_settings_are_tried_on_shots_and_one_upload_serves_two_runs(sit: Callable[..., Any], film: Path) -> None:
    desk = sit()
    page = desk.page
    page.locator("#files").set_input_files(str(film))
    shots = page.get_by_role("list", name="Shots of the film").get_by_role("button")
    page.wait_for_function(COLORED)
    assert shots.count() == 2
    plain = page.evaluate(COLOR)
    page.get_by_role("slider", name="Strength").fill("0")
    page.wait_for_function(f"async () => await ({COLOR})() < {plain / 2}")
    shots.nth(1).click()
    assert shots.nth(1).get_attribute("aria-pressed") == "true"
    page.get_by_role("slider", name="Strength").fill("1")
    page.wait_for_function(f"async () => await ({COLOR})() > {plain / 2}")
    desk.settle()

    # hints belong to the shot that they are placed on, and go with the film
    page.get_by_role("button", name="Hint", exact=True).click()
    page.get_by_role("button", name="Stroke", exact=True).click()
    page.mouse.move(*desk.place(0.2, 0.5))
    page.mouse.down()
    page.mouse.move(*desk.place(0.8, 0.5), steps=6)
    page.mouse.up()
    page.locator("#editor .swatch").nth(1).wait_for()
    before = desk.pixels()
    page.locator("#editor-hex").fill("#2f5fd0")
    page.locator("#editor-hex").press("Enter")
    desk.settle()
    change = np.abs(desk.pixels() - before)
    middle = change.shape[0] // 2
    assert change[middle - 10 : middle + 10].mean() > 10
    page.get_by_role("button", name="Done").click()
    page.get_by_role("button", name="Hint 1, a stroke: blue", exact=True).wait_for()
    shots.nth(0).click()
    desk.settle()
    assert page.locator(".pin").count() == 0
    shots.nth(1).click()
    desk.settle()
    assert page.locator(".pin").count() == 1
    orders = []
    page.on("request", lambda request: request.method == "POST" and orders.append(request))
    page.get_by_label("File", exact=True).select_option("mkv")
    page.get_by_label("Compression").select_option("ffv1")
    page.get_by_role("button", name="Colour the film").click()
    saved = page.get_by_role("link", name="Save the film")
    saved.wait_for(timeout=90_000)
    assert saved.get_attribute("download") == "1926.color.mkv"
    (order,) = [json.loads(each.post_data) for each in orders if each.url.endswith("/jobs")]
    assert len(order["hints"]) > 5
    assert {hint["time"] >= 13 / 25 for hint in order["hints"]} == {True}
    assert {hint["color"] for hint in order["hints"]} == {"#2f5fd0"}

    page.get_by_role("button", name="Change the settings").click()
    page.get_by_label("File", exact=True).select_option("mp4")
    page.get_by_role("button", name="Colour the film").click()
    saved.wait_for(timeout=90_000)
    assert saved.get_attribute("download") == "1926.color.mp4"
    assert len([url for url in desk.asked if url.endswith("/videos")]) == 2  # what is there, and one upload
    page.reload()
    # both runs are there, and the film as it was
    page.get_by_text("1 earlier result").wait_for()
    video = page.locator("#film video")
    page.wait_for_function("() => document.querySelector('#film video').readyState >= 2")
    page.get_by_role("button", name="Original").last.click()
    page.wait_for_function("() => document.querySelector('#film video').src.endsWith('/file')")
    assert video.get_attribute("aria-label") == "1926.mp4, as it was"
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="Delete from the server").click()
    page.get_by_role("heading", name="Give an old photo its colours").wait_for()


def test_a_service_with_keys_asks_for_one(browser: Any, start_service: Callable[..., Any], tmp_path: Path) -> None:
    from photochrom.web.middleware.api_keys import create_key, hash_key

    key, path = create_key(), tmp_path / "keys.toml"
    path.write_text(f'[[keys]]\nname = "archive"\nhash = "{hash_key(key)}"\n')
    service = start_service(PHOTOCHROM_API_KEYS=str(path))
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(service.url)
    page.get_by_role("dialog", name="This service asks for a key").wait_for()
    page.keyboard.press("Escape")
    page.get_by_label("API key").fill(create_key())
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("alert").filter(has_text="valid").wait_for()
    page.get_by_label("API key").fill(key)
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("dialog").wait_for(state="hidden")
    page.locator("#files").set_input_files(str(ROOT / "docs" / "photos" / "astronaut_gray.jpg"))
    page.wait_for_selector("#after:not([hidden])")
    page.reload()
    page.wait_for_selector("#after:not([hidden])")
    assert page.evaluate("document.cookie") == ""
    context.close()
