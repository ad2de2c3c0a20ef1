"""BMP, written (BITMAPV4HEADER) with transparency, which Pillow's writer loses. It holds no metadata."""

import struct
from typing import BinaryIO

import numpy as np

from photochrom.errors import UnsupportedPictureError
from photochrom.image_io.codecs.base import Source
from photochrom.image_io.codecs.bmp_masks import read_header, read_masked
from photochrom.image_io.codecs.pillow import open_source, read_still, to_uint8
from photochrom.image_io.types import Picture

__all__ = ["read", "write"]

_STRIP = 1 << 22
#: bits of a pixel and ways of packing that a sound file may have (BITMAPINFOHEADER, and of OS/2)
_BITS, _PACKINGS = (1, 2, 4, 8, 16, 24, 32), range(7)


def read(source: Source) -> Picture:
    """Reads the one page.

    Raises:
        UnsupportedPictureError: pixels of a kind that neither Pillow nor :mod:`~.bmp_masks` reads.
    """
    header = read_header(source)
    if header and header.bits == 16 and header.masks[3]:
        # Pillow reads the colours, and leaves out the alpha without a word
        return read_masked(source, header)
    try:
        image = open_source(source, "BMP")
    except OSError as error:
        if header and "Unsupported BMP" in str(error):
            return read_masked(source, header)
        source.stream.seek(28)
        bits, packing = struct.unpack("<HI", source.stream.read(6).ljust(6, b"\0"))
        if "Unsupported BMP" in str(error) and bits in _BITS and packing in _PACKINGS:
            raise UnsupportedPictureError("photo.bmp_unsupported", name=source.name, bits=bits) from error
        raise
    return read_still(source, image, "BMP")


def write(picture: Picture, stream: BinaryIO) -> None:
    """Writes the first page; only the density fits, so the file cannot say that its colour is synthetic."""
    page = picture.pages[0]
    channels = 3 if page.alpha is None else 4
    row = (page.width * channels + 3) // 4 * 4
    x, y = picture.metadata.dpi or (0.0, 0.0)
    density = round(x / 0.0254), round(y / 0.0254)
    head, masks = 40, b""
    if channels == 4:
        # masks of R, G, B, A, then the name of sRGB and room for end points and gamma
        head, masks = 108, struct.pack("<4I4s48x", 0xFF0000, 0xFF00, 0xFF, 0xFF000000, b"BGRs")
    size = row * page.height
    info = struct.pack(
        "<IiiHHIIiiII", head, page.width, page.height, 1, channels * 8, 3 * (channels == 4), size, *density, 0, 0
    )
    stream.write(struct.pack("<2sIHHI", b"BM", 14 + head + size, 0, 0, 14 + head) + info + masks)
    rows = max(1, _STRIP // row)
    for bottom in range(page.height, 0, -rows):
        top = max(bottom - rows, 0)
        part = to_uint8(page.pixels[top:bottom])
        packed = np.zeros((bottom - top, row), np.uint8)
        cube = packed[:, : page.width * channels].reshape(bottom - top, page.width, channels)
        cube[..., :3] = part[..., ::-1] if part.ndim == 3 else part[..., None]
        if page.alpha is not None:
            cube[..., 3] = to_uint8(page.alpha[top:bottom])
        # the rows of a BMP stand upside down
        stream.write(packed[::-1].tobytes())
