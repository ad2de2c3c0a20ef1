"""Photos that are really cut: what is there is read, the rest is gray, and a note says how much that is."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import photochrom
from photochrom.errors import PhotochromError, UnreadablePictureError
from photochrom.image_io import Page, read_picture

DOWN, ACROSS = np.mgrid[:120, :203]
GRAY = ((np.sin(DOWN / 5) + np.cos(ACROSS / 7)) * 50 + 128).astype(np.uint8)
RGB = np.stack([GRAY, np.roll(GRAY, 40, 1), 255 - GRAY], -1)
DEEP = GRAY.astype(np.uint16) * 257 ^ 5


def pack(pixels: Any, format_name: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    image.save(stream, format_name, **options)
    return stream.getvalue()


def pack_tiff(pixels: Any, **options: Any) -> bytes:
    stream = io.BytesIO()
    tifffile.imwrite(stream, pixels, photometric="rgb" if pixels.ndim == 3 else "minisblack", **options)
    return stream.getvalue()


def orientation(number: int) -> Any:
    exif = Image.Exif()
    exif[274] = number
    return exif


FILES = {
    "photo.jpg": pack(GRAY, "JPEG"),
    "color.jpg": pack(RGB, "JPEG", subsampling=2),
    "turned.jpg": pack(RGB, "JPEG", subsampling=0, exif=orientation(6)),
    "restarts.jpg": pack(RGB, "JPEG", subsampling=1, restart_marker_rows=1),
    "gray.png": pack(GRAY, "PNG"),
    "color.png": pack(RGB, "PNG"),
    "turned.png": pack(RGB, "PNG", exif=orientation(8)),
    "alpha.png": pack(np.dstack([RGB, GRAY]), "PNG"),
    "palette.png": pack(Image.fromarray(RGB).quantize(64), "PNG"),
    "one.png": pack(Image.fromarray(GRAY).convert("1"), "PNG"),
    "deep.png": pack(DEEP, "PNG"),
    "strips.tif": pack_tiff(RGB, compression="zlib", rowsperstrip=16),
    "one.tif": pack_tiff(GRAY, compression="zlib", rowsperstrip=1000),
    "tiles.tif": pack_tiff(DEEP, compression="zlib", tile=(64, 64)),
    "plain.tif": pack_tiff(DEEP, rowsperstrip=1000),
    "float.tif": pack_tiff(DEEP / np.float32(65535), rowsperstrip=8),
    "palette.tif": pack(Image.fromarray(RGB).quantize(64), "TIFF"),
    "photo.bmp": pack(RGB, "BMP"),
    "photo.ppm": pack(RGB, "PPM"),
    "deep.ppm": b"P6 203\n# of a scanner\n120 65535\n" + np.dstack([DEEP] * 3).astype(">u2").tobytes(),
    "photo.tga": pack(RGB, "TGA", compression="tga_rle"),
    "photo.gif": pack(GRAY, "GIF"),
}
WHOLE: dict[str, Page] = {}


def read(data: bytes, name: str, folder: Path) -> Any:
    path = folder / name
    path.write_bytes(data)
    return read_picture(path, salvage=True)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("part", [0.5, 0.8, 0.97])
def test_what_is_there_is_the_files_own_and_the_rest_is_gray(name: str, part: float, tmp_path: Path) -> None:
    data = FILES[name]
    whole = read(data, name, tmp_path).pages[0]
    picture = read(data[: int(len(data) * part)], name, tmp_path)
    page = picture.pages[0]
    assert page.pixels.shape == whole.pixels.shape
    assert page.pixels.dtype == whole.pixels.dtype
    assert page.missing is not None
    # the header and palette take their part, and detail is not spread evenly
    assert 0 < page.missing.mean() < 1.25 - part
    assert np.array_equal(page.pixels[~page.missing], whole.pixels[~page.missing])
    gray = 0.5 if page.pixels.dtype == np.float32 else np.iinfo(page.pixels.dtype).max // 2 + 1
    assert np.all(page.pixels[page.missing] == gray)
    assert len(picture.notes) == 1
    assert not read(data, name, tmp_path).notes


@pytest.mark.parametrize("name", FILES)
def test_without_the_option_the_same_file_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(FILES[name][: len(FILES[name]) * 4 // 5])
    with pytest.raises(UnreadablePictureError) as caught:
        read_picture(tmp_path / name)
    assert caught.value.code in ("photo.truncated", "photo.damaged")


@pytest.mark.parametrize("part", [0.3, 0.7, 0.95])
def test_a_progressive_jpeg_is_whole_but_coarser(part: float) -> None:
    data = pack(RGB, "JPEG", progressive=True, quality=90)
    whole, picture = read_picture(data), read_picture(data[: int(len(data) * part)], salvage=True)
    assert picture.pages[0].missing is None
    off = np.abs(picture.pages[0].pixels.astype(int) - whole.pages[0].pixels)
    assert 0 < off.mean() < 24
    assert len(picture.notes) == 1


def interlace(pixels: Any) -> bytes:
    """Makes an interlaced PNG, which Pillow does not write."""
    import struct
    import zlib

    from photochrom.image_io.metadata.containers import build_png_chunk

    passes = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))
    raw = b"".join(b"\0" + row.tobytes() for y, x, dy, dx in passes for row in pixels[y::dy, x::dx])
    head = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 8, 0, 0, 0, 1)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(raw)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(build_png_chunk(kind, data) for kind, data in chunks)


def test_of_an_interlaced_png_earlier_passes_stand_for_later_ones() -> None:
    data = interlace(GRAY)
    whole, picture = read_picture(data), read_picture(data[: len(data) * 3 // 4], salvage=True)
    assert np.array_equal(whole.pages[0].pixels, GRAY)
    page = picture.pages[0]
    assert page.missing is None
    off = np.abs(page.pixels.astype(int) - GRAY)
    assert 0 < np.mean(off > 0) < 0.5
    assert off.max() < 40
    assert len(picture.notes) == 1


def test_pages_and_frames_before_the_fault_are_read(tmp_path: Path) -> None:
    frames = [Image.fromarray(np.roll(GRAY, 9 * n, axis=0)) for n in range(4)]
    apng = pack(frames[0], "PNG", save_all=True, append_images=frames[1:], duration=70)
    picture = read_picture(apng[: len(apng) * 2 // 3], salvage=True)
    assert 1 < len(picture.pages) < 4
    assert all(np.array_equal(page.pixels, frame) for page, frame in zip(picture.pages, frames, strict=False))
    assert {page.duration_ms for page in picture.pages} == {70}
    assert len(picture.notes) == 1
    stream = io.BytesIO()
    with tifffile.TiffWriter(stream) as writer:
        for frame in frames:
            writer.write(np.asarray(frame), photometric="minisblack", contiguous=False)
    data = stream.getvalue()
    pages = read(data[: len(data) * 2 // 3], "pages.tif", tmp_path)
    assert 1 < len(pages.pages) < 4
    assert np.array_equal(pages.pages[0].pixels, GRAY)
    assert pages.notes


@pytest.mark.parametrize("name", ["photo.jpg", "gray.png", "strips.tif"])
def test_nothing_but_a_header_is_refused(name: str, tmp_path: Path) -> None:
    data = FILES[name]
    with pytest.raises(UnreadablePictureError) as caught:
        read(data[: {"photo.jpg": 300, "gray.png": 50, "strips.tif": 300}[name]], name, tmp_path)
    assert caught.value.code == "photo.nothing_salvaged"


@settings(max_examples=30)
@given(st.sampled_from(sorted(FILES)), st.integers(0, 1 << 20), st.binary(max_size=40))
def test_whatever_the_damage_it_is_an_error_of_ours_or_a_picture(name: str, at: int, junk: bytes) -> None:
    data = FILES[name]
    at %= len(data)
    try:
        page = read_picture(data[:at] + junk + data[at + len(junk) :][: at // 2], salvage=True).pages[0]
    except PhotochromError:
        return
    assert page.missing is None or page.missing.shape == (page.height, page.width)


@pytest.fixture(scope="module")
def colorizer() -> photochrom.Colorizer:
    return photochrom.Colorizer()


@pytest.mark.parametrize("name", ["photo.jpg", "deep.png", "strips.tif"])
def test_what_is_missing_stays_gray_in_the_result(name: str, colorizer: photochrom.Colorizer, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(FILES[name][: len(FILES[name]) // 2])
    result = colorizer(path, salvage=True, input_size=64)
    missing = result.picture.pages[0].missing
    assert missing is not None
    pixels = result.picture.pages[0].pixels
    assert np.all(pixels[missing] == np.iinfo(pixels.dtype).max // 2 + 1)
    assert np.ptp(pixels[~missing].astype(int), axis=-1).max() > 0
    assert result.picture.notes


@pytest.mark.parametrize("form", ["WEBP", "AVIF", "JPEG2000", "PNG", "JPEG", "TIFF"])
@pytest.mark.parametrize("part", [0.2, 0.9])
def test_a_file_that_ends_too_early_is_called_cut_short(form: str, part: float) -> None:
    data = pack(RGB, form)
    with pytest.raises(UnreadablePictureError) as caught:
        read_picture(data[: int(len(data) * part)])
    assert caught.value.code == "photo.truncated"
