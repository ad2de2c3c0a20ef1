"""Hints held through a shot: each follows what it was put on, until that leaves the frame or is hidden."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from photochrom.video.temporal.frame_hint import FrameHint
from photochrom.video.temporal.optical_flow import Motion, find_motion

__all__ = ["follow_hints", "hints_at", "locate_hints", "trace_hints_back"]

#: a hint on a place whose motion is believed less has lost what it was on
_LEAST_BELIEF = 0.3

#: frames that a hint is followed back at most; a minute, in memory no more than fifty photos
_FURTHEST = 1500

#: hints begin at every so many-th frame of a shot, for each new one makes the network look
_EVERY = 8

Places = NDArray[np.float32]


def locate_hints(hints: Sequence[FrameHint]) -> Places:
    """Returns where hints are on their own frames: (n,3) float32, x, y (0..1) and whether still held (1 or 0)."""
    return np.array([(hint.x, hint.y, 1.0) for hint in hints], np.float32).reshape(-1, 3)


def follow_hints(places: Places, motion: Motion, hints: Sequence[FrameHint], frame: int) -> Places:
    """Returns where hints are on a frame, from where they were on the one before; ``motion`` is between the two."""
    height, width = motion.lasting.shape
    moved = places.copy()
    for place, hint in zip(moved, hints, strict=True):
        if hint.frame >= frame or not place[2]:
            continue
        row, column = min(int(place[1] * height), height - 1), min(int(place[0] * width), width - 1)
        place[:2] += motion.ahead[row, column] / np.array([width, height], np.float32)
        inside = 0 <= place[0] <= 1 and 0 <= place[1] <= 1
        place[2] = inside and motion.lasting[row, column] >= _LEAST_BELIEF
    return moved


def hints_at(hints: Sequence[FrameHint], places: Places, frame: int) -> list[FrameHint]:
    """Returns the hints that are in force on a frame, at their places there."""
    return [
        replace(hint, x=float(np.clip(x, 0, 1)), y=float(np.clip(y, 0, 1)))
        for hint, (x, y, still) in zip(hints, places, strict=True)
        if still and hint.frame <= frame
    ]


def trace_hints_back(views: Iterable[NDArray[np.float32]], hints: Sequence[FrameHint]) -> tuple[FrameHint, ...]:
    """Gives hints to the frames before theirs as well, so that they hold through the whole shot.

    Args:
        views: (h,w) float32, L* 0..100, of the shot from its first frame on, of one size; a short side of 64 pixels is
            enough. They are read up to the last frame that has a hint.
        hints: of the shot.

    Returns:
        The hints, and before them, for each that can be followed back, a copy of it on the earliest frame it comes to,
        of every eighth.
    """
    early = []
    last = max((hint.frame for hint in hints), default=0)
    steps: deque[tuple[NDArray[np.float16], NDArray[np.bool_]]] = deque(maxlen=_FURTHEST)
    for number, pair in enumerate(pairwise(views), 1):
        if number > last:
            break
        motion = find_motion(*pair)
        steps.append((motion.back.astype(np.float16), motion.kept >= _LEAST_BELIEF))
        early += [_find_earliest(hint, steps) for hint in hints if hint.frame == number]
    moved = [hint for hint in early if hint is not None]
    return (*moved, *hints)


def _find_earliest(hint: FrameHint, steps: Sequence[tuple[NDArray[np.float16], NDArray[np.bool_]]]) -> FrameHint | None:
    x, y, frame = hint.x, hint.y, hint.frame
    earliest = None
    for back, kept in reversed(steps):
        height, width = kept.shape
        cell = min(int(y * height), height - 1), min(int(x * width), width - 1)
        before = x + float(back[cell][0]) / width, y + float(back[cell][1]) / height
        if not kept[cell] or not (0 <= before[0] <= 1 and 0 <= before[1] <= 1):
            break
        (x, y), frame = before, frame - 1
        if frame % _EVERY == 0:
            earliest = replace(hint, frame=frame, x=x, y=y)
    return earliest
