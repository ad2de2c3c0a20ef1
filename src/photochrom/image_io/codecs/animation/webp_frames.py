"""Joins still WebPs into an animation whose frames all stand there whole (RFC 9649, 2.7).

libwebp's own encoder of animations makes one frame of two that show the same.
"""

import struct
from collections.abc import Iterator, Sequence

from photochrom.image_io.metadata.containers import build_riff_chunk, iterate_riff_chunks

__all__ = ["join_webps"]

_ANIMATION, _XMP, _EXIF, _ALPHA, _ICC = 0x02, 0x04, 0x08, 0x10, 0x20
#: the frame replaces what is there
_NO_BLENDING = 0x02


def join_webps(
    stills: Sequence[bytes],
    durations: Sequence[int],
    *,
    size: tuple[int, int],
    loop: int,
    icc: bytes = b"",
    exif: bytes = b"",
    xmp: bytes = b"",
) -> bytes:
    """Returns an animation of stills of one size.

    Args:
        stills: the files; metadata in them is left out.
        durations: of the frames, milliseconds.
        size: width and height, pixels.
        loop: how often it is played; 0 for ever.
        icc: profile of all frames.
        exif: EXIF block.
        xmp: XMP packet.
    """
    edges = _to_24_bits(size[0] - 1) + _to_24_bits(size[1] - 1)
    frames, alpha = b"", False
    for still, duration in zip(stills, durations, strict=True):
        parts = list(_iterate_picture(still))
        alpha = alpha or any(kind == b"ALPH" or _has_alpha(kind, data) for kind, data in parts)
        head = bytes(6) + edges + _to_24_bits(duration) + bytes([_NO_BLENDING])
        picture = b"".join(build_riff_chunk(kind, data) for kind, data in parts)
        frames += build_riff_chunk(b"ANMF", head + picture)
    flags = _ANIMATION | _ALPHA * alpha | _ICC * bool(icc) | _EXIF * bool(exif) | _XMP * bool(xmp)
    body = b"WEBP" + build_riff_chunk(b"VP8X", bytes([flags, 0, 0, 0]) + edges)
    if icc:
        body += build_riff_chunk(b"ICCP", icc)
    body += build_riff_chunk(b"ANIM", bytes(4) + struct.pack("<H", loop)) + frames
    for kind, data in ((b"EXIF", exif), (b"XMP ", xmp)):
        if data:
            body += build_riff_chunk(kind, data)
    return build_riff_chunk(b"RIFF", body)


def _iterate_picture(still: bytes) -> Iterator[tuple[bytes, bytes]]:
    for kind, data in iterate_riff_chunks(still):
        if kind in (b"ALPH", b"VP8 ", b"VP8L"):
            yield kind, data


def _has_alpha(kind: bytes, data: bytes) -> bool:
    # signature, then 14 bits of width, 14 of height, one that alpha is used
    return kind == b"VP8L" and bool(data[4] & 0x10)


def _to_24_bits(value: int) -> bytes:
    return struct.pack("<I", min(value, (1 << 24) - 1))[:3]
