"""Whatever is no whole picture is one named error with one clear sentence: no other exception, no hang, no noise."""

import base64
import io
import os
import random
import struct
import time
import zipfile
import zlib
from binascii import crc32
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from photochrom.errors import (
    InputError,
    PhotochromError,
    PictureTooLargeError,
    UnreadablePictureError,
    UnsupportedPictureError,
)
from photochrom.image_io import read_picture

LIMIT = 3_000_000
MUTATIONS = 700
MAGIC = [
    *(b"", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"BM", b"RIFF\x40\0\0\0WEBPVP8 "),
    *(b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08", b"II+\0\x08\0\0\0", b"\0\0\0\x1cftypavif", b"\0\0\0\x1cftypheic"),
]
#: an AVIF of 8 x 8 pixels and 10 bits, as libavif makes it
DEEP_AVIF = (
    "AAAAIGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZk1BMUEAAADrbWV0YQAAAAAAAAAhaGRscgAAAAAAAAAAcGljdAAAAAAAAAAAAAAAAAAAAAAOcG"
    "l0bQAAAAAAAQAAAB5pbG9jAAAAAEQAAAEAAQAAAAEAAAETAAAAJAAAAChpaW5mAAAAAAABAAAAGmluZmUCAAAAAAEAAGF2MDFDb2xvcgAAAABq"
    "aXBycAAAAEtpcGNvAAAAFGlzcGUAAAAAAAAACAAAAAgAAAAQcGl4aQAAAAADCgoKAAAADGF2MUOBIEAAAAAAE2NvbHJuY2x4AAIAAgAGgAAAAB"
    "dpcG1hAAAAAAAAAAEAAQQBAoMEAAAALG1kYXQSAAoIOAi/bwICBpAyFheCYwTAAPIIAACQPT9wsksu7yyYZYA="
)


@pytest.fixture
def silent(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    yield
    out, err = capfd.readouterr()
    assert out == ""
    assert err == ""


def refuse(source: Any, kind: type[PhotochromError] = InputError, **options: Any) -> PhotochromError:
    """Returns the error that reading gives, with its words checked for form."""
    started = time.process_time()
    with pytest.raises(kind) as caught:
        read_picture(source, **options)
    assert time.process_time() - started < 5
    message = str(caught.value)
    assert "\n" not in message
    assert message.endswith(".")
    # what failed, a full stop, and what to do
    assert ". " in message
    assert len(message) < 300 or len(str(source)) > 200
    assert caught.value.code.partition(".")[0] in ("photo", "icc", "metadata")
    return caught.value


def survive(data: bytes) -> str:
    """Read what may be damaged: a picture comes out, or one of our errors."""
    started = time.monotonic()
    try:
        picture = read_picture(data, max_pixels=LIMIT)
        for page in picture.pages:
            page.space.lightness(page.pixels[:4])
        outcome, message = "read", "."
    except InputError as error:
        outcome, message = type(error).__name__, str(error)
    assert "\n" not in message
    assert message.endswith(".")
    assert time.monotonic() - started < 10
    return outcome


def mutated(data: bytes, chance: random.Random) -> bytes:
    out = bytearray(data)
    if chance.random() < 0.15:
        return bytes(out[: chance.randrange(len(out) + 1)])
    for _ in range(chance.choice([1, 1, 2, 4, 16])):
        # headers and tails more often than pixels
        at = chance.choice(
            [
                chance.randrange(len(out)),
                chance.randrange(min(len(out), 300)),
                len(out) - 1 - chance.randrange(min(len(out), 300)),
            ]
        )
        how = chance.random()
        if how < 0.5:
            out[at] = chance.randrange(256)
        elif how < 0.7:
            out[at] = chance.choice([0, 1, 127, 128, 255])
        elif how < 0.9:
            out[at : at + 4] = chance.choice([bytes(4), b"\xff" * 4, b"\x7f\xff\xff\xff", b"\0\0\0\1", b"\1\0\0\0"])
        else:
            start = chance.randrange(len(out))
            out[at : at + 8] = out[start : start + 8]
    return bytes(out)


@pytest.mark.usefixtures("silent")
def test_mutated_files(samples: Any) -> None:
    chance = random.Random(1936)
    names = sorted(samples)
    outcomes = [survive(mutated(samples[names[i % len(names)]].data, chance)) for i in range(MUTATIONS)]
    assert outcomes.count("UnreadablePictureError") > MUTATIONS // 4
    assert outcomes.count("read") > MUTATIONS // 20


@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_patched_files(data: Any, samples: Any) -> None:
    whole = bytearray(samples[data.draw(st.sampled_from(sorted(samples)))].data)
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(whole) - 1))
        patch = data.draw(st.binary(min_size=1, max_size=6))
        whole[at : at + len(patch)] = patch
    survive(bytes(whole))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    st.sampled_from(MAGIC),
    st.binary(max_size=200),
)
def test_noise_behind_a_magic_number(magic: bytes, noise: bytes) -> None:
    survive(magic + noise)


