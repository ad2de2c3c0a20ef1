"""Structural similarity, at one scale and at five."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Planes = NDArray[np.floating] | NDArray[np.uint8]

__all__ = ["MS_SSIM_LEAST", "compare_structure", "ms_ssim", "ssim"]

#: constants of the paper, for data in 0..1: (0.01)^2 and (0.03)^2
_C1, _C2 = 1e-4, 9e-4
#: a Gaussian of deviation 1.5 cut to 11 taps
_RADIUS = 5
_TAPS = np.exp(-0.5 * (np.arange(-_RADIUS, _RADIUS + 1) / 1.5) ** 2)
_TAPS /= _TAPS.sum()
#: exponents of the five scales, finest first (Wang, Simoncelli & Bovik 2003)
_EXPONENTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
#: short side, pixels, below which the coarsest of five scales has no whole window
MS_SSIM_LEAST = (2 * _RADIUS + 1) * 2 ** (len(_EXPONENTS) - 1)
#: values worked on at once
_STRIP = 1 << 20


def ssim(result: Planes, truth: Planes) -> float:
    """Returns the structural similarity of (3,H,W) sRGB, 0..1 or uint8: the mean over windows, 1 for equal images.

    Wang, Bovik, Sheikh & Simoncelli, *Image quality assessment: from error visibility to structural similarity* (2004):
    11x11 Gaussian window of deviation 1.5, windows wholly inside, population covariance. NaN under 11 px.
    """
    return _compare(result, truth)[0]


def ms_ssim(result: Planes, truth: Planes) -> float:
    """Returns the multi-scale structural similarity, 0..1: the product of contrast and structure over five scales.

    Wang, Simoncelli & Bovik, *Multi-scale structural similarity for image quality assessment* (2003). Each scale halves
    the one before by means of 2x2 pixels. Scales where the mean is negative count as 0. NaN under 176 px.
    """
    return compare_structure(result, truth)[1]


def compare_structure(result: Planes, truth: Planes) -> tuple[float, float]:
    """Returns :func:`ssim` and :func:`ms_ssim`, for the work of one."""
    x, y = result, truth
    whole, contrast = _compare(x, y)
    if min(x.shape[1:]) < MS_SSIM_LEAST:
        return whole, float("nan")
    product = max(contrast, 0.0) ** _EXPONENTS[0]
    for exponent in _EXPONENTS[1:]:
        x, y = _halve(x), _halve(y)
        coarse, contrast = _compare(x, y)
        # only the coarsest scale counts lightness
        last = exponent == _EXPONENTS[-1]
        product *= max(coarse if last else contrast, 0.0) ** exponent
    return whole, product


def _halve(planes: Planes) -> NDArray[np.float64]:
    height, width = (side // 2 * 2 for side in planes.shape[1:])
    quads = planes[:, :height, :width].reshape(len(planes), height // 2, 2, width // 2, 2)
    return _scale(quads.mean((2, 4)), planes.dtype)


def _scale(planes: Planes, kind: np.dtype[Any]) -> NDArray[np.float64]:
    """Returns planes as 0..1; those that are, or come from, uint8 were 0..255."""
    return np.asarray(planes / 255.0 if kind == np.uint8 else planes, np.float64)


def _compare(x: Planes, y: Planes) -> tuple[float, float]:
    """Returns the means of the similarity and of its contrast-structure part."""
    whole = contrast = 0.0
    count = 0
    for rows in _strips(*x.shape):
        similarity, part = _windows(_scale(x[:, rows], x.dtype), _scale(y[:, rows], y.dtype))
        whole, contrast, count = whole + similarity.sum(), contrast + part.sum(), count + part.size
    return (float(whole) / count, float(contrast) / count) if count else (float("nan"), float("nan"))


def _strips(channels: int, height: int, width: int) -> Iterator[slice]:
    """Yields rows of pixels whose windows, taken together, are all windows once."""
    windows = height - 2 * _RADIUS
    step = max(1, _STRIP // (channels * width))
    for top in range(0, max(windows, 0) if width > 2 * _RADIUS else 0, step):
        yield slice(top, min(top + step, windows) + 2 * _RADIUS)


def _windows(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    mean_x, mean_y = _blur(x), _blur(y)
    product, squares = mean_x * mean_y, mean_x * mean_x + mean_y * mean_y
    variances = _blur(x * x + y * y) - squares
    covariance = _blur(x * y) - product
    contrast = (2 * covariance + _C2) / (variances + _C2)
    return contrast * (2 * product + _C1) / (squares + _C1), contrast


def _blur(planes: NDArray[np.float64]) -> NDArray[np.float64]:
    from scipy.ndimage import correlate1d

    inside = slice(_RADIUS, -_RADIUS)
    tall = correlate1d(planes, _TAPS, axis=1)[:, inside]
    blurred: NDArray[np.float64] = correlate1d(tall, _TAPS, axis=2)[:, :, inside]
    return blurred
