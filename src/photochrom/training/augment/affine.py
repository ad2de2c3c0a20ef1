"""Rotation, shear and zoom in one resampling."""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photochrom.training.schema import AugmentationOptions

__all__ = ["warp"]

#: pixels beyond the cut that interpolation may ask for
MARGIN = 2


def warp(
    image: Image.Image,
    size: int,
    *,
    side: float,
    center: tuple[float, float],
    options: AugmentationOptions,
    rng: np.random.Generator,
) -> NDArray[np.uint8]:
    """Cuts a turned, sheared and zoomed square out of a photo.

    Args:
        image: three bands of 8 bits.
        size: side of the result, pixels.
        side: of the square in the photo before it is changed, pixels.
        center: of that square, x and y in pixels.
        options: ranges, and what comes from beyond the photo's edge.
        rng: all chance comes from here.

    Returns:
        (size,size,3) uint8.
    """
    matrix = _draw_matrix(options, rng) * side
    reach = np.abs(matrix).sum(1) / 2
    middle = np.array(center)
    frame = np.array(image.size, float)
    if options.border == "inside":
        shrink = min(1.0, *(frame / (2 * reach)))
        matrix, reach = matrix * shrink, reach * shrink
        middle = middle.clip(reach, frame - reach)
    # brought near its final size first: the transform does not widen its filter when it reduces
    scale = min(1.0, size / math.sqrt(abs(np.linalg.det(matrix))))
    low, high = np.floor(middle - reach - MARGIN / scale), np.ceil(middle + reach + MARGIN / scale)
    start, end = np.maximum(low, 0), np.minimum(high, frame)
    width, height = np.maximum(np.rint((end - start) * scale), 1).astype(int).tolist()
    part = image.resize((width, height), Image.Resampling.BILINEAR, box=(*start, *end))
    factor = np.array([width, height]) / (end - start)
    before, after = (np.ceil(gap * factor).astype(int) for gap in (start - low, high - end))
    if before.any() or after.any():
        around = ((before[1], after[1]), (before[0], after[0]), (0, 0))
        part = Image.fromarray(np.pad(np.asarray(part), around, mode="symmetric"))
    inverse = matrix * factor[:, None] / size
    origin = (middle - start) * factor + before - inverse.sum(1) * size / 2
    terms = (*inverse[0], origin[0], *inverse[1], origin[1])
    return np.asarray(part.transform((size, size), Image.Transform.AFFINE, terms, Image.Resampling.BILINEAR))


def _draw_matrix(options: AugmentationOptions, rng: np.random.Generator) -> NDArray[np.float64]:
    """(2,2), from the result's square, side 1, to the photo's."""
    angle = math.radians(rng.uniform(-options.rotation, options.rotation))
    shear = rng.uniform(-options.shear, options.shear)
    zoom = rng.uniform(1 - options.zoom, 1 + options.zoom)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    matrix: NDArray[np.float64] = turn @ np.array([[1.0, shear], [0.0, 1.0]]) / zoom
    return matrix
