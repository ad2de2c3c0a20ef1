"""Words set into a picture, so that people see what was done to it."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photochrom.image_io import Page, Picture
from photochrom.presentation.canvas import blend, pad_page, resize_metadata, top_of
from photochrom.presentation.lettering import draw_plate, draw_words
from photochrom.presentation.options import DisplayOptions

__all__ = ["mark", "write_band"]

#: how dark the plate behind the words is
_PLATE = 0.62
#: ink of words on paper, as a part of white
INK = 0.13


def mark(picture: Picture, options: DisplayOptions) -> Picture:
    """Returns a picture with the mark of ``options`` on every page; the picture itself where they have none.

    In a corner, white words stand on a dark plate that lets some of the picture through. Outside the picture, dark
    words stand on a white band, and no pixel of the picture changes.
    """
    text = options.mark
    if not text:
        return picture
    if options.mark_place in ("below", "above"):
        return resize_metadata(picture, lambda page: _mark_outside(page, text, options))
    return replace(picture, pages=tuple(_mark_corner(page, text, options) for page in picture.pages))


def write_band(
    page: Page, text: str, *, height: int, rows: slice, columns: slice, font: str | None
) -> NDArray[np.generic]:
    """Returns a page's pixels with one line of dark words in the middle of a part of it.

    Args:
        page: whose pixels are changed in place.
        text: the words.
        height: of the letters, pixels.
        rows: of the part.
        columns: of the part.
        font: a font file; None for Pillow's own.
    """
    part = page.pixels[rows, columns]
    words = draw_words(text, height, font=font, width=max(1, part.shape[1] - height))
    y, x = max(0, (part.shape[0] - words.shape[0]) // 2), max(0, (part.shape[1] - words.shape[1]) // 2)
    place = part[y : y + words.shape[0], x : x + words.shape[1]]
    place[:] = blend(place, words[: place.shape[0], : place.shape[1]], INK * top_of(page.pixels.dtype))
    return page.pixels


def _letter_height(page: Page, options: DisplayOptions) -> int:
    return max(1, round(min(page.height, page.width) * options.mark_size / 100))


def _mark_outside(page: Page, text: str, options: DisplayOptions) -> Page:
    height = _letter_height(page, options)
    band = 2 * height
    above = options.mark_place == "above"
    framed = pad_page(page, above=band if above else 0, below=0 if above else band)
    rows = slice(0, band) if above else slice(page.height, None)
    write_band(framed, text, height=height, rows=rows, columns=slice(None), font=options.mark_font)
    return framed


def _mark_corner(page: Page, text: str, options: DisplayOptions) -> Page:
    height = _letter_height(page, options)
    margin = max(1, height // 2)
    words = draw_words(text, height, font=options.mark_font, width=max(1, page.width - 4 * margin))
    side, over = margin, max(1, margin // 2)
    plate = draw_plate(words.shape[0] + 2 * over, words.shape[1] + 2 * side, max(1, height // 3))
    words = np.pad(words, ((over, over), (side, side)))
    vertical, horizontal = options.mark_place.split("-")
    y = margin if vertical == "top" else max(0, page.height - margin - plate.shape[0])
    x = margin if horizontal == "left" else max(0, page.width - margin - plate.shape[1])
    white = top_of(page.pixels.dtype)

    def draw(values: NDArray[Any], steps: tuple[tuple[NDArray[np.float32], float], ...]) -> NDArray[Any]:
        out = np.array(values, copy=True)
        place = out[y : y + plate.shape[0], x : x + plate.shape[1]]
        for cover, target in steps:
            place[:] = blend(place, cover[: place.shape[0], : place.shape[1]], target)
        return out

    return replace(
        page,
        pixels=draw(page.pixels, ((plate * np.float32(_PLATE), 0.0), (words, white))),
        alpha=None if page.alpha is None else draw(page.alpha, ((plate, white),)),
    )
