"""Finds the hard cuts of a film.

A cut is a frame in which nothing of the frame before can be followed: no motion leads there and back, at any exposure.
Two things look like a cut and are not: a flash, after which the picture of before comes back, and a whip of the camera,
where frame after frame is lost. Fades and dissolves lose a little at a time and never all, so they are not cuts.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from photochrom.video.temporal.optical_flow import find_motion, is_nearly_still

__all__ = ["SETTLED", "CutFinder", "cut_size"]

#: a decision about frame n has fallen when frame n + SETTLED has been fed
SETTLED = 6
#: L* by which a flash, or a black frame, leaves the brightness around it, at least
_FLASH = 8.0
#: and keeps this part of its contrast, at most
_WASHED_OUT = 0.6
#: as many frames lost one after the other are a whip of the camera
_WHIP = 3

#: short side of what the finder of cuts sees, pixels
_SIDE = 64
#: and the least of any side
_LEAST = 8

View = NDArray[np.float32]


def cut_size(height: int, width: int) -> tuple[int, int]:
    """Returns height and width, pixels, of what the finder of cuts sees of a frame of this size."""
    scale = _SIDE / min(height, width)
    return max(_LEAST, round(height * scale)), max(_LEAST, round(width * scale))


@dataclass
class _CandidateCut:
    """A frame that may be a cut, and what has come since."""

    first: int
    before: View
    lost: list[int]
    since: list[View] = field(default_factory=list)


class CutFinder:
    """Finds hard cuts as frames come; a decision lags by :data:`SETTLED` frames.

    Attributes:
        cuts: first frames of new shots, ascending, 0 not among them; complete after :meth:`finish`.
    """

    def __init__(self) -> None:
        self.cuts: list[int] = []
        self._count = 0
        self._recent: deque[View] = deque(maxlen=SETTLED)
        self._candidate: _CandidateCut | None = None

    def feed(self, view: View) -> None:
        """Takes the next frame.

        Args:
            view: (h,w) float32, L* 0..100, of the same size each time; a short side of 64 pixels is enough.
        """
        number, recent = self._count, list(self._recent)
        self._count += 1
        self._recent.append(view)
        lost = bool(recent) and not is_nearly_still(recent[-1], view) and find_motion(recent[-1], view).lost
        if self._candidate is None:
            # going into a flash may pass for a change of exposure; then only the way out of it is lost
            if not lost or any(_has_returned(before, recent[at + 1 :], view) for at, before in enumerate(recent)):
                return
            self._candidate = _CandidateCut(number, recent[-1], [])
        candidate = self._candidate
        if lost:
            candidate.lost.append(number)
        if _has_returned(candidate.before, candidate.since, view):
            self._candidate = None
        elif number - candidate.first >= SETTLED:
            self.finish()
        candidate.since.append(view)

    def finish(self) -> None:
        """Decides about the last frames: no other follows."""
        if self._candidate is not None:
            # frames of one run differ from their place in it by the same number
            for _, run in groupby(enumerate(self._candidate.lost), lambda entry: entry[1] - entry[0]):
                frames = [number for _, number in run]
                if len(frames) < _WHIP:
                    self.cuts += frames
        self._candidate = None


def _has_returned(before: View, between: Sequence[View], now: View) -> bool:
    """Returns whether a picture is there again, after frames washed out by light or by darkness."""
    level, contrast = float(before.mean()), float(before.std())
    washed_out = [view for view in between if view.std() < contrast * _WASHED_OUT]
    away = max((abs(float(view.mean()) - level) for view in washed_out), default=0.0)
    return away > _FLASH and abs(float(now.mean()) - level) < away / 2 and not find_motion(before, now).lost
