"""The quick way for 8-bit gray: a table of every gray level under every chroma that occurs.

Chroma changes slowly over a picture, so a few thousand a*b* cells of one unit occur in it. All 256 gray levels are
joined with each of them once, exactly and gamut-mapped, and a pixel is then one look-up. Lightness is that of the exact
way; a* and b* are within half a unit, which is what 8 bits of sRGB resolve.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from photochrom.image_io import Page
from photochrom.image_io.rows import are_parallel, are_rows, rows_array
from photochrom.recolor.lab_to_rgb import join
from photochrom.recolor.strips import for_strips, resize, strips

__all__ = ["recolor_gray8"]

#: chroma is looked up once for a block of pixels, at most this part of a cell of the predicted a*b*
BLOCKS_PER_CELL = 16
LEVELS = 256


def recolor_gray8(page: Page, ab: NDArray[np.float32], threads: int) -> NDArray[np.uint8]:
    """Give an 8-bit gray page the chroma of ``ab`` (2,h,w), which covers it edge to edge: (H,W,3) uint8.

    The result is a view of four bytes a pixel, the order Pillow keeps its pixels in, so that encoding copies nothing.
    Of rows, it is rows.
    """
    height, width = page.height, page.width
    block = max(1, min(height // ab.shape[1], width // ab.shape[2]) // BLOCKS_PER_CELL)
    cells, chroma = _find_cells(ab, (-(-width // block), -(-height // block)), threads)
    table = _table(page, chroma, threads)

    def read(top: int, bottom: int) -> NDArray[np.uint8]:
        pixels = page.pixels[top:bottom]
        out = np.empty(pixels.shape, np.uint32)

        def work(rows: slice) -> None:
            _look_up(table, cells, block, pixels[rows], top + rows.start, out[rows])

        # parts are asked for by threads of their own
        for_strips(work, strips(*out.shape), threads if len(out) == height else 1)
        return out.view(np.uint8).reshape(*out.shape, 4)[..., :3]

    if are_rows(page.pixels):
        return rows_array((height, width, 3), np.uint8, read, parallel=are_parallel(page.pixels))
    return read(0, height)


def _look_up(
    table: NDArray[np.uint32],
    cells: NDArray[np.int32],
    block: int,
    pixels: NDArray[np.uint8],
    top: int,
    out: NDArray[np.uint32],
) -> None:
    """Fills ``out`` (h,w) from the table, for rows of a page from ``top`` on."""
    start = top - top % block
    offsets = np.repeat(cells[start // block : -(-(top + len(pixels)) // block)], block, 1)[:, : pixels.shape[1]]
    index = np.empty(pixels.shape, np.intp)
    for number, offset in enumerate(offsets):
        first = max(start + number * block - top, 0)
        rows = slice(first, start + (number + 1) * block - top)
        np.add(pixels[rows], offset, out=index[rows])
    # one look-up of four bytes is quicker than three of one; the index is inside by construction
    np.take(table, index, mode="clip", out=out)


def _find_cells(
    ab: NDArray[np.float32], size: tuple[int, int], threads: int
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Where in the table each block of pixels starts, (rows,columns), and the chroma (2,n) the table is for."""

    def enlarge(plane: NDArray[np.float32]) -> NDArray[np.int16]:
        return np.rint(resize(plane, size)).astype(np.int16)

    with ThreadPoolExecutor(min(threads, 2)) as pool:
        a, b = pool.map(enlarge, ab)
    low_a, low_b = int(a.min()), int(b.min())
    span = int(b.max()) - low_b + 1
    code = (a - np.int16(low_a)).astype(np.int32)
    code *= span
    code += b - np.int16(low_b)
    occurs = np.zeros((int(a.max()) - low_a + 1) * span, bool)
    occurs[code] = True
    cells = np.flatnonzero(occurs)
    start = np.zeros(len(occurs), np.int32)
    start[cells] = np.arange(len(cells), dtype=np.int32) * LEVELS
    return start[code], np.stack([cells // span + low_a, cells % span + low_b]).astype(np.float32)


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
