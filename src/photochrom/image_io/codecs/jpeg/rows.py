"""JPEG by rows: pixels of a large one that stay in the file, and the parts in which any is written."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from photochrom.image_io import rows
from photochrom.image_io.codecs.base import Source
from photochrom.image_io.codecs.jpeg.end import END
from photochrom.image_io.codecs.oiio_rows import open_rows
from photochrom.image_io.codecs.pillow import to_pil_image
from photochrom.image_io.icc.color_space import find_color_space
from photochrom.image_io.metadata.extract import make_upright
from photochrom.image_io.metadata.types import Metadata
from photochrom.image_io.rows import are_parallel
from photochrom.image_io.types import Page, Picture

__all__ = ["iterate_parts", "read_by_rows"]

#: those by which OpenImageIO knows the format
_SUFFIXES = (".jpg", ".jpe", ".jpeg", ".jif", ".jfif", ".jfi")


def read_by_rows(source: Source, image: Any, metadata: Metadata) -> Picture | None:
    """Returns a large picture whose pixels stay in the file; None where it is to be read whole.

    That is a progressive one, for its rows come all at the end; one that has to be turned; one whose profile has a
    table; and one that does not end with its end marker.
    """
    path = source.path
    if not source.by_rows or path is None or image.width * image.height < rows.LARGE:
        return None
    if metadata.encoding.progressive or image.mode not in ("L", "RGB") or not _is_plain(str(path), path.suffix):
        return None
    upright, orientation = make_upright(metadata, width=image.width, height=image.height)
    space, profile = find_color_space(metadata.icc, gray=image.mode == "L")
    if orientation != 1 or (profile and profile.table) or not _has_end(source):
        return None

    def open_file() -> Any:
        import OpenImageIO as oiio  # noqa: N813

        return oiio.ImageInput.open(str(path))

    pixels = open_rows(open_file, 0, (image.height, image.width, len(image.mode)), lambda stored: stored)
    return None if pixels is None else Picture((Page(pixels, space=space),), "JPEG", upright, source.name)


def _is_plain(name: str, suffix: str) -> bool:
    return suffix.lower() in _SUFFIXES and "?" not in name


def _has_end(source: Source) -> bool:
    size = source.stream.seek(0, 2)
    source.stream.seek(size - len(END))
    return source.stream.read() == END


def iterate_parts(page: Page, height: int) -> Iterator[Callable[[], Any]]:
    """Yields what makes the Pillow images of an opaque page's parts, so many rows each but the last.

    Pixels that are not in memory, and cannot be read in any order, are read here.
    """
    for top in range(0, page.height, height):
        rows = slice(top, min(top + height, page.height))
        if are_parallel(page.pixels):
            yield partial(_make_part, page.pixels, rows)
        else:
            yield partial(_make_image, page.pixels[rows])


def _make_part(pixels: Any, rows: slice) -> Any:
    return _make_image(pixels[rows])


def _make_image(pixels: Any) -> Any:
    from PIL import Image

    page = Page(pixels)
    packed = page.four_bytes()
    if packed is None:
        return to_pil_image(page)
    # libjpeg takes four bytes a pixel as they are
    return Image.frombuffer("RGBX", (page.width, page.height), packed)
