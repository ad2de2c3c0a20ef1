"""Calibration of a network's confidence."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["STEPS", "count_confidence", "expected_error", "fifths", "sum_tenths"]

#: steps of the confidence scale in which cells are counted
STEPS = 100


def count_confidence(
    confidence: NDArray[np.floating], error: NDArray[np.floating], radius: float
) -> NDArray[np.float64]:
    """Counts cells by confidence.

    Args:
        confidence: what the network says, 0..1.
        error: a*b* error, of the same shape.
        radius: a*b* units within which a cell is right.

    Returns:
        (100,4): for each hundredth of the scale the cells, their summed confidence, how many are right, and their
        summed error.
    """
    step = np.minimum((confidence.ravel() * STEPS).astype(np.intp), STEPS - 1)
    columns = (None, confidence.ravel(), error.ravel() <= radius, error.ravel())
    return np.stack([np.bincount(step, weights=weights, minlength=STEPS) for weights in columns], axis=1)


def sum_tenths(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sums counts (100,4) by tenths of the scale: (10,4)."""
    summed: NDArray[np.float64] = counts.reshape(10, -1, counts.shape[1]).sum(1)
    return summed


def expected_error(counts: NDArray[np.float64]) -> float:
    """Returns the expected calibration error, 0..1: |right - confidence| of each tenth, weighted by its cells.

    Guo, Pleiss, Sun & Weinberger, *On calibration of modern neural networks* (2017).
    """
    rows = sum_tenths(counts)
    return float(np.abs(rows[:, 2] - rows[:, 1]).sum() / rows[:, 0].sum())


def fifths(counts: NDArray[np.float64]) -> tuple[float, ...]:
    """Returns the mean errors from the least sure fifth of cells to the surest; a hundredth in two is shared."""
    pixels = np.concatenate([[0.0], counts[:, 0].cumsum()])
    errors = np.concatenate([[0.0], counts[:, 3].cumsum()])
    used = np.concatenate([[True], np.diff(pixels) > 0])
    edges = np.interp(np.linspace(0.0, pixels[-1], 6), pixels[used], errors[used])
    return tuple((np.diff(edges) / (pixels[-1] / 5)).tolist())
