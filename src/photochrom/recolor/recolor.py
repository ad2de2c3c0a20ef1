"""Joins a page with predicted chroma."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from photochrom.color.conversion import linear_to_lab
from photochrom.image_io import Page
from photochrom.recolor.gray8_lut import recolor_gray8
from photochrom.recolor.lab_to_rgb import join
from photochrom.recolor.strips import fill_strips, resize, resize_planes, strips

__all__ = ["recolor", "recolor_exactly"]


def recolor(page: Page, ab: NDArray[np.float32], *, strength: float = 1.0, threads: int = 1) -> NDArray[np.generic]:
    """Give a page the chroma of ``ab`` and keep its lightness.

    Args:
        page: the picture, gray or RGB, of any size.
        ab: (2,h,w) float32, a*b* in Lab units, covering the page edge to edge.
        strength: 1 for the chroma as it is, 0 for the page's own, over 1 for more.
        threads: strips worked on at once.

    Returns:
        (H,W,3), of the page's dtype, encoded in the page's output colour space. Within rounding of
        :func:`recolor_exactly` for 16 bits, float and colour; within half a unit of a*b* for 8-bit gray.
    """
    if page.pixels.ndim == 2 and page.pixels.dtype == np.uint8:
        return recolor_gray8(page, ab * np.float32(strength), threads)
    return recolor_exactly(page, ab, strength=strength, threads=threads)


def recolor_exactly(
    page: Page, ab: NDArray[np.float32], *, strength: float = 1.0, threads: int = 1
) -> NDArray[np.generic]:
    """The same, with every pixel computed for itself."""
    height, width = page.height, page.width
    wide = resize_planes(ab, (width, ab.shape[1]))
    # an identity matrix, enlarged, is the matrix of the enlarging itself
    vertical = resize(np.eye(ab.shape[1], dtype=np.float32), (ab.shape[1], height))

    def work(rows: slice, pixels: NDArray[Any], out: NDArray[Any]) -> None:
        weights = vertical[rows]
        used = np.flatnonzero(weights.any(0))
        near = slice(used[0], used[-1] + 1)
        chroma = np.einsum("yk,ckx->cyx", weights[:, near], wide[:, near])
        if strength != 1.0:
            chroma *= np.float32(strength)
            if pixels.ndim == 3:
                chroma += linear_to_lab(page.space.decode(pixels))[1:] * np.float32(1.0 - strength)
        out[:] = page.space.encode(join(page.space.lightness(pixels), *chroma), out.dtype)

    pieces = strips(height, width)
    return fill_strips((height, width, 3), page.pixels, pieces, work, threads, page.pixels.dtype)
