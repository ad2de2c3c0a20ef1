"""Salvages BMP: with masks by our own reader, and any other by Pillow."""

from dataclasses import replace

from photochrom.image_io.codecs.base import Source
from photochrom.image_io.codecs.bmp_masks import find_missing, read_header, read_masked
from photochrom.image_io.salvage.frames import salvage_frames
from photochrom.image_io.salvage.pixels import mark_missing
from photochrom.image_io.types import Picture

__all__ = ["salvage_bmp"]


def salvage_bmp(source: Source, format_name: str) -> Picture:
    """Reads what is there of the one page.

    Raises:
        Exception: the header cannot be read.
    """
    header = read_header(source)
    if header is None:
        return salvage_frames(source, format_name)
    picture = read_masked(source, header, partial=True)
    return replace(picture, pages=(mark_missing(picture.pages[0], find_missing(source, header)),))
