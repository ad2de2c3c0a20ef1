"""Files of kinds that one reader alone knows, or none: that one reads them, or they are named, never called damaged."""

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813
import pytest
import tifffile
from PIL import Image

from photochrom.errors import UnreadablePictureError, UnsupportedPictureError
from photochrom.image_io import read_picture
from photochrom.image_io.formats import sniff

RAMP = np.arange(12, dtype=np.uint8).reshape(3, 4) * 20


def tga(head: bytes, data: bytes, *, width: int, height: int, depth: int) -> bytes:
    # from the top, so that rows stand as they are written
    return head + struct.pack("<4H2B", 0, 0, width, height, depth, 0x20) + data


def tiff(bits: int, photometric: int = 1) -> bytes:
    """A TIFF of 8 x 1 samples of so many bits, all of them black."""
    data = bytes(bits + bits % 2)
    tags = [(256, 8), (257, 1), (258, bits), (259, 1), (262, photometric), (273, 8), (277, 1), (278, 1), (279, bits)]
    if photometric == 3:
        tags.append((320, 8))
    entries = b"".join(struct.pack("<HHIHH", code, 3, 1, value, 0) for code, value in tags)
    return b"II*\0" + struct.pack("<I", 8 + len(data)) + data + struct.pack("<H", len(tags)) + entries + bytes(4)


def bmp(bits: int, packing: int, masks: tuple[int, ...] = ()) -> bytes:
    body = struct.pack(f"<{len(masks)}I", *masks) + bytes(64)
    info = struct.pack("<IiiHHIIiiII", 40, 4, 4, 1, bits, packing, 64, 0, 0, 0, 0)
    return struct.pack("<2sIHHI", b"BM", 54 + len(body), 0, 0, 54 + 4 * len(masks)) + info + body


def test_runs_of_a_tga_may_go_on_in_the_next_row(tmp_path: Path) -> None:
    flat = RAMP.ravel()
    # a run of three, and raw pixels from the first row to the last
    data = bytes([0x82, flat[0], 0x08]) + flat[3:].tobytes()
    path = tmp_path / "runs.tga"
    path.write_bytes(tga(bytes([0, 0, 11, 0, 0, 0, 0, 0]), data, width=4, height=3, depth=8))
    picture = read_picture(path)
    wanted = flat.copy()
    wanted[:3] = flat[0]
    assert np.array_equal(picture.pages[0].pixels.reshape(3, 4, -1)[..., 0], wanted.reshape(3, 4))
    assert picture.format == "TGA"
    assert picture.metadata.encoding.run_lengths
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(UnreadablePictureError):
        read_picture(path)


def test_a_tga_with_a_map_of_15_bits(tmp_path: Path) -> None:
    # red, green and blue of five bits each
    colors = struct.pack("<3H", 0x7C00, 0x03E0, 0x001F)
    head = bytes([0, 1, 1]) + struct.pack("<2HB", 0, 3, 15)
    path = tmp_path / "map.tga"
    path.write_bytes(tga(head, colors + bytes([0, 1, 2, 2]), width=2, height=2, depth=8))
    pixels = read_picture(path).pages[0].pixels
    assert pixels.tolist() == [[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [0, 0, 255]]]


@pytest.mark.parametrize(
    "data",
    [
        bmp(16, 3, (0x0F00, 0x0FF0, 0x000F)),
        bmp(2, 0),
        bmp(24, 4),
    ],
    ids=["masks overlap", "2 bits", "run lengths of 24 bits"],
)
def test_a_bmp_that_its_decoder_does_not_know_is_named(data: bytes) -> None:
    with pytest.raises(UnsupportedPictureError) as caught:
        read_picture(data)
    assert caught.value.code == "photo.bmp_unsupported"
    # what no BMP has is damage
    with pytest.raises(UnreadablePictureError):
        read_picture(data[:28] + b"\x4d" + data[29:])


