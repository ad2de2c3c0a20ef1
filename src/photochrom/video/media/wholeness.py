"""Whether a file ends where its own structure says, for the containers that say how long they are."""

import struct
from pathlib import Path
from typing import BinaryIO

__all__ = ["breaks_off"]

_SEGMENT = 0x18538067
#: boxes of an ISO file that are looked at, at most
_BOXES = 100_000


def breaks_off(path: Path) -> bool | None:
    """Returns whether a file ends before its container says; None where the container does not say."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(12)
        if head[:4] == b"\x1a\x45\xdf\xa3":
            return _matroska_breaks_off(file, size)
        if head[:4] == b"RIFF":
            declared = int.from_bytes(head[4:8], "little")
            return declared + 8 > size if declared else None
        if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"):
            return _boxes_break_off(file, size)
    return None


def _matroska_breaks_off(file: BinaryIO, size: int) -> bool | None:
    file.seek(0)
    # the header of EBML, then the one segment, perhaps with a few bytes of nothing between
    for _ in range(8):
        name = _read_number(file, keep_marker=True)
        length = _read_number(file, keep_marker=False)
        if name is None:
            return None
        if name == _SEGMENT:
            return None if length is None else file.tell() + length > size
        if length is None:
            return None
        file.seek(length, 1)
    return None


def _read_number(file: BinaryIO, *, keep_marker: bool) -> int | None:
    """Reads a number of EBML; None at the file's end, or where all its bits are set, which stands for unknown."""
    first = file.read(1)
    if not first or not first[0]:
        return None
    width = 9 - first[0].bit_length()
    rest = file.read(width - 1)
    if len(rest) < width - 1:
        return None
    value = int.from_bytes(first + rest, "big")
    if keep_marker:
        return value
    value &= (1 << 7 * width) - 1
    return None if value == (1 << 7 * width) - 1 else value


def _boxes_break_off(file: BinaryIO, size: int) -> bool | None:
    place = 0
    for _ in range(_BOXES):
        file.seek(place)
        head = file.read(16)
        if len(head) < 8:
            return bool(head)
        length = int(struct.unpack(">I", head[:4])[0])
        if length == 0:
            return False
        if length == 1:
            length = int.from_bytes(head[8:16], "big")
        if length < 8:
            return None
        place += length
        if place > size:
            return True
    return None
