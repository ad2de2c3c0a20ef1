"""A photo's centre, as a square of the size that is asked for."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photochrom.datasets.sources.photo_set import Photos, decode

__all__ = ["centre_square"]


def centre_square(photos: Photos, index: int, side: int) -> NDArray[np.uint8]:
    """Returns the largest square in the middle of a photo, (side,side,3) sRGB.

    Raises:
        DataError: the photo cannot be read.
    """
    image = decode(photos, index, at_least=side)
    short = min(image.size)
    left, top = (image.width - short) // 2, (image.height - short) // 2
    square = image.resize((side, side), Image.Resampling.BILINEAR, box=(left, top, left + short, top + short))
    return np.asarray(square)
