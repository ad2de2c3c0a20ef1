"""TIFF directories, which are also what an EXIF block is made of: read, build, and convert between byte orders.

TIFF 6.0, BigTIFF, EXIF 3.0. Values stay raw bytes: what is not understood is not altered.
"""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass

__all__ = ["EXIF_IFD", "GPS_IFD", "INTEROP_IFD", "SUB_DIRECTORIES", "Header", "Tag", "build_directories", "read_block",
           "read_directory", "read_header"]  # fmt: skip

EXIF_IFD, GPS_IFD, INTEROP_IFD = 34665, 34853, 40965
#: tags that point to a further directory of descriptive tags
SUB_DIRECTORIES = (EXIF_IFD, GPS_IFD, INTEROP_IFD)

SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_WORDS = {3: 2, 4: 4, 5: 4, 8: 2, 9: 4, 10: 4, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_CODES = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 11: "f", 12: "d", 13: "I", 16: "Q", 17: "q", 18: "Q"}

#: no directory of a real file has more
MAX_TAGS = 4096

ReadAt = Callable[[int, int], bytes]


@dataclass(frozen=True)
class Header:
    """Byte order (``<`` or ``>``), whether offsets are 64 bits wide (BigTIFF), and where the first directory lies."""

    order: str
    big: bool
    first: int


@dataclass(frozen=True)
class Tag:
    """One entry: field type, count, raw value in the byte order of its file, and the place of that value there."""

    type: int
    count: int
    data: bytes
    order: str
    where: int = 0

    def numbers(self) -> tuple[float, ...]:
        """Returns the value as numbers; rationals are divided; empty when the type is not numeric."""
        if self.type in (5, 10):
            pairs = struct.unpack(f"{self.order}{self.count * 2}{'I' if self.type == 5 else 'i'}", self.data)
            return tuple(n / d if d else 0.0 for n, d in zip(pairs[::2], pairs[1::2], strict=True))
        code = _CODES.get(self.type)
        return struct.unpack(f"{self.order}{self.count}{code}", self.data) if code else ()

    def in_order(self, order: str) -> bytes:
        """Returns the raw value in the byte order asked for."""
        size = _WORDS.get(self.type, 1)
        if order == self.order or size == 1:
            return self.data
        return b"".join(self.data[i : i + size][::-1] for i in range(0, len(self.data), size))


def read_header(start: bytes) -> Header | None:
    """Reads the first 16 bytes of a TIFF file or an EXIF block; None where they are not a TIFF header."""
    order = {b"II": "<", b"MM": ">"}.get(start[:2])
    if order is None or len(start) < 8:
        return None
    magic = struct.unpack(f"{order}H", start[2:4])[0]
    if magic == 42:
        return Header(order, False, struct.unpack(f"{order}I", start[4:8])[0])
    if magic == 43 and len(start) >= 16:
        return Header(order, True, struct.unpack(f"{order}Q", start[8:16])[0])
    return None


def read_directory(read_at: ReadAt, header: Header, offset: int, *, largest: int) -> tuple[dict[int, Tag], int]:
    """Reads one directory.

    Args:
        read_at: (offset, size) -> bytes, fewer at the end of the file.
        header: of the same file.
        offset: where the directory starts.
        largest: values of more bytes than this are skipped.

    Returns:
        The tags by code, and the offset of the next directory (0: none).

    Raises:
        ValueError: the directory is cut or has an absurd number of tags.
    """
    order, entry, width = header.order, 20 if header.big else 12, 8 if header.big else 4
    count_code, offset_code = ("Q", "Q") if header.big else ("H", "I")
    count_size = struct.calcsize(count_code)
    raw = read_at(offset, count_size)
    if len(raw) < count_size:
        raise ValueError("a directory lies behind the end of the file")
    count = struct.unpack(order + count_code, raw)[0]
    if count > MAX_TAGS:
        raise ValueError("a directory has too many tags")
    table = read_at(offset + count_size, count * entry + width)
    if len(table) < count * entry:
        raise ValueError("a directory is cut short")
    tags: dict[int, Tag] = {}
    for i in range(count):
        row = table[i * entry : (i + 1) * entry]
        code, kind, number = struct.unpack(f"{order}HH{offset_code}", row[: 4 + width])
        size = SIZES.get(kind, 0) * number
        if not size or size > largest:
            continue
        inline = size <= width
        where = (
            offset + count_size + i * entry + 4 + width
            if inline
            else struct.unpack(order + offset_code, row[4 + width :])[0]
        )
        data = row[4 + width : 4 + width + size] if inline else read_at(where, size)
        if len(data) == size and code not in tags:
            tags[code] = Tag(kind, number, data, order, where)
    tail = table[count * entry :]
    return tags, struct.unpack(order + offset_code, tail)[0] if len(tail) == width else 0


def read_block(block: bytes) -> dict[int, dict[int, Tag]]:
    """Reads the directories of an EXIF block: {0: main tags, 34665: EXIF tags, 34853: GPS tags, 40965: ...}.

    A damaged directory is left out; a block that is not a TIFF structure gives an empty answer.
    """
    header = read_header(block[:16])
    if header is None:
        return {}

    def read_at(offset: int, size: int) -> bytes:
        return block[offset : offset + size]

    found: dict[int, dict[int, Tag]] = {}
    places = {0: header.first}
    for key in (0, *SUB_DIRECTORIES):
        if key in places:
            try:
                found[key], _ = read_directory(read_at, header, places[key], largest=len(block))
            except ValueError:
                continue
            for code in SUB_DIRECTORIES:
                if (tag := found[key].get(code)) and (value := tag.numbers()):
                    places.setdefault(code, int(value[0]))
    return found


def build_directories(
    directories: Mapping[int, Mapping[int, Tag]], header: Header, base: int, *, next_offset: int = 0
) -> tuple[bytes, int]:
    """Lays out a main directory with its sub-directories, as it shall stand from offset ``base`` (even) on.

    Args:
        directories: as :func:`read_block` gives them.
        header: byte order and offset width of the file it goes into.
        base: where the first byte will stand.
        next_offset: what the main directory names as its successor.

    Returns:
        The bytes, and the absolute offset of the main directory in them.
    """
    out = bytearray()
    places: dict[int, int] = {}
    order, width = header.order, 8 if header.big else 4
    count_code, offset_code = ("Q", "Q") if header.big else ("H", "I")
    # deepest first: each needs the places of those it points to
    for key in (INTEROP_IFD, GPS_IFD, EXIF_IFD, 0):
        if key not in directories or (key and not directories[key]):
            continue
        tags = {code: tag for code, tag in directories[key].items() if code not in SUB_DIRECTORIES}
        wanted = {0: (EXIF_IFD, GPS_IFD), EXIF_IFD: (INTEROP_IFD,)}.get(key, ())
        for code in (c for c in wanted if c in places):
            tags[code] = Tag(16 if header.big else 4, 1, struct.pack(order + offset_code, places[code]), order)
        rows = []
        for code in sorted(tags):
            data = tags[code].in_order(order)
            if len(data) > width:
                if len(out) % 2:
                    out += b"\0"
                value = struct.pack(order + offset_code, base + len(out))
                out += data
            else:
                value = data.ljust(width, b"\0")
            rows.append(struct.pack(f"{order}HH{offset_code}", code, tags[code].type, tags[code].count) + value)
        if len(out) % 2:
            out += b"\0"
        places[key] = base + len(out)
        out += struct.pack(order + count_code, len(rows)) + b"".join(rows)
        out += struct.pack(order + offset_code, next_offset if key == 0 else 0)
    return bytes(out), places[0]
