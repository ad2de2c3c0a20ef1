"""Hands out a film shot by shot while its frames still come: a cut is known a few frames after it has been seen."""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from photochrom.video.temporal.shot_detection import SETTLED, CutFinder
from photochrom.video.temporal.shot_view import ShotView

__all__ = ["ShotSplitter"]

Item = TypeVar("Item")


class ShotSplitter(Generic[Item]):
    """Splits frames into shots.

    Args:
        frames: in order, each with its L* (h,w), float32, 0..100, of the size that
            :func:`photochrom.video.temporal.shot_detection.cut_size` gives, and the view it is coloured by; read a few
            frames ahead.

    Attributes:
        taken: the frames whose views were handed out, for the caller to take off.
        cuts: first frames of all shots but the first, so far.
    """

    def __init__(self, frames: Iterable[tuple[Item, NDArray[np.float32], ShotView]]) -> None:
        self._frames = iter(frames)
        self._finder = CutFinder()
        self._ahead: deque[tuple[Item, ShotView]] = deque()
        self._given = 0
        self._finished = False
        self.taken: deque[Item] = deque()

    @property
    def cuts(self) -> list[int]:
        """Returns the first frames of all shots but the first, as far as they are known."""
        return self._finder.cuts

    def has_more(self) -> bool:
        """Returns whether a frame is left."""
        self._fill()
        return bool(self._ahead)

    def next_shot(self) -> Iterator[ShotView]:
        """Yields the views of the next shot."""
        first = self._given
        while self.has_more() and (self._given == first or self._given not in self._finder.cuts):
            item, view = self._ahead.popleft()
            self.taken.append(item)
            self._given += 1
            yield view

    def _fill(self) -> None:
        while not self._finished and len(self._ahead) <= SETTLED:
            found = next(self._frames, None)
            if found is None:
                self._finished = True
                self._finder.finish()
                return
            item, small, view = found
            self._finder.feed(small)
            self._ahead.append((item, view))
