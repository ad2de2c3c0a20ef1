"""How stored pixel values relate to light: lightness out of them, and linear sRGB back into them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from photochrom.color.conversion import lightness_from_luminance, linear_to_srgb
from photochrom.image_io.icc.curves import Curve, srgb_curve
from photochrom.image_io.icc.profile import Profile, parse_profile, srgb_profile

__all__ = ["SRGB", "ColorSpace", "find_color_space"]

#: relative luminance of linear sRGB (D65), as in photochrom.color.conversion
WEIGHTS = np.array([0.212671, 0.715160, 0.072169])

Float = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class ColorSpace:
    """How the pixels of a page relate to light, and in which space its coloured pixels are written.

    Attributes:
        curves: tone curves of the source's values, one (gray) or three.
        matrix: the profile's linear RGB to linear sRGB, (3,3), or None when both are the same.
        in_lightness: a gray curve gives L*/100.
        output_icc: the ICC profile which the coloured file must carry; None when the source had none.
        output_curves: tone curves of the output, None for sRGB.
    """

    curves: tuple[Curve, ...] = (srgb_curve,)
    matrix: NDArray[np.float64] | None = None
    in_lightness: bool = False
    output_icc: bytes | None = None
    output_curves: tuple[Curve, ...] | None = None
    _tables: dict[Any, Any] = field(default_factory=dict, repr=False)

    def lightness(self, pixels: NDArray[Any]) -> Float:
        """Returns L* (h,w) float32, 0..100, of pixels (h,w) or (h,w,3) of dtype uint8, uint16 or float32 (0..1).

        The luminance is that of D65 sRGB, to which ICC pixels are brought; a gray value has the lightness its curve
        says. Within 0.01 of the exact value at 16 bits.
        """
        if pixels.ndim == 2:
            if pixels.dtype.kind != "u":
                return self._gray_lightness(_clip_unit(pixels))
            table: Float = self._table(("L", pixels.dtype), lambda: self._gray_lightness(_unit_levels(pixels.dtype)))
            return table.take(pixels, mode="clip")
        weights = (WEIGHTS if self.matrix is None else WEIGHTS @ self.matrix).astype(np.float32)
        total = np.zeros(pixels.shape[:2], np.float32)
        for channel in range(3):
            total += weights[channel] * self._linear(pixels[..., channel], channel)
        light = np.clip(total, 0, 1, out=total)
        return np.clip(lightness_from_luminance(light), 0, 100).astype(np.float32, copy=False)

    def decode(self, pixels: NDArray[Any]) -> Float:
        """Returns linear sRGB planes (3,h,w) float32 of pixels (h,w,3); colours outside sRGB leave 0..1."""
        planes = np.empty((3, *pixels.shape[:2]), np.float32)
        for channel in range(3):
            planes[channel] = self._linear(pixels[..., channel], channel)
        return planes if self.matrix is None else np.tensordot(self.matrix.astype(np.float32), planes, axes=1)

    def encode(self, linear: Float, dtype: DTypeLike) -> NDArray[Any]:
        """Encodes linear sRGB planes (3,h,w) float32, 0..1, as pixels (h,w,3) of ``dtype`` in the file's space."""
        kind = np.dtype(dtype)
        out = np.empty((*linear.shape[1:], 3), kind)
        planes = linear
        if self.output_curves is not None and self.matrix is not None:
            planes = np.tensordot(np.linalg.inv(self.matrix).astype(np.float32), linear, axes=1)
        for channel in range(3):
            curve = None if self.output_curves is None else self.output_curves[channel]
            out[..., channel] = self._encode_plane(planes[channel], curve, channel, kind)
        return out

    def colored(self) -> "ColorSpace":
        """Returns the space of pixels that :meth:`encode` made."""
        if self.output_curves is not None:
            return self
        return SRGB if self.output_icc is None else ColorSpace(output_icc=self.output_icc)

    def _linear(self, plane: NDArray[Any], channel: int) -> Float:
        """Returns light of one channel's values, in the profile's own primaries."""
        curve = self.curves[channel % len(self.curves)]
        if plane.dtype.kind != "u":
            return np.clip(curve(_clip_unit(plane)), 0, 1).astype(np.float32)
        levels = plane.dtype
        key = ("linear", channel, levels)
        table: Float = self._table(key, lambda: np.clip(curve(_unit_levels(levels)), 0, 1).astype(np.float32))
        return table.take(plane, mode="clip")

    def _gray_lightness(self, values: NDArray[np.float64]) -> Float:
        # a gray value under an RGB profile is R = G = B
        weights = WEIGHTS / WEIGHTS.sum() if self.matrix is None else (WEIGHTS @ self.matrix) / WEIGHTS.sum()
        light = np.zeros_like(values)
        if len(self.curves) == 1:
            light = np.clip(self.curves[0](values), 0, 1)
        else:
            for curve, weight in zip(self.curves, weights, strict=True):
                light += weight * np.clip(curve(values), 0, 1)
        if self.in_lightness:
            return (100 * light).astype(np.float32)
        return np.clip(lightness_from_luminance(light), 0, 100).astype(np.float32)

    def _encode_plane(self, plane: Float, curve: Curve | None, channel: int, kind: np.dtype[Any]) -> NDArray[Any]:
        light = np.clip(plane, 0, 1)
        if kind == np.uint8:
            table: NDArray[np.uint8] = (
                _srgb_bytes()
                if curve is None
                else self._table(("8", channel), lambda: _tabulate_bytes(_invert_curve(curve)))
            )
            # equal steps of the square root are fine where the curve is steep, at black
            index = np.sqrt(light, out=light)
            index *= 65535
            index += 0.5
            return table.take(index.astype(np.intp), mode="clip")
        if curve is None:
            coded = linear_to_srgb(light)
        else:
            coded = _interpolate(self._table(("16", channel), lambda: _sample_curve(_invert_curve(curve))), light)
        if kind == np.uint16:
            return (coded * 65535 + 0.5).astype(np.uint16)
        return coded.astype(kind)

    def _table(self, key: Any, make: Callable[[], Any]) -> Any:
        # two threads may both make it; they make the same
        if key not in self._tables:
            self._tables[key] = make()
        return self._tables[key]


