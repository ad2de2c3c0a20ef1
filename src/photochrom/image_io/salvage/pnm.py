"""Salvages PBM, PGM and PPM: the pictures and the rows before the end of the file."""

from dataclasses import replace
from io import BytesIO

import numpy as np

from photochrom.errors import UnreadablePictureError
from photochrom.image_io.codecs.base import Source, read_at
from photochrom.image_io.codecs.pillow import check_size
from photochrom.image_io.codecs.pnm import list_maps, read_map
from photochrom.image_io.salvage.frames import salvage_frames
from photochrom.image_io.salvage.pixels import mark_missing
from photochrom.image_io.types import Page, Picture

__all__ = ["salvage_pnm"]


def salvage_pnm(source: Source, format_name: str) -> Picture:
    """Reads all rows that are there.

    Raises:
        UnreadablePictureError: there is not one.
    """
    maps = list_maps(source.stream)
    if not maps:
        # plain numbers
        return salvage_frames(source, format_name)
    pages: list[Page] = []
    for each in maps:
        data = read_at(source.stream, each.begin, each.end - each.begin)
        rows = max(0, each.begin + len(data) - each.pixels) // max(each.row, 1)
        if rows == 0 and pages:
            break
        if rows == 0:
            raise UnreadablePictureError("photo.nothing_salvaged", name=source.name)
        pixels = each.row * each.rows // (3 if b"P6" in data[:9] else 1)
        check_size(source.name, pixels, 1, 1, source.max_pixels * 2)
        whole = (data + bytes(each.end - each.begin - len(data))).lstrip()
        page = read_map(replace(source, stream=BytesIO(whole), path=None)).pages[0]
        missing = np.zeros((page.height, page.width), bool)
        missing[rows:] = True
        pages.append(mark_missing(page, missing))
    return Picture(tuple(pages), format_name, name=source.name)
