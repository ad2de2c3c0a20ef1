"""The further pictures of a JPEG: of stereo pairs, panoramas and several views (CIPA DC-007, Multi-Picture Format).

Gain maps and maps of depth are not pictures: they hold for the gray photo, so they are left out. So are previews.
"""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import BinaryIO

from photochrom.errors import PhotochromError
from photochrom.image_io.codecs.base import Source, read_at
from photochrom.image_io.codecs.pillow import check_size
from photochrom.image_io.metadata.announced import ISO_GAIN_MAP
from photochrom.image_io.metadata.containers import iterate_jpeg_segments
from photochrom.image_io.metadata.mpf import MARK, MpfEntry, build_index, parse_index
from photochrom.image_io.types import Page, Picture
from photochrom.messages import render

__all__ = ["add_pictures", "join_pictures"]

_START = b"\xff\xd8\xff"
#: words of the metadata of what is not a picture: note, and any of the words
_MAPS = (
    ("note.gain_map_left_out", (b"hdr-gain-map/1.0", b"hdrgainmap", ISO_GAIN_MAP)),
    ("note.depth_map_left_out", (b"aux:depth", b"aux:disparity", b"aux:portrait", b"aux:semantic", b"depthmap/1.0")),
)


def add_pictures(source: Source, picture: Picture, read: Callable[[Source], Picture]) -> Picture:
    """Returns a picture with the further ones of its file as pages, and a note for all that was left out.

    Args:
        source: of the picture.
        picture: the first one.
        read: reads a picture of its own.

    Raises:
        PictureTooLargeError: too many pixels over all pictures.
    """
    start, index = _find_index(source.stream)
    entries = parse_index(index)
    if len(entries) < 2:
        return picture
    kept, others, notes = [0], list[Picture](), list[str]()
    broken = 0
    for number, entry in enumerate(entries[1:], 1):
        data = read_at(source.stream, start + entry.offset, entry.size)
        note = "note.preview_left_out" if entry.is_preview else _name_map(data)
        if note is not None:
            notes.append(str(render(note, {})))
            continue
        other = _read_picture(source, data, read, pages=[*picture.pages, *(each.pages[0] for each in others)])
        if other is None:
            broken += 1
            continue
        kept.append(number)
        others.append(other)
        notes += other.notes
    if broken:
        notes.append(str(render("note.pictures_left_out", {"count": broken, "total": len(entries)})))
    new = tuple(note for note in dict.fromkeys(notes) if note not in picture.notes)
    metadata = replace(
        picture.metadata,
        others=tuple(each.metadata for each in others),
        page_tags=tuple(each.metadata.exif or b"" for each in others),
        picture_index=build_index(index, _renumber(entries, kept)) if others else None,
    )
    pages = (*picture.pages, *(each.pages[0] for each in others))
    return replace(picture, pages=pages, metadata=metadata, notes=(*picture.notes, *new))


def _read_picture(
    source: Source, data: bytes, read: Callable[[Source], Picture], *, pages: list[Page]
) -> Picture | None:
    """Returns the picture of a file in the file; None where it is damaged."""
    if not data.startswith(_START):
        return None
    part = replace(source, stream=BytesIO(data), path=None)
    try:
        other = read(part)
    except PhotochromError:
        return None
    except (OSError, SyntaxError, ValueError):
        return None
    sizes = [page.width * page.height for page in (*pages, *other.pages)]
    check_size(source.name, sum(sizes) // len(sizes), 1, len(sizes), source.max_pixels)
    return other


def join_pictures(files: list[bytes], index: bytes) -> bytes:
    """Joins JPEGs, of which the first has the index with room for all of them.

    Raises:
        ValueError: the first has no index, or one for another number.
    """
    start, found = _find_index(BytesIO(files[0]))
    entries, at, placed = parse_index(index), 0, []
    if not start or len(found) != len(index) or len(entries) != len(files):
        raise ValueError("an index for other pictures")
    for number, (entry, data) in enumerate(zip(entries, files, strict=True)):
        placed.append(replace(entry, size=len(data), offset=at - start if number else 0))
        at += len(data)
    first = files[0][:start] + build_index(index, placed) + files[0][start + len(index) :]
    return b"".join([first, *files[1:]])


def _find_index(stream: BinaryIO) -> tuple[int, bytes]:
    """Returns where the index begins, which is what its offsets count from, and the index; 0 where there is none."""
    for marker, payload in iterate_jpeg_segments(stream):
        if marker == 0xE2 and payload.startswith(MARK):
            return stream.tell() - len(payload) + len(MARK), payload[len(MARK) :]
    return 0, b""


def _name_map(data: bytes) -> str | None:
    segments = b"".join(payload for marker, payload in iterate_jpeg_segments(BytesIO(data)) if marker in (0xE1, 0xE2))
    return next((note for note, words in _MAPS if any(word in segments for word in words)), None)


def _renumber(entries: list[MpfEntry], kept: list[int]) -> list[MpfEntry]:
    """Returns the entries that are kept; what depends on one that is not depends on none."""
    numbers = {old + 1: new + 1 for new, old in enumerate(kept)}
    renumbered = []
    for old in kept:
        one, two = entries[old].dependents
        renumbered.append(replace(entries[old], dependents=(numbers.get(one, 0), numbers.get(two, 0))))
    return renumbered
