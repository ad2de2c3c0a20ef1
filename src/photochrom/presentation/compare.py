"""An original and its colouring in one picture, with words under them."""

from dataclasses import replace

import numpy as np

from photochrom.errors import OptionError
from photochrom.image_io import Page, Picture
from photochrom.presentation.canvas import as_colored, join_pages, pad_page, resize_metadata
from photochrom.presentation.mark import write_band
from photochrom.presentation.options import DisplayOptions

__all__ = ["compare"]

#: height of a caption's letters and width of the gap, as parts of the short side
_LETTERS, _GAP = 0.035, 0.015


def compare(original: Picture, result: Picture, options: DisplayOptions) -> Picture:
    """Returns a picture in which each page has the original and its colouring.

    Args:
        original: the photo as it was read.
        result: the same photo, coloured: page for page of the same sizes and dtypes.
        options: their ``compare``, ``caption`` and ``mark_font`` are looked at.

    Returns:
        Pages in the dtype and the space of the result, with its metadata.

    Raises:
        OptionError: the two are not of one size.
    """
    sizes = [[(page.height, page.width) for page in picture.pages] for picture in (original, result)]
    if sizes[0] != sizes[1]:
        raise OptionError("option.sizes_differ")
    pages = iter(zip(original.pages, result.pages, strict=True))
    return resize_metadata(result, lambda _: _compare_pages(*next(pages), options))


def _compare_pages(original: Page, result: Page, options: DisplayOptions) -> Page:
    short = min(result.height, result.width)
    height, gap = max(8, round(short * _LETTERS)), max(2, round(short * _GAP))
    band = 2 * height
    axis = 0 if options.compare == "stacked" else 1
    captions = options.caption.split("|", 1) if options.caption else []
    before, after = as_colored(original, result), replace(result, extras=None)
    if len(captions) == 2:
        before, after = (
            _caption(page, text, band, height, options.mark_font)
            for page, text in zip((before, after), captions, strict=True)
        )
    apart = {"below": gap} if axis == 0 else {"right": gap}
    whole = join_pages([pad_page(before, **apart), after], axis)
    if len(captions) == 1:
        whole = _caption(whole, captions[0], band, height, options.mark_font)
    return replace(whole, pixels=np.ascontiguousarray(whole.pixels))


def _caption(page: Page, text: str, band: int, height: int, font: str | None) -> Page:
    framed = pad_page(page, below=band)
    if text:
        write_band(framed, text, height=height, rows=slice(page.height, None), columns=slice(None), font=font)
    return framed
