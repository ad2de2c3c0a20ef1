"""Reads 16-bit PNG exactly, which Pillow alone reads as 8 bits without saying so.

Pillow's decoder inflates and unfilters such files rightly and only drops the low bytes when it unpacks. Unpacked as if
the other byte order were meant, it drops the high ones: two passes give all of them. Two channels are one pass as RGBA.
OpenImageIO reads these files too, but its libpng writes to stderr about each damaged one.
"""

from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from photochrom.picture.blocks import gather, made_upright
from photochrom.picture.model import Picture
from photochrom.picture.pages import key_alpha, page_from_values, planes_of
from photochrom.picture.pillow_reader import check_size, open_quietly

__all__ = ["read_png16"]


def read_png16(stream: BinaryIO, name: str, max_pixels: int) -> Picture:
    """Read a PNG of 16 bits a channel; errors of Pillow's decoder pass through to the caller."""
    image = open_quietly(stream, "PNG")
    check_size(name, image.width, image.height, 1, max_pixels)
    metadata = gather(stream, "PNG", image.info)
    metadata, orientation = made_upright(metadata, width=image.width, height=image.height)
    values, alpha = _values(stream, image, name)
    key = image.info.get("transparency")
    if alpha is None and key is not None:
        alpha = key_alpha(values, key)
    page = page_from_values(values, alpha, metadata.icc, orientation, name)
    return Picture((page,), "PNG", metadata, name)


def _values(stream: BinaryIO, image: Any, name: str) -> tuple[NDArray[Any], NDArray[Any] | None]:
    kind = image.tile[0].args
    if kind == "I;16B":
        image.load()
        return planes_of(image, name)
    if kind == "LA;16B":
        first, last = _pass(stream, "RGBA", name, mode="RGBA")
        assert last is not None
        pixels = first[..., 0].astype(np.uint16) << 8 | first[..., 1]
        return pixels, first[..., 2].astype(np.uint16) << 8 | last
    channels = str(kind).partition(";")[0]
    high, high_alpha = _pass(stream, f"{channels};16B", name)
    pixels = high.astype(np.uint16)
    del high
    pixels <<= 8
    low, low_alpha = _pass(stream, f"{channels};16L", name)
    pixels |= low
    if high_alpha is None or low_alpha is None:
        return pixels, None
    return pixels, high_alpha.astype(np.uint16) << 8 | low_alpha


def _pass(stream: BinaryIO, unpack: str, name: str, *, mode: str | None = None) -> tuple[Any, Any]:
    image = open_quietly(stream, "PNG")
    image.tile = [image.tile[0]._replace(args=unpack)]
    image.info.pop("transparency", None)
    if mode:
        image._mode = mode
    image.load()
    return planes_of(image, name)
