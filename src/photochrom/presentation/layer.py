"""The colour alone, as a layer to be laid over the photo in an image editor, in its mode "Color"."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photochrom.errors import OptionError
from photochrom.image_io import Page, Picture
from photochrom.presentation.canvas import as_colored, top_of

__all__ = ["make_layer"]


def make_layer(original: Picture, result: Picture) -> Picture:
    """Returns the layer of colour, page for page: the coloured pixels, transparent where nothing was coloured.

    Laid over the photo in a mode that takes hue and chroma from the layer and lightness from the photo, it gives the
    result: exactly, but for rounding, in GIMP's "LCh Color", whose lightness is L*; near it in the mode "Color" of W3C,
    Krita and Photoshop, which keeps luma instead.

    Args:
        original: the photo as it was read.
        result: the same photo, coloured.

    Returns:
        Pages in the dtype and the space of the result, each with alpha, and the metadata of the result.

    Raises:
        OptionError: the two are not of one size.
    """
    sizes = [[(page.height, page.width) for page in picture.pages] for picture in (original, result)]
    if sizes[0] != sizes[1]:
        raise OptionError("option.sizes_differ")
    encoding = replace(result.metadata.encoding, tiff_associated=())
    return replace(
        result,
        pages=tuple(map(_make_page, original.pages, result.pages)),
        metadata=replace(result.metadata, encoding=encoding),
    )


def _make_page(original: Page, result: Page) -> Page:
    same = np.all(as_colored(original, result).pixels == result.pixels, axis=2)
    kind = result.pixels.dtype
    alpha: NDArray[Any] = (
        np.full(same.shape, top_of(kind), kind) if result.alpha is None else np.array(result.alpha, copy=True)
    )
    alpha[same] = 0
    return replace(result, alpha=alpha, extras=None)
