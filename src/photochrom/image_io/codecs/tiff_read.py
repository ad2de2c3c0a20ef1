"""Reads TIFF through OpenImageIO, all pages and exact values.

OpenImageIO (3.2) inverts min-is-white pixels of up to 8 bits on reading, alpha with them, but not wider ones. It
spreads 1, 2, 4, 12 bits over the full range of the next wider type and turns palettes into RGB. It does not turn
pixels, and does not multiply alpha in when asked so.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from photochrom.errors import UnreadablePictureError
from photochrom.image_io.codecs.base import Source
from photochrom.image_io.codecs.pillow import open_image
from photochrom.image_io.codecs.tiff_pages import (
    DESCRIBED_ELSEWHERE,
    ICC,
    IPTC,
    LAB,
    PHOTOSHOP,
    XMP,
    TiffPage,
    find_pages,
)
from photochrom.image_io.metadata.containers import extract_iptc, remove_resources
from photochrom.image_io.metadata.exif import build_block, turn_upright
from photochrom.image_io.metadata.extract import THUMBNAILS, make_upright
from photochrom.image_io.metadata.types import Density, Encoding, Metadata
from photochrom.image_io.normalize import page_from_image, page_from_lab, page_from_values
from photochrom.image_io.types import Page, Picture

__all__ = ["read_tiff"]

_COMPRESSIONS = {1: "none", 5: "lzw", 8: "zip", 32946: "zip", 32773: "packbits"}


@contextmanager
def _named_file(stream: BinaryIO, path: Path | None) -> Iterator[str]:
    """Gives a file name that OpenImageIO takes for a TIFF: it goes by suffix, and cuts names at a question mark."""
    if path is not None and path.suffix.lower() in (".tif", ".tiff") and "?" not in str(path):
        yield str(path)
        return
    with tempfile.TemporaryDirectory(prefix="photochrom-") as folder:
        copy = Path(folder) / "source.tif"
        stream.seek(0)
        with copy.open("wb") as out:
            shutil.copyfileobj(stream, out, 1 << 22)
        yield str(copy)


def _open(file_name: str) -> Any:
    import OpenImageIO as oiio  # noqa: N813

    wanted = oiio.ImageSpec()
    wanted["oiio:UnassociatedAlpha"] = 1
    wanted["oiio:RawColor"] = 1
    source = oiio.ImageInput.open(file_name, wanted)
    if source is None:
        raise ValueError(oiio.geterror())
    return source


def _read(source: Any, index: int) -> NDArray[Any]:
    spec = source.spec(index)
    pixels = source.read_image(index, 0, 0, spec.nchannels, spec.format)
    if pixels is None:
        raise ValueError(source.geterror())
    return pixels  # type: ignore[no-any-return]


def read_tiff(source: Source) -> Picture:
    """Reads all pages of a TIFF."""
    stream, name = source.stream, source.name
    found = find_pages(stream, name, source.max_pixels)
    pages, blocks, compressions = [], [], []
    metadata = Metadata()
    with _named_file(stream, source.path) as file_name:
        decoder = _open(file_name)
        for page in found:
            own, orientation = make_upright(_read_metadata(page), width=page.width, height=page.height)
            if page is found[0]:
                metadata = own
            else:
                blocks.append(_build_page_block(page, own))
            pages.append(
                _palette_page(stream, page, name)
                if page.number(262, 1) == 3
                else _decode(decoder, page, orientation, name)
            )
            compressions.append(_COMPRESSIONS.get(page.number(259, 1), "zip"))
        decoder.close()
    encoding = Encoding(tiff_compressions=tuple(compressions), half=_is_half(found[0]))
    return Picture(tuple(pages), "TIFF", replace(metadata, page_tags=tuple(blocks), encoding=encoding), name)


def _is_half(page: TiffPage) -> bool:
    return page.number(339, 1) == 3 and page.number(258, 1) == 16


def _read_metadata(page: TiffPage) -> Metadata:
    photoshop = page.raw(PHOTOSHOP)
    photoshop = remove_resources(photoshop, THUMBNAILS) or None if photoshop else None
    units = {1: "none", 2: "inch", 3: "cm"}
    x, y = (page.tags[code].numbers() if code in page.tags else () for code in (282, 283))
    density = Density(x[0], y[0], units.get(page.number(296, 2), "inch")) if x and y and x[0] and y[0] else None  # type: ignore[arg-type]
    iptc = page.tags.get(IPTC)
    # some writers stored the records as LONGs, and readers of the other byte order swapped them
    records = iptc.in_order(">") if iptc and iptc.type == 4 and iptc.data[:1] != b"\x1c" else page.raw(IPTC)
    return Metadata(
        exif=build_block(page.described | _orientation_tag(page)) if any(page.described.values()) else None,
        xmp=page.raw(XMP),
        iptc=records or extract_iptc(photoshop),
        photoshop=photoshop,
        icc=page.raw(ICC),
        density=density,
    )


def _orientation_tag(page: TiffPage) -> dict[int, Any]:
    return {0: page.described[0] | ({274: page.tags[274]} if 274 in page.tags else {})}


def _build_page_block(page: TiffPage, metadata: Metadata) -> bytes:
    """Returns all a later page carries, in one EXIF-like block: only the first has fields of its own in Metadata."""
    from photochrom.image_io.metadata.tiff_tags import read_block

    directories = read_block(metadata.exif) if metadata.exif else {}
    own = {code: tag for code, tag in page.tags.items() if code in DESCRIBED_ELSEWHERE and code != ICC}
    return build_block(directories | {0: directories.get(0, {}) | own})


def _decode(decoder: Any, page: TiffPage, orientation: int, name: str) -> Page:
    pixels = _read(decoder, page.index)
    if pixels.shape[:2] != (page.height, page.width):
        raise UnreadablePictureError("photo.damaged", name=name)
    photometric, icc = page.number(262, 1), page.raw(ICC)
    if photometric == 0:
        narrow, colors = page.number(258, 1) <= 8, pixels[..., :1]
        if narrow and pixels.shape[2] == 2:
            # alpha came out inverted with the rest
            np.subtract(255, pixels[..., 1], out=pixels[..., 1])
        elif not narrow and pixels.dtype.kind == "u":
            np.subtract(np.iinfo(pixels.dtype).max, colors, out=colors)
        elif pixels.dtype.kind == "f":
            np.subtract(1, colors, out=colors)
    if pixels.dtype == np.float16:
        pixels = pixels.astype(np.float32)
    if photometric == 5:
        return _cmyk_page(pixels, icc, orientation, name)
    channels = pixels.shape[2]
    alpha = np.ascontiguousarray(pixels[..., -1]) if channels in (2, 4) else None
    colors = pixels[..., :3] if channels > 2 else pixels[..., 0]
    if photometric in LAB:
        return page_from_lab(colors, alpha, orientation, signed=photometric == LAB[0])
    return page_from_values(colors, alpha, icc, orientation, name)


def _palette_page(stream: BinaryIO, page: TiffPage, name: str) -> Page:
    """Reads a page of palette colours by Pillow; OpenImageIO darkens palettes of writers that store 255 as 65280."""
    # Pillow turns TIFF pixels by itself, so nothing is left to turn
    return page_from_image(open_image(stream, "TIFF", page=page.index), page.raw(ICC), 1, name)


def _cmyk_page(pixels: NDArray[Any], icc: bytes | None, orientation: int, name: str) -> Page:
    from PIL import Image

    alpha = np.ascontiguousarray(pixels[..., 4]) if pixels.shape[2] > 4 else None
    if pixels.dtype == np.uint8:
        image = Image.fromarray(np.ascontiguousarray(pixels[..., :4]), "CMYK")
        page = page_from_image(image, icc, orientation, name)
        return replace(page, alpha=None if alpha is None else turn_upright(alpha, orientation))
    return page_from_values(pixels[..., :4], alpha, icc, orientation, name)
