"""Whether a TIFF ends before what its directories refer to."""

import struct
from collections.abc import Iterator
from typing import BinaryIO

from photochrom.image_io.codecs.base import read_at
from photochrom.image_io.metadata.tiff_tags import MAX_TAGS, SIZES, read_header

__all__ = ["is_tiff_cut"]

#: where strips and tiles begin, and the tag that says how long they are
_PARTS = {273: 279, 324: 325}
_MOST_DIRECTORIES = 1000
_CODES = {1: "B", 3: "H", 4: "I", 16: "Q"}


class _NonsenseError(Exception):
    """A directory is not one."""


def is_tiff_cut(stream: BinaryIO, size: int) -> bool:
    """Tells whether parts lie behind the end of a file, and none reaches just to it.

    One wrong offset in a whole file points behind its end too; what the file does end with is then still in its place.
    """
    behind = False
    try:
        for end in _find_ends(stream, size):
            if size - 2 < end <= size:
                return False
            behind |= end > size
    except _NonsenseError:
        return False
    return behind


def _find_ends(stream: BinaryIO, size: int) -> Iterator[int]:
    """Yields where the directories, their values, strips and tiles end."""
    header = read_header(read_at(stream, 0, 16))
    if header is None:
        yield size + 1
        return
    order, width = header.order, 8 if header.big else 4
    count_code, offset_code, entry = ("Q", "Q", 20) if header.big else ("H", "I", 12)
    head, at, seen = struct.calcsize(count_code), header.first, set[int]()
    while at and at not in seen and len(seen) < _MOST_DIRECTORIES:
        seen.add(at)
        if at + head > size:
            yield at + head
            return
        raw = read_at(stream, at, head)
        count = struct.unpack(order + count_code, raw)[0]
        if not 0 < count <= MAX_TAGS:
            raise _NonsenseError
        table = read_at(stream, at + head, count * entry + width)
        yield at + head + count * entry + width
        values: dict[int, tuple[int, ...]] = {}
        for place in range(0, len(table) // entry * entry, entry):
            code, kind, number = struct.unpack_from(f"{order}HH{offset_code}", table, place)
            if kind not in SIZES:
                raise _NonsenseError
            length, where = SIZES[kind] * number, at + head + place + 4 + width
            if length > width:
                where = struct.unpack_from(order + offset_code, table, place + 4 + width)[0]
                yield where + length
            wanted = code in _PARTS or code in _PARTS.values()
            if wanted and kind in _CODES and where + length <= size:
                values[code] = struct.unpack(f"{order}{number}{_CODES[kind]}", read_at(stream, where, length))
        for starts, lengths in _PARTS.items():
            pairs = zip(values.get(starts, ()), values.get(lengths, ()), strict=False)
            yield from (start + length for start, length in pairs)
        tail = table[count * entry :]
        at = struct.unpack(order + offset_code, tail)[0] if len(tail) == width else 0