@pytest.mark.usefixtures("silent")
def test_cut_files_are_errors(sample: Any) -> None:
    data = sample.data
    for part in (0.3, 0.6, 0.8):
        refuse(data[: int(len(data) * part)])
    refuse(data[:20])


def test_a_cut_jpeg_says_so(samples: Any, tmp_path: Path) -> None:
    path = tmp_path / "x.jpg"
    path.write_bytes(samples["jpeg-gray"].data[:-200])
    error = refuse(path, UnreadablePictureError)
    assert (error.code, error.details) == ("photo.truncated", {"name": "x.jpg"})


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc32(kind + data))


def png(width: int, height: int, depth: int = 8, *chunks: bytes) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + b"".join(chunks) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def directory(order: str, tags: dict[int, int], following: int) -> bytes:
    rows = b"".join(struct.pack(order + "HHII", code, 4, 1, value) for code, value in sorted(tags.items()))
    return struct.pack(order + "H", len(tags)) + rows + struct.pack(order + "I", following)


def tiff(width: int, height: int, following: int = 0) -> bytes:
    tags = {256: width, 257: height, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 278: height, 279: 100}
    return b"II*\0" + struct.pack("<I", 8) + directory("<", tags, following) + bytes(200)


def huge() -> dict[str, bytes]:
    jpeg = b"\xff\xd8\xff\xc0\0\x0b\x08\xff\x00\xff\x00\x01\x01\x11\0\xff\xda\0\x08\x01\x01\0\0\x3f\0" + bytes(100)
    gif = b"GIF89a" + struct.pack("<HH", 65535, 65535) + b"\x80\0\0\0\0\0\xff\xff\xff"
    gif += b"\x2c" + struct.pack("<4H", 0, 0, 65535, 65535) + b"\0\x02\x02\x44\x01\0\x3b"
    bmp = (
        b"BM"
        + struct.pack("<IHHI", 100, 0, 0, 54)
        + struct.pack("<IiiHHIIiiII", 40, 100000, 100000, 1, 24, 0, 0, 0, 0, 0, 0)
    )
    webp = (
        b"RIFF" + struct.pack("<I", 30) + b"WEBPVP8L" + struct.pack("<IBI", 18, 0x2F, 0x3FFF | 0x3FFF << 14) + bytes(13)
    )
    moving = chunk(b"acTL", struct.pack(">II", 0x7FFFFFFF, 0))
    return {
        "jpeg": jpeg,
        "gif": gif,
        "bmp": bmp,
        "webp": webp,
        "png": png(100_000, 100_000),
        "png16": png(60_000, 60_000, 16),
        "apng": png(100, 100, 8, moving),
        "tiff": tiff(100_000, 100_000),
    }


@pytest.mark.parametrize("name", sorted(huge()))
@pytest.mark.usefixtures("silent")
def test_huge_headers(name: str) -> None:
    error = refuse(huge()[name], PictureTooLargeError if name != "webp" else InputError)
    assert "max_pixels" in error.details or name == "webp"


@pytest.mark.usefixtures("silent")
def test_directories_in_a_loop() -> None:
    picture = read_picture(tiff(5, 5, following=8) + bytes(range(100, 200)))
    assert len(picture.pages) == len(picture.notes) == 1


@pytest.mark.usefixtures("silent")
def test_an_endless_chain_of_pages() -> None:
    tags = {256: 1, 257: 1, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 278: 1, 279: 1}
    size = len(directory("<", tags, 0))
    pages = b"".join(directory("<", tags, 8 + size * (i + 1)) for i in range(100_000))
    error = refuse(b"II*\0\x08\0\0\0" + pages + directory("<", tags, 0), UnreadablePictureError)
    assert error.code == "photo.damaged"
    assert "pages" in str(error.__cause__)


