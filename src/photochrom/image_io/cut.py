"""Whether a file ends before what it says of its own length: it was cut, whatever its decoder calls that."""

import struct
from typing import BinaryIO

from photochrom.image_io.metadata.tiff_tags import read_header

__all__ = ["is_cut"]

_TAIL = 1 << 16


def is_cut(stream: BinaryIO, format_name: str) -> bool:
    """Tells whether a file's parts, its directory or its end marker lie behind its end.

    Of JPEG, TIFF, WebP, AVIF, HEIC, JPEG 2000 and PNG; other formats do not say how long they are.
    """
    size = stream.seek(0, 2)
    if format_name == "JPEG":
        # rarely there is something behind the end marker
        stream.seek(max(0, size - _TAIL))
        return b"\xff\xd9" not in stream.read()
    if format_name == "TIFF":
        stream.seek(0)
        header = read_header(stream.read(16))
        return header is None or header.first >= size
    if format_name == "WEBP":
        stream.seek(4)
        head = stream.read(4)
        return len(head) < 4 or struct.unpack("<I", head)[0] + 8 > size
    stream.seek(0)
    if format_name == "PNG":
        at, is_png = 8, True
    elif format_name in ("AVIF", "HEIF", "JPEG2000") and stream.read(2) != b"\xff\x4f":
        # of JPEG 2000 the codestream alone has no boxes
        at, is_png = 0, False
    else:
        return False
    while at < size:
        stream.seek(at)
        length, kind = _read_length(stream, png=is_png)
        if not kind.isascii() or not length:
            # that is damage, or a part that goes on to the end
            return False
        at += length
        if is_png and kind == b"IEND":
            return at > size
    return at > size or is_png


def _read_length(stream: BinaryIO, *, png: bool) -> tuple[int, bytes]:
    """Returns how long a chunk of a PNG, or a box (ISO/IEC 14496-12, 4.2), is in all, and its type; 0 for no length."""
    head = stream.read(16).ljust(16, b"\0")
    length, kind = struct.unpack_from(">I4s", head)
    if png:
        return length + 12, kind
    if length == 1:
        return int(struct.unpack_from(">Q", head, 8)[0]), kind
    return (length if length >= 8 else 0), kind
