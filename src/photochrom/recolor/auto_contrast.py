"""Restores the contrast of a faded picture: its lightness stretched, on request only.

The lightness range that holds all but half a percent of the picture at either end is widened towards 2..98, most of
the way and never by more than 2.5 times, along one rising curve: what lay outside the range keeps its order and its
detail, for nothing is clipped. A picture that uses its range already comes back as it is.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from photochrom.color.conversion import linear_to_lab
from photochrom.image_io import Page
from photochrom.recolor import shrink
from photochrom.recolor.lab_to_rgb import join
from photochrom.recolor.strips import strips

__all__ = ["stretch_contrast", "stretch_curve"]

Lightness = NDArray[np.float32]

#: part of the picture at either end that may lie outside
TAIL = 0.005
#: where the range's ends are moved to, and how much of that way
DARKEST, LIGHTEST, WAY = 2.0, 98.0, 0.85
#: a range narrower than this, L*, is of a picture without contrast to restore
FLAT = 1.0
#: how much steeper the curve may be than the picture was
STEEPEST = 2.5
#: short side on which the range is measured, pixels
SIDE = 256


def stretch_contrast(page: Page) -> Page:
    """Returns the page with its lightness stretched; hue and, where the gamut allows it, chroma stay.

    Gray pages stay gray, and every dtype stays what it is.
    """
    scale = min(1.0, SIDE / min(page.height, page.width))
    small = shrink(page, (max(1, round(page.height * scale)), max(1, round(page.width * scale))))
    curve = stretch_curve(small)
    pixels = np.empty(page.pixels.shape, page.pixels.dtype)
    for rows in strips(page.height, page.width):
        part = page.pixels[rows]
        lightness = curve(page.space.lightness(part))
        flat = np.zeros_like(lightness)
        a, b = (flat, flat) if part.ndim == 2 else linear_to_lab(page.space.decode(part))[1:]
        made = page.space.encode(join(lightness, np.asarray(a, np.float32), np.asarray(b, np.float32)), part.dtype)
        pixels[rows] = made[..., 1] if part.ndim == 2 else made
    return replace(page, pixels=pixels, space=page.space.colored())


def stretch_curve(lightness: Lightness) -> Callable[[Lightness], Lightness]:
    """A rising curve 0..100 to 0..100 that widens the range of these L* values (any shape).

    >>> curve = stretch_curve(np.linspace(30, 70, 1000, dtype=np.float32))
    >>> curve(np.array([0, 30, 50, 70, 100], np.float32)).round().tolist()
    [0.0, 6.0, 50.0, 94.0, 100.0]
    """
    low, high = (float(value) for value in np.quantile(lightness, (TAIL, 1.0 - TAIL)))
    wide = high - low
    if wide < FLAT:
        return lambda values: values
    dark, light = low + WAY * min(0.0, DARKEST - low), high + WAY * max(0.0, LIGHTEST - high)
    if light - dark > STEEPEST * wide:
        # the two ends give up alike
        give = (light - dark - STEEPEST * wide) / ((low - dark) + (light - high))
        dark, light = dark + give * (low - dark), light - give * (light - high)
    # both lists rise strictly, whatever was measured: order is kept
    before = np.maximum.accumulate([0.0, low, high, 100.0])
    after = np.maximum.accumulate([0.0, dark, light, 100.0])

    def curve(values: Lightness) -> Lightness:
        return np.interp(values, before, after).astype(np.float32)

    return curve
