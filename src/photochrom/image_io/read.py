"""Reads a picture from a file, bytes, a stream, a Pillow image or an array."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from photochrom.errors import PhotochromError, PictureTooLargeError, UnreadablePictureError, UnsupportedPictureError
from photochrom.image_io.codecs.base import Source, load_codec
from photochrom.image_io.cut import is_cut
from photochrom.image_io.film_starts import START_BYTES
from photochrom.image_io.formats import SUFFIXES, sniff
from photochrom.image_io.types import Page, Picture

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["MAX_PIXELS", "read_picture"]

#: by whether the file is cut short
_CAUSES = ("photo.damaged", "photo.truncated")
#: what decoders say of a file that ends too early
_CUT = ("truncated", "not enough data", "end of file", "short read", "unexpected eof")
#: pixels over all pages; a 200-megapixel gray picture and its colours fit in about 1.5 GB
MAX_PIXELS = 200_000_000


def read_picture(
    source: "str | Path | bytes | BinaryIO | Image.Image | NDArray[Any]",
    *,
    max_pixels: int = MAX_PIXELS,
    by_rows: bool = False,
    salvage: bool = False,
) -> Picture:
    """Reads a picture with all its pages and metadata, upright.

    Args:
        source: a path, the bytes of a file, a binary stream (read to its end), a Pillow image, or an array: (H,W),
            (H,W,1) gray, (H,W,3) RGB, (H,W,2) or (H,W,4) with alpha, of uint8, uint16, bool or float (0..1).
        max_pixels: how many pixels are accepted over all pages; checked from the header, before decoding.
        by_rows: let the pixels of large pages stay in the file, where its form allows it: they are then a
            :class:`~photochrom.image_io.rows.RowArray`. The file must stay as it is while they are used.
        salvage: read what is there of a file that is cut short or damaged. ``Page.missing`` tells the pixels that were
            not read, and a note of the picture how many they are.

    Raises:
        UnreadablePictureError: no such file, not a picture, cut short or damaged; with ``salvage``, none of its pixels
            can be read.
        UnsupportedPictureError: a picture of a kind that cannot be read.
        PictureTooLargeError: more than ``max_pixels``.
        MissingDependencyError: HEIC without its extra.
    """
    picture = _read(source, max_pixels, by_rows, salvage)
    for page in picture.pages:
        # a few highlights over white are usual in float files; a picture that is mostly over white is on another scale
        if page.pixels.dtype.kind == "f" and np.mean(page.pixels[::8, ::8] > 1.0) > 0.5:
            raise UnsupportedPictureError("photo.float_range", name=picture.name or "<array>")
    return picture


def _read(
    source: "str | Path | bytes | BinaryIO | Image.Image | NDArray[Any]", max_pixels: int, by_rows: bool, salvage: bool
) -> Picture:
    if isinstance(source, np.ndarray):
        return _from_array(source, max_pixels)
    if isinstance(source, (str, Path)):
        return _from_path(Path(source), max_pixels, by_rows, salvage)
    if isinstance(source, (bytes, bytearray, memoryview)):
        return _decode(Source(BytesIO(source), "<bytes>", max_pixels), salvage)
    if hasattr(source, "getbands"):
        return _from_image(source, max_pixels)
    if hasattr(source, "read"):
        data: Any = source.read()
        if isinstance(data, str):
            raise UnsupportedPictureError("photo.not_bytes")
        return _decode(Source(BytesIO(data), "<stream>", max_pixels), salvage)
    raise UnsupportedPictureError("photo.source_type", type=type(source).__name__)


def _from_path(path: Path, max_pixels: int, by_rows: bool, salvage: bool) -> Picture:
    try:
        if not path.exists():
            raise UnreadablePictureError("photo.missing", path=path)
        if not path.is_file():
            raise UnreadablePictureError("photo.not_a_file", path=path)
        with path.open("rb") as stream:
            return _decode(Source(stream, path.name, max_pixels, path, by_rows), salvage)
    except PermissionError:
        raise UnreadablePictureError("photo.permission_denied", path=path) from None
    except (OSError, ValueError) as error:
        if isinstance(error, PhotochromError):
            raise
        reason = getattr(error, "strerror", None) or str(error)
        raise UnreadablePictureError("photo.unreadable", path=path, reason=reason) from None


def _decode(source: Source, salvage: bool) -> Picture:
    format_name = sniff(source.stream.read(START_BYTES), source.name)
    try:
        with _named_causes(source.name):
            return load_codec(format_name).read(source)
    except UnreadablePictureError as error:
        if not salvage:
            cut = is_cut(source.stream, format_name) if error.code in _CAUSES else None
            if cut is None or error.code == _CAUSES[cut]:
                raise
            raise UnreadablePictureError(_CAUSES[cut], name=source.name) from error
    from photochrom.image_io.salvage import salvage_picture

    try:
        with _named_causes(source.name):
            return salvage_picture(source, format_name)
    except UnreadablePictureError as error:
        raise UnreadablePictureError("photo.nothing_salvaged", name=source.name) from error


@contextmanager
def _named_causes(name: str) -> Iterator[None]:
    """Names the cause of whatever a decoder throws at a damaged file."""
    try:
        yield
    except PhotochromError:
        raise
    except MemoryError:
        raise PictureTooLargeError("photo.out_of_memory", name=name) from None
    except Exception as error:
        if type(error).__name__ == "DecompressionBombError":
            raise PictureTooLargeError("photo.decoded_size", name=name) from None
        text = str(error).lower()
        cut = isinstance(error, EOFError) or any(words in text for words in _CUT)
        raise UnreadablePictureError("photo.truncated" if cut else "photo.damaged", name=name) from error


def _from_image(image: Any, max_pixels: int) -> Picture:
    from photochrom.image_io.codecs.pillow import check_size
    from photochrom.image_io.metadata.extract import gather_metadata, make_upright
    from photochrom.image_io.normalize import page_from_image

    name = "<image>"
    check_size(name, image.width, image.height, 1, max_pixels)
    metadata = gather_metadata(BytesIO(), "", image.info)
    metadata, orientation = make_upright(metadata, width=image.width, height=image.height)
    try:
        page = page_from_image(image, metadata.icc, orientation, name)
    except (OSError, SyntaxError) as error:
        raise UnreadablePictureError("photo.image_not_loaded", reason=str(error)) from error
    return Picture((page,), image.format if image.format in SUFFIXES.values() else "PNG", metadata)


def _from_array(array: NDArray[Any], max_pixels: int) -> Picture:
    from photochrom.image_io.codecs.pillow import check_size

    channels = array.shape[2] if array.ndim == 3 else 1
    if array.ndim not in (2, 3) or channels not in (1, 2, 3, 4) or 0 in array.shape:
        raise UnsupportedPictureError("photo.array_shape", shape=array.shape)
    check_size("<array>", array.shape[1], array.shape[0], 1, max_pixels)
    array = array.astype(array.dtype.newbyteorder("="), copy=False)
    if array.dtype == bool:
        array = array.astype(np.uint8) * np.uint8(255)
    elif array.dtype.kind == "f":
        array = array.astype(np.float32, copy=False)
    elif array.dtype not in (np.uint8, np.uint16):
        raise UnsupportedPictureError("photo.array_type", dtype=str(array.dtype))
    cube = array.reshape(*array.shape[:2], channels)
    pixels = cube[..., :3] if channels >= 3 else cube[..., 0]
    alpha = np.ascontiguousarray(cube[..., -1]) if channels in (2, 4) else None
    return Picture((Page(np.ascontiguousarray(pixels), alpha),), "PNG")
