"""A picture's lightness at the network's size."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photochrom.chroma.strips import strips
from photochrom.picture import Page

__all__ = ["shrink"]


def shrink(page: Page, size: tuple[int, int]) -> NDArray[np.float32]:
    """The page's lightness at a small size, as the network wants it.

    Args:
        page: the picture, gray or RGB.
        size: height and width to give it, pixels.

    Returns:
        L* (height, width) float32, 0..100.
    """
    height, width = size
    pixels = page.pixels
    if pixels.shape[:2] == size:
        return page.space.lightness(pixels)
    # whole-number averaging first, in strips, leaving at least twice the size for the good filter
    factor = max(1, min(page.height // (2 * height), page.width // (2 * width)))
    if factor > 1:
        pixels = np.concatenate([_reduce(pixels[rows], factor) for rows in strips(page.height, page.width, factor)])
    lightness = page.space.lightness(pixels)
    box = (0.0, 0.0, page.width / factor, page.height / factor)
    small = Image.fromarray(lightness).resize((width, height), Image.Resampling.LANCZOS, box)
    clipped: NDArray[np.float32] = np.clip(np.asarray(small), 0.0, 100.0)
    return clipped


def _reduce(strip: NDArray[np.generic], factor: int) -> NDArray[np.generic]:
    """Average blocks of factor x factor pixels; the last ones may be smaller."""
    if strip.dtype == np.uint8:
        return np.asarray(Image.fromarray(strip).reduce(factor))
    rows, columns = (np.arange(0, size, factor) for size in strip.shape[:2])
    total = np.add.reduceat(np.add.reduceat(strip.astype(np.float32), rows, 0), columns, 1)
    high, wide = (np.diff(starts, append=size) for starts, size in zip((rows, columns), strip.shape[:2], strict=True))
    counts = np.outer(high, wide)
    mean = total / counts.reshape(*counts.shape, *[1] * (strip.ndim - 2))
    rounded: NDArray[np.generic] = (np.rint(mean) if strip.dtype.kind == "u" else mean).astype(strip.dtype)
    return rounded
