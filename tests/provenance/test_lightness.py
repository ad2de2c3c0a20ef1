"""Lightness of results against their originals: all forms hold, and one changed pixel is found."""

import io
import struct
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import tifffile

from photochrom.image_io import Page, read_picture
from photochrom.provenance import compare_lightness, verify

LOSSY = {"jpeg", "jpeg-coarse", "jpeg-toned", "jpeg-progressive", "webp", "avif", "gif"}
UNMARKED = {"bmp", "ppm", "tga"}


def names(found: Any) -> list[str]:
    return [finding.name for finding in found.findings]


def test_lightness_of_every_form_is_the_originals(pair: Any, every_form: str) -> None:
    form, files = every_form, pair(every_form)
    found = verify(files.result, files.original)
    assert found.holds, found.findings
    assert names(found)[0] == ("no_place" if form in UNMARKED else "marked")
    if form not in UNMARKED:
        assert found.mark is not None
        assert found.mark.model == "tiny & <new>"
    last = found.findings[-1].name
    assert last in ({"within", "exact"} if form in LOSSY else {"exact"})
    assert len(found.lightness) == (2 if form == "tiff-pages" else 1)
    assert found.lightness[0].pixels == 75 * 101


def test_one_changed_pixel_is_found(pair: Any, every_form: str) -> None:
    form, files = every_form, pair(every_form)
    picture = read_picture(files.result)
    page = picture.pages[0]
    pixels = page.pixels.copy()
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[..., None], 3, axis=2)
    # to the other half of the range, which every encoder keeps
    top = 1.0 if pixels.dtype.kind == "f" else np.iinfo(pixels.dtype).max
    pixels[40, 60] = 0 if pixels[40, 60].mean() > top / 2 else top
    picture.with_colors([pixels, *(each.pixels for each in picture.pages[1:])], model="x").save(
        files.result, overwrite=True
    )
    found = verify(files.result, files.original)
    assert not found.holds
    assert "deviates" in names(found)
    report = found.lightness[0]
    assert report.first is not None
    if form not in LOSSY:
        assert (report.deviating, report.first) == (1, (60, 40))
    else:
        assert abs(report.first[0] - 60) <= 16
        assert abs(report.first[1] - 40) <= 16
        assert report.deviating < 600


@pytest.mark.parametrize("form", ["png-8", "png-rgb", "png-16", "tiff-16"])
@pytest.mark.parametrize("direction", [-1, 1])
def test_one_level_on_all_channels_is_found(pair: Any, form: str, direction: int) -> None:
    """The rounding of a number is half a level, so a whole one is never it."""
    files = pair(form)
    picture = read_picture(files.result)
    page = picture.pages[0]
    top = np.iinfo(page.pixels.dtype).max
    pixels = page.pixels.copy()
    # as far as float32 tells levels of 16 bits apart
    step = direction * (1 if top == 255 else 4)
    wide = pixels.astype(int) + step
    inside = np.all((wide >= 0) & (wide <= top), axis=-1)
    pixels[inside] = wide[inside]
    picture.with_colors([pixels], model="x").save(files.result, overwrite=True)
    report = verify(files.result, files.original).lightness[0]
    assert not report.holds
    assert report.deviating == inside.sum()


@pytest.mark.parametrize(("form", "suffix"), [("png-16", ".jpg"), ("png-16", ".bmp"), ("png-8", ".tif")])
def test_another_form_than_the_originals(pair: Any, form: str, suffix: str) -> None:
    files = pair(form, suffix)
    found = verify(files.result, files.original)
    assert [report.holds for report in found.lightness] == [True]


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("gamma", [1.0, 1.8, 2.2])
def test_a_profile_with_curves_of_its_own(pair: Any, depth: int, gamma: float) -> None:
    """The result is written in the profile's space, and read so."""
    gray = (np.mgrid[0:75, 0:101][1] * (2**depth - 1) // 100).astype(f"uint{depth}")
    content = io.BytesIO()
    tifffile.imwrite(content, np.dstack([gray] * 3), photometric="rgb", iccprofile=adobe_like(gamma))
    files = pair("tiff-8", content=content.getvalue())
    assert read_picture(files.result).pages[0].space.output_curves is not None
    assert verify(files.result, files.original).lightness[0].exact


def adobe_like(gamma: float) -> bytes:
    """An RGB profile (ICC.1:2010) with the primaries of Adobe RGB and one gamma."""

    def number(value: float) -> bytes:
        return struct.pack(">i", round(value * 65536))

    columns = {
        b"rXYZ": (0.60974, 0.31111, 0.01947),
        b"gXYZ": (0.20528, 0.62567, 0.06087),
        b"bXYZ": (0.14919, 0.06322, 0.74457),
    }
    tags = {name: b"XYZ \0\0\0\0" + b"".join(map(number, values)) for name, values in columns.items()}
    tags[b"wtpt"] = b"XYZ \0\0\0\0" + b"".join(map(number, (0.9642, 1.0, 0.8249)))
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    at, table, body = 132 + 12 * len(tags), struct.pack(">I", len(tags)), b""
    for name, data in tags.items():
        table += name + struct.pack(">II", at + len(body), len(data))
        body += data
    size = at + len(body)
    head = struct.pack(">I", size) + b"\0\0\0\0" + b"\x02\x40\0\0" + b"mntrRGB XYZ " + bytes(12) + b"acsp" + bytes(28)
    return head + b"".join(map(number, (0.9642, 1.0, 0.8249))) + bytes(48) + table + body


def test_a_turned_photo_cannot_be_compared(pair: Any) -> None:
    files = pair("png-8")
    turned = files.original.with_name("turned.png")
    picture = read_picture(files.original)
    replace(picture, pages=(Page(np.ascontiguousarray(picture.pages[0].pixels.T)),)).save(turned)
    found = verify(files.result, turned)
    assert not found.holds
    assert names(found)[-1] == "other_size"


def test_the_bracket_is_that_of_rounding() -> None:
    """Gray of 8 bits: the same value has the lightness, the next has not."""
    values = np.arange(256, dtype=np.uint8)[None]
    colored = np.dstack([values] * 3)
    assert compare_lightness(Page(values), Page(colored)).exact
    up = compare_lightness(Page(values[:, :-1]), Page(colored[:, 1:]))
    assert up.deviating == 255
    assert not up.holds