@pytest.mark.parametrize("top_down", [False, True])
@pytest.mark.parametrize("size", [40, 56, 124])
@pytest.mark.parametrize(
    ("bits", "masks"),
    [
        (16, (0x0F00, 0x00F0, 0x000F, 0xF000)),
        (16, (0x001F, 0x07E0, 0xF800, 0)),
        (16, (0x7C00, 0x03E0, 0x001F, 0x8000)),
        (32, (0x000000FF, 0x0000FF00, 0x00FF0000, 0)),
        (32, (0x0000FF00, 0x00FF0000, 0xFF000000, 0xFF)),
        # more than 8 bits of a colour
        (16, (0x0800, 0x01FF, 0x0600, 0xF000)),
        (32, (0xFFE00000, 0x001FFC00, 0x000003FF, 0)),
        (32, (0x0FC00000, 0x003FFFE0, 0x0000001F, 0xF0000000)),
    ],
)
def test_a_bmp_may_have_any_masks(bits: int, masks: tuple[int, ...], size: int, top_down: bool) -> None:
    width, height = 5, 3
    values = np.random.default_rng(bits).integers(0, 1 << bits, (height, width), f"<u{bits // 8}")
    row = -(-width * bits // 32) * 4
    body = b"".join(line.tobytes().ljust(row, b"\0") for line in (values if top_down else values[::-1]))
    # the mask of alpha makes it BI_ALPHABITFIELDS where the header itself has no room for it
    packing = 6 if size == 40 and masks[3] else 3
    words = struct.pack("<4I", *masks)[: 12 if size == 40 and not masks[3] else 16].ljust(max(0, size - 40), b"\0")
    rows = -height if top_down else height
    info = struct.pack("<IiiHHIIiiII", size, width, rows, 1, bits, packing, len(body), 3937, 3937, 0, 0) + words
    data = struct.pack("<2sIHHI", b"BM", 0, 0, 0, 14 + len(info)) + info + body
    picture = read_picture(data)
    planes = []
    dtype = np.dtype(np.uint16 if any(mask.bit_count() > 8 for mask in masks) else np.uint8)
    for mask in filter(None, masks):
        shift = (mask & -mask).bit_length() - 1
        share = (values & mask) / 2**shift / (mask >> shift)
        planes.append(np.floor(share * np.iinfo(dtype).max + 0.5).astype(dtype))
    page = picture.pages[0]
    assert page.pixels.dtype == dtype
    assert np.array_equal(page.pixels, np.stack(planes[:3], -1))
    assert page.alpha is None if not masks[3] else np.array_equal(page.alpha, planes[3])
    assert picture.metadata.dpi == pytest.approx((100, 100), abs=0.1)
    cut = data[: -row - 4]
    with pytest.raises(UnreadablePictureError):
        read_picture(cut)
    salvaged = read_picture(cut, salvage=True).pages[0]
    assert salvaged.missing is not None
    # the last row of the file is gone, and of the one before it the last bytes
    whole = 0 if top_down else 2
    assert np.array_equal(salvaged.missing.all(axis=1), np.arange(height) == 2 - whole)
    assert not salvaged.missing[whole].any()
    assert np.array_equal(salvaged.pixels[~salvaged.missing], page.pixels[~salvaged.missing])


@pytest.mark.parametrize(("bits", "photometric"), [(3, 1), (5, 0), (7, 1), (9, 1), (15, 1), (16, 3)])
def test_bits_that_nobody_unpacks_are_named(bits: int, photometric: int) -> None:
    with pytest.raises(UnsupportedPictureError) as caught:
        read_picture(tiff(bits, photometric))
    assert caught.value.code == "photo.sample_type_unsupported"
    assert caught.value.details["bits"] == bits


@pytest.mark.parametrize("bits", [1, 2, 4, 6, 8, 10, 12, 14, 16])
def test_all_others_are_unpacked(bits: int) -> None:
    assert not read_picture(tiff(bits)).pages[0].pixels.any()


def test_of_a_texture_the_first_page_is_the_picture(tmp_path: Path) -> None:
    spec = oiio.ImageSpec(128, 96, 3, "uint8")
    picture = oiio.ImageBuf(spec)
    oiio.ImageBufAlgo.fill(picture, (0.2, 0.5, 0.7))
    path = tmp_path / "texture.tif"
    assert oiio.ImageBufAlgo.make_texture(oiio.MakeTxTexture, picture, str(path))
    with tifffile.TiffFile(path) as file:
        assert len(file.pages) > 3
    pages = read_picture(path).pages
    assert [page.pixels.shape for page in pages] == [(96, 128, 3)]
    assert pages[0].pixels[0, 0].tolist() == [51, 128, 179]


@pytest.mark.parametrize("stray", [b"\0", bytes(7), b"\xff\xff", b"\x12\xff\0\x34", bytes(70_000)])
def test_bytes_between_segments_of_a_jpeg_hide_nothing(stray: bytes) -> None:
    stream, exif = io.BytesIO(), Image.Exif()
    exif[274] = 6
    Image.fromarray(RAMP).save(stream, "JPEG", exif=exif, comment=b"box 3")
    data = stream.getvalue()
    at = data.index(b"\xff\xe1")
    picture = read_picture(data[:at] + stray + data[at:])
    assert picture.pages[0].pixels.shape == (4, 3)
    assert picture.metadata.comment == b"box 3"


@pytest.mark.parametrize(
    ("start", "name"),
    [(b"P7\nWIDTH 4", "PAM"), (b"Pf\n4 4", "PFM"), (b"#?RADIANCE\n", "Radiance HDR"), (b"qoif\0\0", "QOI")],
)
def test_formats_that_are_not_read_are_named(start: bytes, name: str) -> None:
    with pytest.raises(UnsupportedPictureError) as caught:
        sniff(start, "photo")
    details: dict[str, Any] = caught.value.details
    assert details["format"] == name
