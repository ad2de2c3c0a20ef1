"""Colour bins of a*b* values, and the distance of two histograms."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from photochrom.color.conversion import BIN_STEP, ab_bins

__all__ = ["bin_count", "count_bins", "find_bins", "histogram_distance"]


@cache
def _table() -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Returns the bin of every cell of the grid around the gamut, and the grid's origin; outside, the nearest."""
    cells = np.rint(ab_bins() / BIN_STEP).astype(np.intp)
    origin = cells.min(0)
    sizes = np.ptp(cells, axis=0) + 1
    grid = np.stack(np.meshgrid(*map(np.arange, sizes), indexing="ij"), axis=-1) + origin
    distance = ((grid[:, :, None] - cells) ** 2).sum(-1)
    return distance.argmin(-1), origin


def bin_count() -> int:
    """Returns how many bins there are."""
    return len(ab_bins())


def find_bins(ab: NDArray[np.floating]) -> NDArray[np.intp]:
    """Returns the bins of (2,H,W) a*b*: (H*W,) indices into :func:`photochrom.color.conversion.ab_bins`."""
    table, origin = _table()
    cells = np.rint(ab.reshape(2, -1) / BIN_STEP).astype(np.intp) - origin[:, None]
    rows, columns = np.clip(cells, 0, np.array(table.shape)[:, None] - 1)
    found: NDArray[np.intp] = table[rows, columns]
    return found


def count_bins(ab: NDArray[np.floating]) -> NDArray[np.int64]:
    """Counts how often each colour bin occurs in (2,H,W) a*b*: (Q,)."""
    return np.bincount(find_bins(ab), minlength=bin_count()).astype(np.int64)


def histogram_distance(result: NDArray[np.number], truth: NDArray[np.number]) -> NDArray[np.float64]:
    """Returns the Jensen-Shannon distance, base 2, of bin counts (...,Q): 0 if proportional, 1 if they share no bin.

    Lin, *Divergence measures based on the Shannon entropy* (1991); the distance is the root of the divergence, as SciPy
    has it. Bins are all alike: a colour in the next bin is as far as one across the circle.
    """
    from scipy.spatial.distance import jensenshannon

    return np.asarray(jensenshannon(result, truth, base=2.0, axis=-1), np.float64)
