"""The page that colours in the browser, in a real one: what a person does with it, with and without a connection."""

import io
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from photochrom import Colorizer
from photochrom.image_io import read_picture

SMALL = """() => {
  const context = new OffscreenCanvas(40, 30).getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(after, 0, 0, 40, 30);
  return [...context.getImageData(0, 0, 40, 30).data];
}"""
MARK = b"compositeWithTrainedAlgorithmicMedia"


def test_a_photo_is_coloured_steered_and_saved_with_all_it_carries_and_again_without_a_connection(
    visit: Any, host: Any, tmp_path: Path, write_photo: Any
) -> None:
    photo = write_photo(tmp_path / "hill.jpg", orientation=6)
    visit.ready()
    visit.page.wait_for_selector("html[data-kept=yes]", state="attached")
    before = len(visit.asked)
    visit.choose(photo)
    first = visit.colors()
    assert np.ptp(first, axis=-1).mean() > 5
    assert first.shape[:2] == (320, 240), "upright"

    # the same as on the Python side, by the same network
    ours = Colorizer(device="cpu", threads=1)(photo).picture.pages[0].pixels
    off = np.abs(first - ours)
    # the browser's own decoder may round a level of the JPEG another way
    assert off.mean() < 0.5
    assert (off <= 3).mean() > 0.995

    visit.page.locator("#strength").fill("0")
    visit.settle()
    assert np.ptp(visit.colors(), axis=-1).mean() < 1
    visit.page.locator("#strength").fill("1")
    visit.page.locator("#vividness").fill("2")
    visit.settle()
    assert np.ptp(visit.colors(), axis=-1).mean() > np.ptp(first, axis=-1).mean() + 1

    visit.page.click("#tool-hint")
    box = visit.page.locator("#sheet").bounding_box()
    visit.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.2)
    visit.page.wait_for_selector("#editor .swatch")
    assert visit.page.locator("#editor .swatch").count() >= 2
    visit.page.fill("#hint-code", "#c03020")
    visit.page.locator("#hint-code").press("Enter")
    visit.settle()
    place = visit.colors()[64, 120]
    assert place[0] > place[2] + 40, "red where it was said"
    visit.page.click("#editor .primary")

    data = visit.save()
    assert visit.name == "hill.color.jpg"
    saved = read_picture(data)
    pixels = saved.pages[0].pixels.astype(float)
    assert pixels.shape == (320, 240, 3)
    image = Image.open(io.BytesIO(data))
    assert image.getexif()[0x010E] == "The hill, 1931"
    assert image.getexif()[0x0112] == 1
    assert image.info["comment"] == b"by hand"
    assert image.info["icc_profile"]
    assert MARK in image.info["xmp"]
    assert b"an album" in image.info["xmp"]
    assert np.abs(pixels - visit.colors()).mean() < 4

    # colouring asks nobody for anything
    assert [url for url in visit.asked[before:] if url.startswith("http")] == []
    assert all(url.startswith((visit.address, f"blob:{visit.address}")) for url in visit.asked)
    assert visit.complaints == []

    host.close()
    visit.page.reload()
    visit.ready()
    visit.choose(photo)
    assert np.abs(visit.colors() - first).mean() < 1e-3
    # threads, on a host that sets no headers
    assert visit.page.evaluate("() => crossOriginIsolated")
    assert visit.save()[:2] == b"\xff\xd8"


def test_many_photos_a_zip_and_sentences_for_what_is_not_a_photo(visit: Any, tmp_path: Path, write_photo: Any) -> None:
    jpeg, png = write_photo(tmp_path / "a.jpg"), write_photo(tmp_path / "b.png")
    cut = tmp_path / "cut.jpg"
    cut.write_bytes(jpeg.read_bytes()[:-900])
    text = tmp_path / "letter.txt"
    text.write_text("not a picture")
    large = tmp_path / "large.png"
    large.write_bytes(_with_size(png.read_bytes(), 9000, 9000))
    broken = tmp_path / "broken.png"
    data = bytearray(png.read_bytes())
    at = data.index(b"IDAT") + 40
    data[at : at + 8] = bytes(8)
    broken.write_bytes(bytes(data))
    visit.choose(jpeg, png, cut, text, large, broken)
    visit.page.get_by_text("broken.png").wait_for()
    assert visit.page.locator(".card").count() == 2
    visit.page.wait_for_function("() => !document.querySelector('.card .spinner')")
    # the last three of them stay to be read
    shown = visit.page.locator(".alert p").all_inner_texts()
    for name, words in (("letter.txt", "is not a picture"), ("large.png", "million"), ("broken.png", "damaged")):
        assert any(name in line and words in line for line in shown), name
    data = visit.save("#save-all")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.namelist() == ["a.color.jpg", "b.color.png"]
        image = Image.open(io.BytesIO(archive.read("b.color.png")))
        image.load()
    assert image.text["Comment"] == "by hand"
    assert MARK.decode() in image.text["XML:com.adobe.xmp"]
    assert image.getexif()[0x010E] == "The hill, 1931"
    assert image.info["icc_profile"]
    assert np.ptp(np.asarray(image).astype(int), axis=-1).mean() > 5


def _with_size(png: bytes, width: int, height: int) -> bytes:
    import struct
    import zlib

    head = b"IHDR" + struct.pack(">II", width, height) + png[24:29]
    return png[:8] + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head)) + png[33:]


