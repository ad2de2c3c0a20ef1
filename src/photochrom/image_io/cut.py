"""Whether a file that cannot be read was cut short, or is damaged in its midst, whatever its decoder calls that."""

import struct
from collections.abc import Callable, Iterator
from typing import BinaryIO

from photochrom.image_io.codecs.base import read_at
from photochrom.image_io.cut_tiff import is_tiff_cut

__all__ = ["is_cut"]

#: rarely there is something behind an end marker
_TAIL, _MOST_JUNK = 1 << 16, 64
_END_OF_PNG = b"IEND\xaeB`\x82"
#: no real file begins with a longer list of brands (ISO/IEC 14496-12, 4.3)
_LONGEST_BRANDS = 1024
#: boxes of coded pixels, which come last as a rule
_PIXELS = (b"mdat", b"jp2c")


def is_cut(stream: BinaryIO, format_name: str) -> bool | None:
    """Tells whether a file ends before its end marker, or before what it says of its own length.

    Args:
        stream: a file that was found unreadable.
        format_name: as :func:`photochrom.image_io.formats.sniff` names it.

    Returns:
        True where its end is missing, False where its end is there, so that the damage lies elsewhere; None where it
        does not say how long it is.
    """
    check = _CHECKS.get(format_name)
    return None if check is None else check(stream, stream.seek(0, 2))


def _is_jpeg_cut(stream: BinaryIO, size: int) -> bool | None:
    tail = read_at(stream, max(0, size - _TAIL), _TAIL)
    if b"\xff\xd9" not in tail:
        return True
    # further in it may be the end of a thumbnail
    return False if b"\xff\xd9" in tail[-_MOST_JUNK:] else None


def _is_png_cut(stream: BinaryIO, size: int) -> bool:
    return _END_OF_PNG not in read_at(stream, max(0, size - _TAIL), _TAIL)


def _is_gif_cut(stream: BinaryIO, size: int) -> bool:
    return not read_at(stream, max(0, size - _MOST_JUNK), _MOST_JUNK).rstrip(b"\0").endswith(b";")


def _is_webp_cut(stream: BinaryIO, size: int) -> bool:
    head = read_at(stream, 4, 4)
    return len(head) < 4 or struct.unpack("<I", head)[0] + 8 > size


def _is_bmp_cut(stream: BinaryIO, size: int) -> bool | None:
    head = read_at(stream, 2, 4)
    if len(head) < 4:
        return True
    # some programs write nonsense there, but not the very length
    return False if struct.unpack("<I", head)[0] == size else None


def _is_jpeg2000_cut(stream: BinaryIO, size: int) -> bool | None:
    if read_at(stream, max(0, size - _MOST_JUNK), _MOST_JUNK).rstrip(b"\0").endswith(b"\xff\xd9"):
        return False
    # the codestream alone has no boxes
    return True if read_at(stream, 0, 2) == b"\xff\x4f" else _are_boxes_cut(stream, size)


def _are_boxes_cut(stream: BinaryIO, size: int) -> bool:
    has_pixels = False
    for kind, end in _walk_boxes(stream, size):
        if not kind.isalnum() or (kind == b"ftyp" and end > _LONGEST_BRANDS):
            return False
        if end > size:
            return True
        has_pixels |= kind in _PIXELS
    return not has_pixels


def _walk_boxes(stream: BinaryIO, size: int) -> Iterator[tuple[bytes, int]]:
    """Yields the type and the end of each box (ISO/IEC 14496-12, 4.2), up to one that goes on to the end."""
    at = 0
    while at < size:
        head = read_at(stream, at, 16)
        if len(head) < 8:
            return
        length, kind = struct.unpack_from(">I4s", head)
        if length == 1:
            length = int(struct.unpack_from(">Q", head.ljust(16, b"\0"), 8)[0])
        if length < 8:
            # 0 goes on to the end, and less than a head is nonsense
            yield kind if length == 0 else b"", size
            return
        at += length
        yield kind.rstrip(b" "), at


_CHECKS: dict[str, Callable[[BinaryIO, int], bool | None]] = {
    "JPEG": _is_jpeg_cut,
    "PNG": _is_png_cut,
    "GIF": _is_gif_cut,
    "WEBP": _is_webp_cut,
    "BMP": _is_bmp_cut,
    "TIFF": is_tiff_cut,
    "JPEG2000": _is_jpeg2000_cut,
    "AVIF": _are_boxes_cut,
    "HEIF": _are_boxes_cut,
}
