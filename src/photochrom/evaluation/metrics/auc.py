"""Area under the curve of a*b* error."""

import numpy as np
from numpy.typing import NDArray

from photochrom.evaluation.metrics.histogram import bin_count, find_bins

__all__ = ["AUC_LIMIT", "AreaUnderCurve", "compute_areas"]

#: a*b* errors are counted up to here (Zhang, Isola & Efros, ECCV 2016)
AUC_LIMIT = 150


class AreaUnderCurve:
    """Area under the cumulative curve of a*b* error, 0..100, over a set of photos (Zhang, Isola & Efros, ECCV 2016).

    The curve gives the share of pixels whose a*b* error is at most t, for t = 0, 1, ..., 150. The rebalanced figure
    weights each pixel by the inverse of how often its true colour bin occurs **in this set**, all pixels pooled.

    Attributes:
        seen: (Q,) pixels by true colour bin.
        credit: (Q,) at how many of the 151 thresholds they count as right, summed.
    """

    def __init__(self) -> None:
        self.seen, self.credit = np.zeros((2, bin_count()), np.int64)

    def add(self, ab: NDArray[np.floating], truth: NDArray[np.floating]) -> None:
        """Counts one photo, or a strip of it: predicted and true a*b*, both (2,H,W)."""
        self.count(np.hypot(*(np.asarray(ab, np.float64) - truth)), find_bins(truth))

    def count(self, error: NDArray[np.floating], bins: NDArray[np.intp]) -> None:
        """Counts a photo, or a strip of it, whose a*b* error and true bins are known already."""
        right = np.maximum(AUC_LIMIT + 1 - np.ceil(error.ravel()), 0.0)
        self.seen += np.bincount(bins, minlength=len(self.seen))
        self.credit += np.bincount(bins, weights=right, minlength=len(self.seen)).astype(np.int64)

    @property
    def raw(self) -> float:
        """Every pixel counts the same."""
        return float(compute_areas(self.seen, self.credit)[0])

    @property
    def rebalanced(self) -> float:
        """Every colour that occurs counts the same."""
        return float(compute_areas(self.seen, self.credit)[1])


def compute_areas(
    seen: NDArray[np.number], credit: NDArray[np.number]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Returns the raw and the rebalanced area of counts (...,Q) as :class:`AreaUnderCurve` has them; each (...)."""
    occurs = seen > 0
    share = np.divide(credit, seen, out=np.zeros(seen.shape), where=occurs)
    scale = 100.0 / (AUC_LIMIT + 1)
    return scale * credit.sum(-1) / seen.sum(-1), scale * share.sum(-1) / occurs.sum(-1)
