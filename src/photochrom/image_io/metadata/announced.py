"""Takes out of the metadata what they announce and the result no longer has, with a note.

That is the film of a motion photo, a gain map for HDR screens, and what a camera put behind the picture.

Sources: Motion Photo format specification 1.0 (Google), Ultra HDR Image Format 1.1 (Google), ISO 21496-1.
"""

from dataclasses import replace
from typing import BinaryIO

from photochrom.image_io.metadata.containers import iterate_jpeg_segments
from photochrom.image_io.metadata.xmp import remove_properties
from photochrom.image_io.types import Picture
from photochrom.messages import render

__all__ = ["ISO_GAIN_MAP", "leave_out"]

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
#: a gain map, or the photo that has one
ISO_GAIN_MAP = b"urn:iso:std:iso:ts:21496:-1\0"
#: stands, in the list at its end, behind a photo with a film of Samsung's
_SAMSUNG = b"MotionPhoto_Data"
#: and behind one with further pictures, maps of depth, sound or takes of a burst
_SAMSUNG_PICTURES = (
    b"DualShot",
    b"DepthMap",
    b"Depth_Map",
    b"SoundShot",
    b"Sound_Data",
    b"BurstShot",
    b"Panorama",
    b"Image_",
)
_TAIL = 1 << 16


def leave_out(picture: Picture, stream: BinaryIO) -> Picture:
    """Returns a picture whose metadata announce nothing that is not there, with a note for all that was left out.

    Args:
        picture: as it was read.
        stream: its file.
    """
    gain_map, film, other = _look(stream) if picture.format == "JPEG" else (False, False, False)
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
    if other:
        notes.append(str(render("note.data_left_out", {})))
    return replace(picture, metadata=replace(picture.metadata, xmp=xmp), notes=(*picture.notes, *notes))


def _look(stream: BinaryIO) -> tuple[bool, bool, bool]:
    """Returns whether a JPEG names a gain map, and whether there is a film of Samsung's, or other data, behind it."""
    gain_map = any(
        marker == 0xE2 and payload.startswith(ISO_GAIN_MAP) for marker, payload in iterate_jpeg_segments(stream)
    )
    size = stream.seek(0, 2)
    stream.seek(max(size - _TAIL, 0))
    tail = stream.read()
    ours = tail.endswith(b"SEFT")
    film = ours and _SAMSUNG in tail
    return gain_map, film, ours and not film and any(word in tail for word in _SAMSUNG_PICTURES)
