"""Tells our results from other photos by the mark in their metadata, without decoding pixels."""

import mmap
import re
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from photochrom.errors import PhotochromError
from photochrom.image_io.film_starts import START_BYTES
from photochrom.image_io.formats import sniff
from photochrom.image_io.metadata.containers import (
    iterate_jpeg_segments,
    iterate_png_chunks,
    read_gif_xmp,
)
from photochrom.image_io.metadata.jp2 import gather_jp2
from photochrom.image_io.metadata.tiff_tags import read_directory, read_header

__all__ = ["UNMARKED", "Mark", "find_mark", "read_mark"]

#: formats without a place for the mark
UNMARKED = frozenset({"BMP", "PNM", "TGA"})
#: as an element, and as other programs rewrite it, as an attribute
_MARK = re.compile(rb"AISystemUsed\s*(?:>|=\s*[\"'])\s*photochrom \(([^)<\"']*)\)")
_VERSION = re.compile(rb"AISystemVersionUsed\s*(?:>|=\s*[\"'])\s*photochrom ([^<\"']*)")
_XMP_TAG, _LARGEST = 700, 64 << 20


@dataclass(frozen=True)
class Mark:
    """What a result of ours says in its metadata.

    Attributes:
        model: the network's name.
        version: of photochrom; None where it does not say.
    """

    model: str
    version: str | None


def find_mark(path: Path) -> str | None:
    """Returns the name of the network that a photo says it was coloured with by us; None for any other file."""
    found = _MARK.search(_read_text(path))
    return found[1].decode("utf-8", "replace") if found else None


def read_mark(path: Path) -> Mark | None:
    """Returns what a photo says of its colours; None where they are not said to be ours."""
    text = _read_text(path)
    model, version = _MARK.search(text), _VERSION.search(text)
    if model is None:
        return None
    # it opens the network libraries
    from xml.sax.saxutils import unescape

    names = (unescape(found[1].decode("utf-8", "replace")).strip() if found else None for found in (model, version))
    name, number = names
    return Mark(name or "", number)


def _read_text(path: Path) -> bytes:
    """Returns the part of a file that has the mark, if it has one."""
    try:
        with path.open("rb") as stream:
            kind = sniff(stream.read(START_BYTES), path.name)
            return b"" if kind in UNMARKED else _READERS[kind](stream)
    except (OSError, ValueError, OverflowError, struct.error, PhotochromError):
        return b""


def _read_jpeg(stream: BinaryIO) -> bytes:
    return b"".join(payload for marker, payload in iterate_jpeg_segments(stream) if marker == 0xE1)


def _read_png(stream: BinaryIO) -> bytes:
    return b"".join(data for kind, data in iterate_png_chunks(stream) if kind == b"iTXt")


def _read_webp(stream: BinaryIO) -> bytes:
    stream.seek(12)
    while len(head := stream.read(8)) == 8:
        kind, size = struct.unpack("<4sI", head)
        if kind == b"XMP ":
            return stream.read(min(size, _LARGEST))
        stream.seek(size + size % 2, 1)
    return b""


def _read_tiff(stream: BinaryIO) -> bytes:
    def read_at(offset: int, size: int) -> bytes:
        stream.seek(offset)
        return stream.read(size)

    header = read_header(read_at(0, 16))
    if header is None:
        return b""
    tags, _ = read_directory(read_at, header, header.first, largest=_LARGEST)
    return tags[_XMP_TAG].data if _XMP_TAG in tags else b""


def _search_all(stream: BinaryIO) -> bytes:
    # in these the packet stands anywhere, as it is
    with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        found = (_MARK.search(content), _VERSION.search(content))
        return b"\n".join(each[0] for each in found if each)


_READERS: Mapping[str, Callable[[BinaryIO], bytes]] = {
    "JPEG": _read_jpeg,
    "PNG": _read_png,
    "WEBP": _read_webp,
    "TIFF": _read_tiff,
    "GIF": lambda stream: read_gif_xmp(stream) or b"",
    "JPEG2000": lambda stream: gather_jp2(stream).xmp or b"",
    "AVIF": _search_all,
    "HEIF": _search_all,
}
