"""Hints on a network's output grid: drawn as planes, and how far they speak for the whole image."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from photochrom.errors import OptionError

__all__ = ["Placed", "draw_plane", "hint_coverage"]

#: two hints say the same of the light that are nearer each other than about this, in short sides
APART = 0.15
#: hints that say something of their own after the first and a half, of which half the picture's colours are concluded:
#: two clicks are still wishes for their places, three are believed by half, ten nearly wholly
FEW = 1.5
#: cells that are looked at for that, at most
SAMPLE = 400


class Placed(Protocol):
    """A colour at a place, in any units."""

    @property
    def x(self) -> float:
        """From the left edge."""

    @property
    def y(self) -> float:
        """From the top edge."""

    @property
    def ab(self) -> tuple[float, float]:
        """a* and b*, Lab units."""

    @property
    def radius(self) -> float:
        """Of the spot; 0 for the point alone."""


def draw_plane(
    hints: Sequence[Placed], *, extent: tuple[float, float], content: tuple[int, int], padded: tuple[int, int]
) -> NDArray[np.float32]:
    """Draws hints on a network's output grid; where two meet, the later one wins.

    Args:
        hints: colours at places.
        extent: height and width of the image, in the units of the places.
        content: height and width, in cells, of the part of the grid that the image covers.
        padded: height and width of the whole grid.

    Returns:
        (3, *padded) float32: a*, b* in Lab units, and the mask, 1 where a hint is. A hint fills the cell it falls in
        and every cell whose centre lies within its radius.

    Raises:
        OptionError: a hint lies outside the image.
    """
    out = np.zeros((3, *padded), np.float32)
    height, width = extent
    scale_y, scale_x = content[0] / height, content[1] / width
    rows, columns = (np.arange(size) + 0.5 for size in content)
    for hint in hints:
        if hint.x > width or hint.y > height:
            raise OptionError("option.hint_outside", x=hint.x, y=hint.y, width=width, height=height)
        y, x = hint.y * scale_y, hint.x * scale_x
        top, left = min(int(y), content[0] - 1), min(int(x), content[1] - 1)
        value = np.array([*hint.ab, 1.0], np.float32)
        out[:, top, left] = value
        if hint.radius:
            reach = ((rows[:, None] - y) / scale_y) ** 2 + ((columns[None, :] - x) / scale_x) ** 2
            out[:, : content[0], : content[1]][:, reach <= hint.radius**2] = value[:, None]
    return out


def hint_coverage(mask: NDArray[np.bool_]) -> float:
    """Returns how far hints speak for the whole image.

    It is 0 for one hint, which is a wish for its place, and near 1 for many all over.

    Counted by their effective sample size: cells next to each other, as those of one large hint, count as one.

    Args:
        mask: (h,w), where there are hints.

    >>> hint_coverage(np.zeros((64, 64), bool))
    0.0
    """
    rows, columns = np.nonzero(mask)
    if not len(rows):
        return 0.0
    some = np.linspace(0, len(rows) - 1, min(len(rows), SAMPLE)).round().astype(int)
    places = np.stack([rows, columns])[:, some] / (APART * min(mask.shape))
    far = np.sqrt(3.0 * np.square(places[:, :, None] - places[:, None]).sum(0))
    alone = len(some) ** 2 / ((1.0 + far) * np.exp(-far)).sum()
    more = max(0.0, float(alone) - 1.5) ** 2
    return more / (more + FEW**2)
