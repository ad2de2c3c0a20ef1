"""A picture's lightness, and its colours where it has any, at the network's size."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photochrom.color.conversion import linear_to_lab
from photochrom.image_io import Page
from photochrom.recolor.strips import strips

__all__ = ["shrink", "shrink_colors"]


def shrink(page: Page, size: tuple[int, int]) -> NDArray[np.float32]:
    """The page's lightness at a small size, as the network wants it.

    Args:
        page: the picture, gray or RGB.
        size: height and width to give it, pixels.

    Returns:
        L* (height, width) float32, 0..100.
    """
    pixels, box = _averaged(page, size)
    lightness = page.space.lightness(pixels)
    if page.pixels.shape[:2] == size:
        return lightness
    clipped: NDArray[np.float32] = np.clip(_resampled(lightness, size, box), 0.0, 100.0)
    return clipped


def shrink_colors(page: Page, size: tuple[int, int]) -> NDArray[np.float32]:
    """The a*b* of a page in colour at a small size: (2, height, width) float32, Lab units; zeros of a gray page."""
    pixels, box = _averaged(page, size)
    if pixels.ndim == 2:
        return np.zeros((2, *size), np.float32)
    ab = linear_to_lab(page.space.decode(pixels))[1:].astype(np.float32)
    return ab if page.pixels.shape[:2] == size else np.stack([_resampled(plane, size, box) for plane in ab])


def _averaged(page: Page, size: tuple[int, int]) -> tuple[NDArray[np.generic], tuple[float, float, float, float]]:
    """The page after whole-number averaging, to at least twice the size, and where the picture ends there."""
    factor = max(1, min(page.height // (2 * size[0]), page.width // (2 * size[1])))
    if factor > 1:
        pixels = np.concatenate(
            [_reduce(page.pixels[rows], factor) for rows in strips(page.height, page.width, factor)]
        )
    else:
        pixels = np.asarray(page.pixels)
    return pixels, (0.0, 0.0, page.width / factor, page.height / factor)


def _resampled(
    plane: NDArray[np.float32], size: tuple[int, int], box: tuple[float, float, float, float]
) -> NDArray[np.float32]:
    height, width = size
    return np.asarray(Image.fromarray(plane).resize((width, height), Image.Resampling.LANCZOS, box))


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
