"""Hints drawn from the truth: in how many photos, how many, how large (after Zhang et al., SIGGRAPH 2017)."""

import numpy as np
from numpy.typing import NDArray

from photochrom.training.augment.recolor_objects import recolor
from photochrom.training.schema import HintOptions

__all__ = ["draw_hints"]

#: things recoloured in one photo at most
THINGS = 3


def draw_hints(
    ab: NDArray[np.float32], lightness: NDArray[np.float32], options: HintOptions, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Reveals patches of a photo's colour, some of them after the thing there was given another.

    Args:
        ab: (2,h,w) a*b* at the network's output cells.
        lightness: (h,w) L* of those.
        options: how often and how much.
        rng: all chance comes from here.

    Returns:
        (3,h,w) float32: each patch's mean a*b*, and 1 in the mask where there is one; 0 elsewhere. And (2,h,w), the
        colours they are hints of.
    """
    _, height, width = ab.shape
    hints = np.zeros((3, height, width), np.float32)
    if rng.random() >= options.probability:
        return hints, ab
    many = rng.random() >= options.geometric_probability
    count = int(rng.integers(20, 160)) if many else int(rng.geometric(1.0 / options.mean_count))
    patches = []
    for _ in range(count):
        side = min(int(rng.integers(1, options.max_patch_size + 1)), height, width)
        top, left = int(rng.integers(0, height - side + 1)), int(rng.integers(0, width - side + 1))
        patches.append(np.s_[:, top : top + side, left : left + side])
    if options.recolored and rng.random() < 1.0 / (1.0 + count / options.recolored):
        for _, rows, columns in patches[: int(rng.integers(1, THINGS + 1))]:
            middle = (rows.start + rows.stop) // 2, (columns.start + columns.stop) // 2
            ab = recolor(ab, lightness, middle, rng)
    for patch in patches:
        hints[:2][patch] = ab[patch].mean((1, 2), keepdims=True)
        hints[2:][patch] = 1.0
    return hints, ab
