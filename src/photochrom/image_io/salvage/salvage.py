"""Reads what is there of a file that is cut short or damaged, and says how much that is."""

from dataclasses import replace

import numpy as np

from photochrom.errors import UnreadablePictureError
from photochrom.image_io.codecs.base import Source
from photochrom.image_io.salvage.bmp import salvage_bmp
from photochrom.image_io.salvage.frames import salvage_frames
from photochrom.image_io.salvage.jpeg import salvage_jpeg
from photochrom.image_io.salvage.png import salvage_png
from photochrom.image_io.salvage.pnm import salvage_pnm
from photochrom.image_io.salvage.tiff import salvage_tiff
from photochrom.image_io.types import Page, Picture
from photochrom.messages import render

__all__ = ["salvage_picture"]

#: formats whose decoder gives the pixels before a fault; those of WebP, AVIF, HEIC and JPEG 2000 give all or nothing
_READERS = {
    "BMP": salvage_bmp,
    "GIF": salvage_frames,
    "JPEG": salvage_jpeg,
    "PNG": salvage_png,
    "PNM": salvage_pnm,
    "TGA": salvage_frames,
    "TIFF": salvage_tiff,
}


def salvage_picture(source: Source, format_name: str) -> Picture:
    """Reads what is there of a file; pixels that are not there are middle gray and marked in ``Page.missing``.

    Args:
        source: the file.
        format_name: of it.

    Raises:
        UnreadablePictureError: not a pixel can be read; a decoder's own errors pass through.
        UnsupportedPictureError: a picture of a kind that cannot be read.
    """
    reader = _READERS.get(format_name)
    if reader is None:
        raise UnreadablePictureError("photo.nothing_salvaged", name=source.name)
    picture = reader(source, format_name)
    if all(page.missing is not None and page.missing.all() for page in picture.pages):
        raise UnreadablePictureError("photo.nothing_salvaged", name=source.name)
    if any(page.missing is not None for page in picture.pages):
        return replace(picture, notes=(*picture.notes, _describe(picture.pages)))
    # a decoder has made something of damaged data, or a note says already what is not there
    return picture if picture.notes else replace(picture, notes=(str(render("note.salvaged_unsure", {})),))


def _describe(pages: tuple[Page, ...]) -> str:
    """Returns how much was read: rows of which no pixel is missing, and the part of all pixels."""
    total = sum(page.height for page in pages)
    rows = sum(page.height if page.missing is None else int((~page.missing.any(axis=1)).sum()) for page in pages)
    read = sum(page.height * page.width if page.missing is None else np.sum(~page.missing) for page in pages)
    percent = int(100 * read / sum(page.height * page.width for page in pages))
    return str(render("note.salvaged", {"rows": rows, "total": total, "percent": percent}))
