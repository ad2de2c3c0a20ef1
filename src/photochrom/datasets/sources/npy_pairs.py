"""The NPY pairs of Kaggle's *Image Colorization* set: lightness in one file, a*b* in several, memory-mapped."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photochrom.datasets.sources.fingerprint import Stamp, stamp_file
from photochrom.errors import DataError

__all__ = ["LIGHTNESS", "Pairs"]

LIGHTNESS = "gray_scale.npy"
PART = re.compile(r"ab(\d+)\.npy")


class Pairs:
    """``gray_scale.npy`` (N,H,W) with ``ab1.npy``, ``ab2.npy``... (n,H,W,2) of together N, all uint8, below one folder.

    The values are OpenCV's 8-bit Lab: L* scaled from 0..100 to 0..255, a* and b* with 128 added. They are handed on as
    they are, never by way of an encoded picture.

    Raises:
        DataError: a file is missing, cut, of another type, or does not match the others.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        parts = sorted((int(found[1]), path) for path in root.rglob("ab*.npy") if (found := PART.fullmatch(path.name)))
        grays = sorted(root.rglob(LIGHTNESS))
        if len(grays) != 1 or not parts:
            raise DataError("dataset.pairs_incomplete", path=root, lightness=len(grays), parts=len(parts))
        numbers = [number for number, _ in parts]
        if numbers != list(range(1, len(parts) + 1)):
            absent = next(number for number in range(1, max(numbers) + 1) if numbers.count(number) != 1)
            raise DataError("dataset.pairs_part_missing", path=root, number=absent)
        self._paths = [grays[0], *(path for _, path in parts)]
        self._maps: list[NDArray[np.uint8]] | None = None
        maps = [_map(self._paths[0], planes=1), *(_map(path, planes=2) for path in self._paths[1:])]
        gray, *chroma = maps
        for path, part in zip(self._paths[1:], chroma, strict=True):
            if part.shape[1:3] != gray.shape[1:]:
                sizes = ["x".join(map(str, shape)) for shape in (part.shape[1:3], gray.shape[1:])]
                raise DataError("dataset.pairs_sizes_differ", path=path, size=sizes[0], lightness=sizes[1])
        self._starts = np.cumsum([0] + [len(part) for part in chroma])
        if self._starts[-1] != len(gray):
            raise DataError("dataset.pairs_counts_differ", path=root, lightness=len(gray), colors=int(self._starts[-1]))
        if not len(gray) or min(gray.shape[1:]) < 8:
            raise DataError("dataset.pairs_too_small", path=self._paths[0])

    def __len__(self) -> int:
        return int(self._starts[-1])

    def __getstate__(self) -> dict[str, Any]:
        # a map would be pickled as what it maps
        return {**self.__dict__, "_maps": None}

    def name(self, index: int) -> str:
        """Returns the lightness file and the photo's number in it."""
        return f"{self._paths[0]}, photo {index}"

    def source(self, index: int) -> str:
        """Returns the name of the set's folder."""
        return self._root.resolve().name

    def read(self, index: int) -> NDArray[np.uint8]:
        """Returns the photo in 8-bit Lab, (H,W,3) uint8.

        Raises:
            DataError: the files have been changed since they were opened.
        """
        if self._maps is None:
            self._maps = [_map(path, planes=1 if number == 0 else 2) for number, path in enumerate(self._paths)]
        gray, *chroma = self._maps
        part = int(np.searchsorted(self._starts, index, "right")) - 1
        return np.dstack([gray[index], chroma[part][index - int(self._starts[part])]])

    def stamps(self) -> Iterator[Stamp]:
        """Returns one of each file."""
        return map(stamp_file, self._paths)


def _map(path: Path, *, planes: int) -> NDArray[np.uint8]:
    shape = "(N,H,W)" if planes == 1 else "(N,H,W,2)"
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (Exception, MemoryError) as error:  # a header is Python text, and numpy raises whatever its parser does
        raise DataError("dataset.not_npy", path=path) from error
    dimensions = 3 if planes == 1 else 4
    if array.dtype != np.uint8 or array.ndim != dimensions or (planes == 2 and array.shape[3] != 2):
        found = f"{array.dtype} {tuple(array.shape)}"
        raise DataError("dataset.pairs_wrong_type", path=path, found=found, expected=f"uint8 {shape}")
    if path.stat().st_size != array.offset + array.nbytes:
        raise DataError("dataset.pairs_too_long", path=path)
    mapped: NDArray[np.uint8] = array
    return mapped
