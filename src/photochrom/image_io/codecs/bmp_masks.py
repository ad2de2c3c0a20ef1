"""BMP whose colours lie under masks (BI_BITFIELDS, BI_ALPHABITFIELDS): any masks that do not overlap.

Pillow reads the usual ones alone, and of 16 bits a pixel never the alpha.
"""

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photochrom.image_io.codecs.base import Source, read_at
from photochrom.image_io.codecs.pillow import check_size
from photochrom.image_io.metadata.extract import gather_metadata
from photochrom.image_io.types import Page, Picture

__all__ = ["MaskedHeader", "find_missing", "read_header", "read_masked"]

_BITFIELDS, _ALPHA_BITFIELDS = 3, 6
_STRIP = 1 << 19


@dataclass(frozen=True)
class MaskedHeader:
    """What the header of a BMP with masks says.

    Attributes:
        width: columns.
        height: rows, negative where the top row is first.
        bits: of a pixel, 16 or 32.
        offset: of the pixels in the file.
        density: pixels a metre, across and down.
        masks: of red, green, blue and alpha; alpha's is 0 without one.
    """

    width: int
    height: int
    bits: int
    offset: int
    density: tuple[int, int]
    masks: tuple[int, int, int, int]

    @property
    def dtype(self) -> np.dtype[Any]:
        """Returns uint8, or uint16 where a mask has more than 8 bits."""
        return np.dtype(np.uint16 if max(_top_of(mask) for mask in self.masks if mask) > 0xFF else np.uint8)

    @property
    def row_bytes(self) -> int:
        """Returns the bytes of a row, which ends at a multiple of four."""
        return (self.width * self.bits // 8 + 3) // 4 * 4


def read_header(source: Source) -> MaskedHeader | None:
    """Returns the header of a BMP whose masks :func:`read_masked` reads; None of any other BMP."""
    data = read_at(source.stream, 0, 70).ljust(70, b"\0")
    offset, size, width, height, _, bits, packing = struct.unpack_from("<IIiiHHI", data, 10)
    if size not in (40, 52, 56, 108, 124) or bits not in (16, 32) or packing not in (_BITFIELDS, _ALPHA_BITFIELDS):
        return None
    red, green, blue, alpha = struct.unpack_from("<4I", data, 54)
    if size == 52 or (size == 40 and packing == _BITFIELDS):
        alpha = 0
    masks = (red, green, blue, alpha)
    if width <= 0 or not height or not all(masks[:3]) or any(not _is_plain(mask, bits) for mask in masks if mask):
        return None
    if sum(masks) != red | green | blue | alpha:  # two of them overlap
        return None
    return MaskedHeader(width, height, bits, offset, struct.unpack_from("<2i", data, 38), masks)


def read_masked(source: Source, header: MaskedHeader, *, partial: bool = False) -> Picture:
    """Reads the one page, of the header's ``dtype``. Alpha that is 0 everywhere is taken for unused, as browsers do.

    Args:
        source: the file.
        header: of it.
        partial: what the file does not have is read as bits of 0, which is not an error; see :func:`find_missing`.

    Raises:
        PictureTooLargeError: more pixels than ``source.max_pixels``.
        OSError: the file ends before its pixels do.
    """
    width, height = header.width, abs(header.height)
    check_size(source.name, width, height, 1, source.max_pixels)
    row = header.row_bytes
    data = read_at(source.stream, header.offset, row * height)
    if len(data) < row * height:
        if not partial:
            raise OSError("image file is truncated")
        data = data.ljust(row * height, b"\0")
    kind = np.dtype(f"<u{header.bits // 8}")
    packed: NDArray[Any] = np.ndarray((height, width), kind, data, strides=(row, kind.itemsize))
    if header.height > 0:
        # the rows stand upside down
        packed = packed[::-1]
    planes = np.empty((height, width, 3), header.dtype)
    alpha = np.empty((height, width), header.dtype) if header.masks[3] else None
    rows = max(1, _STRIP // row)
    for top in range(0, height, rows):
        part = packed[top : top + rows]
        for number, mask in enumerate(header.masks[:3]):
            planes[top : top + rows, :, number] = _unpack(part, mask, header.dtype)
        if alpha is not None:
            alpha[top : top + rows] = _unpack(part, header.masks[3], header.dtype)
    across, down = header.density
    info = {"dpi": (across / 39.3701, down / 39.3701)} if across > 0 and down > 0 else {}
    used = alpha is not None and alpha.any()
    metadata = gather_metadata(source.stream, "BMP", info)
    return Picture((Page(planes, alpha if used else None),), "BMP", metadata, source.name)


def find_missing(source: Source, header: MaskedHeader) -> NDArray[np.bool_]:
    """Returns (H,W) which pixels the file ends before."""
    size = header.bits // 8
    there = source.stream.seek(0, 2) - header.offset
    left = there - np.arange(abs(header.height))[:, None] * header.row_bytes
    missing: NDArray[np.bool_] = (np.arange(header.width) + 1) * size > left
    return missing[::-1] if header.height > 0 else missing


def _top_of(mask: int) -> int:
    """Returns the largest number that stands under a mask."""
    return mask // (mask & -mask)


def _is_plain(mask: int, bits: int) -> bool:
    """Tells whether a mask is one run of bits, all of them in the pixel."""
    top = _top_of(mask)
    return mask < 1 << bits and not top & (top + 1)


def _unpack(packed: NDArray[Any], mask: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Returns what stands under a mask, over the whole range of ``dtype``."""
    shift, top, most = (mask & -mask).bit_length() - 1, _top_of(mask), int(np.iinfo(dtype).max)
    values = (packed & mask) >> shift
    if top > 0xFFFF:
        return np.asarray(((2 * values.astype(np.uint64) * most + top) // (2 * top)).astype(dtype))
    scale = ((2 * np.arange(top + 1) * most + top) // (2 * top)).astype(dtype)
    return np.asarray(scale[values])
