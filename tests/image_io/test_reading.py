"""Every kind of file is read as the pixels that were put into it."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from photochrom.errors import PictureTooLargeError, UnreadablePictureError, UnsupportedPictureError
from photochrom.image_io import read_picture


def test_every_kind_is_read(sample: Any, tmp_path: Path) -> None:
    picture = read_picture(sample.data)
    assert picture.format == sample.format
    assert len(picture.pages) == len(sample.pixels)
    for page, pixels, alpha in zip(picture.pages, sample.pixels, sample.alpha, strict=True):
        expected = pixels.astype(np.float32) if pixels.dtype == np.float16 else pixels
        assert page.pixels.dtype == expected.dtype
        assert page.pixels.shape == expected.shape
        assert page.pixels.flags.c_contiguous
        assert np.abs(page.pixels.astype(float) - expected).max() <= sample.near
        assert (page.alpha is None) == (alpha is None)
        assert alpha is None or np.array_equal(page.alpha, alpha)
    if sample.durations:
        assert [page.duration_ms for page in picture.pages] == sample.durations
    else:
        assert all(page.duration_ms is None for page in picture.pages)
    # the content decides, not the suffix; and a file, a stream and bytes are the same
    path = tmp_path / "what?.txt"
    path.write_bytes(sample.data)
    for source in (path, str(path), io.BytesIO(sample.data)):
        again = read_picture(source)
        assert all(np.array_equal(a.pixels, b.pixels) for a, b in zip(again.pages, picture.pages, strict=True))
    assert read_picture(path).name == "what?.txt"


def test_limit_counts_all_pages_before_decoding(sample: Any) -> None:
    total = sum(page.shape[0] * page.shape[1] for page in sample.pixels)
    with pytest.raises(PictureTooLargeError) as caught:
        read_picture(sample.data, max_pixels=total - 1)
    assert caught.value.code == ("photo.too_large" if len(sample.pixels) == 1 else "photo.pages_too_large")
    assert caught.value.details["max_pixels"] == total - 1
    assert read_picture(sample.data, max_pixels=total).pages


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "PNG16", "TIFF", "WEBP", "AVIF"])
def test_orientation_is_applied(kind: str, orientation: int, make: Any) -> None:
    stored = np.zeros((24, 40), np.uint8)
    stored[:12, :20], stored[12:, :20], stored[:12, 20:] = 80, 160, 240
    image, exif = Image.fromarray(stored), make["exif_block"](orientation)
    if kind == "PNG16":
        data = make["png16"](stored.astype(np.uint16) * 257)
        at = 8 + 25
        head = read_with_chunk(exif[6:] if exif.startswith(b"Exif") else exif)
        data, kind = data[:at] + head + data[at:], "PNG"
        expected = np.asarray(upright(image, orientation)).astype(np.uint16) * 257
    else:
        data = make["encode"](image, kind, exif=exif, **({"quality": 100} if kind in ("WEBP", "AVIF") else {}))
        expected = np.asarray(upright(image, orientation))
    picture = read_picture(data)
    pixels = picture.pages[0].pixels if picture.pages[0].pixels.ndim == 2 else picture.pages[0].pixels[..., 1]
    assert pixels.shape == expected.shape
    assert np.median(np.abs(pixels.astype(int) - expected)) <= 2
    reset = Image.Exif()
    reset.load(picture.metadata.exif)
    assert reset.get(274, 1) == 1
    if kind not in ("AVIF", "TIFF"):
        assert (reset.get_ifd(0x8769)[0xA002], reset.get_ifd(0x8769)[0xA003]) == (pixels.shape[1], pixels.shape[0])


def read_with_chunk(exif: bytes) -> bytes:
    from binascii import crc32

    return len(exif).to_bytes(4, "big") + b"eXIf" + exif + crc32(b"eXIf" + exif).to_bytes(4, "big")


def upright(image: Any, orientation: int) -> Any:
    turned = image.copy()
    turned.getexif()[274] = orientation
    from PIL import ImageOps

    return ImageOps.exif_transpose(turned)


@pytest.mark.parametrize(
    ("array", "shape", "has_alpha"),
    [
        (np.zeros((4, 5), bool), (4, 5), False),
        (np.zeros((4, 5, 1), np.uint8), (4, 5), False),
        (np.zeros((4, 5, 2), np.uint16), (4, 5), True),
        (np.zeros((4, 5, 3), np.float64), (4, 5, 3), False),
        (np.zeros((4, 5, 4), np.dtype(">u2")), (4, 5, 3), True),
    ],
)
def test_arrays(array: Any, shape: tuple[int, ...], has_alpha: bool) -> None:
    page = read_picture(array).pages[0]
    assert page.pixels.shape == shape
    assert (page.alpha is not None) == has_alpha
    assert page.pixels.dtype.isnative


@pytest.mark.parametrize(
    ("array", "code"),
    [
        (np.zeros((0, 4), np.uint8), "photo.array_shape"),
        (np.zeros((4, 4, 7), np.uint8), "photo.array_shape"),
        (np.zeros((4, 4), np.int64), "photo.array_type"),
    ],
)
def test_arrays_that_cannot_be_photos(array: Any, code: str) -> None:
    with pytest.raises(UnsupportedPictureError) as caught:
        read_picture(array)
    assert caught.value.code == code


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "I;16", "F"])
def test_pillow_images(mode: str) -> None:
    image = Image.new(mode, (5, 4))
    page = read_picture(image).pages[0]
    assert (page.height, page.width) == (4, 5)


def test_a_source_that_is_none() -> None:
    with pytest.raises(UnsupportedPictureError) as unsupported:
        read_picture(3)  # type: ignore[arg-type]
    assert (unsupported.value.code, unsupported.value.details) == ("photo.source_type", {"type": "int"})
    with pytest.raises(UnreadablePictureError) as caught:
        read_picture("no/such/file.jpg")
    assert caught.value.code == "photo.missing"
    with pytest.raises(UnreadablePictureError) as caught:
        read_picture(Path(__file__).parent)
    assert caught.value.code == "photo.not_a_file"
