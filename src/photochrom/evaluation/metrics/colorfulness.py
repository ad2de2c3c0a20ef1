"""Colourfulness of an image, which the literature defines in two ways under one name."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["Colorfulness", "colorfulness", "colorfulness_abs"]


class _Moments:
    """Sums count, mean and deviation of two planes that come in parts."""

    def __init__(self) -> None:
        self._count, self._sums, self._squares = 0, np.zeros(2), np.zeros(2)

    def add(self, planes: list[NDArray[np.float64]]) -> None:
        self._count += planes[0].size
        self._sums += [plane.sum() for plane in planes]
        self._squares += [np.vdot(plane, plane) for plane in planes]

    @property
    def figure(self) -> float:
        mean = self._sums / self._count
        deviation = np.sqrt(np.maximum(self._squares / self._count - mean * mean, 0.0))
        return float(np.hypot(*deviation) + 0.3 * np.hypot(*mean))


class Colorfulness:
    """Counts the colourfulness of one image strip by strip.

    With rg = R - G and yb = (R + G)/2 - B, all of 0..255: the length of both standard deviations plus 0.3 times the
    length of both means. Hasler & Süsstrunk, *Measuring colourfulness in natural images* (2003), their M(3). Several
    colorization papers take abs() of rg and yb first and publish that under the same name; it is another, smaller or
    larger, number.
    """

    def __init__(self) -> None:
        self._faithful, self._abs = _Moments(), _Moments()

    def add(self, rgb: NDArray[np.floating]) -> None:
        """Counts (3,H,W) sRGB 0..1."""
        red, green, blue = np.asarray(rgb, np.float64) * 255.0
        opponents = [red - green, (red + green) / 2 - blue]
        self._faithful.add(opponents)
        self._abs.add([np.abs(plane) for plane in opponents])

    @property
    def faithful(self) -> float:
        """As Hasler & Süsstrunk define it."""
        return self._faithful.figure

    @property
    def with_abs(self) -> float:
        """With abs() taken first."""
        return self._abs.figure


def colorfulness(rgb: NDArray[np.floating]) -> float:
    """Returns the M(3) of Hasler & Süsstrunk, *Measuring colourfulness in natural images* (2003)."""
    whole = Colorfulness()
    whole.add(rgb)
    return whole.faithful


def colorfulness_abs(rgb: NDArray[np.floating]) -> float:
    """Returns the colourfulness with abs() taken before mean and deviation, as several papers publish it."""
    whole = Colorfulness()
    whole.add(rgb)
    return whole.with_abs
