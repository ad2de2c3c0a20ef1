"""Puts predicted chroma on a full-size picture: upsample a*b*, join with the picture's own L*, stay in gamut.

Works in strips of rows, several at once, so that memory beyond the decoded input and output stays bounded whatever the
picture's size. Only the chroma is resampled (bicubic); lightness is the picture's own, to the last bit of a float.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photochrom.color import LAB_KNEE_ROOT, LAB_OFFSET, LAB_SLOPE, LINEAR_FROM_XYZ, WHITE, gamut_scale, linear_to_lab
from photochrom.picture import Page

__all__ = ["recolor", "shrink"]

#: pixels in a strip: its float planes stay in a core's own cache
STRIP = 1 << 15
#: linear light may leave 0..1 by this much before chroma is lowered; the rest is rounding, and clipped
TOLERANCE = 1e-4

_MATRIX = np.array(LINEAR_FROM_XYZ) * np.array(WHITE)


def recolor(page: Page, ab: NDArray[np.float32], *, strength: float = 1.0, threads: int = 1) -> NDArray[np.generic]:
    """Give a page the chroma of ``ab`` and keep its lightness.

    Args:
        page: the picture, gray or RGB, of any size.
        ab: (2,h,w) float32, a*b* in Lab units, covering the page edge to edge.
        strength: 1 for the chroma as it is, 0 for the page's own, over 1 for more.
        threads: strips worked on at once.

    Returns:
        (H,W,3), of the page's dtype, encoded in the page's output colour space.
    """
    height, width = page.height, page.width
    wide = np.stack([_resize(plane, (width, plane.shape[0])) for plane in ab])
    # an identity matrix, enlarged, is the matrix of the enlarging itself
    vertical = _resize(np.eye(ab.shape[1], dtype=np.float32), (ab.shape[1], height))
    out = np.empty((height, width, 3), page.pixels.dtype)

    def work(rows: slice) -> None:
        weights = vertical[rows]
        used = np.flatnonzero(weights.any(0))
        near = slice(used[0], used[-1] + 1)
        chroma = np.einsum("yk,ckx->cyx", weights[:, near], wide[:, near])
        pixels = page.pixels[rows]
        if strength != 1.0:
            chroma *= np.float32(strength)
            if pixels.ndim == 3:
                own = linear_to_lab(page.space.decode(pixels))[1:]
                chroma += own * np.float32(1.0 - strength)
        out[rows] = page.space.encode(_join(page.space.lightness(pixels), chroma), out.dtype)

    strips = list(_strips(height, max(1, STRIP // width)))
    if threads > 1 and len(strips) > 1:
        with ThreadPoolExecutor(threads) as pool:
            # list() hands on the first error of any strip
            list(pool.map(work, strips))
    else:
        for rows in strips:
            work(rows)
    return out


def _strips(height: int, rows: int) -> Iterator[slice]:
    return (slice(top, min(top + rows, height)) for top in range(0, height, rows))


def _resize(plane: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    return np.asarray(Image.fromarray(plane).resize(size, Image.Resampling.BICUBIC))


def _join(lightness: NDArray[np.float32], chroma: NDArray[np.float32]) -> NDArray[np.float32]:
    """L* (h,W) and a*b* (2,h,W) to linear sRGB (3,h,W) inside 0..1; chroma is lowered where the gamut ends."""
    linear = _light(lightness, chroma[0], chroma[1])
    low, high = linear.min(0), linear.max(0)
    outside = np.flatnonzero((low < -TOLERANCE) | (high > 1 + TOLERANCE))
    if len(outside):
        l, a, b = (plane.ravel()[outside] for plane in (lightness, *chroma))
        scale = gamut_scale(np.stack([l, a, b])[:, :, None], steps=10)[:, 0]
        linear.reshape(3, -1)[:, outside] = _light(l, a * scale, b * scale)
    return np.clip(linear, 0.0, 1.0, out=linear)


def _light(l: NDArray[np.float32], a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    y = l * np.float32(1 / 116)
    y += np.float32(16 / 116)
    relative = []
    for root in (y + a * np.float32(1 / 500), y, y - b * np.float32(1 / 200)):
        cubed = root * root
        cubed *= root
        dark = root <= LAB_KNEE_ROOT
        if dark.any():
            cubed[dark] = (root[dark] - LAB_OFFSET) / LAB_SLOPE
        relative.append(cubed)
    # nine multiplications in place are quicker here than one call of BLAS, and keep to this thread
    x, yy, z = relative
    out = np.empty((3, *l.shape), np.float32)
    part = np.empty_like(x)
    for row, (mx, my, mz) in zip(out, _MATRIX.astype(np.float32), strict=True):
        np.multiply(x, mx, out=row)
        row += np.multiply(yy, my, out=part)
        row += np.multiply(z, mz, out=part)
    return out


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
        rows = max(1, STRIP * 8 // (page.width * factor)) * factor
        pixels = np.concatenate([_reduce(pixels[strip], factor) for strip in _strips(page.height, rows)])
    lightness = page.space.lightness(pixels)
    box = (0.0, 0.0, page.width / factor, page.height / factor)
    small = Image.fromarray(lightness).resize((width, height), Image.Resampling.LANCZOS, box)
    return np.clip(np.asarray(small), 0.0, 100.0)


def _reduce(strip: NDArray[np.generic], factor: int) -> NDArray[np.generic]:
    """Average blocks of factor x factor pixels; the last ones may be smaller."""
    if strip.dtype == np.uint8:
        return np.asarray(Image.fromarray(strip).reduce(factor))
    rows, columns = (np.arange(0, size, factor) for size in strip.shape[:2])
    total = np.add.reduceat(np.add.reduceat(strip.astype(np.float32), rows, 0), columns, 1)
    counts = np.outer(*(np.diff([*starts, size]) for starts, size in zip((rows, columns), strip.shape[:2], strict=True)))
    mean = total / counts.reshape(*counts.shape, *[1] * (strip.ndim - 2))
    return (np.rint(mean) if strip.dtype.kind == "u" else mean).astype(strip.dtype)
