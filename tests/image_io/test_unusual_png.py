"""PNGs with what other programs stumble over: keys of few bits, gamma, large and damaged texts, raw profiles."""

import io
import struct
import zlib
from binascii import crc32
from typing import Any

import numpy as np
import pytest
from PIL import Image

from photochrom.errors import UnreadablePictureError, UnsupportedPictureError
from photochrom.image_io import Picture, read_picture

HEIGHT, WIDTH = 16, 32


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc32(kind + data))


def png(values: Any, depth: int = 8, *chunks: bytes, behind: bytes = b"") -> bytes:
    """A PNG of (H,W) gray or (H,W,3) values, packed by hand."""
    color = 2 if values.ndim == 3 else 0
    rows = b""
    for row in values.reshape(len(values), -1):
        if depth == 16:
            rows += b"\0" + row.astype(">u2").tobytes()
        else:
            bits = np.unpackbits(row.astype(np.uint8)[:, None], axis=1)[:, 8 - depth :]
            rows += b"\0" + np.packbits(bits.ravel()).tobytes()
    head = struct.pack(">IIBBBBB", values.shape[1], values.shape[0], depth, color, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + b"".join(chunks) + pixels + behind + chunk(b"IEND", b"")


def ramp(depth: int) -> Any:
    return (np.arange(HEIGHT * WIDTH).reshape(HEIGHT, WIDTH) * 37) % (1 << depth)


def colored(picture: Picture) -> Picture:
    pages = [p.pixels if p.pixels.ndim == 3 else p.pixels[..., None].repeat(3, 2) for p in picture.pages]
    return picture.with_colors(pages, model="test")


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("high", [0, 0x100])
def test_a_gray_key_is_kept_at_any_depth(depth: int, high: int) -> None:
    values = ramp(depth)
    key = int(values[3, 4])
    # bits that pixels do not have are passed over
    stored = key if depth == 16 else key | high
    picture = read_picture(png(values, depth, chunk(b"tRNS", struct.pack(">H", stored))))
    alpha = picture.pages[0].alpha
    assert alpha is not None
    assert np.array_equal(alpha == 0, values == key)
    again = read_picture(colored(picture).to_bytes()).pages[0].alpha
    assert again is not None
    assert np.array_equal(again, alpha)


@pytest.mark.parametrize("depth", [8, 16])
def test_a_color_key_is_kept(depth: int) -> None:
    values = np.stack([ramp(depth), ramp(depth)[::-1], ramp(depth)[:, ::-1]], axis=-1)
    key = values[5, 6]
    picture = read_picture(png(values, depth, chunk(b"tRNS", struct.pack(">3H", *key))))
    alpha = picture.pages[0].alpha
    assert alpha is not None
    assert np.array_equal(alpha == 0, np.all(values == key, axis=-1))


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("gamma", [1.0, 1 / 1.8])
def test_gamma_without_a_profile_is_honoured(depth: int, gamma: float) -> None:
    values = ramp(depth)
    picture = read_picture(png(values, depth, chunk(b"gAMA", struct.pack(">I", round(gamma * 100000)))))
    page = picture.pages[0]
    light = (values / ((1 << depth) - 1)) ** (1 / gamma)
    expected = np.where(light > 216 / 24389, 116 * np.cbrt(light) - 16, light * 24389 / 27)
    assert np.abs(page.space.lightness(page.pixels) - expected).max() < 0.02
    assert page.space.output_icc


@pytest.mark.parametrize(
    "chunks",
    [
        [chunk(b"gAMA", struct.pack(">I", 45455))],
        [chunk(b"sRGB", b"\0"), chunk(b"gAMA", struct.pack(">I", 100000))],
        [chunk(b"cICP", b"\x01\x0d\0\x01"), chunk(b"gAMA", struct.pack(">I", 100000))],
        [chunk(b"gAMA", struct.pack(">I", 0))],
    ],
)
def test_values_that_are_srgb_stay_srgb(chunks: list[bytes]) -> None:
    plain = read_picture(png(ramp(8)))
    picture = read_picture(png(ramp(8), 8, *chunks))
    assert colored(picture).to_bytes() == colored(plain).to_bytes()


@pytest.mark.parametrize("transfer", [16, 18])
def test_hdr_is_refused_by_name(transfer: int) -> None:
    with pytest.raises(UnsupportedPictureError) as caught:
        read_picture(png(ramp(16), 16, chunk(b"cICP", bytes([9, transfer, 0, 1]))))
    assert caught.value.code == "photo.hdr_unsupported"


@pytest.mark.parametrize("kind", [b"zTXt", b"iTXt", b"tEXt", b"iCCP"])
@pytest.mark.parametrize("depth", [8, 16])
def test_more_than_a_megabyte_is_read(kind: bytes, depth: int, make: Any) -> None:
    text, icc = b"word " * 300_000, make["adobe_icc"]() + bytes(1_500_000)
    data = {
        b"zTXt": b"Comment\0\0" + zlib.compress(text),
        b"iTXt": b"Comment\0\x01\0\0\0" + zlib.compress(text),
        b"tEXt": b"Comment\0" + text,
        b"iCCP": b"name\0\0" + zlib.compress(icc),
    }[kind]
    values = np.stack([ramp(depth)] * 3, axis=-1)
    picture = read_picture(png(values, depth, chunk(kind, data)))
    assert np.array_equal(picture.pages[0].pixels, values)
    again = read_picture(colored(picture).to_bytes())
    if kind == b"iCCP":
        assert again.metadata.icc == icc
    else:
        assert (kind, data) in again.metadata.png_chunks
    assert not picture.notes


@pytest.mark.parametrize("behind", [False, True])
def test_a_text_with_a_wrong_checksum_is_left_out_and_said(behind: bool) -> None:
    broken = bytearray(chunk(b"tEXt", b"Comment\0old"))
    broken[-1] ^= 1
    good = chunk(b"tEXt", b"Author\0Anna")
    data = png(ramp(8), 8, good, behind=bytes(broken)) if behind else png(ramp(8), 8, bytes(broken), good)
    picture = read_picture(data)
    assert np.array_equal(picture.pages[0].pixels, ramp(8))
    assert picture.metadata.png_chunks == ((b"tEXt", b"Author\0Anna"),)
    assert len(picture.notes) == 1
    assert "tEXt" in picture.notes[0]
    assert colored(picture).notes == picture.notes


def test_pixels_with_a_wrong_checksum_are_damaged() -> None:
    data = bytearray(png(ramp(8)))
    data[data.index(b"IDAT") + 12] ^= 1
    with pytest.raises(UnreadablePictureError):
        read_picture(bytes(data))


XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about="" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
    b' tiff:Orientation="6" xmp:Rating="4"/></rdf:RDF></x:xmpmeta>'
)


