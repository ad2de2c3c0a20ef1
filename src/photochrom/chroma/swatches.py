"""The quick way for 8-bit gray: a table of every gray level under every chroma that occurs.

Chroma changes slowly over a picture, so a few thousand a*b* cells of one unit occur in it. All 256 gray levels are
joined with each of them once, exactly and gamut-mapped, and a pixel is then one look-up. Lightness is that of the exact
way; a* and b* are within half a unit, which is what 8 bits of sRGB resolve.
"""

import numpy as np
from numpy.typing import NDArray

from photochrom.chroma.join import join
from photochrom.chroma.strips import for_strips, resize, strips
from photochrom.picture import Page

__all__ = ["recolor_gray8"]

#: chroma is looked up once for a block of pixels, at most this part of a cell of the predicted a*b*
BLOCKS_PER_CELL = 16
LEVELS = 256


def recolor_gray8(page: Page, ab: NDArray[np.float32], threads: int) -> NDArray[np.uint8]:
    """Give an 8-bit gray page the chroma of ``ab`` (2,h,w), which covers it edge to edge: (H,W,3) uint8."""
    height, width = page.height, page.width
    block = max(1, min(height // ab.shape[1], width // ab.shape[2]) // BLOCKS_PER_CELL)
    size = -(-width // block), -(-height // block)
    cells = [np.rint(resize(plane, size)).astype(np.int32) for plane in ab]
    low = [int(plane.min()) for plane in cells]
    span = int(cells[1].max()) - low[1] + 1
    code = (cells[0] - low[0]) * span + (cells[1] - low[1])
    occurs = np.flatnonzero(np.bincount(code.ravel()))
    chroma = np.stack([occurs // span + low[0], occurs % span + low[1]]).astype(np.float32)
    table = _table(page, chroma, threads)
    start = np.zeros(int(occurs[-1]) + 1, np.int32)
    start[occurs] = np.arange(len(occurs), dtype=np.int32) * LEVELS
    code = start[code]
    out = np.empty((height, width, 3), np.uint8)

    def work(rows: slice) -> None:
        pixels = page.pixels[rows]
        offset = code[rows.start // block : -(-rows.stop // block)]
        index = np.repeat(np.repeat(offset, block, 1)[:, :width], block, 0)[: len(pixels)].astype(np.intp)
        index += pixels
        # one look-up of four bytes is quicker than three of one; the index is inside by construction
        packed = np.take(table, index, mode="clip").view(np.uint8).reshape(*pixels.shape, 4)
        for channel in range(3):
            out[rows, :, channel] = packed[..., channel]

    for_strips(work, strips(height, width, block), threads)
    return out


def _table(page: Page, chroma: NDArray[np.float32], threads: int) -> NDArray[np.uint32]:
    """Encoded RGB, packed into 32 bits, of each chroma (2,n) with each gray level: (n * 256,)."""
    levels = page.space.lightness(np.arange(LEVELS, dtype=np.uint8)[None])
    table = np.zeros((chroma.shape[1], LEVELS, 4), np.uint8)

    def work(rows: slice) -> None:
        shape = (rows.stop - rows.start, LEVELS)
        planes = (np.broadcast_to(plane, shape) for plane in (levels, *chroma[:, rows, None]))
        table[rows, :, :3] = page.space.encode(join(*(np.ascontiguousarray(plane) for plane in planes)), np.uint8)

    for_strips(work, strips(len(table), LEVELS), threads)
    return table.view(np.uint32).ravel()
