"""Confidence as a picture that people can read: the photo in gray, tinted where the network is unsure, with a legend.

The tint runs from nothing (sure) over yellow and orange to dark purple (unsure), the upper part of the inferno map
(Smith & van der Walt, matplotlib, 2015): its lightness falls all the way, so that it reads without colour vision and in
print. Under it the photo stays visible.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from photochrom.color.conversion import lab_to_srgb
from photochrom.errors import OptionError
from photochrom.recolor import resize
from photochrom.result import Result

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["draw", "tint"]

#: sRGB of the tint at confidence 0, 0.25, 0.5, 0.75 and 1
STOPS = np.array([(66, 10, 104), (147, 38, 103), (221, 81, 58), (252, 165, 10), (252, 255, 220)], np.float32) / 255
#: how much of the picture is tint at confidence 0, 0.5, and from 0.85
COVER = ((0.0, 0.5, 0.85, 1.0), (0.72, 0.55, 0.0, 0.0))
#: longest side of the photo in the drawing, pixels, unless another is given
SIDE = 1280
#: smallest width of a drawing: that of its legend
NARROWEST = 360
PAPER, INK = (250, 250, 248), (32, 32, 32)


def draw(result: Result, *, side: int = SIDE) -> "Image.Image":
    """Draws the confidence of a result's first page.

    Args:
        result: of a network with a distribution.
        side: longest side of the photo in the drawing, pixels; a smaller photo keeps its size.

    Returns:
        An RGB picture: the photo, and below it a bar with its meaning in words and the mean.

    Raises:
        OptionError: the network gives no confidence.
    """
    from PIL import Image

    if result.confidence_map is None or result.confidence is None:
        raise OptionError("inspection.confidence_unavailable", model=result.model)
    lightness = _shrink_lightness(result, side)
    height, width = lightness.shape
    sure = np.clip(resize(result.confidence_map, (width, height)), 0.0, 1.0)
    gray = np.clip(lab_to_srgb(np.stack([lightness, 0 * lightness, 0 * lightness])), 0, 1).transpose(1, 2, 0)
    photo = Image.fromarray(np.rint(tint(gray, sure) * 255).astype(np.uint8))
    legend = _draw_legend(max(width, NARROWEST), float(sure.mean()))
    sheet = Image.new("RGB", (legend.width, height + legend.height), PAPER)
    sheet.paste(photo, ((sheet.width - width) // 2, 0))
    sheet.paste(legend, (0, height))
    return sheet


def tint(gray: NDArray[np.float32], sure: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns gray (h,w,3), 0..1, tinted by confidence (h,w), 0..1: sRGB (h,w,3), 0..1."""
    at = np.linspace(0.0, 1.0, len(STOPS))
    color = np.stack([np.interp(sure, at, channel) for channel in STOPS.T], axis=-1)
    cover = np.interp(sure, *COVER)[..., None]
    mixed: NDArray[np.float32] = (gray * (1.0 - cover) + color * cover).astype(np.float32)
    return mixed


def _shrink_lightness(result: Result, side: int) -> NDArray[np.float32]:
    """Returns the first page's L*, its longest side as wanted."""
    from photochrom.recolor import shrink

    page = result.picture.pages[0]
    scale = min(1.0, side / max(page.height, page.width))
    return shrink(page, (max(1, round(page.height * scale)), max(1, round(page.width * scale))))


def _draw_legend(width: int, mean: float) -> "Image.Image":
    from PIL import Image, ImageDraw, ImageFont

    unit = max(12, min(22, width // 45))
    font = ImageFont.load_default(size=unit)
    sheet = Image.new("RGB", (width, 4 * unit + unit // 2), PAPER)
    pen = ImageDraw.Draw(sheet)
    edge = unit
    long = width - 2 * edge
    ramp = np.broadcast_to(np.linspace(1.0, 0.0, long, dtype=np.float32), (unit, long))
    gray = np.full((unit, long, 3), 0.62, np.float32)
    bar = Image.fromarray(np.rint(tint(gray, ramp) * 255).astype(np.uint8))
    sheet.paste(bar, (edge, edge))
    pen.rectangle((edge - 1, edge - 1, edge + long, edge + unit), outline=INK)
    # a mark at the mean
    place = edge + round((1.0 - mean) * (long - 1))
    pen.line((place, edge - unit // 3, place, edge + unit + unit // 3), fill=INK, width=2)
    below = 2 * edge + unit // 2
    pen.text((edge, below), "sure", fill=INK, font=font)
    pen.text((edge + long, below), "unsure", fill=INK, font=font, anchor="ra")
    pen.text((width // 2, below), f"mean {mean:.2f}", fill=INK, font=font, anchor="ma")
    return sheet
