"""What a colouring is measured by. Arrays are planes, (3,H,W) sRGB 0..1 or (2,H,W) a*b* in Lab units."""

import numpy as np
from numpy.typing import NDArray

from photochrom.color import BIN_STEP, ab_bins

__all__ = ["AreaUnderCurve", "colorfulness", "colorfulness_abs", "psnr"]

FloatArray = NDArray[np.floating]

#: a*b* errors are counted up to here (Zhang, Isola & Efros, ECCV 2016)
AUC_LIMIT = 150


def psnr(result: FloatArray, truth: FloatArray) -> float:
    """Peak signal-to-noise ratio in dB over all of sRGB 0..1; infinite where both are equal."""
    error = float(np.mean((np.asarray(result, np.float64) - truth) ** 2))
    return float("inf") if error == 0 else -10.0 * float(np.log10(error))


def _opponents(rgb: FloatArray) -> tuple[FloatArray, FloatArray]:
    red, green, blue = np.asarray(rgb, np.float64) * 255.0
    return red - green, (red + green) / 2 - blue


def colorfulness(rgb: FloatArray) -> float:
    """Colourfulness of Hasler & Süsstrunk, *Measuring colourfulness in natural images* (2003), their M(3)."""
    rg, yb = _opponents(rgb)
    return float(np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean()))


def colorfulness_abs(rgb: FloatArray) -> float:
    """The same with abs() taken before mean and deviation, as several colorization papers publish it."""
    rg, yb = (np.abs(plane) for plane in _opponents(rgb))
    return float(np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean()))


class AreaUnderCurve:
    """Area under the cumulative curve of a*b* error, 0..100, over a set of photos (Zhang, Isola & Efros, ECCV 2016).

    The curve gives the share of pixels whose a*b* error is at most t, for t = 0, 1, ..., 150. The rebalanced figure
    weights each pixel by the inverse of how often its true colour bin occurs **in this set**, all pixels pooled.
    """

    def __init__(self) -> None:
        self._bins = ab_bins()
        cells = np.rint(self._bins / BIN_STEP).astype(int)
        self._origin = cells.min(0)
        self._table = np.full(np.ptp(cells, axis=0) + 1, -1)
        self._table[tuple((cells - self._origin).T)] = np.arange(len(cells))
        #: pixels by true bin and by error rounded up
        self._counts = np.zeros((len(cells), AUC_LIMIT + 2), np.int64)

    def add(self, ab: FloatArray, truth: FloatArray) -> None:
        """Count one photo: predicted and true a*b*, both (2,H,W)."""
        error = np.hypot(*(np.asarray(ab, np.float64) - truth)).ravel()
        step = np.minimum(np.ceil(error), AUC_LIMIT + 1).astype(np.int64)
        cells = np.rint(truth.reshape(2, -1) / BIN_STEP).astype(int) - self._origin[:, None]
        bins = self._table[tuple(np.clip(cells, 0, np.array(self._table.shape)[:, None] - 1))]
        flat = np.bincount(bins * (AUC_LIMIT + 2) + step, minlength=self._counts.size)
        self._counts += flat.reshape(self._counts.shape)

    def _area(self, by_step: FloatArray) -> float:
        return 100.0 * float((by_step.cumsum()[: AUC_LIMIT + 1] / by_step.sum()).mean())

    @property
    def raw(self) -> float:
        """Every pixel counts the same."""
        return self._area(self._counts.sum(0).astype(np.float64))

    @property
    def rebalanced(self) -> float:
        """Every colour that occurs counts the same."""
        seen = self._counts.sum(1)
        return self._area((self._counts[seen > 0] / seen[seen > 0, None]).sum(0))
