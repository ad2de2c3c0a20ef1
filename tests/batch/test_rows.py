"""Large photos are read, coloured and written by rows, and come out as those that are worked on whole."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms

from photochrom import Colorizer
from photochrom.batch import colorize_files, plan_jobs, run_plan
from photochrom.image_io import Picture, read_picture, rows
from photochrom.image_io.codecs.jpeg import codec as jpeg
from photochrom.image_io.rows import are_rows
from photochrom.options import ColorizeOptions

Pixels = np.ndarray[Any, Any]

HEIGHT, WIDTH = 1501, 433
QUICK = ColorizeOptions(input_size=64)
#: where strips lie is no matter
PLACES = {"StripOffsets", "StripByteCounts", "RowsPerStrip"}


@pytest.fixture(scope="module")
def colorizer() -> Colorizer:
    return Colorizer()


@pytest.fixture(scope="module")
def gray() -> Pixels:
    noise = np.random.default_rng(3).integers(0, 256, (60, 20), dtype=np.uint8)
    return np.asarray(Image.fromarray(noise).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC))


def _check_same(one: Path, other: Path) -> None:
    if one.suffix == ".jpg":
        assert one.read_bytes() == other.read_bytes()
        return
    # the encoder leaves the time of day in bytes that no tag points to
    with tifffile.TiffFile(one) as first, tifffile.TiffFile(other) as second:
        assert len(first.pages) == len(second.pages)
        for left, right in zip(first.pages, second.pages, strict=True):
            assert np.array_equal(left.asarray(), right.asarray())
            tags, others = (
                {tag.name: tag.value for tag in page.tags if tag.name not in PLACES} for page in (left, right)
            )
            assert tags == others


def _deep(pixels: Pixels) -> Pixels:
    return pixels.astype(np.uint16) * 256 + pixels[::-1]


def _tinted(pixels: Pixels) -> Pixels:
    return np.stack([pixels, pixels // 2 + 60, pixels // 3 + 40], axis=-1)


def _jpeg(path: Path, pixels: Pixels, **options: Any) -> None:
    exif = Image.Exif()
    exif[0x010E] = "a large photo"
    Image.fromarray(pixels).save(path, "JPEG", quality=90, exif=exif, dpi=(300, 300), **options)


def _srgb() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


FILES: dict[str, tuple[str, Callable[[Path, Pixels], None]]] = {
    "gray jpeg": ("jpg", _jpeg),
    "color jpeg": ("jpg", lambda path, gray: _jpeg(path, _tinted(gray), subsampling=2, icc_profile=_srgb())),
    "gray tiff": ("tif", lambda path, gray: tifffile.imwrite(path, gray, rowsperstrip=7, description="a scan")),
    "16-bit tiff": ("tif", lambda path, gray: tifffile.imwrite(path, _deep(gray), rowsperstrip=64)),
    "16-bit color": ("tif", lambda path, gray: tifffile.imwrite(path, _deep(_tinted(gray)), photometric="rgb")),
    "min is white": ("tif", lambda path, gray: tifffile.imwrite(path, _deep(gray), photometric="miniswhite")),
    "min is white of 8 bits": ("tif", lambda path, gray: tifffile.imwrite(path, gray, photometric="miniswhite")),
    "tiles": ("tif", lambda path, gray: tifffile.imwrite(path, _deep(gray), tile=(64, 48), compression="zlib")),
    "big endian": ("tif", lambda path, gray: tifffile.imwrite(path, _deep(gray), byteorder=">", predictor=False)),
    "two pages": ("tif", lambda path, gray: tifffile.imwrite(path, np.stack([gray, gray[::-1]]), photometric=1)),
}


@pytest.mark.parametrize("kind", FILES)
def test_rows_make_the_same_file(
    kind: str, gray: Pixels, colorizer: Colorizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suffix, make = FILES[kind]
    source, whole, parts = (tmp_path / f"{name}.{suffix}" for name in ("source", "whole", "parts"))
    make(source, gray)
    monkeypatch.setattr(jpeg, "_SMALL", 0)
    monkeypatch.setattr(jpeg, "_PART", 0)
    one = colorize_files([source], whole, colorizer=colorizer, options=QUICK).files[0]
    monkeypatch.setattr(rows, "LARGE", 0)
    assert all(are_rows(page.pixels) for page in read_picture(source, by_rows=True).pages)
    other = colorize_files([source], parts, colorizer=colorizer, options=QUICK).files[0]
    _check_same(whole, parts)
    assert (one.status, one.notes, one.confidence) == (other.status, other.notes, other.confidence)


def test_parts_colored_by_threads_make_the_same_file(
    gray: Pixels, colorizer: Colorizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, whole, parts = (tmp_path / f"{name}.jpg" for name in ("source", "whole", "parts"))
    _jpeg(source, gray)
    monkeypatch.setattr(jpeg, "_SMALL", 0)
    monkeypatch.setattr(jpeg, "_PART", 0)
    monkeypatch.setattr("photochrom.batch.output.PARTED", 0)
    result = colorizer(source, QUICK)
    assert not are_rows(result.picture.pages[0].pixels)
    result.picture.save(whole)
    assert colorize_files([source], parts, colorizer=colorizer, options=QUICK).done == 1
    _check_same(whole, parts)


def test_a_photo_read_ahead_is_not_read_again(gray: Pixels, colorizer: Colorizer, tmp_path: Path) -> None:
    source, target, ahead = tmp_path / "source.jpg", tmp_path / "target.jpg", Future[Picture]()
    _jpeg(source, gray)
    ahead.set_result(read_picture(source))
    _jpeg(source, np.zeros_like(gray))
    plan = replace(plan_jobs([source], target), ahead={source: ahead})
    assert run_plan(plan, colorizer=colorizer, options=QUICK).done == 1
    assert np.abs(read_picture(target).pages[0].pixels[..., 1].astype(int) - gray).mean() < 30


def _cut(path: Path, gray: Pixels, size: int = 9000) -> None:
    _jpeg(path, gray)
    path.write_bytes(path.read_bytes()[:-size])


def _cut_tiff(path: Path, gray: Pixels) -> None:
    tifffile.imwrite(path, gray, rowsperstrip=16)
    path.write_bytes(path.read_bytes()[:-9000])


WHOLE: dict[str, tuple[str, Callable[[Path, Pixels], None]]] = {
    "progressive": ("jpg", lambda path, gray: _jpeg(path, gray, progressive=True)),
    "no end marker": ("jpg", lambda path, gray: _cut(path, gray, 2)),
    "inks": ("jpg", lambda path, gray: Image.fromarray(_tinted(gray)).convert("CMYK").save(path)),
    "alpha": (
        "tif",
        lambda path, gray: tifffile.imwrite(
            path, np.dstack([_tinted(gray), gray]), photometric="rgb", extrasamples=["unassalpha"]
        ),
    ),
    "planes": (
        "tif",
        lambda path, gray: tifffile.imwrite(path, np.stack([gray] * 3), photometric="rgb", planarconfig="separate"),
    ),
    "turned": (
        "tif",
        lambda path, gray: tifffile.imwrite(path, gray, extratags=[(274, "H", 1, 6, True)]),
    ),
    "cut": ("jpg", _cut),
    "cut strips": ("tif", _cut_tiff),
}


@pytest.mark.parametrize("kind", WHOLE)
def test_what_cannot_be_read_by_rows_is_read_whole(
    kind: str, gray: Pixels, colorizer: Colorizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suffix, make = WHOLE[kind]
    source, whole, parts = (tmp_path / f"{name}.{suffix}" for name in ("source", "whole", "parts"))
    make(source, gray)
    one = colorize_files([source], whole, colorizer=colorizer, options=QUICK).files[0]
    monkeypatch.setattr(rows, "LARGE", 0)
    other = colorize_files([source], parts, colorizer=colorizer, options=QUICK).files[0]
    assert (one.status, one.error_code, one.notes) == (other.status, other.error_code, other.notes)
    assert whole.exists() == parts.exists()
    if whole.exists():
        _check_same(whole, parts)


def test_rows_are_those_of_the_whole(gray: Pixels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "photo.jpg"
    _jpeg(path, gray)
    monkeypatch.setattr(rows, "LARGE", 0)
    pixels = read_picture(path, by_rows=True).pages[0].pixels
    expected = read_picture(path).pages[0].pixels
    assert are_rows(pixels)
    assert pixels.shape == expected.shape
    for top, bottom in ((0, 100), (90, 300), (295, 297), (1400, 1501), (5, 20), (1501, 1600), (-3, None), (7, 7)):
        assert np.array_equal(pixels[top:bottom], expected[top:bottom])
    assert np.array_equal(np.asarray(pixels), expected)
    assert np.array_equal(pixels[::8, ::8], expected[::8, ::8])
