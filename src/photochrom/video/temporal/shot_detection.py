"""Finds the hard cuts of a film.

A cut is a frame in which nothing of the frame before can be followed: no motion leads there and back, at any exposure.
What looks so and is none: a flash, after which the picture of before comes back, and a whip of the camera, where frame
after frame is lost. Fades and dissolves lose a little at a time and never all, so they are no cuts.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from photochrom.video.temporal.optical_flow import find_motion

__all__ = ["SETTLED", "CutFinder"]

#: a decision about frame n has fallen when frame n + SETTLED has been fed
SETTLED = 6
#: L* by which a flash, or a black frame, leaves the brightness around it, at least
_FLASH = 8.0
#: and keeps this part of its contrast, at most
_WASHED_OUT = 0.6
#: as many frames lost one after the other are a whip of the camera
_WHIP = 3

View = NDArray[np.float32]


@dataclass
class _Doubt:
    """A frame lost, and what has come since."""

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
        self._doubt: _Doubt | None = None

    def feed(self, view: View) -> None:
        """Take the next frame.

        Args:
            view: (h,w) float32, L* 0..100, of the same size each time; a short side of 64 pixels is enough.
        """
        number, recent = self._count, list(self._recent)
        self._count += 1
        self._recent.append(view)
        lost = bool(recent) and find_motion(recent[-1], view).lost
        if self._doubt is None:
            # going into a flash may pass for a change of exposure; then only the way out of it is lost
            if not lost or any(_is_back(before, recent[at + 1 :], view) for at, before in enumerate(recent)):
                return
            self._doubt = _Doubt(number, recent[-1], [])
        doubt = self._doubt
        if lost:
            doubt.lost.append(number)
        if _is_back(doubt.before, doubt.since, view):
            self._doubt = None
        elif number - doubt.first >= SETTLED:
            self.finish()
        doubt.since.append(view)

    def finish(self) -> None:
        """No frame follows: decide about the last ones."""
        if self._doubt is not None:
            # frames of one run differ from their place in it by the same number
            for _, run in groupby(enumerate(self._doubt.lost), lambda entry: entry[1] - entry[0]):
                frames = [number for _, number in run]
                if len(frames) < _WHIP:
                    self.cuts += frames
        self._doubt = None


def _is_back(before: View, between: Sequence[View], now: View) -> bool:
    """Whether a picture is there again, after frames washed out by light or by darkness."""
    level, contrast = float(before.mean()), float(before.std())
    washed_out = [view for view in between if view.std() < contrast * _WASHED_OUT]
    away = max((abs(float(view.mean()) - level) for view in washed_out), default=0.0)
    return away > _FLASH and abs(float(now.mean()) - level) < away / 2 and not find_motion(before, now).lost
