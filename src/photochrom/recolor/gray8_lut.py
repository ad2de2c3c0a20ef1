"""The quick way for 8-bit gray: a table of every gray level under every chroma that occurs.

Chroma changes slowly over a picture, so a few thousand a*b* cells of one unit occur in it. All 256 gray levels are
joined with each of them once, exactly and gamut-mapped, and a pixel is then one look-up. Lightness is that of the exact
way; a* and b* are within half a unit, which is what 8 bits of sRGB resolve.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photochrom.image_io import Page
from photochrom.image_io.rows import are_parallel, are_rows, rows_array
from photochrom.recolor.lab_to_rgb import join
from photochrom.recolor.strips import for_strips, strips

__all__ = ["recolor_gray8"]

#: chroma is looked up once for a block of pixels, at most this part of a cell of the predicted a*b*
BLOCKS_PER_CELL = 16
LEVELS = 256


@dataclass(frozen=True, eq=False)
class _Lookup:
    """What a pixel is looked up by: its gray level, and the cell of a*b* that its block of pixels lies in.

    Attributes:
        block: rows and columns of a block, pixels.
        code: (rows,columns), the cell of each block.
        start: where in the table each cell starts, by its code.
        table: (n * 256,) RGB packed into 32 bits, of each cell with each gray level.
    """

    block: int
    code: NDArray[np.integer[Any]]
    start: NDArray[np.intp]
    table: NDArray[np.uint32]

    def fill(self, pixels: NDArray[np.uint8], top: int, out: NDArray[np.uint32]) -> None:
        """Fills ``out`` (h,w) for the pixels of a page from row ``top`` on."""
        block, (height, width) = self.block, pixels.shape
        first = top // block
        offsets = np.take(self.start, self.code[first : -(-(top + height) // block)], mode="clip")
        offsets = np.repeat(offsets, block, 1)[:, :width]
        index = np.empty(pixels.shape, np.intp)
        # the rows that stand at one place of their blocks, all at once
        for row in range(min(block, height)):
            these = slice(row, None, block)
            skipped = (top + row) // block - first
            count = -(-(height - row) // block)
            np.add(pixels[these], offsets[skipped : skipped + count], out=index[these])
        # one look-up of four bytes is quicker than three of one; the index is inside by construction
        np.take(self.table, index, mode="clip", out=out)


def recolor_gray8(page: Page, ab: NDArray[np.float32], threads: int) -> NDArray[np.uint8]:
    """Give an 8-bit gray page the chroma of ``ab`` (2,h,w), which covers it edge to edge: (H,W,3) uint8.

    The result is a view of four bytes a pixel, the order Pillow keeps its pixels in, so that encoding copies nothing.
    Of rows, it is rows.
    """
    height, width = page.height, page.width
    block = max(1, min(height // ab.shape[1], width // ab.shape[2]) // BLOCKS_PER_CELL)
    code, start, chroma = _find_cells(ab, (-(-width // block), -(-height // block)), threads)
    lookup = _Lookup(block, code, start, _table(page, chroma, threads))

    def read(top: int, bottom: int) -> NDArray[np.uint8]:
        pixels = page.pixels[top:bottom]
        out = np.empty(pixels.shape, np.uint32)
        # parts are asked for by threads of their own
        several = threads if len(out) == height else 1
        for_strips(
            lambda rows: lookup.fill(pixels[rows], top + rows.start, out[rows]), strips(len(out), width, block), several
        )
        return out.view(np.uint8).reshape(*out.shape, 4)[..., :3]

    if are_rows(page.pixels):
        return rows_array((height, width, 3), np.uint8, read, parallel=are_parallel(page.pixels))
    return read(0, height)


def _find_cells(
    ab: NDArray[np.float32], size: tuple[int, int], threads: int
) -> tuple[NDArray[np.integer[Any]], NDArray[np.intp], NDArray[np.float32]]:
    """The cell of each block of pixels (rows,columns), where in the table cells start, and their chroma (2,n)."""

    def enlarge(plane: NDArray[np.float32]) -> Any:
        return Image.fromarray(plane).resize(size, Image.Resampling.BICUBIC)

    with ThreadPoolExecutor(min(threads, 2)) as pool:
        a, b = pool.map(enlarge, ab)
    (low_a, high_a), (low_b, high_b) = (map(round, plane.getextrema()) for plane in (a, b))
    span = high_b - low_b + 1
    occurs = np.zeros((high_a - low_a + 1) * span, bool)
    code = np.empty(size[::-1], np.uint16 if len(occurs) <= 1 << 16 else np.int32)

    def work(rows: slice) -> None:
        # what arises on the way stays in the processor's cache
        box = (0, rows.start, size[0], rows.stop)
        part = np.rint(np.asarray(a.crop(box)))
        part -= low_a
        part *= span
        part += np.rint(np.asarray(b.crop(box)))
        part -= low_b
        code[rows] = part
        occurs[np.flatnonzero(np.bincount(code[rows].ravel()))] = True

    for_strips(work, strips(*code.shape), threads)
    cells = np.flatnonzero(occurs)
    start = np.zeros(len(occurs), np.intp)
    start[cells] = np.arange(len(cells)) * LEVELS
    return code, start, np.stack([cells // span + low_a, cells % span + low_b]).astype(np.float32)


def _table(page: Page, chroma: NDArray[np.float32], threads: int) -> NDArray[np.uint32]:
    """Encoded RGB, packed into 32 bits, of each chroma (2,n) with each gray level: (n * 256,)."""
    levels = page.space.lightness(np.arange(LEVELS, dtype=np.uint8)[None])
    table = np.zeros((chroma.shape[1], LEVELS, 4), np.uint8)

    def work(rows: slice) -> None:
        shape = (chroma[:, rows].shape[1], LEVELS)
        planes = (np.broadcast_to(plane, shape) for plane in (levels, *chroma[:, rows, None]))
        table[rows, :, :3] = page.space.encode(join(*(np.ascontiguousarray(plane) for plane in planes)), np.uint8)

    # one piece a thread: there is little to do, and threads that take turns often wait for each other
    rows = -(-len(table) // threads)
    for_strips(work, [slice(top, top + rows) for top in range(0, len(table), rows)], threads)
    return table.view(np.uint32).ravel()
