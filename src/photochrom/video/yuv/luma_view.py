"""A frame's luma, made small: the lightness that the network and the finder of cuts see."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photochrom.color.conversion import lab_to_srgb
from photochrom.image_io import Page
from photochrom.video.yuv.colorimetry import Colorimetry
from photochrom.video.yuv.rotation import Orientation

__all__ = ["LumaViewer", "make_page"]


class LumaViewer:
    """Makes small views of luma planes. Safe to share between threads.

    Args:
        light: what the codes mean.
        orientation: how the stored picture is turned to be upright.
        size: height and width of the view, upright.
    """

    def __init__(self, light: Colorimetry, orientation: Orientation, size: tuple[int, int]) -> None:
        self._lightness = light.lightness()
        self._shift = light.depth - 8
        self._orientation = orientation
        self._size = orientation.size(*size)

    def __call__(self, luma: NDArray[Any]) -> NDArray[np.float32]:
        """Returns upright L* (h,w), float32, 0..100, of a luma plane (H,W), uint8 or uint16 in the film's own codes."""
        if self._shift:
            # half a code of 8 bits is below what the network can see
            luma = (luma >> self._shift).astype(np.uint8)
        image = Image.fromarray(np.ascontiguousarray(luma))
        height, width = self._size
        # whole-number averaging first, which is cheap on bytes, and the good filter for the rest
        factor = max(1, min(image.height // height, image.width // width))
        small = Image.fromarray(self._lightness[np.asarray(image.reduce(factor))])
        box = (0.0, 0.0, image.width / factor, image.height / factor)
        view = np.asarray(small.resize((width, height), Image.Resampling.LANCZOS, box))
        clipped: NDArray[np.float32] = np.clip(view, 0.0, 100.0)
        return np.ascontiguousarray(self._orientation.upright(clipped))


def make_page(lightness: NDArray[np.float32]) -> Page:
    """Returns a view (h,w) of L* 0..100 as a gray page of 8 bits, sRGB."""
    gray = lab_to_srgb(np.stack([lightness, np.zeros_like(lightness), np.zeros_like(lightness)]))[0]
    return Page(np.rint(np.clip(gray, 0, 1) * 255).astype(np.uint8))