@pytest.mark.usefixtures("silent")
def test_sub_directories_in_a_loop() -> None:
    tags = {256: 5, 257: 5, 258: 8, 259: 1, 262: 1, 273: 200, 277: 1, 278: 5, 279: 25, 34665: 8, 34853: 8, 40965: 8}
    data = b"II*\0\x08\0\0\0" + directory("<", tags, 0)
    assert survive(data + bytes(300)) in ("read", "UnreadablePictureError")


@pytest.mark.usefixtures("silent")
def test_other_files(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("photo.jpg", b"x" * 1000)
    others = {
        "empty.jpg": (b"", UnreadablePictureError, "empty"),
        "notes.jpg": (b"Dear grandmother, ...", UnreadablePictureError, "unrecognized"),
        "zeros.png": (bytes(5000), UnreadablePictureError, "unrecognized"),
        "noise.tif": (os.urandom(5000).replace(b"BM", b"xx"), InputError, None),
        "archive.png": (packed.getvalue(), UnsupportedPictureError, "is_archive"),
        "paper.jpg": (b"%PDF-1.7\n" + bytes(100), UnsupportedPictureError, "format_unsupported"),
        "film.jpg": (b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + bytes(100), UnsupportedPictureError, "is_video"),
        "film.png": (b"\x1aE\xdf\xa3" + bytes(100), UnsupportedPictureError, "is_video"),
        "layers.tif": (b"8BPS\0\1" + bytes(100), UnsupportedPictureError, "format_unsupported"),
        "raw.tif": (b"II*\0\x10\0\0\0CR\2\0" + bytes(100), UnsupportedPictureError, "is_camera_raw"),
        "new.jpg": (b"\xff\n" + bytes(100), UnsupportedPictureError, "format_unsupported"),
    }
    for name, (data, kind, code) in others.items():
        path = tmp_path / name
        path.write_bytes(data)
        error = refuse(path, kind)
        assert code is None or error.code == f"photo.{code}"
        assert name in str(error)
    for name in ("no-such-file.jpg", "a\0b.jpg", "x" * 5000):
        error = refuse(tmp_path / name, UnreadablePictureError)
        assert error.code in ("photo.missing", "photo.unreadable")


def test_kinds_of_tiff_that_cannot_be_read(make: Any) -> None:
    import numpy as np

    wide = np.zeros((5, 6), np.uint32)
    for array, options, code, word in (
        (wide, {"photometric": "minisblack"}, "sample_type_unsupported", "32-bit"),
        (wide.astype(np.int16), {"photometric": "minisblack"}, "sample_type_unsupported", "signed"),
        (wide.astype(np.float64), {"photometric": "minisblack"}, "sample_type_unsupported", "64-bit"),
        (np.zeros((5, 6, 3), np.float32), {"photometric": "cielab"}, "color_model_unsupported", "CIELAB"),
        (np.zeros((5, 6, 3), np.uint8), {"photometric": "itulab"}, "color_model_unsupported", "CIELAB"),
        (np.zeros((5, 6), np.uint16), {"photometric": "cfa"}, "is_camera_raw", "raw"),
        (
            np.zeros((5, 6), np.uint16),
            {"photometric": "minisblack", "compression": "lzma"},
            "compression_unsupported",
            "LZMA",
        ),
    ):
        error = refuse(make["tiff"](array, **options), UnsupportedPictureError)
        assert error.code == f"photo.{code}"
        assert word in str(error)


def test_a_deep_avif_is_not_read_as_8_bit() -> None:
    error = refuse(base64.b64decode(DEEP_AVIF), UnsupportedPictureError)
    assert (error.code, error.details["bits"]) == ("photo.depth_unsupported", 10)


@pytest.mark.parametrize("white", [255.0, 65535.0])
def test_floats_on_another_scale_are_refused_not_bleached(white: float) -> None:
    photo = np.tile(np.linspace(0.1, 1, 64, dtype=np.float32), (64, 1))
    for source in (photo * np.float32(white), Image.fromarray(photo * np.float32(white))):
        with pytest.raises(UnsupportedPictureError) as caught:
            read_picture(source)
        assert caught.value.code == "photo.float_range"
    assert read_picture(photo * np.float32(1.2)).pages[0].pixels.max() > 1


def test_a_file_opened_as_text_is_named(tmp_path) -> None:
    path = tmp_path / "text.txt"
    path.write_text("words")
    with path.open() as stream, pytest.raises(UnsupportedPictureError) as caught:
        read_picture(stream)
    assert caught.value.code == "photo.not_bytes"
