"""Pixels that are not in memory: rows are read, or made, when they are asked for.

So a scan may be of any size, and what is encoded part by part is never in memory as a whole.
"""

from collections.abc import Callable
from typing import Any, cast

import numpy as np
from numpy.typing import DTypeLike, NDArray

__all__ = ["LARGE", "RowArray", "are_parallel", "are_rows", "rows_array", "rows_of"]

#: pictures of as many pixels are worked on by rows where their form allows it
LARGE = 50_000_000


class RowArray:
    """Stands for an array whose rows are made anew at each look: ``array[top:bottom]`` gives them.

    Any other use makes the whole of it, as the array that it stands for.

    Args:
        shape: of the array.
        dtype: of the array.
        read: returns rows ``top`` to ``bottom``.
        parallel: whether several threads may ask at once, and rows in any order cost no more.
    """

    #: as of an array that has memory of its own
    base = None

    def __init__(
        self,
        shape: tuple[int, ...],
        dtype: DTypeLike,
        read: Callable[[int, int], NDArray[Any]],
        *,
        parallel: bool = False,
    ) -> None:
        self.shape, self.dtype, self._read, self.parallel = shape, np.dtype(dtype), read, parallel

    @property
    def ndim(self) -> int:
        """Returns the number of axes."""
        return len(self.shape)

    @property
    def itemsize(self) -> int:
        """Returns the bytes of a value."""
        return self.dtype.itemsize

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: Any) -> NDArray[Any]:
        if not isinstance(key, slice):
            return cast("NDArray[Any]", self.__array__()[key])
        top, bottom, step = key.indices(len(self))
        return self._read(top, max(top, bottom)) if step == 1 else self.__array__()[key]

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        whole = self._read(0, len(self))
        return whole if dtype is None else whole.astype(dtype)


def rows_array(
    shape: tuple[int, ...], dtype: DTypeLike, read: Callable[[int, int], NDArray[Any]], *, parallel: bool = False
) -> NDArray[Any]:
    """Returns a :class:`RowArray` under the type that it stands for."""
    return cast("NDArray[Any]", RowArray(shape, dtype, read, parallel=parallel))


def rows_of(pixels: NDArray[Any]) -> NDArray[Any]:
    """Returns pixels in memory as a :class:`RowArray`: what is made of them is then made by rows too."""
    return rows_array(pixels.shape, pixels.dtype, lambda top, bottom: pixels[top:bottom], parallel=True)


def are_rows(pixels: Any) -> bool:
    """Tells whether pixels are not in memory."""
    return isinstance(pixels, RowArray)


def are_parallel(pixels: Any) -> bool:
    """Tells whether several threads may ask for rows at once: of pixels in memory, or made of such."""
    return not isinstance(pixels, RowArray) or pixels.parallel