def _unit_levels(dtype: np.dtype[Any]) -> NDArray[np.float64]:
    top = np.iinfo(dtype).max
    return np.arange(top + 1, dtype=np.float64) / top


def _clip_unit(values: NDArray[Any]) -> NDArray[np.float64]:
    return np.clip(np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=1.0, neginf=0.0), 0, 1)


@cache
def _srgb_bytes() -> NDArray[np.uint8]:
    return _tabulate_bytes(linear_to_srgb)


def _tabulate_bytes(encode: Curve) -> NDArray[np.uint8]:
    light = (np.arange(65536) / 65535) ** 2
    return (np.clip(encode(light), 0, 1) * 255 + 0.5).astype(np.uint8)


def _invert_curve(curve: Curve) -> Curve:
    # samples crowd at black, where curves with a gamma are flat and their inverse steep
    values = np.linspace(0, 1, 65536) ** 1.5
    light = np.maximum.accumulate(np.clip(curve(values), 0, 1))
    light, first = np.unique(light, return_index=True)
    values = values[first]
    return lambda y: np.interp(y, light, values)


def _sample_curve(encode: Curve) -> Float:
    """Returns the curve at 65537 equal steps of the square root of light, and once more at the end."""
    return encode(np.minimum(np.arange(65538) / 65536, 1) ** 2).astype(np.float32)


def _interpolate(samples: Float, light: Float) -> Float:
    place = np.sqrt(light) * np.float32(65536)
    cell = place.astype(np.intp)
    place -= cell
    low = samples.take(cell, mode="clip")
    return low + place * (samples.take(cell + 1, mode="clip") - low)


#: pixels without a profile
SRGB = ColorSpace()


def find_color_space(icc: bytes | None, *, gray: bool) -> tuple[ColorSpace, Profile | None]:
    """Returns the space of pixels with this ICC profile, and what the profile is.

    A profile that is damaged, or that is for gray where the pixels are colour, is passed over, as viewers do: the
    pixels are then taken as sRGB. A ``table`` profile comes back as the second answer: its pixels have to be converted
    to sRGB first, and the space returned is right for them afterwards.
    """
    profile = parse_profile(icc) if icc else None
    if icc is None or profile is None or (profile.kind == "gray" and not gray):
        return (SRGB if icc is None else ColorSpace(output_icc=srgb_profile())), None
    if profile.kind == "gray":
        return ColorSpace(profile.curves, in_lightness=profile.in_lightness, output_icc=srgb_profile()), profile
    if profile.kind == "table":
        return ColorSpace(output_icc=srgb_profile()), profile
    if _is_srgb(profile):
        return ColorSpace(output_icc=icc), profile
    return ColorSpace(profile.curves, profile.matrix, output_icc=icc, output_curves=profile.curves), profile


def _is_srgb(profile: Profile) -> bool:
    values = np.linspace(0, 1, 257)
    exact = srgb_curve(values)
    same = all(np.allclose(curve(values), exact, atol=2e-5) for curve in profile.curves)
    return same and profile.matrix is not None and bool(np.allclose(profile.matrix, np.eye(3), atol=1e-3))
