"""How far the colours of two sets of pixels differ as a whole, wherever they are."""

import numpy as np
from numpy.typing import NDArray

from photochrom.evaluation.metrics.bins import bin_count, find_bins

__all__ = ["count_bins", "histogram_distance"]


def count_bins(ab: NDArray[np.floating]) -> NDArray[np.int64]:
    """How often each colour bin occurs in (2,H,W) a*b*: (Q,)."""
    return np.bincount(find_bins(ab), minlength=bin_count()).astype(np.int64)


def histogram_distance(result: NDArray[np.number], truth: NDArray[np.number]) -> NDArray[np.float64]:
    """Jensen-Shannon distance, base 2, of bin counts (...,Q): 0 where they are proportional, 1 where they share no bin.

    Lin, *Divergence measures based on the Shannon entropy* (1991); the distance is the root of the divergence, as SciPy
    has it. Bins are all alike: a colour in the next bin is as far as one across the circle.
    """
    from scipy.spatial.distance import jensenshannon

    return np.asarray(jensenshannon(result, truth, base=2.0, axis=-1), np.float64)
