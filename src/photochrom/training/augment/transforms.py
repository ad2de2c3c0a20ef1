"""One photo to one training sample, all chance drawn from generators that follow from the sample's number."""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photochrom.color.fast_lab import FloatArray
from photochrom.training.augment.affine import warp
from photochrom.training.schema import AugmentationOptions

__all__ = ["crop", "jitter"]


def crop(
    image: Image.Image,
    size: int,
    options: AugmentationOptions,
    rng: np.random.Generator,
    *,
    warp_rng: np.random.Generator | None = None,
) -> NDArray[np.uint8]:
    """Cuts a square out of a photo, perhaps turned, brings it to ``size`` and perhaps mirrors it.

    Args:
        image: three bands of 8 bits.
        size: side of the result, pixels.
        options: how much may change.
        rng: where the square lies, and whether it is mirrored.
        warp_rng: rotation, shear and zoom, which would else change the order of all other chance; None for none.

    Returns:
        (size,size,3) uint8, in the bands of ``image``.
    """
    short = min(image.size)
    side = short
    if rng.random() < options.crop:
        side = int(rng.integers(max(1, round(short * options.min_crop_scale)), short + 1))
    left, top = int(rng.integers(0, image.width - side + 1)), int(rng.integers(0, image.height - side + 1))
    if warp_rng is not None and (options.rotation or options.shear or options.zoom):
        square = warp(image, size, side=side, center=(left + side / 2, top + side / 2), options=options, rng=warp_rng)
    else:
        box = (left, top, left + side, top + side)
        # Pillow's bilinear filter widens when it reduces, so nothing aliases
        square = np.asarray(image.resize((size, size), Image.Resampling.BILINEAR, box=box))
    return square[:, ::-1] if rng.random() < options.hflip else square


def jitter(lightness: FloatArray, options: AugmentationOptions, rng: np.random.Generator) -> FloatArray:
    """Ages a lightness plane (H,W), L* 0..100: tone, noise and blur, each by its probability."""
    if rng.random() < options.tone:
        gamma, contrast, offset = math.exp(rng.normal(0, 0.2)), math.exp(rng.normal(0, 0.15)), rng.normal(0, 4)
        lightness = ((np.clip(lightness / 100, 0, 1) ** gamma - 0.5) * contrast * 100 + 50 + offset).clip(0, 100)
    if rng.random() < options.noise:
        noise = rng.standard_normal(lightness.shape, dtype=np.float32)
        lightness = (lightness + noise * rng.uniform(1, 6)).clip(0, 100)
    if rng.random() < options.blur:
        height, width = lightness.shape
        factor = int(rng.integers(2, 4))
        image = Image.fromarray(np.ascontiguousarray(lightness, np.float32))
        small = image.resize((width // factor, height // factor), Image.Resampling.BOX)
        lightness = np.asarray(small.resize((width, height), Image.Resampling.BILINEAR))
    return np.ascontiguousarray(lightness, np.float32)
