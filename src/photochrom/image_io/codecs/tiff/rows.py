"""TIFF by rows: pages whose pixels stay in the file, in strips or tiles."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photochrom.image_io import rows
from photochrom.image_io.codecs.oiio_rows import open_rows
from photochrom.image_io.codecs.tiff.pages import ICC, JPEG, TiffPage
from photochrom.image_io.icc.color_space import find_color_space
from photochrom.image_io.types import Page

__all__ = ["read_by_rows"]

_INVERTED, _GRAY, _RGB = 0, 1, 2


def read_by_rows(page: TiffPage, orientation: int, open_file: Callable[[], Any]) -> Page | None:
    """Returns a large page whose pixels stay in the file; None where it is to be read whole.

    That is one of other samples than gray or RGB of 8 or 16 bits, of JPEG data or with a plane for each sample; one
    that has to be turned; and one whose profile has a table.

    Args:
        page: as it is stored.
        orientation: how it has to be turned.
        open_file: opens the file with OpenImageIO.
    """
    if page.width * page.height < rows.LARGE or orientation != 1 or page.separate or not _is_plain(page):
        return None
    gray = page.samples == 1
    space, profile = find_color_space(page.raw(ICC), gray=gray)
    if profile and profile.table:
        return None
    # those of 8 bits come out inverted already
    convert = _invert if page.photometric == _INVERTED and page.number(258, 1) == 16 else _keep
    pixels = open_rows(open_file, page.index, (page.height, page.width, page.samples), convert)
    return None if pixels is None else Page(pixels, space=space)


def _is_plain(page: TiffPage) -> bool:
    samples = {_INVERTED: 1, _GRAY: 1, _RGB: 3}.get(page.photometric)
    whole = page.number(339, 1) == 1 and page.number(258, 1) in (8, 16) and page.number(259, 1) != JPEG
    return whole and page.samples == page.colors == samples


def _invert(pixels: NDArray[Any]) -> NDArray[Any]:
    inverted: NDArray[Any] = np.subtract(np.iinfo(pixels.dtype).max, pixels)
    return inverted


def _keep(pixels: NDArray[Any]) -> NDArray[Any]:
    return pixels
