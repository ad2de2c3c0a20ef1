"""Tiles of Deflate data that unpack to another size than theirs: what is missing is never somebody else's memory."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile

from photochrom.errors import UnreadablePictureError
from photochrom.image_io import read_picture

SIDE, TILE = 96, 32
RGB = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)


def replace_tile(number: int, data: bytes, *, planar: bool) -> bytes:
    """Returns a TIFF in which a tile's data are other ones, behind all else."""
    stream, config = io.BytesIO(), "separate" if planar else "contig"
    pixels = np.moveaxis(RGB, -1, 0) if planar else RGB
    tifffile.imwrite(stream, pixels, photometric="rgb", planarconfig=config, compression="zlib", tile=(TILE, TILE))
    out = bytearray(stream.getvalue())
    with tifffile.TiffFile(io.BytesIO(out)) as file:
        tags = [file.pages[0].tags[code] for code in (324, 325)]
    for tag, value in zip(tags, (len(out), len(data)), strict=True):
        form = "<H" if tag.dtype == 3 else "<I"
        struct.pack_into(form, out, tag.valueoffset + number * struct.calcsize(form), value)
    return bytes(out) + data


def tile_of(number: int, planar: bool) -> bytes:
    across = SIDE // TILE
    plane, place = divmod(number, across**2) if planar else (slice(None), number)
    top, left = place // across * TILE, place % across * TILE
    return np.ascontiguousarray(RGB[top : top + TILE, left : left + TILE, plane]).tobytes()


@pytest.mark.parametrize(("number", "planar"), [(0, False), (4, False), (13, True)])
@pytest.mark.parametrize("change", [-400, -1, 0, 1, 400])
def test_a_tile_of_another_size_is_not_read(number: int, planar: bool, change: int, tmp_path: Path) -> None:
    own = tile_of(number, planar)
    path = tmp_path / "tiles.tif"
    path.write_bytes(replace_tile(number, zlib.compress(own), planar=planar))
    assert np.array_equal(read_picture(path).pages[0].pixels, RGB)
    packed = zlib.compress(own[:change] if change < 0 else own + bytes(change))
    # of its own size: the end is cut off
    path.write_bytes(replace_tile(number, packed if change else packed[:-6], planar=planar))
    with pytest.raises(UnreadablePictureError) as caught:
        read_picture(path)
    assert caught.value.code in ("photo.damaged", "photo.truncated")
    page = read_picture(path, salvage=True).pages[0]
    missing = np.zeros((SIDE, SIDE), bool)
    place = number % (SIDE // TILE) ** 2
    top, left = place // (SIDE // TILE) * TILE, place % (SIDE // TILE) * TILE
    missing[top : top + TILE, left : left + TILE] = True
    assert page.missing is not None
    assert np.array_equal(page.missing, missing)
    assert np.array_equal(page.pixels[~missing], RGB[~missing])
