"""Strips of rows, worked on by several threads."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["for_strips", "resize", "strips"]

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


def resize(plane: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    """Resample a plane (h,w) bicubically to ``size``, (width, height)."""
    return np.asarray(Image.fromarray(plane).resize(size, Image.Resampling.BICUBIC))
