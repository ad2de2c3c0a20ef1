"""The boxes of which JPEG 2000, HEIC and AVIF files are made, and how an HEIC codes its pictures.

Sources: ISO/IEC 14496-12, 4.2 (boxes) and 8.11 (items); ISO/IEC 23008-12 (HEIF).
"""

import struct
from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO

__all__ = ["find_coding", "iterate_boxes"]

#: item types of coded pictures, and what they are called
_CODINGS = {
    b"hvc1": "HEVC",
    b"lhv1": "L-HEVC",
    b"av01": "AV1",
    b"avc1": "AVC",
    b"evc1": "EVC",
    b"vvc1": "VVC",
    b"j2k1": "JPEG 2000",
    b"jpeg": "JPEG",
    b"unci": "uncompressed",
}
#: the items of a file take no more bytes than this in a real one
_LARGEST = 16 << 20


def iterate_boxes(stream: BinaryIO, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yields (type, offset of the content, its size) of the boxes from where the stream stands."""
    at = stream.tell()
    while at + 8 <= end:
        stream.seek(at)
        size, kind = struct.unpack(">I4s", stream.read(8))
        head = 8
        if size == 1:
            wide = stream.read(8)
            if len(wide) < 8:
                return
            size, head = struct.unpack(">Q", wide)[0], 16
        size = end - at if size == 0 else size
        if size < head or at + size > end:
            return
        yield kind, at + head, size - head
        at += size


def find_coding(stream: BinaryIO) -> str | None:
    """Returns how the main picture of an HEIC or AVIF file is coded; None where the file does not say."""
    main, kinds = _read_items(stream)
    own = kinds.get(main, b"")
    if own not in _CODINGS:
        # a grid, say, which is made of others
        own = next((kind for kind in kinds.values() if kind in _CODINGS), b"")
    return _CODINGS.get(own)


def _read_items(stream: BinaryIO) -> tuple[int, dict[int, bytes]]:
    """Returns the number of the main item, and the type of each; 0 and none where they cannot be read."""
    end = stream.seek(0, 2)
    stream.seek(0)
    place = next(((at, size) for kind, at, size in iterate_boxes(stream, end) if kind == b"meta"), None)
    if place is None:
        return 0, {}
    stream.seek(place[0])
    meta = stream.read(min(place[1], _LARGEST))
    main, kinds = 0, dict[int, bytes]()
    # behind version and flags
    for kind, content in _split(meta[4:]):
        if kind == b"pitm":
            main = int.from_bytes(content[4 : 6 if content[:1] == b"\0" else 8], "big")
        elif kind == b"iinf":
            for _, entry in _split(content[6 if content[:1] == b"\0" else 8 :]):
                wide = 2 if entry[:1] == b"\2" else 4
                # the number is followed by two bytes of protection
                kinds[int.from_bytes(entry[4 : 4 + wide], "big")] = entry[6 + wide : 10 + wide]
    return main, kinds


def _split(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    for kind, at, size in iterate_boxes(BytesIO(data), len(data)):
        yield kind, data[at : at + size]
