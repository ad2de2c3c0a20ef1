"""Reads 16-bit PNG exactly, which Pillow alone reads as 8 bits without saying so.

Pillow's decoder inflates and unfilters such files rightly and only drops the low bytes when it unpacks. Unpacked as if
the other byte order were meant, it drops the high ones: two passes give all of them. Two channels are one pass as RGBA.
OpenImageIO reads these files too, but its libpng writes to stderr about each damaged one.
"""

import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from photochrom.image_io.codecs.base import Source
from photochrom.image_io.codecs.pillow import open_image
from photochrom.image_io.metadata.containers import PNG_START, build_itxt, build_png_chunk
from photochrom.image_io.metadata.extract import make_upright
from photochrom.image_io.metadata.types import Metadata
from photochrom.image_io.normalize import alpha_from_key, page_from_values, split_planes
from photochrom.image_io.types import Page, Picture

__all__ = ["build_metadata_chunks", "read_png16", "read_values", "write_png16"]


def read_png16(
    source: Source, image: Any, metadata: Metadata, load: Callable[[Any], object] = lambda image: image.load()
) -> Picture:
    """Reads a PNG of 16 bits a channel; errors of Pillow's decoder pass through to the caller.

    Args:
        source: of the picture.
        image: as :func:`open_source` gives it.
        metadata: as the file has it.
        load: decodes an open image.
    """
    stream, name = source.stream, source.name
    metadata, orientation = make_upright(metadata, width=image.width, height=image.height)
    values, alpha = read_values(stream, image, name, load)
    key = image.info.get("transparency")
    if alpha is None and key is not None:
        alpha = alpha_from_key(values, key)
    page = page_from_values(values, alpha, metadata.icc, orientation, name)
    return Picture((page,), "PNG", metadata, name)


def read_values(
    stream: BinaryIO, image: Any, name: str, load: Callable[[Any], object] = lambda image: image.load()
) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """Returns the values (H,W) or (H,W,3), and alpha (H,W) or None, as stored; as :func:`read_png16`."""
    kind = image.tile[0].args
    if kind == "I;16B":
        load(image)
        return split_planes(image, name)
    if kind == "LA;16B":
        first, last = _decode_pass(stream, "RGBA", name, load, mode="RGBA")
        assert last is not None
        pixels = first[..., 0].astype(np.uint16) << 8 | first[..., 1]
        return pixels, first[..., 2].astype(np.uint16) << 8 | last
    channels = str(kind).partition(";")[0]
    high, high_alpha = _decode_pass(stream, f"{channels};16B", name, load)
    pixels = high.astype(np.uint16)
    del high
    pixels <<= 8
    low, low_alpha = _decode_pass(stream, f"{channels};16L", name, load)
    pixels |= low
    if high_alpha is None or low_alpha is None:
        return pixels, None
    return pixels, high_alpha.astype(np.uint16) << 8 | low_alpha


def _decode_pass(
    stream: BinaryIO, unpack: str, name: str, load: Callable[[Any], object], *, mode: str | None = None
) -> tuple[Any, Any]:
    image = open_image(stream, "PNG")
    image.tile = [image.tile[0]._replace(args=unpack)]
    image.info.pop("transparency", None)
    if mode:
        image._mode = mode
    load(image)
    return split_planes(image, name)


def build_metadata_chunks(metadata: Metadata, icc: bytes | None) -> list[tuple[bytes, bytes]]:
    """Returns the chunks that stand before a PNG's pixels: profile, density, EXIF, XMP, and the texts as they stood."""
    chunks = []
    if icc:
        chunks.append((b"iCCP", b"ICC profile\0\0" + zlib.compress(icc, 9)))
    if density := metadata.density:
        x, y, unit = density.x, density.y, int(density.unit != "none")
        if density.unit in ("inch", "cm"):
            x, y = (v / 0.0254 for v in density.dpi or (0, 0))
        chunks.append((b"pHYs", struct.pack(">IIB", round(x), round(y), unit)))
    if metadata.exif:
        chunks.append((b"eXIf", metadata.exif))
    if metadata.xmp:
        chunks.append((b"iTXt", build_itxt(b"XML:com.adobe.xmp", metadata.xmp)))
    return chunks + list(metadata.png_chunks)


