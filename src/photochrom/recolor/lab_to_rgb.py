"""L* and a*b* to linear light inside the sRGB gamut, in float32 and in place: the exact way, pixel by pixel."""

import numpy as np
from numpy.typing import NDArray

from photochrom.color.conversion import (
    LAB_KNEE_ROOT,
    LAB_OFFSET,
    LAB_SLOPE,
    LINEAR_FROM_XYZ,
    WHITE,
    gamut_scale,
    luminance,
)

__all__ = ["join"]

Plane = NDArray[np.float32]

#: linear light that leaves 0..1 by no more is mixed with its gray; where it leaves by more, chroma is lowered first
TOLERANCE = 1e-4

_MATRIX = (np.array(LINEAR_FROM_XYZ) * np.array(WHITE)).astype(np.float32)


def join(lightness: Plane, a: Plane, b: Plane) -> NDArray[np.float32]:
    """Linear sRGB (3,h,w) in 0..1 of planes (h,w); chroma is lowered, at constant L* and hue, where the gamut ends."""
    linear = _light(lightness, a, b)
    low, high = linear.min(0), linear.max(0)
    edge = np.flatnonzero((low < 0) | (high > 1))
    if len(edge):
        low, high = low.take(edge), high.take(edge)
        # plane by plane, for an index of several axes takes numpy several times as long
        planes = [plane.ravel() for plane in linear]
        mixed = np.stack([plane.take(edge) for plane in planes])
        outside = np.flatnonzero((low < -TOLERANCE) | (high > 1 + TOLERANCE))
        lab = np.stack([plane.take(edge.take(outside)) for plane in (lightness, a, b)])
        scale = gamut_scale(lab[:, :, None], steps=10)[:, 0]
        for plane, scaled in zip(mixed, _light(lab[0], lab[1] * scale, lab[2] * scale), strict=True):
            plane[outside] = scaled
        for plane, colors in zip(planes, _mix_with_gray(mixed), strict=True):
            plane[edge] = colors
    return np.clip(linear, 0.0, 1.0, out=linear)


def _mix_with_gray(linear: NDArray[np.float32]) -> NDArray[np.float32]:
    """Bring (3,n) a hair outside 0..1 inside, at constant luminance; clipping would brighten what is almost black."""
    gray = np.clip(luminance(linear[:, :, None])[:, 0], 0.0, 1.0)
    low, high = np.minimum(linear.min(0), 0.0), np.maximum(linear.max(0), 1.0)
    part = np.minimum(gray / np.maximum(gray - low, 1e-12), (1.0 - gray) / np.maximum(high - gray, 1e-12))
    mixed: NDArray[np.float32] = gray + (linear - gray) * part
    return mixed


def _light(lightness: Plane, a: Plane, b: Plane) -> NDArray[np.float32]:
    y = lightness * np.float32(1 / 116)
    y += np.float32(16 / 116)
    relative = []
    for root in (y + a * np.float32(1 / 500), y, y - b * np.float32(1 / 200)):
        cubed = root * root
        cubed *= root
        dark = root <= LAB_KNEE_ROOT
        if dark.any():
            cubed[dark] = (root[dark] - LAB_OFFSET) / LAB_SLOPE
        relative.append(cubed)
    # nine multiplications in place are quicker here than one call of BLAS, and keep to this thread
    first, second, third = relative
    out = np.empty((3, *lightness.shape), np.float32)
    part = np.empty_like(first)
    for row, (m1, m2, m3) in zip(out, _MATRIX, strict=True):
        np.multiply(first, m1, out=row)
        row += np.multiply(second, m2, out=part)
        row += np.multiply(third, m3, out=part)
    return out
