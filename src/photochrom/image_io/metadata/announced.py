"""Takes out of the metadata what they announce and the result no longer has, with a note.

That is the film of a motion photo, a gain map for HDR screens, and further pictures.

Sources: Motion Photo format specification 1.0 (Google), Ultra HDR Image Format 1.1 (Google), ISO 21496-1,
CIPA DC-007 (Multi-Picture Format).
"""

import struct
from dataclasses import replace
from typing import BinaryIO

from photochrom.image_io.metadata.containers import iterate_jpeg_segments
from photochrom.image_io.metadata.xmp import remove_properties
from photochrom.image_io.types import Picture
from photochrom.messages import render

__all__ = ["leave_out"]

_CAMERA = "http://ns.google.com/photos/1.0/camera/"
_CONTAINER = "http://ns.google.com/photos/1.0/container/"
_GAIN_MAP = "http://ns.adobe.com/hdr-gain-map/1.0/"
_FILM = {
    f"{_CAMERA} {name}"
    for name in (
        "MotionPhoto",
        "MotionPhotoVersion",
        "MotionPhotoPresentationTimestampUs",
        "MicroVideo",
        "MicroVideoVersion",
        "MicroVideoOffset",
        "MicroVideoPresentationTimestampUs",
    )
}
_DIRECTORY = f"{_CONTAINER} Directory"
_ISO_GAIN_MAP = b"urn:iso:std:iso:ts:21496:-1\0"
#: stands, in the list at its end, behind a photo with a film of Samsung's
_SAMSUNG = b"MotionPhoto_Data"
_TAIL = 1 << 16


def leave_out(picture: Picture, stream: BinaryIO) -> Picture:
    """Returns a picture whose metadata announce nothing that is not there, with a note for all that was left out.

    Args:
        picture: as it was read.
        stream: its file.
    """
    pictures, gain_map, film = _look(stream) if picture.format == "JPEG" else (0, False, False)
    xmp = picture.metadata.xmp
    if xmp:
        kept, found = remove_properties(xmp, _FILM | {_DIRECTORY}, namespaces=(_GAIN_MAP,))
        film = film or bool(found & _FILM) or (_DIRECTORY in found and b"MotionPhoto" in xmp)
        gain_map = gain_map or any(name.startswith(_GAIN_MAP) for name in found)
        xmp = kept if found else xmp
    notes = []
    if film:
        notes.append(str(render("note.film_left_out", {})))
    if gain_map:
        notes.append(str(render("note.gain_map_left_out", {})))
    others = pictures - 1 - gain_map
    if others > 0:
        notes.append(str(render("note.pictures_left_out", {"count": others, "total": pictures})))
    return replace(picture, metadata=replace(picture.metadata, xmp=xmp), notes=(*picture.notes, *notes))


def _look(stream: BinaryIO) -> tuple[int, bool, bool]:
    """Returns how many pictures a JPEG's index names, whether it has a gain map, and whether a film of Samsung's."""
    pictures, gain_map = 0, False
    for marker, payload in iterate_jpeg_segments(stream):
        if marker == 0xE2 and payload.startswith(b"MPF\0"):
            pictures = _count_pictures(payload[4:])
        gain_map = gain_map or (marker == 0xE2 and payload.startswith(_ISO_GAIN_MAP))
    size = stream.seek(0, 2)
    stream.seek(max(size - _TAIL, 0))
    tail = stream.read()
    return pictures, gain_map, tail.endswith(b"SEFT") and _SAMSUNG in tail


def _count_pictures(index: bytes) -> int:
    order = {b"II": "<", b"MM": ">"}.get(index[:2])
    if order is None or len(index) < 10:
        return 0
    at = struct.unpack_from(f"{order}I", index, 4)[0]
    (count,) = struct.unpack_from(f"{order}H", index, at) if at + 2 <= len(index) else (0,)
    for number in range(min(count, 64)):
        place = at + 2 + 12 * number
        if place + 12 > len(index):
            break
        tag, _, _, value = struct.unpack_from(f"{order}HHII", index, place)
        if tag == 0xB001:
            return int(value)
    return 0
