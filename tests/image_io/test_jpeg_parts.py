"""A JPEG written in parts is the one written at once: to the bit in its pixels, and in all of its metadata."""

from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from photochrom.image_io import read_picture
from photochrom.image_io.codecs.jpeg import codec as jpeg


@pytest.fixture(params=[(0, 3), (1, 3), (2, 3), (0, 1)], ids=["444", "422", "420", "gray"])
def source(request: pytest.FixtureRequest, photo_rgb: np.ndarray[Any, Any]) -> bytes:
    subsampling, channels = request.param
    pixels = np.tile(photo_rgb, (3, 2, 1))[:601, :333]
    image = Image.fromarray(pixels if channels == 3 else pixels[..., 0])
    stream = BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "a photo"
    image.save(stream, "JPEG", quality=91, subsampling=subsampling, exif=exif, dpi=(300, 300), comment=b"scanned")
    return stream.getvalue()


@pytest.fixture
def photo_rgb() -> np.ndarray[Any, Any]:
    noise = np.random.default_rng(0).integers(0, 255, (40, 30, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(noise).resize((300, 400), Image.Resampling.BICUBIC))


def test_parts_make_the_same_picture(source: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = read_picture(source)
    monkeypatch.setattr(jpeg, "_SMALL", 1 << 40)
    whole = picture.to_bytes("JPEG")
    monkeypatch.setattr(jpeg, "_SMALL", 0)
    monkeypatch.setattr(jpeg, "_PART", 0)
    parts = picture.to_bytes("JPEG")
    # five of them: each ends with the last of eight markers
    assert parts.count(b"\xff\xd7") >= 4
    assert b"\xff\xd7" not in whole
    one, other = (Image.open(BytesIO(data)) for data in (whole, parts))
    assert np.array_equal(np.asarray(one), np.asarray(other))
    assert one.layer == other.layer
    assert one.quantization == other.quantization
    assert {**one.info} == {**other.info}
    assert one.getexif() == other.getexif()
    again = read_picture(parts)
    assert again.metadata == read_picture(whole).metadata
    assert not again.notes
