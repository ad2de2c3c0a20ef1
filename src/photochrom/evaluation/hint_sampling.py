"""Hints drawn from the truth, to measure what a network makes of them."""

import zlib

import numpy as np

from photochrom.color.conversion import fit_gamut, lab_to_srgb
from photochrom.evaluation.inputs.protocol import Pixels
from photochrom.evaluation.metrics.planes import srgb8_to_lab
from photochrom.hints import Hint

__all__ = ["PATCH", "draw_hints"]

#: side of the patches whose mean colour is revealed, pixels
PATCH = 7


def draw_hints(truth: Pixels, count: int, *, seed: int, photo: str) -> list[Hint]:
    """Returns hints at random places of a photo, each the mean colour of 7x7 pixels.

    After Zhang, Zhu, Isola et al., *Real-time user-guided image colorization with learned deep priors* (SIGGRAPH 2017),
    who reveal the means of patches at uniformly random places.

    Args:
        truth: (H,W,3) uint8 sRGB.
        count: how many.
        seed: together with ``photo`` and ``count`` it settles the places.
        photo: the photo's id.
    """
    chance = np.random.default_rng([seed, zlib.crc32(photo.encode()), count])
    height, width = truth.shape[:2]
    tall, wide = min(PATCH, height), min(PATCH, width)
    tops = chance.integers(0, height - tall + 1, count)
    lefts = chance.integers(0, width - wide + 1, count)
    hints = []
    for top, left in zip(tops.tolist(), lefts.tolist(), strict=True):
        mean = srgb8_to_lab(truth[top : top + tall, left : left + wide]).mean((1, 2)).reshape(3, 1, 1)
        red, green, blue = np.rint(np.clip(lab_to_srgb(fit_gamut(mean)), 0, 1).ravel() * 255).astype(int).tolist()
        color = f"#{red:02x}{green:02x}{blue:02x}"
        hints.append(Hint(x=left + wide / 2, y=top + tall / 2, color=color, radius=PATCH / 2))
    return hints
