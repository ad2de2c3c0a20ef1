"""Compares a result's lightness with its original's, pixel by pixel.

Whole numbers cannot hold every colour: what is written is the nearest colour of 8 or 16 bits, whose lightness is a hair
off. So a pixel *has* the original's lightness where a colour of exactly that lightness rounds to it. Its channels could
have come from half a level below to half a level above; the lightness of these two ends brackets every such colour,
for luminance rises with each channel.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photochrom.color.conversion import lightness_from_luminance, linear_to_lab
from photochrom.image_io import Page
from photochrom.image_io.icc.color_space import WEIGHTS
from photochrom.recolor.lab_to_rgb import join

__all__ = ["LightnessReport", "Reencode", "compare_lightness"]

#: L* that float32 arithmetic adds to the bracket
_ARITHMETIC = 2e-4
#: L* by which curves of a profile, which are inverted by a table, may be off at 16 bits; near black alone
_PROFILE = 0.005
#: L* of float pixels, which are not rounded
_FLOAT = 1e-3
#: pixels of a side of the squares in which an encoder's own deviation is measured
_SQUARE = 16
#: how far an encoder's second pass may lie over its first: this often, and so much L*
_FACTOR, _SLACK = 2.0, 1.0
#: pixels worked on at a time
_PIXELS = 1 << 21

Plane = NDArray[np.float64]
#: encodes a page anew, as its file was, and decodes it
Reencode = Callable[[Page], Page]


@dataclass(frozen=True)
class LightnessReport:
    """How the lightness of one page lies to its original's.

    Attributes:
        pixels: of the page.
        exact: whether every pixel has the original's lightness within the rounding of its format.
        within_encoder: whether every deviation lies within what the encoder does to such a picture; None where
            ``exact`` holds, or where the format has no loss.
        deviating: pixels whose lightness is not the original's: by rounding, or where the format has a loss, by more
            than the encoder's.
        first: x and y of the first of them.
        mean: mean deviation, L*.
        largest: largest deviation, L*.
    """

    pixels: int
    exact: bool
    within_encoder: bool | None
    deviating: int
    first: tuple[int, int] | None
    mean: float
    largest: float

    @property
    def holds(self) -> bool:
        """Whether the lightness is the original's, as far as the format can hold it."""
        return self.exact or bool(self.within_encoder)


