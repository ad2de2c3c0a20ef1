"""Hints drawn from the truth: in how many photos, how many, how large (after Zhang et al., SIGGRAPH 2017)."""

import numpy as np
from numpy.typing import NDArray

from photochrom.data.options import HintOptions

__all__ = ["draw_hints"]


def draw_hints(ab: NDArray[np.float32], options: HintOptions, rng: np.random.Generator) -> NDArray[np.float32]:
    """Reveal patches of a photo's colour.

    Args:
        ab: (2,h,w) a*b* at the network's output cells.
        options: how often and how much.
        rng: all chance comes from here.

    Returns:
        (3,h,w) float32: each patch's mean a*b*, and 1 in the mask where there is one; 0 elsewhere.
    """
    _, height, width = ab.shape
    hints = np.zeros((3, height, width), np.float32)
    if rng.random() >= options.share:
        return hints
    many = rng.random() >= options.few
    count = int(rng.integers(20, 160)) if many else int(rng.geometric(1.0 / options.mean))
    for _ in range(count):
        side = min(int(rng.integers(1, options.largest + 1)), height, width)
        top, left = int(rng.integers(0, height - side + 1)), int(rng.integers(0, width - side + 1))
        patch = np.s_[top : top + side, left : left + side]
        hints[:2, patch[0], patch[1]] = ab[:, patch[0], patch[1]].mean((1, 2), keepdims=True)
        hints[2, patch[0], patch[1]] = 1.0
    return hints