def raw_profile(kind: bytes, name: bytes, data: bytes) -> bytes:
    text = b"\n%s\n%8d\n%s\n" % (name, len(data), data.hex().encode())
    head = b"Raw profile type " + name + b"\0"
    if kind == b"zTXt":
        return chunk(kind, head + b"\0" + zlib.compress(text))
    return chunk(kind, head + (b"\0\0\0\0" if kind == b"iTXt" else b"") + text)


@pytest.mark.parametrize("kind", [b"zTXt", b"iTXt", b"tEXt"])
@pytest.mark.parametrize("as_text", [False, True])
@pytest.mark.parametrize("depth", [8, 16])
def test_orientation_is_applied_once(kind: bytes, as_text: bool, depth: int, make: Any) -> None:
    exif = make["exif_block"](6)
    block = raw_profile(kind, b"exif", exif) if as_text else chunk(b"eXIf", exif.removeprefix(b"Exif\0\0"))
    texts = [chunk(b"tEXt", b"exif:Orientation\x006"), chunk(b"tEXt", b"exif:Make\0Acme")]
    picture = read_picture(png(ramp(depth), depth, block, raw_profile(kind, b"xmp", XMP), *texts))
    assert picture.pages[0].pixels.shape == (WIDTH, HEIGHT)
    data = colored(picture).to_bytes()
    again = read_picture(data)
    assert again.pages[0].pixels.shape == (WIDTH, HEIGHT, 3)
    image = Image.open(io.BytesIO(data))
    image.load()
    assert image.getexif().get(274, 1) == 1
    assert b"Orientation" not in (again.metadata.xmp or b"")
    assert b"Rating" in (again.metadata.xmp or b"")
    assert again.metadata.png_chunks == ((b"tEXt", b"exif:Make\0Acme"),)


def test_an_animation_out_of_order_gives_its_first_picture() -> None:
    frames = [Image.fromarray(np.roll(ramp(8).astype(np.uint8), n, axis=1)) for n in range(3)]
    stream = io.BytesIO()
    frames[0].save(stream, "PNG", save_all=True, append_images=frames[1:], duration=100)
    data = stream.getvalue()
    at = data.rindex(b"fcTL")
    data = data[: at - 4] + chunk(b"fcTL", struct.pack(">I", 77) + data[at + 8 : at + 30]) + data[at + 34 :]
    picture = read_picture(data)
    assert len(picture.pages) == len(picture.notes) == 1
    assert np.array_equal(picture.pages[0].pixels, ramp(8))
