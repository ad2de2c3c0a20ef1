"""Salvages JPEG: what its scans say before the end of the file.

A decoder reads on behind the data of a file that was cut. So its pixels depend on what is put there, from the first
block on that is not the file's own. That block is looked for with several endings.
"""

from dataclasses import replace
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photochrom.image_io.codecs.base import Source
from photochrom.image_io.codecs.jpeg.codec import read_opened
from photochrom.image_io.codecs.jpeg.end import END, TAILS, list_scans, trim
from photochrom.image_io.codecs.pillow import open_source
from photochrom.image_io.metadata.exif import read_orientation
from photochrom.image_io.metadata.extract import gather_metadata
from photochrom.image_io.salvage.pixels import load_leniently, load_part, mark_missing
from photochrom.image_io.types import Picture
from photochrom.messages import render

__all__ = ["salvage_jpeg"]

_BLOCK = 8


def salvage_jpeg(source: Source, format_name: str) -> Picture:
    """Reads the picture as far as its scans go."""
    source.stream.seek(0)
    data = trim(source.stream.read())
    codes, scans = list_scans(data)
    # a scan that says something of all blocks of luma is over: what comes behind it makes the picture finer
    is_whole = any(first == 0 and bits >> 4 == 0 and codes[0] in parts for parts, first, _, bits in scans[:-1])

    def open_with(tail: bytes) -> Any:
        return open_source(replace(source, stream=BytesIO(data + tail + END)), format_name)

    image, missing = load_part(lambda: open_with(b""))
    if not is_whole:
        missing |= _find_missing([open_with(tail) for tail in TAILS], single=bool(scans) and len(scans[-1][0]) == 1)
    mended = replace(source, stream=BytesIO(data + END))
    orientation = read_orientation(gather_metadata(mended.stream, format_name, image.info).exif)
    picture = read_opened(mended, image)
    picture = replace(picture, pages=(mark_missing(picture.pages[0], missing, orientation),))
    coarse = (str(render("note.salvaged_coarse", {})),) if is_whole else ()
    return replace(picture, notes=(*coarse, *picture.notes))


def _find_missing(images: list[Any], *, single: bool) -> NDArray[np.bool_]:
    """Returns (H,W) which pixels, in the order of the blocks, come after the first that is not the same in all.

    Args:
        images: with several endings; none is decoded yet.
        single: the last scan is of one component.
    """
    sampling = [(1, 1)] if single else [layer[1:3] for layer in images[0].layer]
    across, down = (_BLOCK * max(factors) for factors in zip(*sampling, strict=True))
    width, height = images[0].size
    lumas = []
    for image in images:
        # luma alone: chroma is smoothed over the edges of blocks
        image.draft("L", image.size)
        load_leniently(image)
        luma = np.asarray(image)
        lumas.append(luma.reshape(*luma.shape[:2], -1))
    unlike = np.logical_or.reduce([(lumas[0] != other).any(axis=2) for other in lumas[1:]])
    missing = np.zeros((height, width), bool)
    if not unlike.any():
        return missing
    top = int(np.argmax(unlike.any(axis=1))) // down * down
    left = int(np.argmax(unlike[top : top + down].any(axis=0))) // across * across
    # of the block before, chroma may be missing
    left -= across
    if left < 0:
        top, left = top - down, (width - 1) // across * across
    missing[max(top, 0) : max(top + down, 0), left:] = True
    missing[max(top + down, 0) :] = True
    if (across, down) != (_BLOCK, _BLOCK):
        # chroma that is smoothed takes from the next pixel
        missing[:-1] |= missing[1:]
        missing[:, :-1] |= missing[:, 1:]
    return missing
