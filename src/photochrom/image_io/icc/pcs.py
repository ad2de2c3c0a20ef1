"""The connection space of ICC profiles, XYZ and Lab under D50, and the way from there to linear sRGB."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["D50", "SRGB_D50", "lab_to_linear", "lab_to_xyz", "xyz_to_linear"]

Float = NDArray[np.float32]

#: sRGB primaries in the D50 connection space, as every sRGB ICC profile has them (columns R, G, B; rows X, Y, Z)
SRGB_D50 = np.array(
    [[0.43606567, 0.38514709, 0.14306641], [0.22248840, 0.71687317, 0.06060791], [0.01391602, 0.09707642, 0.71409607]]
)
D50 = np.array([0.9642, 1.0, 0.8249])


def lab_to_xyz(lightness: NDArray[Any], a: NDArray[Any], b: NDArray[Any]) -> Float:
    """Returns XYZ (3,...) under D50 of L* 0..100, a*, b*."""
    y = (lightness + np.float32(16)) * np.float32(1 / 116)
    out = np.empty((3, *y.shape), np.float32)
    for number, f in enumerate((y + a * np.float32(1 / 500), y, y - b * np.float32(1 / 200))):
        light = np.where(f > 6 / 29, f * f * f, (f - np.float32(4 / 29)) * np.float32(108 / 841))
        out[number] = light * np.float32(D50[number])
    return out


def xyz_to_linear(xyz: Float, black: NDArray[np.float64]) -> Float:
    """Returns linear sRGB planes of XYZ (D50) whose black is at ``black``; white stays."""
    scale = D50 / (D50 - black)
    to_rgb = np.linalg.inv(SRGB_D50)
    # exactly white for white
    to_rgb /= (to_rgb @ D50)[:, None]
    matrix, offset = (to_rgb * scale).astype(np.float32), (to_rgb @ (-black * scale)).astype(np.float32)
    linear: Float = np.clip(np.tensordot(matrix, xyz, axes=1) + offset.reshape(3, *[1] * (xyz.ndim - 1)), 0, 1)
    return linear


def lab_to_linear(lightness: NDArray[Any], a: NDArray[Any], b: NDArray[Any]) -> Float:
    """Returns linear sRGB (D65) planes (3,...) float32, clipped to 0..1, of L* 0..100, a*, b* under D50."""
    return xyz_to_linear(lab_to_xyz(lightness, a, b), np.zeros(3))
