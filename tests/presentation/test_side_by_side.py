"""Original and result in one picture, and the colour as a layer: pixels, depth, metadata, and the files of a run."""

import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from photochrom import Colorizer, Result
from photochrom.cli.main import main
from photochrom.errors import OptionError, UnsupportedPictureError
from photochrom.image_io import Page, Picture, read_picture
from photochrom.image_io.provenance import read_mark
from photochrom.presentation.layer import make_layer

Coloring = Callable[[Any], Result]


def scene(dtype: Any = np.uint8, height: int = 90, width: int = 120) -> NDArray[Any]:
    y, x = np.mgrid[0:height, 0:width]
    values = (np.sin(x / 9) + np.cos(y / 7)) / 4.5 + 0.5
    return (values * np.iinfo(dtype).max).astype(dtype)


def composite(photo: NDArray[Any], layer: NDArray[Any]) -> NDArray[np.float64]:
    """W3C Compositing and Blending Level 1, 10.2: ``color``, of RGB and RGBA 0..1."""
    weights = np.array([0.3, 0.59, 0.11])
    color = layer[..., :3] + (photo @ weights - layer[..., :3] @ weights)[..., None]
    luma = (color @ weights)[..., None]
    low, high = color.min(-1, keepdims=True), color.max(-1, keepdims=True)
    color = np.where(low < 0, luma + (color - luma) * luma / np.maximum(luma - low, 1e-9), color)
    color = np.where(high > 1, luma + (color - luma) * (1 - luma) / np.maximum(high - luma, 1e-9), color)
    alpha = layer[..., 3:]
    mixed: NDArray[np.float64] = photo * (1 - alpha) + color * alpha
    return mixed


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("way", ["side-by-side", "stacked"])
def test_both_are_in_the_picture(colored: Coloring, dtype: Any, way: str) -> None:
    result = colored(dtype)
    page = result.compared(compare=way).pages[0]
    assert page.pixels.dtype == dtype
    before, after = page.pixels[:90, :120], page.pixels[:90, -120:]
    if way == "stacked":
        after = page.pixels[-90 - 2 * 8 :][:90]
    assert np.array_equal(after, result.picture.pages[0].pixels)
    assert np.abs(before.astype(int) - scene(dtype)[..., None]).max() <= 2
    plain = result.compared(compare=way, caption="").pages[0]
    assert plain.pixels.shape == ((90, 242, 3) if way == "side-by-side" else (182, 120, 3))
    one = result.compared(compare=way, caption="Both").pages[0]
    assert one.height == plain.height + 16


def test_a_toned_photo_with_alpha_and_another_result(colorizer: Colorizer, page_of: Any) -> None:
    page = page_of(np.uint8, alpha=True, extras=True)
    result = colorizer(Picture((page,), "TIFF"), input_size=64)
    joined = result.compared(caption="").pages[0]
    assert joined.alpha is not None
    assert joined.extras is None
    assert np.abs(joined.pixels[:, :120].astype(int) - page.pixels).mean() < 1
    other = replace(result, original=Picture((Page(scene(height=20)),)))
    for call in (other.compared, other.layer, other.to_openraster):
        with pytest.raises(OptionError) as caught:
            call()
        assert caught.value.code == "option.sizes_differ"
    with pytest.raises(OptionError) as caught:
        replace(result, original=None).layer()
    assert caught.value.code == "option.no_original"


def test_the_layer_gives_the_result(colorizer: Colorizer, colored: Coloring) -> None:
    result = colored(np.uint16)
    layer = result.layer().pages[0]
    assert layer.alpha is not None
    assert layer.pixels.dtype == layer.alpha.dtype == np.uint16
    colored = result.picture.pages[0].pixels / 65535
    over = composite(
        np.repeat(scene(np.uint16)[..., None] / 65535, 3, 2), np.dstack([layer.pixels, layer.alpha]) / 65535
    )
    assert np.abs(over - colored).mean() < 4 / 255
    # nothing was coloured, so the layer is empty, and the photo is what is seen
    gray = colorizer(scene(), strength=0.0, input_size=64)
    empty = gray.layer().pages[0]
    assert empty.alpha is not None
    assert not empty.alpha.any()
    assert result.layer().metadata.xmp is not None


