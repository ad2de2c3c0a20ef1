"""Strips of rows, worked on by several threads."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray
from PIL import Image

from photochrom.image_io.rows import are_rows, rows_array

__all__ = ["fill_strips", "for_strips", "resize", "resize_planes", "strips"]

#: pixels in a strip: enough that threads seldom wait for the interpreter, about 15 MB of float planes each
STRIP = 1 << 18


def strips(height: int, width: int, multiple: int = 1) -> list[slice]:
    """Cut rows 0..height into strips of about STRIP pixels, each a multiple of some number of rows but the last."""
    rows = max(1, STRIP // (width * multiple)) * multiple
    return [slice(top, min(top + rows, height)) for top in range(0, height, rows)]


def for_strips(work: Callable[[slice], None], pieces: list[slice], threads: int) -> None:
    """Call ``work`` on every strip, on so many threads; the first error of any comes out."""
    if threads > 1 and len(pieces) > 1:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(work, pieces))
    else:
        for piece in pieces:
            work(piece)


def fill_strips(
    shape: tuple[int, ...],
    source: NDArray[Any],
    pieces: list[slice],
    work: Callable[[slice, NDArray[Any], NDArray[Any]], None],
    threads: int,
    dtype: DTypeLike,
) -> NDArray[Any]:
    """Returns an array that ``work`` has filled strip by strip, or where the source is not in memory, one that it will.

    Args:
        shape: of the array.
        source: pixels of as many rows, which may be a :class:`~photochrom.image_io.rows.RowArray`.
        pieces: the strips, all of one height but the last.
        work: fills a strip: gets its rows, those of the source, and those to fill.
        threads: strips worked on at once.
        dtype: of the array.
    """

    def fill(parts: list[slice]) -> NDArray[Any]:
        top = parts[0].start
        pixels = source[top : parts[-1].stop]
        out = np.empty((len(pixels), *shape[1:]), dtype)
        for_strips(
            lambda rows: work(
                rows, pixels[rows.start - top : rows.stop - top], out[rows.start - top : rows.stop - top]
            ),
            parts,
            threads,
        )
        return out

    if not are_rows(source):
        return fill(pieces)

    def read(top: int, bottom: int) -> NDArray[Any]:
        first = top // pieces[0].stop
        parts = pieces[first : -(-bottom // pieces[0].stop)]
        if not parts:
            return np.empty((0, *shape[1:]), dtype)
        return fill(parts)[top - parts[0].start : bottom - parts[0].start]

    return rows_array(shape, dtype, read)


def resize(plane: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    """Resample a plane (h,w) bicubically to ``size``, (width, height)."""
    return np.asarray(Image.fromarray(plane).resize(size, Image.Resampling.BICUBIC))


def resize_planes(planes: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    """Resample each plane of (C,h,w) as :func:`resize` does."""
    return np.stack([resize(np.ascontiguousarray(plane), size) for plane in planes])