_STRIP = 1 << 22


def write_png16(picture: Picture, stream: BinaryIO) -> None:
    """Writes a 16-bit PNG, animated where there are several pages; floats, 0..1, are rounded."""
    page, pages, encoding = picture.pages[0], picture.pages, picture.metadata.encoding
    alpha = any(each.alpha is not None for each in pages)
    channels = (3 if page.pixels.ndim == 3 else 1) + alpha
    color_type = {1: 0, 2: 4, 3: 2, 4: 6}[channels]

    def put(kind: bytes, data: bytes) -> None:
        stream.write(build_png_chunk(kind, data))

    stream.write(PNG_START)
    put(b"IHDR", struct.pack(">IIBBBBB", page.width, page.height, 16, color_type, 0, 0, 0))
    for kind, data in build_metadata_chunks(picture.metadata, page.space.output_icc):
        put(kind, data)
    if len(pages) == 1:
        for data in _pack_page(page, channels):
            put(b"IDAT", data)
    else:
        first = int(encoding.default_image)
        put(b"acTL", struct.pack(">II", len(pages) - first, encoding.loop or 0))
        number = 0
        for place, each in enumerate(pages):
            if place >= first:
                # each frame is whole, and replaces the one before
                duration = min(100 if each.duration_ms is None else each.duration_ms, 65535)
                put(b"fcTL", struct.pack(">5I2H2B", number, page.width, page.height, 0, 0, duration, 1000, 0, 0))
                number += 1
            for data in _pack_page(each, channels):
                if place == 0:
                    put(b"IDAT", data)
                else:
                    put(b"fdAT", struct.pack(">I", number) + data)
                    number += 1
    put(b"IEND", b"")


def _pack_page(page: Page, channels: int) -> Iterator[bytes]:
    """Yields the filtered and compressed rows of a page, a part at a time; opaque where it has no alpha of its own."""
    # noise of 16 bits is as large at every level
    packer = zlib.compressobj(1)
    above = np.zeros(page.width * channels * 2, np.uint8)
    rows = max(1, _STRIP // len(above))
    for top in range(0, page.height, rows):
        part = page.pixels[top : top + rows]
        joined = np.full((len(part), page.width, channels), 65535, ">u2")
        joined[..., : 3 if channels > 2 else 1] = _to_uint16(part if part.ndim == 3 else part[..., None])
        if page.alpha is not None:
            joined[..., -1] = _to_uint16(page.alpha[top : top + rows])
        raw = joined.view(np.uint8).reshape(len(part), -1)
        packed = packer.compress(_filter_rows(raw, above, channels * 2))
        if packed:
            yield packed
        above = raw[-1]
    yield packer.flush()


def _to_uint16(values: NDArray[Any]) -> NDArray[np.uint16]:
    if values.dtype == np.uint16:
        return values
    rounded: NDArray[np.uint16] = (np.clip(np.nan_to_num(values), 0, 1) * 65535 + 0.5).astype(np.uint16)
    return rounded


def _filter_rows(raw: NDArray[np.uint8], above: NDArray[np.uint8], step: int) -> bytes:
    """Filters each row, left or up, whichever gives smaller differences."""
    up = raw - np.vstack([above[None], raw[:-1]])
    left = raw.copy()
    left[:, step:] -= raw[:, :-step]
    cost = [np.abs(rows.view(np.int8), dtype=np.int16).sum(axis=1, dtype=np.int64) for rows in (left, up)]
    take_up = cost[1] < cost[0]
    out = np.empty((len(raw), raw.shape[1] + 1), np.uint8)
    out[:, 0] = np.where(take_up, 2, 1)
    out[:, 1:] = np.where(take_up[:, None], up, left)
    return out.tobytes()