def test_a_layer_keeps_the_holes_of_its_photo(colorizer: Colorizer, page_of: Any) -> None:
    result = colorizer(Picture((page_of(np.uint8, alpha=True),)), input_size=64)
    alpha = result.layer().pages[0].alpha
    assert alpha is not None
    assert set(np.unique(alpha)) <= {0, 127}


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_openraster(colored: Coloring, dtype: Any) -> None:
    result = colored(dtype)
    data = result.to_openraster()
    with zipfile.ZipFile(BytesIO(data)) as archive:
        first = archive.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        assert archive.read("mimetype") == b"image/openraster"
        stack = ElementTree.fromstring(archive.read("stack.xml"))
        assert (stack.get("w"), stack.get("h")) == ("120", "90")
        layers = stack.findall("stack/layer")
        assert [layer.get("composite-op") for layer in layers] == ["svg:color", "svg:src-over"]
        color, photo = (read_picture(archive.read(str(layer.get("src")))).pages[0] for layer in layers)
        assert color.pixels.dtype == photo.pixels.dtype == dtype
        assert color.alpha is not None
        assert np.array_equal(color.pixels, result.picture.pages[0].pixels)
        merged = read_picture(archive.read("mergedimage.png"))
        assert merged.pages[0].pixels.dtype == np.uint8
        with Image.open(BytesIO(archive.read("Thumbnails/thumbnail.png"))) as small:
            assert max(small.size) == 120
    assert result.to_openraster() == data
    pages = replace(result.picture, pages=result.picture.pages * 2)
    with pytest.raises(UnsupportedPictureError):
        replace(result, picture=pages).to_openraster()


def test_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    Image.fromarray(scene()).save(photos / "a.jpg", quality=95)
    tifffile.imwrite(photos / "b.tif", scene(np.uint16), photometric="minisblack")
    Image.fromarray(scene()).save(photos / "c.bmp")
    words = ["colorize", str(photos), "--model", "photochrom_fast", "--input-size", "64", "-q"]
    asked = ["--mark", "by software", "--mark-place", "below", "--compare", "stacked", "--layer", "tif"]
    assert main([*words, *asked]) == 0
    made = {path.name for path in photos.iterdir() if path.suffix != ".json"}
    beside = {"a.compare.jpg", "a.layer.tif", "b.compare.tif", "b.layer.tif", "c.compare.png", "c.layer.tif"}
    assert made >= {"a.color.jpg", "b.color.tif", "c.color.bmp", *beside}
    with Image.open(photos / "a.color.jpg") as image:
        assert image.size == (120, 96)
    layer = tifffile.imread(photos / "b.layer.tif")
    assert layer.dtype == np.uint16
    assert layer.shape == (90, 120, 4)
    for name in beside:
        mark = read_mark(photos / name)
        assert mark is not None
        assert mark.model == "photochrom_fast"
    # they are results too: another run leaves them alone, and the same run is finished
    assert main([*words, *asked, "--resume"]) == 0
    report = json.loads((photos / "photochrom-report.json").read_text())
    assert [file["status"] for file in report["files"]] == ["skipped"] * 3
    assert report["results_left_out"] == 9
    capsys.readouterr()


@pytest.mark.parametrize(
    "words",
    [
        ["a.jpg", "--mark-size", "4"],
        ["a.jpg", "--caption", "one|two"],
        ["a.jpg", "--mark", "AI", "--lossless"],
        ["a.jpg", "--layer", "png", "--auto-contrast"],
        ["a.jpg", "-o", "-", "--layer", "png"],
        ["a.jpg", "--compare", "beneath"],
    ],
)
def test_flags_that_do_not_go_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]) -> None:
    monkeypatch.chdir(tmp_path)
    Image.fromarray(scene()).save("a.jpg")
    assert main(["colorize", *words]) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["a.jpg"]


def test_in_python(colored: Coloring, tmp_path: Path) -> None:
    result = colored(np.uint8)
    marked = result.marked(mark="AI", mark_place="top-left", mark_size=10)
    assert not np.array_equal(marked.pages[0].pixels, result.picture.pages[0].pixels)
    result.layer().save(tmp_path / "layer.png")
    with Image.open(tmp_path / "layer.png") as image:
        assert image.mode == "RGBA"
    assert make_layer(Picture((Page(scene()),)), result.picture).pages[0].alpha is not None
