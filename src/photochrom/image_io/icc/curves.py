"""Tone curves of ICC profiles (ICC.1:2022, curveType and parametricCurveType), and the one of sRGB. Values are 0..1."""

import struct
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Curve", "read_curve", "read_parametric_curve", "srgb_curve"]

Curve = Callable[[NDArray[Any]], NDArray[Any]]


def srgb_curve(v: NDArray[Any]) -> NDArray[Any]:
    """Returns the sRGB tone curve (IEC 61966-2-1), value to light."""
    return np.where(v > 0.04045, ((np.maximum(v, 0.04045) + 0.055) / 1.055) ** 2.4, v / 12.92)


def read_curve(tag: bytes) -> Curve:
    """Returns the tone curve of a tag, made never to fall. Raises ValueError or struct.error when damaged."""
    if tag[:4] == b"curv":
        (count,) = struct.unpack(">I", tag[8:12])
        if count == 0:
            return lambda v: v
        values = np.frombuffer(tag[12 : 12 + 2 * count], ">u2").astype(np.float64)
        if len(values) != count:
            raise ValueError("a tone curve is cut")
        if count == 1:
            gamma = float(values[0]) / 256
            if gamma <= 0:
                raise ValueError("a tone curve without gamma")
            return lambda v: np.maximum(v, 0) ** gamma
        positions, levels = np.linspace(0, 1, count), values / 65535
        if levels[-1] <= levels[0]:
            raise ValueError("a tone curve that falls")
        # an inverse needs a curve that never falls
        levels = np.maximum.accumulate(levels)
        return lambda v: np.interp(v, positions, levels)
    if tag[:4] == b"para":
        return read_parametric_curve(tag)
    raise ValueError("an unknown tone curve")


def read_parametric_curve(tag: bytes) -> Curve:
    """Returns the curve of a ``para`` tag. Raises ValueError, IndexError or struct.error when damaged."""
    (kind,) = struct.unpack(">H", tag[8:10])
    number = (1, 3, 4, 5, 7)[kind]
    p = [v / 65536 for v in struct.unpack(f">{number}i", tag[12 : 12 + 4 * number])]
    g = p[0]
    a, b = (p[1], p[2]) if kind else (1.0, 0.0)
    if g <= 0 or a <= 0:
        raise ValueError("a tone curve without gamma")
    # Y = (aX+b)^g + e where X >= d, else cX + f (ICC.1:2022, table 68)
    if kind in (0, 1, 2):
        e = f = p[3] if kind == 2 else 0.0
        c, d = 0.0, -b / a
    else:
        c, d = p[3], p[4]
        e, f = (p[5], p[6]) if kind == 4 else (0.0, 0.0)

    def curve(v: NDArray[Any]) -> NDArray[Any]:
        return np.where(v >= d, np.maximum(a * np.maximum(v, d) + b, 0) ** g + e, c * v + f)

    return curve
