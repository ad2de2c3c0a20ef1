"""Reads TIFF through OpenImageIO, all pages and exact values.

OpenImageIO (3.2) inverts min-is-white pixels of up to 8 bits on reading, alpha with them, but not wider ones. It
spreads 1, 2, 4, 12 bits over the full range of the next wider type and turns palettes into RGB. It does not turn
pixels, and does not multiply alpha in when asked so. YCbCr it hands to libtiff, which makes RGB of it.

JPEG data goes to Pillow, whose libtiff gives the same pixels: OpenImageIO reads inks and gray with alpha wrong there,
and leaves gray strips unfilled without a word.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from photochrom.errors import PhotochromError, UnreadablePictureError, UnsupportedPictureError
from photochrom.image_io.codecs.base import Source, read_at
from photochrom.image_io.codecs.oiio_files import named_file
from photochrom.image_io.codecs.pillow import open_image
from photochrom.image_io.codecs.tiff.pages import (
    ASSOCIATED,
    DESCRIBED_ELSEWHERE,
    ICC,
    IPTC,
    JPEG,
    LAB,
    PHOTOSHOP,
    SEPARATED,
    XMP,
    YCBCR,
    TiffPage,
    find_pages,
)
from photochrom.image_io.codecs.tiff.rows import read_by_rows
from photochrom.image_io.codecs.tiff.samples import split_samples
from photochrom.image_io.codecs.tiff.strips import check_deflate_tiles, check_jpeg_strips, check_packed_strips
from photochrom.image_io.metadata.containers import extract_iptc, remove_resources
from photochrom.image_io.metadata.exif import build_block, turn_upright
from photochrom.image_io.metadata.extract import THUMBNAILS, make_upright
from photochrom.image_io.metadata.types import Density, Encoding, Metadata
from photochrom.image_io.normalize import page_from_image, page_from_lab, page_from_values
from photochrom.image_io.types import Page, Picture
from photochrom.messages import render

__all__ = ["goes_to_pillow", "make_page", "open_oiio", "read_pages", "read_tiff"]

#: what libtiff says of files that are sound, but not for it
_UNSUPPORTED = ("not configured", "cannot handle", "can not handle", "not supported", "not implemented")
#: and of strips that lie beyond the end of the file
_CUT = re.compile(r"got \d+ bytes, expected \d+")
_COMPRESSIONS = {1: "none", 5: "lzw", 8: "zip", 32946: "zip", 32773: "packbits"}


def open_oiio(file_name: str, *, raw: bool = True) -> Any:
    """Opens a file to read its values as they stand; ``raw``: in its own colour model."""
    import OpenImageIO as oiio  # noqa: N813

    wanted = oiio.ImageSpec()
    wanted["oiio:UnassociatedAlpha"] = 1
    wanted["oiio:RawColor"] = int(raw)
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


def _read_rows(file_name: str, rows: int) -> None:
    """Reads the whole of a gray file, so many rows at a time, for its errors alone."""
    source = open_oiio(file_name)
    height = source.spec(0).height
    for top in range(0, height, rows):
        if source.read_scanlines(0, 0, top, min(top + rows, height), 0, 0, 1, source.spec(0).format) is None:
            raise ValueError(source.geterror())
    source.close()


@contextmanager
def _named_causes(name: str) -> Iterator[None]:
    """Names the cause of what libtiff reports in words alone."""
    try:
        yield
    except (PhotochromError, MemoryError):
        raise
    except Exception as error:
        reason = " ".join(str(error).split())
        if any(words in reason.lower() for words in _UNSUPPORTED):
            raise UnsupportedPictureError(
                "photo.tiff_kind_unsupported", name=name, reason=reason.rstrip(".")
            ) from error
        if _CUT.search(reason):
            raise UnreadablePictureError("photo.truncated", name=name) from error
        raise


def read_tiff(source: Source) -> Picture:
    """Reads all pages of a TIFF."""
    found, leads_back = find_pages(source.stream, source.name, source.max_pixels)
    for page in found:
        if not goes_to_pillow(page):
            check_deflate_tiles(partial(read_at, source.stream), page)
    picture = read_pages(source, found, _read_page)
    return replace(picture, notes=(str(render("note.pages_lead_back", {})), *picture.notes)) if leads_back else picture


def read_pages(
    source: Source, found: Sequence[TiffPage], read_page: Callable[[Source, str, TiffPage, int], Page]
) -> Picture:
    """Reads these pages of a TIFF.

    Args:
        source: the file.
        found: its pages.
        read_page: reads one, upright: gets the source, its name for OpenImageIO, the page and its orientation.
    """
    stream, name = source.stream, source.name
    pages, blocks, compressions = [], [], []
    metadata = Metadata()
    with _named_causes(name), named_file(stream, source.path, (".tif", ".tiff")) as file_name:
        for page in found:
            own, orientation = make_upright(_read_metadata(page), width=page.width, height=page.height)
            if page is found[0]:
                metadata = own
            else:
                blocks.append(_build_page_block(page, own))
            made = _read_by_rows(source, file_name, page, orientation)
            pages.append(read_page(source, file_name, page, orientation) if made is None else made)
            compressions.append(_COMPRESSIONS.get(page.number(259, 1), "zip"))
    associated = tuple(page.alpha_place is not None and ASSOCIATED in page.extra_kinds for page in found)
    encoding = Encoding(
        tiff_compressions=tuple(compressions),
        tiff_associated=associated,
        half=_is_half(found[0]),
        turned=metadata.encoding.turned,
    )
    metadata = replace(metadata, page_tags=tuple(blocks), encoding=encoding)
    return Picture(tuple(pages), "TIFF", metadata, name, _describe_extras(pages))


def _read_page(source: Source, file_name: str, page: TiffPage, orientation: int) -> Page:
    if goes_to_pillow(page):
        return _pillow_page(source.stream, page, source.name)
    if page.photometric == YCBCR:
        samples = _read_ycbcr(source.stream, file_name, page)
    else:
        decoder = open_oiio(file_name)
        samples = _read(decoder, page.index)
        decoder.close()
    return make_page(samples, page, orientation, source.name)


def goes_to_pillow(page: TiffPage) -> bool:
    """Tells whether a page is one of palette colours or of JPEG data.

    OpenImageIO darkens palettes of writers that store 255 as 65280.
    """
    return page.photometric == 3 or page.number(259, 1) == JPEG


def _read_by_rows(source: Source, file_name: str, page: TiffPage, orientation: int) -> Page | None:
    # of a copy made for OpenImageIO nothing is left afterwards
    if not source.by_rows or source.path is None or file_name != str(source.path):
        return None
    return read_by_rows(page, orientation, partial(open_oiio, file_name))


def _describe_extras(pages: list[Page]) -> tuple[str, ...]:
    most = max(0 if page.extras is None else page.extras.shape[2] for page in pages)
    if not most:
        return ()
    samples = "one sample" if most == 1 else f"{most} samples"
    return (f"It has {samples} a pixel beside colour and alpha, such as infrared; only a TIFF keeps them.",)


def _read_ycbcr(stream: BinaryIO, file_name: str, page: TiffPage) -> NDArray[Any]:
    """Returns RGB as libtiff makes it of YCbCr, after a look whether all strips can be unpacked."""
    if page.separate:
        _read(open_oiio(file_name), page.index)
    else:
        check_packed_strips(partial(read_at, stream), page, _read_rows)
    return _read(open_oiio(file_name, raw=False), page.index)


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


def make_page(samples: NDArray[Any], page: TiffPage, orientation: int, name: str) -> Page:
    """Makes a page, upright, of samples (H,W,C) as OpenImageIO gives them; they may be changed."""
    if samples.shape != (page.height, page.width, page.samples):
        raise UnreadablePictureError("photo.damaged", name=name)
    if page.photometric == 0:
        first = page.colors
        if page.number(258, 1) <= 8:
            # what is not a colour came out inverted with the rest
            np.subtract(255, samples[..., first:], out=samples[..., first:])
        else:
            top = np.iinfo(samples.dtype).max if samples.dtype.kind == "u" else 1
            np.subtract(top, samples[..., :first], out=samples[..., :first])
    if samples.dtype == np.float16:
        samples = samples.astype(np.float32)
    colors, alpha, extras = split_samples(page, samples)
    made = _page_from_colors(colors, alpha, page, orientation, name)
    return made if extras is None else replace(made, extras=turn_upright(extras, orientation))


def _page_from_colors(
    colors: NDArray[Any], alpha: NDArray[Any] | None, page: TiffPage, orientation: int, name: str
) -> Page:
    icc = page.raw(ICC)
    if page.photometric in LAB:
        return page_from_lab(colors, alpha, orientation, signed=page.photometric == LAB[0])
    if page.photometric == SEPARATED and colors.dtype == np.uint8:
        from PIL import Image

        image = Image.fromarray(np.ascontiguousarray(colors), "CMYK")
        made = page_from_image(image, icc, orientation, name)
        return replace(made, alpha=None if alpha is None else turn_upright(alpha, orientation))
    return page_from_values(colors, alpha, icc, orientation, name)


def _pillow_page(stream: BinaryIO, page: TiffPage, name: str) -> Page:
    if page.number(259, 1) == JPEG:
        check_jpeg_strips(partial(read_at, stream), page)
    # Pillow turns TIFF pixels by itself, so nothing is left to turn
    return page_from_image(open_image(stream, "TIFF", page=page.index), page.raw(ICC), 1, name)
