"""The most likely clearly distinct colours of a distribution, for a person to choose from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photochrom.color.hex import lab_to_hex
from photochrom.errors import OptionError
from photochrom.inference.prediction import ColorDistribution
from photochrom.options import NUMBER, check_integer

__all__ = ["Suggestion", "check_point", "distinct_colors", "suggest_colors"]

#: standard deviation, a*b* units, of the smoothing that joins neighbouring bins into one hump
SMOOTHING = 8.0
#: colours nearer to each other than this, a*b* units, are one suggestion
APART = 20.0
#: a colour has the probability of the bins within this distance, a*b* units; the circle that confidence is told by
REACH = 15.0


@dataclass(frozen=True)
class Suggestion:
    """A colour that the network thinks possible at a place.

    Attributes:
        color: ``"#rrggbb"``, sRGB, at the picture's lightness there.
        probability: that the true colour lies within 15 units of a*b* of it, and nearer to it than to the others.
    """

    color: str
    probability: float


def check_point(x: float, y: float, count: int, *, width: int, height: int) -> None:
    """Refuses a point (pixels) outside a photo, and a count of colours below 1.

    Raises:
        OptionError: one of them is.
    """
    check_integer("count", count, 1, 1000)
    if not (isinstance(x, NUMBER) and isinstance(y, NUMBER) and 0 <= x <= width and 0 <= y <= height):
        raise OptionError("option.point_outside", x=x, y=y, width=width, height=height)


def suggest_colors(distribution: ColorDistribution, across: float, down: float, count: int) -> list[Suggestion]:
    """Returns the most likely clearly distinct colours at a place, given as parts 0..1 of the width and the height."""
    height, width = distribution.lightness.shape
    row, column = min(int(down * height), height - 1), min(int(across * width), width - 1)
    colors, shares = distinct_colors(distribution.probability[:, row, column], distribution.bins, count)
    lightness = float(distribution.lightness[row, column])
    return [Suggestion(lab_to_hex(lightness, ab), float(share)) for ab, share in zip(colors, shares, strict=True)]


def distinct_colors(
    probability: NDArray[np.float32], bins: NDArray[np.float32], count: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The tops of a distribution over colour bins, the most likely first.

    The distribution is smoothed, and its highest tops are taken that are 20 units of a*b* apart; each moves to the mean
    of the bins around it, so that it is not a bin's centre.

    Args:
        probability: (Q,), sums to 1.
        bins: (Q,2), a*b* in Lab units.
        count: colours wanted.

    Returns:
        a*b* (m,2) and probability (m,) of m colours, m at most ``count``: fewer where the distribution has no more.

    >>> bins = np.array([[0, 0], [0, 40], [10, 40], [60, 0]])
    >>> ab, share = distinct_colors(np.array([0.125, 0.25, 0.25, 0.375]), bins, 2)
    >>> ab.tolist(), share.tolist()
    ([[5.0, 40.0], [60.0, 0.0]], [0.5, 0.375])
    """
    squared = np.square(bins[:, None] - bins[None]).sum(-1)
    density = np.exp(-squared / (2 * SMOOTHING**2)) @ probability
    tops: list[NDArray[np.float32]] = []
    while len(tops) < count and density.max() > 0:
        top = int(density.argmax())
        near = np.where(squared[top] <= REACH**2, probability, 0.0)
        density[squared[top] < APART**2] = 0.0
        color = near @ bins / max(float(near.sum()), 1e-12)
        if near.sum() > 0 and all(np.hypot(*(color - other)) >= APART for other in tops):
            tops.append(color)
    colors = np.array(tops, np.float32).reshape(-1, 2)
    distance = np.square(bins[:, None] - colors[None]).sum(-1)
    own = (distance.argmin(1)[:, None] == np.arange(len(colors))) & (distance <= REACH**2)
    share = np.where(own, probability[:, None], 0.0).sum(0)
    order = np.argsort(-share, kind="stable")
    return colors[order], share[order].astype(np.float32)
