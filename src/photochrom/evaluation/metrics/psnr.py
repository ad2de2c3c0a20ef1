"""Peak signal-to-noise ratio."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["SquaredError", "psnr"]


class SquaredError:
    """Sums squared differences of images in sRGB 0..1."""

    def __init__(self) -> None:
        self._sum, self._count = 0.0, 0

    def add(self, result: NDArray[np.floating], truth: NDArray[np.floating]) -> None:
        """Counts two arrays of the same shape."""
        difference = np.asarray(result, np.float64) - truth
        self._sum += float(np.sum(difference * difference))
        self._count += difference.size

    @property
    def psnr(self) -> float:
        """10 log10(1 / mean squared error), dB; infinite where both are equal."""
        return float("inf") if self._sum == 0 else 10.0 * float(np.log10(self._count / self._sum))


def psnr(result: NDArray[np.floating], truth: NDArray[np.floating]) -> float:
    """Returns the peak signal-to-noise ratio in dB over all of sRGB 0..1; infinite where both are equal."""
    error = SquaredError()
    error.add(result, truth)
    return error.psnr