def compare_lightness(
    original: Page, result: Page, *, reencode: Reencode | None = None, half: bool = False, associated: bool = False
) -> LightnessReport:
    """Compares a coloured page with its original, of the same size.

    Args:
        original: gray or in colour.
        result: the page in colour.
        reencode: for a format with a loss: encodes a page as the result was and decodes it; None for a format without.
        half: the result's file holds floats of 16 bits.
        associated: its alpha is multiplied into the colours, so they are rounded twice more, in steps of 1 / alpha.

    Returns:
        What was found. Where a format has a loss, the picture that should have gone into the encoder is made of the
        original's lightness and the result's colours, and goes through it once more: what comes out says how far
        lightness moves there.
    """
    deviation = np.empty((result.height, result.width), np.float32)
    outside = np.zeros(deviation.shape, bool)
    coarser = original.pixels.dtype.itemsize > result.pixels.dtype.itemsize
    step = max(1, _PIXELS // max(result.width, 1))
    for top in range(0, result.height, step):
        rows = slice(top, top + step)
        wanted = original.space.lightness(original.pixels[rows]).astype(np.float64)
        low, high = _bracket(result, rows, coarser=coarser, half_float=half, associated=associated)
        outside[rows] = (wanted < low) | (wanted > high)
        deviation[rows] = result.space.lightness(result.pixels[rows]) - wanted
    exact = not outside.any()
    within = None
    if not exact and reencode is not None:
        outside = np.abs(deviation) > _allowance(original, result, reencode)
        within = not outside.any()
    place = np.argwhere(outside)[:1].tolist()
    size = np.abs(deviation)
    return LightnessReport(
        pixels=deviation.size,
        exact=exact,
        within_encoder=within,
        deviating=int(outside.sum()),
        first=(place[0][1], place[0][0]) if place else None,
        mean=float(size.mean()),
        largest=float(size.max()),
    )


def _bracket(page: Page, rows: slice, *, coarser: bool, half_float: bool, associated: bool) -> tuple[Plane, Plane]:
    """Returns the lowest and the highest lightness of colours that round to the pixels of these rows."""
    pixels, space = page.pixels[rows], page.space
    if pixels.dtype.kind != "u":
        exact = space.lightness(pixels).astype(np.float64)
        # a half float has 11 bits, and L* + 16 goes with the cube root of light
        room = _FLOAT + ((exact + 16) / 3 / 2048 * 2.5 if half_float else 0.0)
        return exact - room, exact + room
    # a deeper original was rounded twice
    half = 1.0 if coarser else 0.5
    room = _ARITHMETIC if space.output_curves is None or pixels.dtype == np.uint8 else _PROFILE
    weights = WEIGHTS if space.matrix is None else WEIGHTS @ space.matrix
    planes: list[Plane] = []
    wider = None
    if associated and page.alpha is not None:
        top = np.iinfo(pixels.dtype).max
        wider = half + 1.0 * top / np.maximum(page.alpha[rows].astype(np.float64), 0.5 / top)
    for shift in (-half, half):
        light = np.zeros(pixels.shape[:2])
        for channel in range(3):
            plane = pixels if pixels.ndim == 2 else pixels[..., channel]
            if wider is None:
                levels = _shifted_levels(page, channel, shift)[plane]
            else:
                levels = _find_light(page, channel, plane + np.sign(shift) * wider)
            light += weights[channel] * levels
        planes.append(lightness_from_luminance(np.clip(light, 0, 1)))
    return planes[0] - room, planes[1] + room


def _shifted_levels(page: Page, channel: int, shift: float) -> Plane:
    """Returns the light of every value of a channel, moved by so many levels."""
    top = np.iinfo(page.pixels.dtype).max
    return _find_light(page, channel, np.arange(top + 1, dtype=np.float64) + shift)


def _find_light(page: Page, channel: int, levels: Plane) -> Plane:
    """Returns the light of levels of a channel, which need not be whole."""
    values = np.clip(levels / np.iinfo(page.pixels.dtype).max, 0, 1)
    curves = page.space.curves
    return np.clip(np.asarray(curves[channel % len(curves)](values), np.float64), 0, 1)


def _with_lightness(page: Page, original: Page) -> Page:
    """Returns the page in its own colours, with the lightness of the original: what should have been encoded."""
    pixels = np.empty(page.pixels.shape, page.pixels.dtype)
    step = max(1, _PIXELS // max(page.width, 1))
    for top in range(0, page.height, step):
        rows = slice(top, top + step)
        ab = linear_to_lab(page.space.decode(page.pixels[rows]))[1:].astype(np.float32)
        lightness = original.space.lightness(original.pixels[rows])
        pixels[rows] = page.space.encode(join(lightness, *ab), pixels.dtype)
    return replace(page, pixels=pixels)


def _allowance(original: Page, result: Page, reencode: Reencode) -> NDArray[np.float32]:
    """Returns by how much each pixel may deviate, L*: what the encoder does in the squares around it."""
    again = reencode(_with_lightness(result, original))
    moved = np.abs(again.space.lightness(again.pixels) - original.space.lightness(original.pixels))
    height, width = moved.shape
    down, across = -(-height // _SQUARE), -(-width // _SQUARE)
    padded = np.zeros(((down + 2) * _SQUARE, (across + 2) * _SQUARE), np.float32)
    padded[_SQUARE : _SQUARE + height, _SQUARE : _SQUARE + width] = moved
    squares = padded.reshape(down + 2, _SQUARE, across + 2, _SQUARE).max((1, 3))
    # of a square and its eight neighbours
    near = np.max([squares[y : y + down, x : x + across] for y in range(3) for x in range(3)], axis=0)
    whole: NDArray[Any] = np.repeat(np.repeat(near, _SQUARE, 0), _SQUARE, 1)[:height, :width]
    return np.asarray(whole * _FACTOR + _SLACK, np.float32)
