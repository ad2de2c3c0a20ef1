"""Joins still GIFs into an animation whose frames all stand there whole, each with its own colours and its time."""

from collections.abc import Sequence

__all__ = ["join_gifs"]

_HEADER = 13
_END = b"\x3b"


def join_gifs(stills: Sequence[bytes]) -> bytes:
    """Returns an animation of stills of one size; what is said of the whole is taken from the first.

    Raises:
        ValueError: one is not a GIF of one picture.
    """
    if not stills[0].endswith(_END):
        raise ValueError("a GIF without its end")
    return stills[0][:-1] + b"".join(_take_frame(still) for still in stills[1:]) + _END


def _take_frame(gif: bytes) -> bytes:
    """Returns the graphic control extension and the picture, with the file's colours as the picture's own."""
    bits = gif[10] & 7
    colors = gif[_HEADER : _HEADER + (3 * 2 << bits if gif[10] & 0x80 else 0)]
    at, control = _HEADER + len(colors), b""
    while gif[at : at + 1] == b"\x21":
        begin, at = at, at + 2
        while gif[at]:
            at += gif[at] + 1
        at += 1
        if gif[begin + 1] == 0xF9:
            control = gif[begin:at]
    if gif[at : at + 1] != b"\x2c" or not gif.endswith(_END):
        raise ValueError("a GIF without a picture")
    flags = gif[at + 9]
    if colors and not flags & 0x80:
        return control + gif[at : at + 9] + bytes([flags & 0x78 | 0x80 | bits]) + colors + gif[at + 10 : -1]
    return control + gif[at:-1]
