"""ICC profiles: tone curves and matrices read from their bytes (ICC.1:2022), exact enough for 16 bits.

Light is linear, 0..1. Matrices lead from a profile's linear RGB to linear sRGB (D65), through the D50 connection space
and the Bradford adaptation which ICC and sRGB share.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["Curve", "Profile", "parse_profile", "srgb_curve", "srgb_profile"]

Curve = Callable[[NDArray[Any]], NDArray[Any]]

#: sRGB primaries in the D50 connection space, as every sRGB ICC profile has them (columns R, G, B; rows X, Y, Z)
SRGB_D50 = np.array(
    [[0.43606567, 0.38514709, 0.14306641], [0.22248840, 0.71687317, 0.06060791], [0.01391602, 0.09707642, 0.71409607]]
)


@dataclass(frozen=True)
class Profile:
    """What a profile says.

    Attributes:
        kind: ``gray`` (one tone curve), ``matrix`` (three curves and a matrix), or ``table`` (a colour table, RGB or
            CMYK, which takes a colour engine).
        colors: ``GRAY``, ``RGB`` or ``CMYK``.
        curves: tone curves, value 0..1 to light 0..1; three for ``matrix``, one for ``gray``, none for ``table``.
        matrix: (3,3), linear RGB to linear sRGB, rows sum to 1 so that gray is gray; identity unless ``matrix``.
        in_lightness: the gray curve gives L*/100 and not light (connection space Lab).
    """

    kind: Literal["gray", "matrix", "table"]
    colors: str
    curves: tuple[Curve, ...] = ()
    matrix: NDArray[np.float64] | None = None
    in_lightness: bool = False


def srgb_curve(v: NDArray[Any]) -> NDArray[Any]:
    """The sRGB tone curve (IEC 61966-2-1), value to light."""
    return np.where(v > 0.04045, ((np.maximum(v, 0.04045) + 0.055) / 1.055) ** 2.4, v / 12.92)


@cache
def srgb_profile() -> bytes:
    """An sRGB ICC profile, always the same bytes."""
    from PIL import ImageCms

    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    # the date is the moment of making; files made twice shall be the same
    profile[24:36] = struct.pack(">6H", 2026, 1, 1, 0, 0, 0)
    return bytes(profile)


def parse_profile(icc: bytes) -> Profile | None:
    """Read an ICC profile; None when it is damaged or of a kind that says nothing about pixels we know."""
    try:
        return _parse(icc)
    except (struct.error, ValueError, IndexError, KeyError):
        return None


def _parse(icc: bytes) -> Profile | None:
    if len(icc) < 132 or icc[36:40] != b"acsp":
        return None
    colors, pcs = icc[16:20].decode("latin-1").strip(), icc[20:24]
    if pcs not in (b"XYZ ", b"Lab "):
        return None
    (count,) = struct.unpack(">I", icc[128:132])
    tags: dict[bytes, bytes] = {}
    for i in range(min(count, 200)):
        name, offset, size = struct.unpack(">4sII", icc[132 + 12 * i : 144 + 12 * i])
        tags[name] = icc[offset : offset + size]
    if colors == "GRAY" and b"kTRC" in tags:
        return Profile("gray", colors, (_curve(tags[b"kTRC"]),), in_lightness=pcs == b"Lab ")
    if colors == "RGB" and b"A2B0" not in tags and pcs == b"XYZ ":
        curves = tuple(_curve(tags[name]) for name in (b"rTRC", b"gTRC", b"bTRC"))
        columns = np.array([_xyz(tags[name]) for name in (b"rXYZ", b"gXYZ", b"bXYZ")]).T
        to_srgb = np.linalg.inv(SRGB_D50) @ columns
        sums = to_srgb.sum(axis=1, keepdims=True)
        if not np.all(np.isfinite(to_srgb)) or np.any(np.abs(sums - 1) > 0.2) or abs(np.linalg.det(to_srgb)) < 1e-3:
            return None
        return Profile("matrix", colors, curves, to_srgb / sums)
    if colors in ("RGB", "CMYK", "GRAY") and b"A2B0" in tags:
        return Profile("table", colors)
    return None


def _xyz(tag: bytes) -> tuple[float, ...]:
    if tag[:4] != b"XYZ ":
        raise ValueError("no XYZ")
    return tuple(v / 65536 for v in struct.unpack(">3i", tag[8:20]))


def _curve(tag: bytes) -> Curve:
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
        return _parametric(tag)
    raise ValueError("an unknown tone curve")


def _parametric(tag: bytes) -> Curve:
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
