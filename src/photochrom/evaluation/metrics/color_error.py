"""Differences of colour, pixel by pixel, in CIELAB."""

import numpy as np
from numpy.typing import NDArray

from photochrom.evaluation.metrics.auc import AreaUnderCurve
from photochrom.evaluation.metrics.histogram import bin_count, find_bins
from photochrom.evaluation.metrics.hue_error import HueErrors

__all__ = ["ACCURACY_RADIUS", "ColorDifference", "ciede2000"]

#: a*b* units within which a pixel's colour counts as right; the radius the networks' confidence speaks of
ACCURACY_RADIUS = 15.0


def ciede2000(lab: NDArray[np.floating], truth: NDArray[np.floating]) -> NDArray[np.float64]:
    """Returns the CIEDE2000 colour difference (H,W) of CIELAB images (3,H,W).

    Sharma, Wu & Dalal, *The CIEDE2000 color-difference formula: implementation notes, supplementary test data, and
    mathematical observations* (2005), kL = kC = kH = 1; scikit-image's.
    """
    from skimage.color import deltaE_ciede2000

    first, second = np.asarray(lab, np.float64), np.asarray(truth, np.float64)
    return np.asarray(deltaE_ciede2000(first, second, channel_axis=0))  # type: ignore[no-untyped-call]


class ColorDifference:
    """Counts what is counted pixel by pixel of one photo in CIELAB, strip by strip.

    Attributes:
        area: the counts behind both AuC.
        made: (Q,) pixels of the result by colour bin; the truth's are ``area.seen``.
        hues: error by true hue.
    """

    def __init__(self) -> None:
        self.area, self.hues = AreaUnderCurve(), HueErrors()
        self.made = np.zeros(bin_count(), np.int64)
        self._count, self._sums = 0, np.zeros(4)

    def add(self, lab: NDArray[np.floating], truth: NDArray[np.floating], lightness: NDArray[np.floating]) -> None:
        """Counts a strip.

        Args:
            lab: (3,H,W) of the result.
            truth: (3,H,W).
            lightness: (H,W) L* of the gray image that was coloured.
        """
        error = np.hypot(*(lab[1:] - truth[1:]))
        self.area.count(error, find_bins(truth[1:]))
        self.made += np.bincount(find_bins(lab[1:]), minlength=len(self.made))
        self.hues.add(lab[1:], truth[1:], error)
        self._count += error.size
        self._sums += [
            ciede2000(lab, truth).sum(),
            error.sum(),
            np.count_nonzero(error <= ACCURACY_RADIUS),
            np.abs(lab[0] - lightness).sum(),
        ]

    @property
    def means(self) -> dict[str, float]:
        """Over all pixels: CIEDE2000, a*b* error, share within the radius (percent), L* error."""
        values = (self._sums / self._count).tolist()
        return {
            "ciede2000": values[0],
            "ab_error": values[1],
            "accuracy": 100.0 * values[2],
            "lightness_error": values[3],
        }
