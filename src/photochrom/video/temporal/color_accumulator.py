"""Votes: what the network said about the things in a frame, now and at other times, weighed and carried along motion.

Votes are (h,w,3) float32 on the grid of the network's output: sums of weight times a*, of weight times b*, and of the
weight itself, so that adding, carrying and fading them are the plain operations on arrays.
"""

import numpy as np
from numpy.typing import NDArray

from photochrom.system.opencv import load_cv2
from photochrom.video.temporal.optical_flow import carry

__all__ = ["cast", "count", "pass_on"]

Plane = NDArray[np.float32]

#: less weight than this, and a cell's neighbours have a say in its colour
_ENOUGH = 0.03


def cast(ab: Plane, weight: Plane) -> Plane:
    """Votes of weight (h,w) for the colours ``ab`` (2,h,w)."""
    return np.stack([ab[0] * weight, ab[1] * weight, weight], axis=-1)


def pass_on(votes: Plane, flow: Plane, belief: Plane, fading: float) -> Plane:
    """Carry votes to the next frame.

    Args:
        votes: of the frame ``flow`` points into.
        flow: (h,w,2), cells, from the frame they are carried to.
        belief: (h,w) 0..1, how far the flow is believed.
        fading: factor on all weights.
    """
    return carry(votes, flow) * (belief * np.float32(fading))[..., None]


def count(votes: Plane) -> Plane:
    """The colours (2,h,w) voted for; where hardly any vote is, those of the surroundings.

    Cells without votes are filled from coarser and coarser averages (pull and push; Gortler et al., *The Lumigraph*,
    SIGGRAPH 1996). A cell of weight 1 or more is the mean of its own votes.
    """
    cv2 = load_cv2()
    levels = [votes]
    while max(levels[-1].shape[:2]) > 1:
        height, width = ((side + 1) // 2 for side in levels[-1].shape[:2])
        levels.append(cv2.resize(levels[-1], (width, height), interpolation=cv2.INTER_AREA).reshape(height, width, 3))
    colors = levels[-1][..., :2] / np.maximum(levels[-1][..., 2:], 1e-9)
    for level in reversed(levels[:-1]):
        height, width = level.shape[:2]
        around = cv2.resize(colors, (width, height), interpolation=cv2.INTER_LINEAR).reshape(height, width, 2)
        lacking = _ENOUGH * np.clip(1.0 - level[..., 2:], 0.0, 1.0)
        colors = (level[..., :2] + lacking * around) / (level[..., 2:] + lacking)
    return np.ascontiguousarray(np.moveaxis(colors, -1, 0))
