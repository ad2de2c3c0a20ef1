"""ICC profiles: curves, matrices and tables read from their bytes (ICC.1:2022), exact enough for 16 bits.

Light is linear, 0..1. Matrices lead from a profile's linear RGB to linear sRGB (D65), through the D50 connection space
and the Bradford adaptation which ICC and sRGB share.
"""

import struct
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from photochrom.image_io.icc.curves import Curve, read_curve
from photochrom.image_io.icc.lut import Table, read_table
from photochrom.image_io.icc.pcs import SRGB_D50

__all__ = ["Profile", "parse_profile", "srgb_profile"]


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
        table: the colour table, ``table`` only.
    """

    kind: Literal["gray", "matrix", "table"]
    colors: str
    curves: tuple[Curve, ...] = ()
    matrix: NDArray[np.float64] | None = None
    in_lightness: bool = False
    table: Table | None = None


@cache
def srgb_profile() -> bytes:
    """Returns an sRGB ICC profile, always the same bytes."""
    from PIL import ImageCms

    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    # the date is the moment of making; files made twice shall be the same
    profile[24:36] = struct.pack(">6H", 2026, 1, 1, 0, 0, 0)
    return bytes(profile)


def parse_profile(icc: bytes) -> Profile | None:
    """Reads an ICC profile; None when it is damaged or of a kind that says nothing about pixels we know."""
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
        return Profile("gray", colors, (read_curve(tags[b"kTRC"]),), in_lightness=pcs == b"Lab ")
    if colors == "RGB" and b"A2B0" not in tags and pcs == b"XYZ ":
        curves = tuple(read_curve(tags[name]) for name in (b"rTRC", b"gTRC", b"bTRC"))
        columns = np.array([_xyz(tags[name]) for name in (b"rXYZ", b"gXYZ", b"bXYZ")]).T
        to_srgb = np.linalg.inv(SRGB_D50) @ columns
        sums = to_srgb.sum(axis=1, keepdims=True)
        if not np.all(np.isfinite(to_srgb)) or np.any(np.abs(sums - 1) > 0.2) or abs(np.linalg.det(to_srgb)) < 1e-3:
            return None
        return Profile("matrix", colors, curves, to_srgb / sums)
    if colors in ("RGB", "CMYK", "GRAY") and b"A2B0" in tags:
        return Profile("table", colors, table=read_table(icc, tags))
    return None


def _xyz(tag: bytes) -> tuple[float, ...]:
    if tag[:4] != b"XYZ ":
        raise ValueError("no XYZ")
    return tuple(v / 65536 for v in struct.unpack(">3i", tag[8:20]))
