"""Bootstrap intervals of casts over a set of photos, for any regions."""

import numpy as np
from numpy.typing import NDArray

from photochrom.evaluation.metrics.cast import compute_cast
from photochrom.evaluation.results.schema import Interval
from photochrom.evaluation.statistics.bootstrap import Bootstrap

__all__ = ["estimate_casts"]


def estimate_casts(sums: NDArray[np.float64], seed: int) -> list[tuple[Interval, Interval]]:
    """Returns the cast of each region over all pixels of the set, with 95 % intervals over photos.

    Args:
        sums: (N,M,3) of N photos and M regions, each as :func:`~photochrom.evaluation.metrics.cast.sum_cast` has it.
        seed: of the resamplings.

    Returns:
        M pairs, a* and b*; the mean is NaN where no photo has pixels of the region, without ends where a
        resample has none.
    """
    photos, regions, _ = sums.shape
    flat = sums.reshape(photos, -1)

    def measure(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        return compute_cast((weights @ flat).reshape(-1, regions, 3)).reshape(len(weights), -1)

    intervals = Bootstrap(photos, seed).interval(measure)
    return list(zip(intervals[::2], intervals[1::2], strict=True))