@pytest.mark.parametrize("phone", [False, True])
def test_the_page_speaks_german_is_accessible_and_says_that_nothing_is_uploaded(
    browser: Any, host: Any, tmp_path: Path, write_photo: Any, open_visit: Any, *, phone: bool
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    visit = open_visit(phone=phone, locale="de-DE")
    visit.ready()
    assert visit.page.get_by_text("Nichts wird hochgeladen").first.is_visible()
    results = [axe.run(visit.page)]
    visit.choose(write_photo(tmp_path / "berg.jpg"))
    results.append(axe.run(visit.page))
    folder = os.environ.get("PHOTOCHROM_SCREENSHOTS")
    if folder:
        visit.page.screenshot(path=f"{folder}/desk_{'390' if phone else '1440'}_de.png")
    for found in results:
        assert found.violations_count == 0, found.generate_report()
    assert visit.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


#: what a browser lacks, put before the worker's own script, and the word of the sentence that the page shows
LACKS = {
    "no_wasm": ("globalThis.WebAssembly = undefined;", "WebAssembly"),
    "out_of_memory": (
        "globalThis.createImageBitmap = () => Promise.reject(new RangeError('Array buffer allocation failed'));",
        "memory",
    ),
}


@pytest.mark.parametrize("lack", LACKS)
def test_a_browser_that_cannot_do_it_says_so(
    open_context: Any, host: Any, tmp_path: Path, lack: str, write_photo: Any
) -> None:
    before, word = LACKS[lack]
    # a service worker would answer before the route
    context = open_context(locale="en-GB", service_workers="block")
    page = context.new_page()
    page.route(
        "**/assets/worker-*.js",
        lambda route: route.fulfill(body=f"{before}\n{route.fetch().text()}", content_type="text/javascript"),
    )
    page.goto(host.address)
    if lack == "out_of_memory":
        page.locator("#files").set_input_files(str(write_photo(tmp_path / "hill.jpg")))
    page.wait_for_selector(".alert")
    assert word in page.locator(".alert p").inner_text()


def test_without_threads_the_page_says_that_it_is_slower_and_colours_all_the_same(
    open_context: Any, host: Any, tmp_path: Path, write_photo: Any
) -> None:
    context = open_context(locale="es-ES", service_workers="block")
    page = context.new_page()
    page.goto(host.address)
    page.wait_for_selector("html[data-network=ready]", state="attached")
    assert not page.evaluate("() => crossOriginIsolated")
    assert "un solo hilo" in page.locator(".honest .one-thread").inner_text()
    bitmap = tmp_path / "colina.bmp"
    Image.open(write_photo(tmp_path / "hill.png")).save(bitmap)
    page.locator("#files").set_input_files(str(bitmap))
    page.wait_for_selector("#after:not([hidden])")
    assert "BMP" in page.locator("#metadata-lost").inner_text()


def test_a_webp_is_coloured_as_on_the_python_side_and_saved_with_what_it_carries(
    visit: Any, tmp_path: Path, write_photo: Any
) -> None:
    photo = write_photo(tmp_path / "hill.webp", orientation=6)
    visit.choose(photo)
    ours = Colorizer(device="cpu", threads=1)(photo).picture.pages[0].pixels
    off = np.abs(visit.colors() - ours)
    assert off.mean() < 0.5
    assert (off <= 3).mean() > 0.999
    assert visit.page.locator("#metadata-lost").is_hidden()
    image = Image.open(io.BytesIO(visit.save()))
    assert visit.name == "hill.color.png"
    assert (image.format, image.size) == ("PNG", (240, 320))
    assert image.getexif()[0x010E] == "The hill, 1931"
    assert image.getexif()[0x0112] == 1
    assert image.info["icc_profile"]
    packet = image.info["XML:com.adobe.xmp"].encode()
    assert MARK in packet
    assert b"an album" in packet


def test_a_palette_pulls_the_colours_to_it(visit: Any, tmp_path: Path, write_photo: Any) -> None:
    visit.choose(write_photo(tmp_path / "hill.jpg"))
    before = visit.colors()
    visit.page.locator("#palette-add").fill("#a03020")
    visit.page.wait_for_selector("#palette .remove, #palette li + li")
    visit.settle()
    after = visit.colors()
    assert (after[..., 0] - after[..., 2]).mean() > (before[..., 0] - before[..., 2]).mean() + 3
    visit.page.click("#palette li:first-child button")
    visit.settle()
    assert np.abs(visit.colors() - before).mean() < 1e-3


def test_a_large_photo_is_coloured_by_strips(visit: Any, tmp_path: Path, write_photo: Any) -> None:
    visit.choose(write_photo(tmp_path / "large.jpg", size=(4000, 3000)))
    shown = np.array(visit.page.evaluate(SMALL), float).reshape(30, 40, 4)[..., :3]
    saved = Image.open(io.BytesIO(visit.save())).convert("RGB")
    assert saved.size == (4000, 3000)
    small = np.asarray(saved.resize((40, 30), Image.Resampling.BOX), float)
    # a strip that were missing or out of place would be far off
    assert np.abs(small - shown).mean() < 6
    assert np.ptp(small, axis=-1).mean() > 5


def test_a_first_visit_loads_less_than_11_megabytes(open_context: Any, host: Any) -> None:
    context = open_context(locale="de-DE")
    sizes: list[int] = []
    # with its worker and its service worker, headers included; nothing of it is packed on the way
    context.on("requestfinished", lambda request: sizes.append(sum(request.sizes()[k] for k in PARTS)))
    page = context.new_page()
    page.goto(host.address)
    page.wait_for_selector("html[data-network=ready]", state="attached")
    page.wait_for_selector("html[data-kept=yes]", state="attached")
    assert 8e6 < sum(sizes) < 11e6


PARTS = ("responseBodySize", "responseHeadersSize")
