"""The chroma codes that give a luma code the a*b* asked for, tabulated.

For a luma Y' (which the film keeps) and a*b* there is one lightness at which the colour has just that luma. Where it
lies outside RGB, chroma is lowered along its hue until it fits. At constant Y' the colours inside RGB are a convex
polygon of the CbCr plane, and over all Y' a convex body: what is interpolated between table entries is inside as well.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from photochrom.color.conversion import (
    LAB_KNEE_ROOT,
    LAB_OFFSET,
    LAB_SLOPE,
    lightness_from_luminance,
    linear_to_srgb,
    srgb_to_linear,
)
from photochrom.video.yuv.colorimetry import Colorimetry

__all__ = ["AB_LIMIT", "AB_STEP", "LUMA_STEPS", "coarse_table", "luma_limits", "rgb_offsets"]

#: a* and b* of the tables run to this, both ways; no colour of a screen is further out
AB_LIMIT = 112
#: units of a*b* between entries of the exact table, and luma intervals of it
AB_STEP, LUMA_STEPS = 8, 32
_SOLVES, _HALVINGS = 5, 10


@cache
def coarse_table(light: Colorimetry) -> NDArray[np.float32]:
    """Returns Cb and Cr, -0.5..0.5, of Y' = 0, 1/32 .. 1 and of a*, b* = -112, -104 .. 112: (2, 33, 29, 29) float32."""
    # powers of 32 bits take a third of the time, and change one code of ten thousand, by one
    luma = np.linspace(0.0, 1.0, LUMA_STEPS + 1, dtype=np.float32)[:, None, None]
    axis = np.arange(-AB_LIMIT, AB_LIMIT + 1, AB_STEP, dtype=np.float32)
    a, b = axis[None, :, None], axis[None, None, :]
    part = np.zeros((LUMA_STEPS + 1, len(axis), len(axis)), np.float32)
    fits = _is_inside(_solve_for_luma(light, luma, a, b))
    for step in range(1, _HALVINGS + 1):
        further = part + np.float32(0.5**step)
        part = np.where(_is_inside(_solve_for_luma(light, luma, a * further, b * further)), further, part)
    part[fits] = 1.0
    red, green, blue = _solve_for_luma(light, luma, a * part, b * part)
    kr, kg, kb = light.weights
    made = kr * red + kg * green + kb * blue
    return np.stack([(blue - made) / (2 * (1 - kb)), (red - made) / (2 * (1 - kr))]).astype(np.float32)


def rgb_offsets(
    light: Colorimetry, cb: NDArray[np.float32], cr: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Returns the least and the most that red, green and blue lie above luma, 0..1, for Cb and Cr of any shape."""
    kr, kg, kb = light.weights
    red = np.float32(2 * (1 - kr)) * cr
    blue = np.float32(2 * (1 - kb)) * cb
    green = np.float32(-kr / kg) * red + np.float32(-kb / kg) * blue
    return np.minimum(np.minimum(red, green), blue), np.maximum(np.maximum(red, green), blue)


@cache
def luma_limits(light: Colorimetry) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Returns the lowest and the highest 8-bit luma code, (65536,) each, that U + 256 V leave inside RGB.

    They have one code of grace.
    """
    codes = np.arange(256, dtype=np.float32)
    levels = (codes - np.float32(light.neutral)) / np.float32(light.chroma_span)
    low, high = rgb_offsets(light, levels[None, :], levels[:, None])
    lowest = light.black - low * light.luma_span - 1.0
    highest = light.black + (1.0 - high) * light.luma_span + 1.0
    return (
        np.clip(np.ceil(lowest), 0, 255).astype(np.uint8).ravel(),
        np.clip(np.floor(highest), 0, 255).astype(np.uint8).ravel(),
    )


def _solve_for_luma(
    light: Colorimetry, luma: NDArray[np.float32], a: NDArray[np.float32], b: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Returns gamma-coded RGB (3,...) of chroma a, b at the lightness that has this luma."""
    lightness = lightness_from_luminance(srgb_to_linear(luma))
    # how fast lightness grows with the luma of grays: the slope of the steps to the solution
    slope = (lightness_from_luminance(srgb_to_linear(luma + 0.01)) - lightness) / 0.01
    kr, kg, kb = light.weights
    rgb = _encode_rgb(light, lightness, a, b)
    for _ in range(_SOLVES):
        lightness = lightness + slope * (luma - kr * rgb[0] - kg * rgb[1] - kb * rgb[2])
        rgb = _encode_rgb(light, lightness, a, b)
    return rgb


def _encode_rgb(
    light: Colorimetry, lightness: NDArray[np.float32], a: NDArray[np.float32], b: NDArray[np.float32]
) -> NDArray[np.float32]:
    y = (lightness + 16.0) / 116.0
    roots = np.stack(np.broadcast_arrays(y + a / 500.0, y, y - b / 200.0))
    relative = np.where(roots > LAB_KNEE_ROOT, roots * roots * roots, (roots - LAB_OFFSET) / LAB_SLOPE)
    return linear_to_srgb(np.tensordot(light.linear_from_relative_xyz().astype(np.float32), relative, 1))


def _is_inside(rgb: NDArray[np.float32]) -> NDArray[np.bool_]:
    return np.asarray(((rgb >= -1e-3) & (rgb <= 1.0 + 1e-3)).all(0))
