"""EXIF blocks: orientation, upright, without the thumbnail, and back and forth between TIFF tags and a block.

Changes to a block are made in place, so that maker notes, whose inner offsets count from the block's start, stay valid.
"""

import struct
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from photochrom.image_io.metadata.tiff_tags import (
    EXIF_IFD,
    Header,
    Tag,
    build_directories,
    read_block,
    read_directory,
    read_header,
)

__all__ = [
    "build_block",
    "make_block_upright",
    "read_orientation",
    "strip_exif_marker",
    "swaps_sides",
    "turn_upright",
]

ORIENTATION = 274
_WIDTHS, _HEIGHTS = (256, 0xA002), (257, 0xA003)


def read_orientation(block: bytes | None) -> int:
    """Returns the orientation 1..8 an EXIF block names; 1 when it names none."""
    tag = read_block(block).get(0, {}).get(ORIENTATION) if block else None
    value = tag.numbers() if tag else ()
    return int(value[0]) if value and value[0] in range(1, 9) else 1


def strip_exif_marker(block: bytes | None) -> bytes | None:
    """Returns an EXIF block without the marker that JPEG puts before it; None for an empty one."""
    return (block or b"").removeprefix(b"Exif\0\0") or None


def swaps_sides(orientation: int) -> bool:
    """Tells whether upright width and height are the stored height and width."""
    return orientation >= 5


def turn_upright(pixels: NDArray[np.generic], orientation: int) -> NDArray[np.generic]:
    """Turns pixels (H,W) or (H,W,C) upright; the answer is C-contiguous, the input itself where nothing is to do."""
    if swaps_sides(orientation):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels)


def make_block_upright(block: bytes, *, width: int, height: int) -> bytes:
    """Returns an EXIF block for the upright picture of this size: orientation 1, sizes coherent, no thumbnail.

    A block that cannot be read comes back as it is.
    """
    header = read_header(block[:16])
    if header is None:
        return block
    out = bytearray(block)
    for key, tags in read_block(block).items():
        if key not in (0, EXIF_IFD):
            continue
        values = {ORIENTATION: 1} | dict.fromkeys(_WIDTHS, width) | dict.fromkeys(_HEIGHTS, height)
        for code, value in values.items():
            tag = tags.get(code)
            if tag and tag.type in (3, 4) and tag.count == 1 and value < (1 << 16 if tag.type == 3 else 1 << 32):
                size = len(tag.data)
                out[tag.where : tag.where + size] = struct.pack(header.order + ("H" if size == 2 else "I"), value)
        across, down = tags.get(282), tags.get(283)
        if swaps_sides(read_orientation(block)) and across and down and len(across.data) == len(down.data):
            out[across.where : across.where + len(down.data)] = down.data
            out[down.where : down.where + len(across.data)] = across.data
    return _without_thumbnail(out, header)


def _without_thumbnail(out: bytearray, header: Header) -> bytes:
    if header.big or header.first + 2 > len(out):
        return bytes(out)
    count = struct.unpack_from(header.order + "H", out, header.first)[0]
    pointer = header.first + 2 + 12 * count
    if pointer + 4 > len(out):
        return bytes(out)
    offset = struct.unpack_from(header.order + "I", out, pointer)[0]
    if not offset:
        return bytes(out)
    out[pointer : pointer + 4] = bytes(4)
    try:
        tags, _ = read_directory(lambda at, size: bytes(out[at : at + size]), header, offset, largest=len(out))
        start, length = (int(tags[code].numbers()[0]) for code in (513, 514))
    except (ValueError, KeyError, IndexError):
        return bytes(out)
    if not 8 <= start < len(out):
        return bytes(out)
    if start + length >= len(out) and start > header.first:
        return bytes(out[:start])
    out[start : start + length] = bytes(len(out[start : start + length]))
    return bytes(out)


def build_block(directories: Mapping[int, Mapping[int, Tag]]) -> bytes:
    """Builds a little-endian EXIF block of its own from directories of tags."""
    header = Header("<", False, 0)
    body, first = build_directories(directories, header, 8)
    return b"II*\0" + struct.pack("<I", first) + body
