"""Reads a page by rows through OpenImageIO, forward, and from the start again where rows before are wanted."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photochrom.image_io.rows import rows_array

__all__ = ["open_rows"]

#: bytes read at a time when all is looked at
_LOOK = 1 << 23


class _Reader:
    """Reads rows (h,W,C) of one page, as stored; keeps those it read last, for the next rows often begin among them."""

    def __init__(self, open_file: Callable[[], Any], index: int) -> None:
        self._source = open_file()
        self._index = index
        self.spec = self._source.spec(index)
        self._tile = self.spec.tile_height
        self._kept = self._fetch(0, 1)
        self._top = 0

    def read(self, top: int, bottom: int) -> NDArray[Any]:
        start, stop = self._top, self._top + len(self._kept)
        if start <= top < stop < bottom:
            rows = np.concatenate([self._kept[top - start :], self._fetch(stop, bottom)])
        elif start <= top and bottom <= stop:
            return self._kept[top - start : bottom - start]
        else:
            rows = self._fetch(top, bottom)
        self._top, self._kept = top, rows
        return rows

    def _fetch(self, top: int, bottom: int) -> NDArray[Any]:
        spec = self.spec
        if self._tile:
            above, below = top // self._tile * self._tile, min(-(-bottom // self._tile) * self._tile, spec.height)
            region = (0, spec.width, above, below, 0, 1)
            rows = self._source.read_tiles(self._index, 0, *region, 0, spec.nchannels, spec.format)
        else:
            above, below = top, bottom
            rows = self._source.read_scanlines(self._index, 0, top, bottom, 0, 0, spec.nchannels, spec.format)
        if rows is None or self._source.has_error:
            raise ValueError(self._source.geterror())
        whole = np.asarray(rows).reshape(below - above, spec.width, spec.nchannels)
        return whole[top - above : bottom - above]


def open_rows(
    open_file: Callable[[], Any],
    index: int,
    shape: tuple[int, int, int],
    convert: Callable[[NDArray[Any]], NDArray[Any]],
) -> NDArray[Any] | None:
    """Returns the pixels of a page by rows, (H,W) or (H,W,3), after one look at all of them.

    Args:
        open_file: opens the file with OpenImageIO.
        index: of the page.
        shape: height, width and channels that it must have.
        convert: makes pixels of stored rows (h,W,C).

    Returns:
        None where anything is not as expected: what is wrong is then for the reader of whole pages to say.
    """
    try:
        reader = _Reader(open_file, index)
        spec = reader.spec
        dtype = np.dtype(str(spec.format))
        if (spec.height, spec.width, spec.nchannels) != shape or dtype not in (np.uint8, np.uint16):
            return None
        step = max(1, _LOOK // (shape[1] * shape[2] * dtype.itemsize))
        for top in range(0, shape[0], step):
            reader.read(top, min(top + step, shape[0]))
    except Exception:  # whatever it is, the other reader meets it too, and names it
        return None

    def read(top: int, bottom: int) -> NDArray[Any]:
        rows = convert(reader.read(top, bottom))
        return rows[..., 0] if shape[2] == 1 else rows

    return rows_array(shape[:2] if shape[2] == 1 else shape, dtype, read)
