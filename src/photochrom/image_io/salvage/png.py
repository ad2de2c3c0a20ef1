"""Salvages PNG: the rows before the fault, and of an interlaced one the passes."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from photochrom.image_io.codecs.base import Source
from photochrom.image_io.codecs.pillow import open_image, read_still
from photochrom.image_io.codecs.png.apng16 import iterate_pages
from photochrom.image_io.codecs.png.chunks import ANIMATION, keep_pixel_chunks
from photochrom.image_io.codecs.png.codec import DEPTH, apply_facts, open_png
from photochrom.image_io.codecs.png.sixteen_bit import read_png16
from photochrom.image_io.metadata.exif import read_orientation, turn_upright
from photochrom.image_io.metadata.extract import make_upright
from photochrom.image_io.salvage.frames import keep_whole, read_whole_frames
from photochrom.image_io.salvage.pixels import load_leniently, load_part, mark_missing
from photochrom.image_io.types import Page, Picture
from photochrom.messages import render

__all__ = ["salvage_png"]

#: rows and columns of the blocks for which a pixel stands after each pass of Adam7, the last first
_BLOCKS = ((1, 2), (2, 2), (2, 4), (4, 4), (4, 8), (8, 8))


def salvage_png(source: Source, format_name: str) -> Picture:
    """Reads all frames that are whole, or what is there of the first picture."""
    pixels = replace(source, stream=keep_pixel_chunks(source.stream))
    image, metadata, facts = open_png(source, pixels)
    orientation = read_orientation(metadata.exif)
    deep = image.info[DEPTH] == 16
    if getattr(image, "n_frames", 1) > 1:
        upright, _ = make_upright(metadata, width=image.width, height=image.height)
        if deep:
            pages = keep_whole(iterate_pages(pixels, image, metadata))
        else:
            pages = read_whole_frames(pixels, image, metadata.icc, orientation)
        if pages:
            note = str(render("note.salvaged_frames", {"count": len(pages)}))
            return apply_facts(Picture(tuple(pages), format_name, upright, source.name, (note,)), facts)
    still = replace(source, stream=keep_pixel_chunks(source.stream, without=ANIMATION))
    first, missing = load_part(lambda: open_png(source, still)[0])
    if deep:
        picture = read_png16(still, open_png(source, still)[0], metadata, load_leniently)
    else:
        picture = read_still(still, first, format_name, metadata)
    notes, page = picture.notes, picture.pages[0]
    if missing.any() and open_image(still.stream, format_name).info.get("interlace"):
        page, missing = _spread_passes(page, missing, orientation)
        notes = (str(render("note.salvaged_coarse", {})), *notes)
    page = mark_missing(page, missing, orientation)
    return apply_facts(replace(picture, pages=(page,), notes=notes), facts)


def _spread_passes(page: Page, missing: NDArray[np.bool_], orientation: int) -> tuple[Page, NDArray[np.bool_]]:
    """Puts the nearest pixel of an earlier pass where one of a later pass is missing.

    Returns:
        The page, and (H,W), as stored, which pixels no pass stands for.
    """
    stored = np.arange(missing.size).reshape(missing.shape)
    nearest, left = stored.copy(), missing.copy()
    for rows, columns in _BLOCKS:
        anchors = np.ix_(*(np.arange(n) // step * step for n, step in zip(missing.shape, (rows, columns), strict=True)))
        found = left & ~missing[anchors]
        nearest[found] = stored[anchors][found]
        left &= ~found
    # the place of each stored pixel in the upright page
    places = np.empty(missing.size, np.intp)
    places[turn_upright(stored, orientation).ravel()] = stored.ravel()
    chosen = places[turn_upright(nearest, orientation)]
    pixels = page.pixels.reshape(missing.size, -1)[chosen].reshape(page.pixels.shape)
    alpha = None if page.alpha is None else page.alpha.ravel()[chosen]
    return replace(page, pixels=pixels, alpha=alpha), left
