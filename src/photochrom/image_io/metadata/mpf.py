"""The index of a JPEG that holds several pictures (CIPA DC-007, Multi-Picture Format)."""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

__all__ = ["MARK", "MpfEntry", "build_index", "parse_index"]

#: how its APP2 segment begins; what follows is a TIFF header and its directories
MARK = b"MPF\0"
_COUNT, _ENTRIES = 0xB001, 0xB002
_ENTRY = 16
#: an index of more is an attack, not a photo
_MOST = 1000
#: kind of a picture (5.2.3.3.1): a preview of the first, large as a screen
_PREVIEW, _KIND = 0x010000, 0xFFFFFF


@dataclass(frozen=True)
class MpfEntry:
    """One picture of the index.

    Attributes:
        attribute: flags, format and kind.
        offset: where its file begins, bytes from the TIFF header of the index; 0 for the first.
        size: bytes.
        dependents: numbers, from 1, of up to two pictures that belong to it; 0 for none.
    """

    attribute: int
    offset: int
    size: int
    dependents: tuple[int, int] = (0, 0)

    @property
    def is_preview(self) -> bool:
        """Tells whether it only shows the first picture smaller."""
        return (self.attribute & _KIND) >> 16 == _PREVIEW >> 16


def parse_index(index: bytes) -> list[MpfEntry]:
    """Returns the pictures of an index, which begins with its TIFF header; none where it is damaged."""
    order, place, count = _find_entries(index)
    count = min(count, _MOST, max(0, len(index) - place) // _ENTRY) if place else 0
    entries = (struct.unpack_from(f"{order}3I2H", index, place + _ENTRY * number) for number in range(count))
    return [MpfEntry(attribute, offset, size, (one, two)) for attribute, size, offset, one, two in entries]


def build_index(index: bytes, entries: Sequence[MpfEntry]) -> bytes:
    """Returns an index with these entries, of a length that depends on their number alone.

    Args:
        index: as it was. With as many entries it keeps all it says besides.
        entries: of all pictures.
    """
    order, place, count = _find_entries(index)
    if place and count == len(entries):
        return index[:place] + _pack(entries, order) + index[place + _ENTRY * count :]
    # version 1.00, how many pictures, and the entries, which stand behind the directory
    place = 8 + 2 + 3 * 12 + 4
    fields = ((0xB000, 7, 4, b"0100"), (_COUNT, 4, 1, struct.pack("<I", len(entries))))
    body = b"".join(struct.pack("<HHI", code, kind, number) + value for code, kind, number, value in fields)
    body += struct.pack("<HHII", _ENTRIES, 7, _ENTRY * len(entries), place)
    return b"II*\0" + struct.pack("<IH", 8, 3) + body + bytes(4) + _pack(entries, "<")


def _pack(entries: Sequence[MpfEntry], order: str) -> bytes:
    return b"".join(
        struct.pack(f"{order}3I2H", entry.attribute, entry.size, entry.offset, *entry.dependents) for entry in entries
    )


def _find_entries(index: bytes) -> tuple[str, int, int]:
    """Returns the byte order, where the entries stand, and how many; 0 where there are none."""
    order = {b"II": "<", b"MM": ">"}.get(index[:2], "")
    if not order or len(index) < 10:
        return "<", 0, 0
    tags = {tag: (count, value) for tag, count, value in _iterate_tags(index, order)}
    size, place = tags.get(_ENTRIES, (0, 0))
    _, count = tags.get(_COUNT, (0, 0))
    return order, place, min(count, size // _ENTRY)


def _iterate_tags(index: bytes, order: str) -> Iterator[tuple[int, int, int]]:
    (at,) = struct.unpack_from(f"{order}I", index, 4)
    if at + 2 > len(index):
        return
    (count,) = struct.unpack_from(f"{order}H", index, at)
    for place in range(at + 2, min(at + 2 + 12 * count, len(index) - 11), 12):
        tag, _, size, value = struct.unpack_from(f"{order}HHII", index, place)
        yield tag, size, value
