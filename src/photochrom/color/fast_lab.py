"""Bytes to CIELAB and back, fast: every training photo goes through here."""

import numpy as np
from numpy.typing import NDArray

from photochrom.color.conversion import (
    LAB_KNEE,
    LAB_SLOPE,
    WHITE,
    XYZ_FROM_LINEAR,
    fit_gamut,
    lab_to_srgb,
    srgb_to_linear,
)

__all__ = ["bytes_to_lab", "bytes_to_srgb", "decode_lab_bytes", "pool_cells"]

FloatArray = NDArray[np.float32]
LINEAR = srgb_to_linear(np.arange(256) / 255.0).astype(np.float32)
#: linear RGB to X/Xn, Y/Yn, Z/Zn
TRISTIMULUS = (np.array(XYZ_FROM_LINEAR) / np.array(WHITE)[:, None]).astype(np.float32)


def bytes_to_lab(square: NDArray[np.uint8]) -> FloatArray:
    """Returns CIELAB (3,H,W) float32 of sRGB (H,W,3) uint8, twice as fast as the exact conversion.

    It agrees with :func:`photochrom.color.conversion.srgb_to_lab` to 1e-3.
    """
    height, width, _ = square.shape
    relative = TRISTIMULUS @ LINEAR.take(square.reshape(-1, 3)).T
    # below the knee the curve goes on straight; adding what is missing costs less than choosing by pixel
    roots = np.cbrt(np.maximum(relative, np.float32(LAB_KNEE)))
    relative -= np.float32(LAB_KNEE)
    roots += np.minimum(relative, 0) * np.float32(LAB_SLOPE)
    lab: FloatArray = np.empty_like(roots)
    lab[0] = roots[1] * 116 - 16
    lab[1] = (roots[0] - roots[1]) * 500
    lab[2] = (roots[1] - roots[2]) * 200
    return lab.reshape(3, height, width)


def decode_lab_bytes(square: NDArray[np.uint8]) -> FloatArray:
    """Returns CIELAB (3,H,W) float32 of OpenCV's 8-bit Lab (H,W,3) uint8.

    There L* is scaled to 0..255, and 128 is added to a* and b*.
    """
    planes = np.moveaxis(square, -1, 0).astype(np.float32)
    planes[0] *= 100 / 255
    planes[1:] -= 128
    return planes


def bytes_to_srgb(photo: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Returns sRGB (H,W,3) uint8 of 8-bit Lab (H,W,3) uint8; what rounding has put outside the gamut loses chroma."""
    srgb = lab_to_srgb(fit_gamut(decode_lab_bytes(photo).astype(np.float64)))
    return np.moveaxis((srgb.clip(0, 1) * 255).round().astype(np.uint8), 0, -1)


def pool_cells(planes: FloatArray, cell: int) -> FloatArray:
    """Returns mean over cells of ``cell`` x ``cell`` pixels: (C,H,W) to (C,H/cell,W/cell)."""
    channels, height, width = planes.shape
    split = planes.reshape(channels, height // cell, cell, width)
    # whole rows first: numpy adds long runs much faster than it takes means over short axes
    rows = np.ascontiguousarray(split[:, :, 0])
    for row in range(1, cell):
        rows += split[:, :, row]
    pooled: FloatArray = rows.reshape(channels, height // cell, width // cell, cell).sum(3)
    return pooled * np.float32(1 / cell**2)
