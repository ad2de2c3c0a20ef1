import io
import random
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from photochrom.cli.main import main

pytestmark = pytest.mark.usefixtures("weights")
FORMATS = {"jpg": "JPEG", "png": "PNG", "tif": "TIFF", "webp": "WEBP", "bmp": "BMP", "gif": "GIF"}


def encoded(suffix):
    ramp = np.add.outer(np.arange(96), np.arange(128)).astype(np.uint8)
    ramp[20:60, 30:90] ^= 0x55
    stream = io.BytesIO()
    Image.fromarray(ramp).save(stream, FORMATS[suffix])
    return stream.getvalue()


def png_of(width, height):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def bad_files():
    yield "empty.jpg", b""
    yield "one_byte.png", b"\x89"
    yield "text.jpg", b"Dear grandmother,\n" * 40
    yield "page.png", b"<!DOCTYPE html><html><body>404</body></html>"
    yield "document.tif", b"%PDF-1.7\n" + bytes(200)
    yield "archive.jpg", b"PK\x03\x04" + bytes(200)
    yield "film.jpg", b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(200)
    yield "zeros.bmp", bytes(5000)
    yield "noise.webp", random.Random(1).randbytes(5000)
    yield "giant.png", png_of(100_000, 100_000)
    yield "largest.png", png_of(2**31 - 1, 2**31 - 1)
    yield "nothing_wide.png", png_of(0, 10)
    yield "no_data.png", png_of(64, 64)
    yield "circle.tif", b"II*\0\x08\0\0\0" + struct.pack("<H", 0) + struct.pack("<I", 8)
    yield "astray.tif", b"II*\0" + struct.pack("<I", 2**32 - 2)
    yield "bare.jpg", b"\xff\xd8\xff\xd9"
    yield "head_only.webp", b"RIFF\x10\0\0\0WEBPVP8 "
    yield "head_only.avif", b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf"
    yield "head_only.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"
    yield "script.gif", b"#!/bin/sh\nexit 0\n"
    for suffix in FORMATS:
        data = encoded(suffix)
        yield f"cut_short.{suffix}", data[: len(data) // 2]
        yield f"cut_head.{suffix}", data[:20]
        yield f"shifted.{suffix}", data[7:]
        if suffix not in ("bmp", "webp"):  # in these two any bytes are some picture
            yield f"hollow.{suffix}", data[:30] + bytes(len(data) - 30)


BAD = dict(bad_files())


@pytest.mark.parametrize("name", BAD)
def test_one_sentence_and_nothing_left(name, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_bytes(BAD[name])
    code = main(["colorize", name])
    out, err = capfd.readouterr()
    assert (code, out) == (1, "")
    assert err.startswith("photochrom: ")
    assert err.count("\n") == 1
    assert name in err
    assert "Traceback" not in err
    assert "unexpected" not in err
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_folder_of_nothing_else(photochrom, tmp_path):
    (tmp_path / "in").mkdir()
    for name, data in BAD.items():
        (tmp_path / "in" / name).write_bytes(data)
    done = photochrom("colorize", "in", "-o", "out")
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert len(lines) == len(BAD) >= 40
    assert all(any(name in line for line in lines) for name in BAD)
    made = {path.name for path in (tmp_path / "out").iterdir()}
    assert made == {".photochrom-journal.jsonl", ".photochrom-journal.lock", "photochrom-report.json"}
