"""HEIC of 10 and 12 bits are 16-bit pages, and become HEIC of as many bits again."""

import io
import random
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from photochrom.errors import InputError, UnsupportedPictureError
from photochrom.image_io import Page, Picture, read_picture
from photochrom.image_io.film_starts import is_film_start
from photochrom.image_io.formats import sniff

HEIGHT, WIDTH = 72, 130


def deep(bits: int, mode: str) -> Any:
    """A picture that uses all values of its bits, smoothly."""
    top = (1 << bits) - 1
    ramp = np.add.outer(np.linspace(0, 0.5, HEIGHT), np.linspace(0, 0.5, WIDTH))
    planes = [ramp, ramp[::-1], ramp[:, ::-1], ramp[::-1, ::-1]]
    chosen = {"L": planes[:1], "LA": planes[:1] + planes[3:], "RGB": planes[:3], "RGBA": planes}[mode]
    return (np.stack(chosen, axis=-1) * top).round().astype(np.uint16)


def heic(bits: int, mode: str = "RGB", **options: Any) -> bytes:
    values = deep(bits, mode)
    made = pillow_heif.from_bytes(mode=f"{mode};{bits}", size=(WIDTH, HEIGHT), data=values.tobytes())
    out = io.BytesIO()
    made.save(out, quality=-1, chroma=444, **options)
    return out.getvalue()


def colored(picture: Picture) -> Picture:
    pixels = picture.pages[0].pixels
    return picture.with_colors(
        [pixels if pixels.ndim == 3 else pixels[..., None].repeat(3, 2)], model="photochrom_test"
    )


@pytest.mark.parametrize("bits", [10, 12])
@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_deep_pictures_keep_their_bits(bits: int, mode: str, tmp_path: Path) -> None:
    top, values = (1 << bits) - 1, deep(bits, mode)
    picture = read_picture(heic(bits, mode))
    page = picture.pages[0]
    assert picture.format == "HEIF"
    assert picture.metadata.encoding.bits == bits
    assert page.pixels.dtype == np.uint16
    assert page.pixels.flags.c_contiguous
    assert page.pixels.shape == ((HEIGHT, WIDTH) if mode == "L" else (HEIGHT, WIDTH, 3))
    # the codec turns RGB into YCbCr and back, which costs a step; white must be white
    colors = values[..., 0] if mode == "L" else values[..., :3]
    assert np.abs(page.pixels / 65535 * top - colors).max() < 1.6
    assert page.pixels.max() == 65535
    assert (page.alpha is None) == (mode != "RGBA")
    if mode == "RGBA":
        assert np.array_equal(np.round(page.alpha / 65535 * top), values[..., 3])  # type: ignore[operator]
    path = colored(picture).save(tmp_path / "a.heic")
    again = pillow_heif.open_heif(path, convert_hdr_to_8bit=False, hdr_to_16bit=False)
    assert again.info["bit_depth"] == bits
    stored = np.asarray(again)
    assert np.abs(stored[..., :3].astype(int) - (colors[..., None] if mode == "L" else colors)).mean() < top / 400
    assert mode != "RGBA" or np.array_equal(stored[..., 3], values[..., 3])


def test_metadata_of_deep_pictures(make: Any, facts: Any) -> None:
    # the decoder has turned it already, whatever EXIF says
    options = {"exif": make["exif_block"](6), "xmp": facts["xmp"], "icc_profile": make["adobe_icc"]()}
    plain, picture = read_picture(heic(10)), read_picture(heic(10, **options))
    eight = pillow_heif.open_heif(io.BytesIO(heic(10, **options)))
    assert (picture.pages[0].width, picture.pages[0].height) == eight.size
    assert picture.pages[0].pixels.size == plain.pages[0].pixels.size
    assert picture.pages[0].space.output_icc == options["icc_profile"]
    again = read_picture(colored(picture).to_bytes())
    assert again.pages[0].pixels.shape == picture.pages[0].pixels.shape
    assert again.pages[0].space.output_icc == options["icc_profile"]
    assert "Großmutter".encode() in (again.metadata.xmp or b"")
    exif = Image.Exif()
    exif.load(again.metadata.exif)
    assert exif[271] == "Acme"
    assert exif.get(274, 1) == 1
    assert exif.get_ifd(0x8769)[0x927C] == facts["maker_note"]


@pytest.mark.parametrize("dtype", [np.uint16, np.float32])
def test_other_deep_pictures_become_10_bit_heic(dtype: Any) -> None:
    values = deep(10, "RGB") / 1023
    picture = read_picture((values * 65535).astype(dtype) if dtype == np.uint16 else values.astype(dtype))
    again = read_picture(picture.to_bytes("heic"))
    assert again.metadata.encoding.bits == 10
    assert np.abs(again.pages[0].pixels / 65535 - values).mean() < 0.005


