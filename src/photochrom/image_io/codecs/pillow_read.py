"""Reads all formats but TIFF and 16-bit PNG, through Pillow's decoders.

Pillow's plug-ins are opened directly and not by ``Image.open``: its decompression bomb check is a global setting of the
user's process, while ours is an argument and looks at all frames.
"""

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, BinaryIO

import numpy as np

from photochrom.errors import MissingDependencyError, PictureTooLargeError, UnsupportedPictureError
from photochrom.image_io.codecs.heif import read_deep_planes
from photochrom.image_io.metadata.extract import gather_metadata, make_upright
from photochrom.image_io.metadata.types import Metadata
from photochrom.image_io.normalize import page_from_image, page_from_values
from photochrom.image_io.types import Picture

__all__ = [
    "check_size",
    "open_quietly",
    "read_with_pillow",
]

_quiet_lock = threading.Lock()


@contextmanager
def _ignore_warnings() -> Iterator[None]:
    # the filters are global, so only one thread may exchange them
    with _quiet_lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def check_size(name: str, width: int, height: int, pages: int, max_pixels: int) -> None:
    """Refuses a picture of more than ``max_pixels`` pixels over all its pages."""
    if width * height * pages > max_pixels:
        if pages == 1:
            raise PictureTooLargeError("photo.too_large", name=name, width=width, height=height, max_pixels=max_pixels)
        pixels = width * height * pages
        raise PictureTooLargeError(
            "photo.pages_too_large", name=name, pixels=pixels, pages=pages, max_pixels=max_pixels
        )


def _open(stream: BinaryIO, format_name: str) -> Any:
    from PIL import (
        AvifImagePlugin,
        BmpImagePlugin,
        GifImagePlugin,
        JpegImagePlugin,
        PngImagePlugin,
        TiffImagePlugin,
        WebPImagePlugin,
    )

    stream.seek(0)
    if format_name == "HEIF":
        try:
            from pillow_heif import HeifImageFile
        except ImportError:
            raise MissingDependencyError("Reading HEIC", "heic") from None
        return HeifImageFile(stream)  # type: ignore[no-untyped-call]
    plugins: dict[str, Any] = {
        "JPEG": JpegImagePlugin.JpegImageFile,
        "PNG": PngImagePlugin.PngImageFile,
        "GIF": GifImagePlugin.GifImageFile,
        "WEBP": WebPImagePlugin.WebPImageFile,
        "BMP": BmpImagePlugin.BmpImageFile,
        "AVIF": AvifImagePlugin.AvifImageFile,
        "TIFF": TiffImagePlugin.TiffImageFile,
    }
    return plugins[format_name](stream)


def open_quietly(stream: BinaryIO, format_name: str, *, page: int | None = None) -> Any:
    """Opens a picture's header, or loads the page of that number, without a word on stderr."""
    with _ignore_warnings():
        image = _open(stream, format_name)
        if page is not None:
            image.seek(page)
            image.load()
        return image


def read_with_pillow(stream: BinaryIO, format_name: str, name: str, max_pixels: int) -> Picture:
    """Reads a picture; errors of Pillow's decoders pass through to the caller."""
    with _ignore_warnings():
        image = _open(stream, format_name)
        check_size(name, image.width, image.height, 1, max_pixels)
        bits = _read_depth(stream, image, format_name)
        if format_name == "AVIF" and bits > 8:
            raise UnsupportedPictureError("photo.depth_unsupported", name=name, bits=bits)
        frames = int(getattr(image, "n_frames", 1)) if format_name in ("GIF", "PNG", "WEBP", "AVIF") else 1
        check_size(name, image.width, image.height, frames, max_pixels)
    metadata = _with_encoding(gather_metadata(stream, format_name, image.info), image, format_name)
    metadata, orientation = make_upright(metadata, width=image.width, height=image.height)
    if format_name == "HEIF" and bits > 8:
        page = page_from_values(*read_deep_planes(stream, name), metadata.icc, orientation, name)
        metadata = replace(metadata, encoding=replace(metadata.encoding, bits=bits))
        return Picture((page,), format_name, metadata, name)
    pages = []
    for number in range(frames):
        if frames > 1:
            image.seek(number)
        page = page_from_image(image, metadata.icc, orientation, name)
        duration = round(image.info.get("duration") or 0) if frames > 1 else None
        pages.append(replace(page, duration_ms=duration))
    if format_name == "WEBP" and frames > 1 and all(np.all(page.alpha == 255) for page in pages):
        # the animation decoder gives every frame an alpha channel
        pages = [replace(page, alpha=None) for page in pages]
    return Picture(tuple(pages), format_name, metadata, name)


def _read_depth(stream: BinaryIO, image: Any, format_name: str) -> int:
    """Returns bits a channel of HEIC and AVIF, of which Pillow gives the upper 8 without saying so."""
    if format_name == "HEIF":
        return int(image.info.get("bit_depth") or 8)
    if format_name != "AVIF":
        return 8
    stream.seek(0)
    start = stream.read(1 << 14)
    at = start.find(b"av1C")
    # AV1 codec configuration: seq_profile etc., then tier, high_bitdepth, twelve_bit, ...
    flags = start[at + 6] if 0 <= at < len(start) - 6 else 0
    return 8 if not flags & 0x40 else 12 if flags & 0x20 else 10


def _with_encoding(metadata: Metadata, image: Any, format_name: str) -> Metadata:
    if format_name != "JPEG":
        return metadata
    from PIL import JpegImagePlugin

    encoding = replace(
        metadata.encoding,
        jpeg_tables=tuple(tuple(table) for _, table in sorted(image.quantization.items())),
        jpeg_subsampling=max(JpegImagePlugin.get_sampling(image), 0),
        progressive=bool(image.info.get("progressive")),
    )
    return replace(metadata, encoding=encoding)
