"""Salvages TIFF: every row or tile that can be unpacked, wherever in the file the fault is.

A strip that goes on behind the end of the file is read in two copies that go on with other bytes. What is not the same
in both is not the file's own.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from photochrom.errors import UnreadablePictureError
from photochrom.image_io.codecs.base import Source, read_at
from photochrom.image_io.codecs.pillow import open_image
from photochrom.image_io.codecs.tiff.pages import ICC, JPEG, YCBCR, TiffPage, find_pages
from photochrom.image_io.codecs.tiff.read import goes_to_pillow, make_page, open_oiio, read_pages
from photochrom.image_io.codecs.tiff.strips import is_whole_jpeg, is_whole_tile
from photochrom.image_io.metadata.exif import turn_upright
from photochrom.image_io.normalize import page_from_image
from photochrom.image_io.salvage.pixels import load_part, mark_missing
from photochrom.image_io.types import Page, Picture
from photochrom.messages import render

__all__ = ["salvage_tiff"]

_FILLS = (b"\0", b"\xaa")
#: bytes that a row may take when it is packed, per byte of pixels, and besides
_GROWTH, _MORE = 2, 1 << 16
#: what OpenImageIO calls otherwise than numpy
_DTYPES = {"float": "float32", "half": "float16"}
#: bytes copied at a time
_COPY = 1 << 22


def salvage_tiff(source: Source, format_name: str) -> Picture:
    """Reads what is there of all pages that are found.

    Raises:
        UnreadablePictureError: the first directory is damaged or behind the end of the file.
        UnsupportedPictureError: a picture of a kind that cannot be read.
    """
    found, is_broken = find_pages(source.stream, source.name, source.max_pixels, lenient=True)
    with ExitStack() as held:
        copies = [held.enter_context(_extended(source.stream, found, fill)) for fill in _FILLS]

        def read_page(source: Source, _: str, page: TiffPage, orientation: int) -> Page:
            if goes_to_pillow(page):
                return _read_by_pillow(source, page, orientation)
            if page.photometric == YCBCR:
                # libtiff makes colours of what it cannot unpack, and does not say so
                raise UnreadablePictureError("photo.nothing_salvaged", name=source.name)
            samples, missing = _read_parts(copies, source.stream, page)
            return mark_missing(make_page(samples, page, orientation, source.name), missing, orientation)

        picture = read_pages(source, found, read_page)
    if not is_broken:
        return picture
    note = str(render("note.salvaged_pages", {"count": len(found)}))
    return Picture(picture.pages, format_name, picture.metadata, source.name, (note, *picture.notes))


@contextmanager
def _extended(stream: BinaryIO, pages: list[TiffPage], fill: bytes) -> Iterator[str]:
    """Gives the name of a copy of a file that goes on to the end of all strips that begin in it."""
    size = stream.seek(0, 2)
    wanted = max((offset + length for page in pages for offset, length in page.strips if offset < size), default=size)
    most = sum(page.width * page.height * page.samples * page.number(258, 1) // 8 for page in pages) * _GROWTH + _MORE
    with tempfile.TemporaryDirectory(prefix="photochrom-") as folder:
        path = Path(folder) / "source.tif"
        stream.seek(0)
        with path.open("wb") as out:
            shutil.copyfileobj(stream, out, _COPY)
            left = min(max(wanted - size, 0), most)
            while left > 0:
                left -= out.write(fill * min(left, _COPY))
        yield str(path)


def _read_parts(copies: list[str], stream: BinaryIO, page: TiffPage) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Returns samples (H,W,C), and (H,W) which of them cannot be read the same from all copies."""
    decoders = [open_oiio(name) for name in copies]
    spec = decoders[0].spec(page.index)
    samples = np.zeros((spec.height, spec.width, spec.nchannels), _DTYPES.get(str(spec.format), str(spec.format)))
    missing = np.ones((spec.height, spec.width), bool)
    strips, read_stream = page.strips, partial(read_at, stream)
    for number, (top, bottom, left, right, follows) in enumerate(_list_parts(page)):
        if follows and missing[top - 1, left]:
            # a strip is unpacked from its beginning
            continue
        if page.tile is not None and not is_whole_tile(read_stream, page, strips, number):
            continue
        parts = [_read_part(decoder, page, (top, bottom, left, right)) for decoder in decoders]
        first = parts[0]
        if first is None or any(part is None or not np.array_equal(first, part) for part in parts[1:]):
            continue
        samples[top:bottom, left:right] = first[:, : right - left]
        missing[top:bottom, left:right] = False
    for decoder in decoders:
        decoder.close()
    return samples, missing


def _list_parts(page: TiffPage) -> Iterator[tuple[int, int, int, int, bool]]:
    """Yields top, bottom, left and right of each tile, or row of a strip, and whether it follows one in its strip."""
    if page.tile is not None:
        width, height = page.tile
        for top in range(0, page.height, height):
            for left in range(0, page.width, width):
                yield top, min(top + height, page.height), left, min(left + width, page.width), False
        return
    rows = min(page.number(278, 0) or page.height, page.height)
    for top in range(page.height):
        yield top, top + 1, 0, page.width, top % rows > 0


def _read_part(decoder: Any, page: TiffPage, place: tuple[int, int, int, int]) -> NDArray[Any] | None:
    top, bottom, left, right = place
    spec = decoder.spec(page.index)
    if page.tile is None:
        read = decoder.read_scanlines(page.index, 0, top, bottom, 0, 0, spec.nchannels, spec.format)
    else:
        read = decoder.read_tiles(page.index, 0, left, right, top, bottom, 0, 1, 0, spec.nchannels, spec.format)
    decoder.geterror()
    return None if read is None else np.asarray(read).reshape(bottom - top, -1, spec.nchannels)


def _read_by_pillow(source: Source, page: TiffPage, orientation: int) -> Page:
    def open_page() -> Any:
        image = open_image(source.stream, "TIFF")
        image.seek(page.index)
        return image

    # Pillow turns TIFF pixels by itself
    image, missing = load_part(open_page)
    if page.number(259, 1) == JPEG:
        missing = missing | turn_upright(_find_cut_jpeg(source.stream, page), orientation).astype(bool)
    made = page_from_image(image, page.raw(ICC), 1, source.name)
    return mark_missing(made, missing)


def _find_cut_jpeg(stream: BinaryIO, page: TiffPage) -> NDArray[np.bool_]:
    """Returns (H,W) which pixels are in strips of JPEG data that have lost their end; libjpeg makes them up."""
    missing = np.zeros((page.height, page.width), bool)
    width, height = page.tile or (page.width, min(page.number(278, 0) or page.height, page.height))
    corners = [(top, left) for top in range(0, page.height, height) for left in range(0, page.width, width)]
    strips = page.strips
    for number, (top, left) in enumerate(corners):
        if number >= len(strips) or not is_whole_jpeg(partial(read_at, stream), *strips[number]):
            missing[top : top + height, left : left + width] = True
    return missing
