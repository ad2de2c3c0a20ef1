"""How often each colour occurs, counted softly over the bins (Zhang, Isola & Efros, ECCV 2016, section 2.2)."""

import numpy as np
from numpy.typing import NDArray

from photochrom.color.conversion import BIN_STEP

__all__ = ["REACH", "count_corners", "nearest_bins", "smooth_counts"]

#: the grid of bin corners reaches this many cells from gray on every side, beyond any sRGB colour
REACH = 16
#: standard deviation of the smoothing, a*b* units
SMOOTHING = 5.0


def nearest_bins(bins: NDArray[np.floating]) -> NDArray[np.int64]:
    """Returns the nearest of the bins (Q,2) for each corner of the grid: (2*REACH, 2*REACH), the first of equals."""
    side = np.arange(-REACH, REACH) * float(BIN_STEP)
    corners = np.stack(np.meshgrid(side, side, indexing="ij"), -1)[:, :, None]
    found: NDArray[np.int64] = np.square(corners - np.asarray(bins, float)).sum(-1).argmin(-1)
    return found


def count_corners(ab: NDArray[np.floating]) -> NDArray[np.float64]:
    """Shares colours out to the four corners of the grid around each, bilinearly.

    Args:
        ab: (2,...) a*b* in Lab units.

    Returns:
        (2*REACH, 2*REACH), sums to the number of colours.
    """
    place = np.clip(ab.reshape(2, -1).astype(float) / BIN_STEP + REACH, 0, 2 * REACH - 1)
    corner = np.floor(place).clip(max=2 * REACH - 2)
    u, v = place - corner
    i, j = corner.astype(int)
    cells = [(i, j, (1 - u) * (1 - v)), (i + 1, j, u * (1 - v)), (i, j + 1, (1 - u) * v), (i + 1, j + 1, u * v)]
    counts = sum(np.bincount(row * 2 * REACH + column, share, (2 * REACH) ** 2) for row, column, share in cells)
    return np.asarray(counts).reshape(2 * REACH, 2 * REACH)


def smooth_counts(counts: NDArray[np.float64], bins: NDArray[np.floating]) -> NDArray[np.float64]:
    """Returns the prior over bins (Q,) of counts at the corners, smoothed over neighbours; it sums to 1."""
    of_bins = np.bincount(nearest_bins(bins).ravel(), counts.ravel(), len(bins))
    distance = np.linalg.norm(bins[:, None].astype(float) - bins[None].astype(float), axis=-1)
    kernel = np.exp(-0.5 * np.square(distance / SMOOTHING))
    smoothed = (kernel / kernel.sum(0)) @ of_bins
    return np.asarray(smoothed / smoothed.sum())
