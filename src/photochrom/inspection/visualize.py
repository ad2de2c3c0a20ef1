"""Planes made visible: each as an RGB picture, so that whoever draws them decides nothing about colour."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from photochrom.color.conversion import fit_gamut, lab_to_srgb
from photochrom.inspection.analyze import Findings

__all__ = ["EVEN", "chroma_limit", "chroma_ramp", "colors_alone", "in_color"]

Planes = NDArray[np.float32]
Pixels = NDArray[np.uint8]

#: lightness at which the most colours of sRGB have some chroma; colours alone are shown at it
EVEN = 65.0
#: steps of a ramp
STEPS = 256


def in_color(lightness: Planes, ab: Planes) -> Pixels:
    """Returns L* (H,W) with a*b* (2,H,W) as 8-bit sRGB (H,W,3); out of sRGB, chroma is lowered."""
    srgb = lab_to_srgb(fit_gamut(np.concatenate([lightness[None], ab])))
    pixels: Pixels = np.rint(np.clip(srgb, 0.0, 1.0) * 255).astype(np.uint8).transpose(1, 2, 0)
    return pixels


def colors_alone(ab: Planes) -> Pixels:
    """Returns a*b* (2,H,W) at one lightness, 65: (H,W,3). Edges seen here are the colours' own."""
    return in_color(np.full(ab.shape[1:], EVEN, np.float32), ab)


@cache
def chroma_ramp(axis: int) -> NDArray[np.float64]:
    """Returns colours (256,3), 0..1, for chroma from -1 to 1: green to red for a* (0), blue to yellow for b* (1)."""
    ab = np.zeros((2, 1, STEPS), np.float32)
    # lightness falls towards both ends, so that the ramp is read in gray print too
    along = np.linspace(-1.0, 1.0, STEPS, dtype=np.float32)
    ab[axis] = 90 * along
    lightness = (92 - 42 * np.abs(along))[None].astype(np.float32)
    ramp: NDArray[np.float64] = in_color(lightness, ab)[0] / 255.0
    return ramp


def chroma_limit(findings: Findings) -> float:
    """Returns the a* or b* that the ends of the ramps stand for: the same for prediction and truth, 20 at least."""
    planes = [findings.ab, *([] if findings.truth is None else [findings.truth])]
    return max(20.0, float(np.ceil(max(np.percentile(np.abs(plane), 99.5) for plane in planes) / 10) * 10))
