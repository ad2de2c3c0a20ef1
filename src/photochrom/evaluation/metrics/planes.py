"""8-bit images as planes of numbers, a strip of rows at a time."""

from collections.abc import Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

from photochrom.color.conversion import linear_to_lab, srgb_to_linear

__all__ = ["gray_lightness", "rgb_planes", "srgb8_to_lab", "strips"]

#: pixels worked on at once
_STRIP = 1 << 19


@cache
def _linear() -> NDArray[np.float64]:
    return srgb_to_linear(np.arange(256) / 255.0)


@cache
def gray_lightness() -> NDArray[np.float64]:
    """Returns L* of the 256 levels of an 8-bit sRGB gray."""
    levels = np.arange(256, dtype=np.uint8)
    lightness: NDArray[np.float64] = srgb8_to_lab(np.stack([levels] * 3, axis=-1)[None])[0, 0]
    return lightness


def rgb_planes(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Returns (H,W,3) uint8 as (3,H,W) sRGB 0..1."""
    return np.moveaxis(pixels, -1, 0) / 255.0


def srgb8_to_lab(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Returns CIELAB (3,H,W) of sRGB (H,W,3) uint8; the transfer curve is looked up.

    See :func:`photochrom.color.conversion.srgb_to_lab`.
    """
    return linear_to_lab(_linear()[np.moveaxis(pixels, -1, 0)])


def strips(height: int, width: int) -> Iterator[slice]:
    """Returns slices of rows, in order, of about half a million pixels."""
    step = max(1, _STRIP // width)
    return (slice(top, top + step) for top in range(0, height, step))