@pytest.mark.parametrize("transfer", [16, 18])
def test_hdr_is_refused(transfer: int) -> None:
    data = heic(10, color_primaries=9, transfer_characteristics=transfer, matrix_coefficients=9, full_range_flag=1)
    with pytest.raises(UnsupportedPictureError) as caught:
        read_picture(data)
    assert caught.value.code == "photo.hdr_unsupported"


def test_damaged_deep_pictures_are_errors() -> None:
    whole, chance = heic(12), random.Random(5)
    outcomes = []
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(chance.choice([1, 4, 16])):
            data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            page = read_picture(bytes(data[: chance.choice([len(data), chance.randrange(len(data))])])).pages[0]
            outcomes.append(page.pixels.dtype.name)
        except InputError:
            outcomes.append("refused")
    assert {"refused", "uint16"} <= set(outcomes)


def several(primary: int) -> tuple[bytes, list[Any]]:
    """Three pictures of two sizes, each with a word of its own in EXIF."""
    ramp = np.add.outer(np.arange(64) * 2, np.arange(96)).astype(np.uint8)
    grays = [ramp, ramp[::-1, :48].copy(), 255 - ramp]
    made = pillow_heif.HeifFile()
    for number, gray in enumerate(grays):
        image = Image.fromarray(gray).convert("RGB")
        exif = image.getexif()
        exif[270] = f"picture {number}"
        image.info["exif"] = exif.tobytes()
        made.add_from_pillow(image)
    out = io.BytesIO()
    made.save(out, quality=-1, chroma=444, primary_index=primary)
    return out.getvalue(), [grays[primary], *grays[:primary], *grays[primary + 1 :]]


@pytest.mark.parametrize("primary", [0, 1, 2])
def test_all_pictures_of_a_file(primary: int) -> None:
    data, grays = several(primary)
    picture = read_picture(data)
    assert picture.notes == ()
    for page, gray in zip(picture.pages, grays, strict=True):
        assert np.abs(page.pixels[..., 0].astype(int) - gray).max() <= 2
    colors = [np.dstack([gray, gray, gray // 2]) for gray in grays]
    made = picture.with_colors(colors, model="tiny").to_bytes()
    again = read_picture(made)
    for page, wanted in zip(again.pages, colors, strict=True):
        assert np.abs(page.pixels.astype(int) - wanted).mean() < 4
    file = pillow_heif.open_heif(io.BytesIO(made))
    assert file.primary_index == primary
    for number, image in enumerate(file):
        assert f"picture {number}".encode() in image.info["exif"]
        assert b"photochrom (tiny)" in image.info["xmp"]
    with pytest.raises(InputError):
        read_picture(data, max_pixels=64 * 96 * 2)


def test_several_pictures_that_heic_does_not_hold() -> None:
    deep_page, plain = Page(np.zeros((40, 40), np.uint16)), Page(np.zeros((40, 40), np.uint8))
    moving = Page(plain.pixels, duration_ms=40)
    for pages in ((plain, deep_page), (deep_page, deep_page), (moving, moving)):
        with pytest.raises(UnsupportedPictureError) as caught:
            Picture(pages).to_bytes("HEIF")
        assert caught.value.code == "photo.pages_unsupported"


@pytest.mark.parametrize(
    ("kind", "coding"), [(b"jpeg", "JPEG"), (b"j2k1", "JPEG 2000"), (b"unci", "uncompressed"), (b"av01", "AV1")]
)
def test_another_coding_is_named_and_not_called_damage(kind: bytes, coding: str) -> None:
    data = heic(10)
    assert data.count(b"hvc1") == 1
    with pytest.raises(UnsupportedPictureError) as caught:
        read_picture(data.replace(b"hvc1", kind))
    assert caught.value.code == "photo.coding_unsupported"
    assert caught.value.details["coding"] == coding
    # a coding that nobody knows, and a list of items that is cut, are left to the decoder
    for strange in (data.replace(b"hvc1", b"zzzz"), data[: data.index(b"hvc1") - 9]):
        with pytest.raises(InputError):
            read_picture(strange)


@pytest.mark.parametrize(
    ("head", "found"),
    [
        (b"\0\0\0\x10ftypmif3heic\0\0\0\x20mini", "HEIF"),
        (b"\0\0\0\x10ftypmif3avif\0\0\0\x20mini", "AVIF"),
        (b"\0\0\0\x18ftypmiaf\0\0\0\0miafunif", "HEIF"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isomheic", "HEIF"),
    ],
)
def test_photos_of_every_brand_are_photos(head: bytes, found: str) -> None:
    assert sniff(head, "a.heic") == found
    assert not is_film_start(head)
    assert is_film_start(b"\0\0\0\x18ftypisom\0\0\0\0isomM4A ")


def test_an_avif_under_a_short_header_is_called_unsupported() -> None:
    with pytest.raises(UnsupportedPictureError) as caught:
        read_picture(b"\0\0\0\x10ftypmif3avif\0\0\0\x20mini" + bytes(64))
    assert caught.value.code == "photo.coding_unsupported"
