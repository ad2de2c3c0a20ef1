"""Tells pixels that a decoder has written from those that it has not, and puts gray where it has not."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photochrom.image_io.codecs.pillow import ignore_warnings
from photochrom.image_io.metadata.exif import turn_upright
from photochrom.image_io.types import Page, middle_gray

__all__ = ["load_leniently", "load_part", "mark_missing"]

#: two fillings of a buffer; they differ in every bit, also of one that is a single bit a pixel
_FILLS = (0, 255)


def load_leniently(image: Any, fill: int = 0) -> bool:
    """Decodes an open Pillow image as far as it goes, and tells whether that was to its end.

    The buffer is filled before, so that what was not decoded has that value.
    """
    from PIL import Image

    # a decoder that was not reached leaves what it finds
    image.im = Image.new(image.mode, image.size, _spread(image.mode, fill)).im
    try:
        with ignore_warnings():
            image.load()
    except (OSError, SyntaxError, ValueError, EOFError):
        image.tile = []
        if image.format in ("TGA", "TIFF"):
            # which turn pixels at the end
            image.load_end()
        return False
    return True


def load_part(open_image: Callable[[], Any]) -> tuple[Any, NDArray[np.bool_]]:
    """Decodes an image as far as it goes, twice, into buffers that are filled with other values.

    Args:
        open_image: opens it; nothing is decoded yet.

    Returns:
        The Pillow image, and (H,W) which of its pixels were not decoded: those that are not the same both times.
    """
    images = []
    for fill in _FILLS:
        image = open_image()
        load_leniently(image, fill)
        images.append(image)
    first, second = map(np.asarray, images)
    differing = first != second
    return images[0], differing.any(axis=2) if differing.ndim == 3 else differing


def mark_missing(page: Page, missing: NDArray[np.bool_], orientation: int = 1) -> Page:
    """Returns a page that is middle gray and opaque where pixels are missing.

    Args:
        page: upright.
        missing: (H,W) as stored; none where all is there.
        orientation: as the file has it.
    """
    if not missing.any():
        return page
    upright = turn_upright(missing, orientation).astype(bool)
    pixels, dtype = page.pixels.copy(), page.pixels.dtype
    pixels[upright] = middle_gray(dtype)
    alpha, extras = page.alpha, page.extras
    if alpha is not None:
        alpha = np.where(upright, dtype.type(1 if dtype.kind == "f" else np.iinfo(dtype).max), alpha)
    if extras is not None:
        extras = np.where(upright[..., None], dtype.type(0), extras)
    return replace(page, pixels=pixels, alpha=alpha, extras=extras, missing=upright)


def _spread(mode: str, fill: int) -> Any:
    from PIL import Image

    bands = Image.getmodebands(mode)
    if mode.startswith("I;16"):
        return fill * 257
    if mode in ("I", "F"):
        return fill
    return fill if bands == 1 else (fill,) * bands
