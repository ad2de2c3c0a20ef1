"""A file whose end is missing is called cut short; one that is damaged in its midst is called damaged."""

import io
import random
import struct

import numpy as np
import pytest
import tifffile
from PIL import Image

from photochrom.errors import PhotochromError, UnreadablePictureError
from photochrom.image_io import read_picture
from photochrom.image_io.cut import is_cut

DOWN, ACROSS = np.mgrid[:61, :83]
GRAY = ((np.sin(DOWN / 5) + np.cos(ACROSS / 7)) * 50 + 128).astype(np.uint8)
RGB = np.stack([GRAY, np.roll(GRAY, 40, 1), 255 - GRAY], -1)


def pack(form: str) -> bytes:
    out = io.BytesIO()
    if form == "TIFF in strips":
        tifffile.imwrite(out, RGB, rowsperstrip=8, compression="zlib", photometric="rgb")
    elif form == "BigTIFF":
        tifffile.imwrite(out, GRAY, bigtiff=True)
    elif form == "HEIF":
        pytest.importorskip("pillow_heif").from_bytes("RGB", (83, 61), RGB.tobytes()).save(out)
    else:
        Image.fromarray(RGB).save(out, form)
    return out.getvalue()


FORMS = ["JPEG", "PNG", "GIF", "WEBP", "TIFF", "TIFF in strips", "BigTIFF", "JPEG2000", "AVIF", "HEIF"]


def cause_of(data: bytes) -> str | None:
    try:
        read_picture(data)
    except PhotochromError as error:
        return error.code
    return None


@pytest.mark.parametrize("form", FORMS)
def test_what_is_cut_is_never_called_damaged(form: str) -> None:
    data = pack(form)
    causes = {cause_of(data[:length]) for length in range(64, len(data) - 24, max(1, len(data) // 60))}
    assert "photo.truncated" in causes
    assert causes <= {"photo.truncated", None}  # some can be read without their last bytes


@pytest.mark.parametrize("form", [form for form in FORMS if form != "WEBP"])
def test_what_has_its_end_is_seldom_called_cut(form: str) -> None:
    # a length that grew is the one thing that cannot be told apart
    data, chance, causes = pack(form), random.Random(form), []
    for _ in range(60):
        broken, place = bytearray(data), chance.randrange(16, len(data) - 16)
        broken[place] ^= 1 << chance.randrange(8)
        causes.append(cause_of(bytes(broken)))
    assert causes.count("photo.truncated") <= 2


def test_bytes_in_the_midst_of_a_png_are_damage() -> None:
    data = pack("PNG")
    with pytest.raises(UnreadablePictureError) as caught:
        read_picture(data[:47] + data[30:47] + data[47:])
    assert caught.value.code == "photo.damaged"


def test_nonsense_in_place_of_bits_a_sample_is_damage() -> None:
    out = io.BytesIO()
    tifffile.imwrite(out, RGB, photometric="rgb")
    data = bytearray(out.getvalue())
    at = data.index(struct.pack("<HHI", 258, 3, 3)) + 8
    where = struct.unpack_from("<I", data, at)[0]
    data[where : where + 6] = struct.pack("<3H", 827, 628, 680)
    assert cause_of(bytes(data)) == "photo.damaged"


@pytest.mark.parametrize("first", [2**63, 2**64 - 4])
def test_an_offset_that_no_file_has_is_behind_the_end(first: int) -> None:
    assert is_cut(io.BytesIO(b"II\x2b\0\x08\0\0\0" + struct.pack("<Q", first)), "TIFF")


@pytest.mark.parametrize(("tag", "value"), [(259, 28163), (317, 60162), (277, 63489)])
def test_nonsense_in_a_tiff_is_damage(tag: int, value: int) -> None:
    out = io.BytesIO()
    tifffile.imwrite(out, RGB, photometric="rgb", compression="zlib", predictor=2)
    data = bytearray(out.getvalue())
    at = data.index(struct.pack("<HHI", tag, 3, 1)) + 8
    struct.pack_into("<H", data, at, value)
    assert cause_of(bytes(data)) == "photo.damaged"


def test_a_compression_that_somebody_defined_is_named() -> None:
    out = io.BytesIO()
    tifffile.imwrite(out, RGB, photometric="rgb")
    data = bytearray(out.getvalue())
    struct.pack_into("<H", data, data.index(struct.pack("<HHI", 259, 3, 1)) + 8, 34676)
    assert cause_of(bytes(data)) == "photo.compression_unsupported"
