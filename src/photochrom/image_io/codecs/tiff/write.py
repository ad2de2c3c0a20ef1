"""Writes TIFF: pixels by OpenImageIO, in strips and exact, then every descriptive tag of the source by ourselves.

OpenImageIO writes only the tags it understands and adds some of its own. So the directories it made are written anew at
the end of the file: their structure is kept, all else comes from the source's metadata.
"""

import errno
import os
import shutil
import struct
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from photochrom.errors import WriteError
from photochrom.image_io.codecs.tiff.pages import ICC, IPTC, PHOTOSHOP, STRUCTURE, XMP, read_chain
from photochrom.image_io.codecs.tiff.samples import premultiply
from photochrom.image_io.metadata.tiff_tags import (
    EXIF_IFD,
    GPS_IFD,
    SUB_DIRECTORIES,
    Header,
    Tag,
    build_directories,
    read_block,
    read_header,
)
from photochrom.image_io.metadata.types import Metadata
from photochrom.image_io.types import Page, Picture

__all__ = ["write_tiff"]

_STRIP = 1 << 23
#: a write that fails with less than this left, bytes, failed for want of space: strips are smaller
_FULL = 1 << 24
_X, _Y, _UNIT = 282, 283, 296


def write_tiff(picture: Picture, path: Path) -> None:
    """Writes all pages to ``path``, which is replaced."""
    _write_pixels(picture, path)
    with path.open("r+b") as stream:
        _write_tags(stream, picture)


def _write_pixels(picture: Picture, path: Path) -> None:
    import OpenImageIO as oiio  # noqa: N813

    compressions = picture.metadata.encoding.tiff_compressions
    half = picture.metadata.encoding.half
    kinds = {"uint8": "uint8", "uint16": "uint16", "float32": "half" if half else "float"}
    specs = []
    for number, page in enumerate(picture.pages):
        colors, others = 3 if page.pixels.ndim == 3 else 1, 0 if page.extras is None else page.extras.shape[2]
        channels = colors + (page.alpha is not None) + others
        spec = oiio.ImageSpec(page.width, page.height, channels, kinds[page.pixels.dtype.name])
        if others:
            names = (*("RGB" if colors == 3 else "Y"), *("A" if page.alpha is not None else ""))
            spec.channelnames = names + tuple(f"extra{number}" for number in range(others))
            spec.alpha_channel = -1
        if page.alpha is not None:
            spec.alpha_channel = colors
        spec["oiio:UnassociatedAlpha"] = int(not _is_associated(picture, number))
        spec["tiff:half"] = 1
        # else the hour of writing stays in the file, in a directory that nothing points to
        spec["DateTime"] = ""
        spec["compression"] = compressions[number] if number < len(compressions) else "zip"
        specs.append(spec)
    out: Any = oiio.ImageOutput.create("tiff")
    try:
        for number, page in enumerate(picture.pages):
            how = (specs[number], "AppendSubimage") if number else (tuple(specs),)
            if not out.open(str(path), *how):
                raise _write_error(out, path)
            if not _write_page(out, page, specs[number], associated=_is_associated(picture, number)):
                raise _write_error(out, path)
    finally:
        closed = out.close()
    if not closed:
        raise _write_error(out, path)


def _is_associated(picture: Picture, number: int) -> bool:
    kinds = picture.metadata.encoding.tiff_associated
    return picture.pages[number].alpha is not None and number < len(kinds) and kinds[number]


def _write_page(out: Any, page: Page, spec: Any, *, associated: bool) -> bool:
    rows = max(1, _STRIP // (page.width * spec.nchannels * page.pixels.itemsize))
    for top in range(0, page.height, rows):
        bottom = min(top + rows, page.height)
        part = page.pixels[top:bottom].reshape(bottom - top, page.width, -1)
        if page.alpha is not None:
            alpha = page.alpha[top:bottom]
            part = np.concatenate([premultiply(part, alpha) if associated else part, alpha[..., None]], axis=2)
        if page.extras is not None:
            part = np.concatenate([part, page.extras[top:bottom]], axis=2)
        if not out.write_scanlines(top, bottom, 0, np.ascontiguousarray(part)):
            return False
    return True


def _write_error(out: Any, path: Path) -> Exception:
    # OpenImageIO does not say that the disk is full, only that it could not write
    if shutil.disk_usage(path.parent).free < _FULL:
        return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
    reason = " ".join((out.geterror() or "unknown reason").split())
    return WriteError("photo.encoding_failed", format="TIFF", reason=reason)


def _write_tags(stream: BinaryIO, picture: Picture) -> None:
    def read_at(offset: int, size: int) -> bytes:
        stream.seek(offset)
        return stream.read(size)

    header = read_header(read_at(0, 16))
    if header is None:
        raise WriteError("photo.tiff_invalid")
    chain = read_chain(read_at, header, largest=1 << 32)
    layout = header.order + ("Q" if header.big else "I")
    pointer = 8 if header.big else 4
    for number, (_, made, _) in enumerate(chain[: len(picture.pages)]):
        directories = _descriptive_tags(picture, number, header)
        structure = {code: tag for code, tag in made.items() if code in STRUCTURE}
        directories[0] = directories.get(0, {}) | structure
        base = stream.seek(0, 2)
        if base % 2:
            stream.write(b"\0")
            base += 1
        body, place = build_directories(directories, header, base)
        if not header.big and base + len(body) >= 1 << 32:
            raise WriteError("photo.tiff_too_large")
        stream.write(body)
        stream.seek(pointer)
        stream.write(struct.pack(layout, place))
        count_size, row = (8, 20) if header.big else (2, 12)
        pointer = place + count_size + row * _count_entries(directories)


def _count_entries(directories: dict[int, dict[int, Tag]]) -> int:
    plain = sum(code not in SUB_DIRECTORIES for code in directories[0])
    return plain + sum(bool(directories.get(code)) for code in (EXIF_IFD, GPS_IFD))


def _descriptive_tags(picture: Picture, number: int, header: Header) -> dict[int, dict[int, Tag]]:
    """Returns all tags of a page that say nothing about how its pixels are stored."""
    metadata: Metadata = picture.metadata
    order = header.order
    if number:
        later = metadata.page_tags
        directories = read_block(later[number - 1]) if number <= len(later) else {}
    else:
        directories = read_block(metadata.exif) if metadata.exif else {}
    main = {code: tag for code, tag in directories.get(0, {}).items() if code not in STRUCTURE}
    if number == 0:
        for code, value in ((XMP, metadata.xmp), (IPTC, metadata.iptc), (PHOTOSHOP, metadata.photoshop)):
            if value:
                main[code] = Tag(1 if code != IPTC else 7, len(value), value, order)
    if _X not in main and (density := metadata.density):
        unit = {"none": 1, "inch": 2, "cm": 3}.get(density.unit)
        x, y = (density.x, density.y) if unit else density.dpi or (72.0, 72.0)
        for code, length in ((_X, x), (_Y, y)):
            main[code] = Tag(5, 1, struct.pack(order + "2I", round(length * 10000), 10000), order)
        main[_UNIT] = Tag(3, 1, struct.pack(order + "H", unit or 2), order)
    if icc := picture.pages[number].space.output_icc:
        main[ICC] = Tag(7, len(icc), icc, order)
    return directories | {0: main}
