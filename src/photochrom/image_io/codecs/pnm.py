"""PBM, PGM and PPM (Netpbm's portable maps): 1 to 16 bits per channel; written as binary PPM or PGM."""

from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from photochrom.errors import UnsupportedPictureError
from photochrom.image_io.codecs.base import Source
from photochrom.image_io.codecs.oiio_files import named_file, read_pixels
from photochrom.image_io.codecs.pillow import open_source, read_still, to_uint8
from photochrom.image_io.normalize import page_from_values
from photochrom.image_io.types import Picture

__all__ = ["read", "write"]

_SUFFIXES = (".pnm", ".ppm", ".pgm", ".pbm")


def read(source: Source) -> Picture:
    """Reads the one page; of more than 8 bits through OpenImageIO, because Pillow gives 8 of colours."""
    image = open_source(source, "PNM")
    if not _is_deep(image):
        return read_still(source, image, "PNM")
    image.load()  # finds out whether the file is whole
    with named_file(source.stream, source.path, _SUFFIXES) as file_name:
        values = read_pixels(file_name)
    if values.dtype != np.uint16 or values.shape[:2] != (image.height, image.width):
        raise ValueError("it was read as something else")
    pixels = np.ascontiguousarray(values if values.shape[2] == 3 else values[..., 0])
    return Picture((page_from_values(pixels, None, None, 1, source.name),), "PNM", name=source.name)


def _is_deep(image: object) -> bool:
    tile = getattr(image, "tile", None) or [("", None, 0, None)]
    # the decoder of values that are not 8 bits as they stand gets the highest one
    args = tile[0][3]
    return getattr(image, "mode", "") == "I" or (isinstance(args, tuple) and bool(args) and _highest(args) > 255)


def _highest(args: tuple[object, ...]) -> int:
    return max((value for value in args if isinstance(value, int)), default=0)


def write(picture: Picture, stream: BinaryIO) -> None:
    """Writes the first page; it holds nothing but pixels, so the file cannot say that its colour is synthetic."""
    page = picture.pages[0]
    if page.alpha is not None:
        raise UnsupportedPictureError("photo.alpha_unsupported", format="PPM")
    deep = page.pixels.dtype != np.uint8
    kind = "P6" if page.pixels.ndim == 3 else "P5"
    stream.write(f"{kind}\n{page.width} {page.height}\n{65535 if deep else 255}\n".encode("ascii"))
    rows = max(1, (1 << 22) // (page.width * 6))
    for top in range(0, page.height, rows):
        part = page.pixels[top : top + rows]
        stream.write((_to_uint16(part).astype(">u2") if deep else to_uint8(part)).tobytes())


def _to_uint16(values: NDArray[np.generic]) -> NDArray[np.uint16]:
    if values.dtype == np.uint16:
        return values  # type: ignore[return-value]
    whole: NDArray[np.uint16] = (np.clip(np.nan_to_num(values), 0, 1) * 65535 + 0.5).astype(np.uint16)
    return whole
