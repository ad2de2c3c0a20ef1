"""Checks that every strip or tile of a page can be unpacked, where the reader of its colours would not say so.

libtiff's conversion of YCbCr fills what it cannot unpack with one colour and goes on. So such strips are unpacked once
more, as the plain bytes they are: a file of the same strips that calls them gray is made, and read with every error.
A JPEG strip that is cut is filled up by libjpeg; its end marker is looked for. Where a tile of Deflate data does
not unpack to just its size, OpenImageIO gives out whatever was in memory before, without an error.
"""

import struct
import tempfile
import zlib
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from photochrom.image_io.codecs.tiff.pages import TiffPage
from photochrom.image_io.metadata.tiff_tags import Header, ReadAt, Tag, build_directories

__all__ = ["check_deflate_tiles", "check_jpeg_strips", "check_packed_strips", "is_whole_jpeg", "is_whole_tile"]

_JPEG_START, _JPEG_END = b"\xff\xd8", b"\xff\xd9"
#: bytes copied, and unpacked, at a time
_COPY = 1 << 22
_NO_COMPRESSION, _DEFLATE = 1, (8, 32946)


def check_jpeg_strips(read_at: ReadAt, page: TiffPage) -> None:
    """Looks whether every strip of JPEG data has its start and its end.

    Raises:
        ValueError: a strip does not begin as JPEG.
        EOFError: a strip has no end marker.
    """
    for offset, size in page.strips:
        if read_at(offset, 2) != _JPEG_START:
            raise ValueError("a strip is not JPEG")
        if not is_whole_jpeg(read_at, offset, size):
            raise EOFError("a strip of JPEG data is truncated")


def is_whole_jpeg(read_at: ReadAt, offset: int, size: int) -> bool:
    """Tells whether a strip of JPEG data has its start and its end."""
    # rarely there is padding behind the end
    end = read_at(offset + max(0, size - 64), min(size, 64))
    return read_at(offset, 2) == _JPEG_START and (_JPEG_END in end or _JPEG_END in read_at(offset, size))


def check_packed_strips(read_at: ReadAt, page: TiffPage, read_rows: Callable[[str, int], None]) -> None:
    """Unpacks all strips of an 8-bit YCbCr page, and drops what comes out.

    Args:
        read_at: reads the file.
        page: of YCbCr samples in one plane, which are not JPEG data.
        read_rows: reads a gray TIFF of this name, so many rows at a time; raises where a strip fails.

    Raises:
        EOFError: a strip ends too early.
        zlib.error: a strip is damaged.
        ValueError: a strip holds more than its rows.
        Exception: what ``read_rows`` raises.
    """
    width, rows, heights = _layout(page)
    strips = page.strips
    if len(strips) < len(heights):
        raise EOFError("strips are missing: the directory is truncated")
    if page.number(259, 1) == _NO_COMPRESSION:
        for (offset, size), height in zip(strips, heights, strict=False):
            if size < width * height or len(read_at(offset + width * height - 1, 1)) < 1:
                raise EOFError("a strip is truncated")
        return
    if page.number(259, 1) in _DEFLATE:
        for (offset, size), height in zip(strips, heights, strict=False):
            _check_deflate(read_at(offset, size), width * height, width * rows)
        return
    with tempfile.TemporaryDirectory(prefix="photochrom-") as folder:
        path = Path(folder) / "strips.tif"
        _write_gray(path, read_at, page, (width, rows, heights))
        read_rows(str(path), max(rows, _COPY // width // rows * rows))


def check_deflate_tiles(read_at: ReadAt, page: TiffPage) -> None:
    """Unpacks all tiles of Deflate data, and drops what comes out; does nothing for other pages.

    Raises:
        EOFError: a tile ends too early.
        ValueError: a tile holds more than its pixels.
        zlib.error: a tile is damaged.
    """
    if page.tile and page.number(259, 1) in _DEFLATE:
        for place in page.strips:
            _check_tile(read_at, page, place)


def is_whole_tile(read_at: ReadAt, page: TiffPage, tiles: Sequence[tuple[int, int]], number: int) -> bool:
    """Tells whether a tile's data can be unpacked, in all its planes; True of other data than Deflate.

    Args:
        read_at: reads the file.
        page: of tiles.
        tiles: its ``strips``, which are taken from the directory once for all of them.
        number: of the tile, by rows.
    """
    if page.number(259, 1) not in _DEFLATE:
        return True
    width, height = page.tile or (page.width, page.height)
    each = -(-page.width // width) * -(-page.height // height)
    places = tiles[number::each] if page.separate else tiles[number : number + 1]
    try:
        for place in places:
            _check_tile(read_at, page, place)
    except (EOFError, ValueError, zlib.error):
        return False
    return bool(places)


def _check_tile(read_at: ReadAt, page: TiffPage, place: tuple[int, int]) -> None:
    width, height = page.tile or (page.width, page.height)
    samples = 1 if page.separate else page.samples
    size = -(-width * samples * page.number(258, 1) // 8) * height
    if not _check_deflate(read_at(*place), size, size):
        raise EOFError("a tile's checksum is missing")


def _check_deflate(packed: bytes, least: int, most: int) -> bool:
    """Unpacks to the end, where the checksum stands, and returns whether it is there.

    What libtiff reads may be whole and wrong.
    """
    unpacking, size = zlib.decompressobj(), 0
    # with room for a byte more, for the checksum is compared behind the last one
    while packed and not unpacking.eof and size <= most:
        size += len(unpacking.decompress(packed, min(most + 1 - size, _COPY)))
        packed = unpacking.unconsumed_tail
    if size < least:
        raise EOFError("a strip is truncated")
    if size > most:
        raise ValueError("a strip is longer than its rows")
    return unpacking.eof


def _layout(page: TiffPage) -> tuple[int, int, list[int]]:
    """Returns the bytes in a row of sample blocks, rows of blocks in a strip or tile, and those of each one."""
    across, down = page.subsampling
    width, rows = page.tile or (page.width, min(page.number(278, page.height) or page.height, page.height))
    # a block is the luma of some pixels with their two chroma samples
    row, high = -(-width // across) * (across * down + 2), -(-rows // down)
    if page.tile:
        return row, high, [high] * (-(-page.width // width) * -(-page.height // rows))
    full, rest = divmod(page.height, rows)
    return row, high, [high] * full + ([-(-rest // down)] if rest else [])


def _write_gray(path: Path, read_at: ReadAt, page: TiffPage, layout: tuple[int, int, list[int]]) -> None:
    width, rows, heights = layout
    strips = page.strips[: len(heights)]
    with path.open("wb") as out:
        out.write(b"II*\0" + bytes(4))
        places = []
        for offset, size in strips:
            places.append(out.tell())
            for start in range(offset, offset + size, _COPY):
                out.write(read_at(start, min(_COPY, offset + size - start)))
        places.append(out.tell())
        if out.tell() % 2:
            out.write(b"\0")
        numbers: dict[int, Any] = {
            256: [width],
            257: [sum(heights)],
            258: [8],
            259: [page.number(259, 1)],
            262: [1],
            266: [page.number(266, 1)],
            273: places[:-1],
            277: [1],
            278: [rows],
            279: [following - place for place, following in pairwise(places)],
            317: [page.number(317, 1)],
        }
        tags = {code: Tag(4, len(n), struct.pack(f"<{len(n)}I", *n), "<") for code, n in numbers.items()}
        body, place = build_directories({0: tags}, Header("<", False, 8), out.tell())
        out.write(body)
        out.seek(4)
        out.write(struct.pack("<I", place))
