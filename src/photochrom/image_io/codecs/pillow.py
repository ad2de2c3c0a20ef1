"""What the codecs that go through Pillow share.

Pillow's plug-ins are opened directly and not by ``Image.open``: its decompression bomb check is a global setting of the
user's process, while ours is an argument and looks at all frames.
"""

import logging
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from photochrom.errors import PictureTooLargeError
from photochrom.image_io.codecs.base import Source
from photochrom.image_io.formats import load_plugin
from photochrom.image_io.metadata.extract import gather_metadata, make_upright
from photochrom.image_io.metadata.types import Metadata
from photochrom.image_io.normalize import page_from_image
from photochrom.image_io.types import Page, Picture

__all__ = [
    "animation_options",
    "check_size",
    "find_repeated",
    "ignore_warnings",
    "metadata_options",
    "open_image",
    "open_source",
    "read_frames",
    "read_still",
    "to_pil_image",
    "to_uint8",
]

# what Pillow logs of a damaged photo is not printed where nobody asked for it; our own sentence says it
logging.getLogger("PIL").addHandler(logging.NullHandler())

_quiet_lock = threading.Lock()


@contextmanager
def ignore_warnings() -> Iterator[None]:
    """Ignores warnings for the ``with`` block, in one thread at a time."""
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


def open_image(stream: BinaryIO, format_name: str, *, page: int | None = None) -> Any:
    """Opens a picture's header, or loads the page of that number, without a word on stderr."""
    with ignore_warnings():
        stream.seek(0)
        image = load_plugin(format_name)(stream)
        if page is not None:
            image.seek(page)
            image.load()
        return image


def open_source(source: Source, format_name: str) -> Any:
    """Opens a picture's header, and refuses one of too many pixels; decoders' errors pass through."""
    image = open_image(source.stream, format_name)
    check_size(source.name, image.width, image.height, 1, source.max_pixels)
    return image


def read_still(source: Source, image: Any, format_name: str, metadata: Metadata | None = None) -> Picture:
    """Reads the one page of an open image.

    Args:
        source: of the image.
        image: as :func:`open_source` gives it.
        format_name: of the picture.
        metadata: as the file has it; gathered from the file unless given.
    """
    metadata = metadata or gather_metadata(source.stream, format_name, image.info)
    metadata, orientation = make_upright(metadata, width=image.width, height=image.height)
    page = page_from_image(image, metadata.icc, orientation, source.name)
    return Picture((page,), format_name, metadata, source.name)


def read_frames(source: Source, image: Any, format_name: str, metadata: Metadata | None = None) -> Picture:
    """Reads all frames of an open image.

    Args:
        source: of the image.
        image: as :func:`open_source` gives it.
        format_name: of the picture.
        metadata: as the file has it; gathered from the file unless given.
    """
    with ignore_warnings():
        frames = int(getattr(image, "n_frames", 1))
    if frames == 1:
        return read_still(source, image, format_name, metadata)
    check_size(source.name, image.width, image.height, frames, source.max_pixels)
    metadata = metadata or gather_metadata(source.stream, format_name, image.info)
    metadata, orientation = make_upright(metadata, width=image.width, height=image.height)
    pages = []
    for number in range(frames):
        image.seek(number)
        page = page_from_image(image, metadata.icc, orientation, source.name)
        pages.append(replace(page, duration_ms=round(image.info.get("duration") or 0)))
    return Picture(tuple(pages), format_name, metadata, source.name)


def to_uint8(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Returns values of uint8, uint16 or float 0..1, rounded to 8 bits."""
    if values.dtype == np.uint8:
        return values
    if values.dtype == np.uint16:
        # 257 steps of 16 bits are one of 8; the division is exact in 32 bits
        return ((values.astype(np.uint32) + 128) // 257).astype(np.uint8)
    rounded: NDArray[np.uint8] = (np.clip(np.nan_to_num(values), 0, 1) * 255 + 0.5).astype(np.uint8)
    return rounded


def to_pil_image(page: Page) -> Any:
    """Returns a page as a Pillow image: L, LA, RGB or RGBA."""
    from PIL import Image

    size, packed = (page.width, page.height), page.four_bytes()
    # Pillow takes views of bytes, though its types do not say so
    view: Any
    if packed is not None:
        view = packed.data.cast("B")
        image = Image.frombytes("RGB", size, view, "raw", "RGBX")
    else:
        pixels = np.ascontiguousarray(to_uint8(page.pixels))
        view = pixels.data.cast("B")
        image = Image.frombytes("RGB" if pixels.ndim == 3 else "L", size, view)
    if page.alpha is not None:
        image.putalpha(Image.fromarray(to_uint8(page.alpha)))
    return image


def animation_options(picture: Picture, images: list[Any]) -> dict[str, Any]:
    """Returns the options with which Pillow writes the frames after the first, none for a still.

    Args:
        picture: what is written.
        images: its pages after the first, as Pillow takes them.
    """
    if not images:
        return {}
    durations = [page.duration_ms if page.duration_ms is not None else 100 for page in picture.pages]
    return {"save_all": True, "append_images": images, "duration": durations}


def find_repeated(images: list[Any]) -> list[bool]:
    """Tells of each frame whether it shows what the one before it shows; encoders would make one of both."""
    repeated = [False]
    for before, image in pairwise(images):
        same = before.mode == image.mode and before.size == image.size
        repeated.append(same and before.tobytes() == image.tobytes())
    return repeated


def metadata_options(picture: Picture) -> dict[str, Any]:
    """Returns the metadata as most of Pillow's writers take it: EXIF, XMP and the ICC profile."""
    metadata = picture.metadata
    options: dict[str, Any] = {"exif": metadata.exif or b"", "xmp": metadata.xmp or b""}
    if icc := picture.pages[0].space.output_icc:
        options["icc_profile"] = icc
    return options
