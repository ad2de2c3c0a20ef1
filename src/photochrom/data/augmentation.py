"""One photo to one training sample, all chance drawn from one generator."""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photochrom.color import linear_to_lab, srgb_to_linear
from photochrom.data.options import AugmentationOptions

__all__ = ["crop", "jitter", "to_lab"]

FloatArray = NDArray[np.float32]
LINEAR = srgb_to_linear(np.arange(256) / 255.0).astype(np.float32)


def crop(image: Image.Image, size: int, options: AugmentationOptions, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Cut a square out of a photo, bring it to ``size`` and perhaps mirror it: (size,size,3) uint8."""
    short = min(image.size)
    side = short
    if rng.random() < options.crop:
        side = int(rng.integers(max(1, round(short * options.smallest_crop)), short + 1))
    left, top = int(rng.integers(0, image.width - side + 1)), int(rng.integers(0, image.height - side + 1))
    box = (left, top, left + side, top + side)
    # Pillow's bilinear filter widens when it reduces, so nothing aliases
    square = np.asarray(image.resize((size, size), Image.Resampling.BILINEAR, box=box))
    return square[:, ::-1] if rng.random() < options.flip else square


def to_lab(square: NDArray[np.uint8]) -> FloatArray:
    """CIELAB (3,H,W) float32 of sRGB (H,W,3) uint8."""
    return linear_to_lab(LINEAR[np.moveaxis(square, -1, 0)]).astype(np.float32)


def jitter(lightness: FloatArray, options: AugmentationOptions, rng: np.random.Generator) -> FloatArray:
    """Age a lightness plane (H,W), L* 0..100: tone, grain and blur, each by its probability."""
    if rng.random() < options.tone:
        gamma, contrast, offset = math.exp(rng.normal(0, 0.2)), math.exp(rng.normal(0, 0.15)), rng.normal(0, 4)
        lightness = ((np.clip(lightness / 100, 0, 1) ** gamma - 0.5) * contrast * 100 + 50 + offset).clip(0, 100)
    if rng.random() < options.grain:
        noise = rng.standard_normal(lightness.shape, dtype=np.float32)
        lightness = (lightness + noise * rng.uniform(1, 6)).clip(0, 100)
    if rng.random() < options.blur:
        height, width = lightness.shape
        factor = int(rng.integers(2, 4))
        image = Image.fromarray(np.ascontiguousarray(lightness, np.float32))
        small = image.resize((width // factor, height // factor), Image.Resampling.BOX)
        lightness = np.asarray(small.resize((width, height), Image.Resampling.BILINEAR))
    return np.ascontiguousarray(lightness, np.float32)
