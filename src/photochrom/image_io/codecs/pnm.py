"""PBM, PGM and PPM (Netpbm's portable maps): 1 to 16 bits per channel; written as binary PPM or PGM.

Binary ones may follow each other in one file (as ``pnmcat`` and scanners make them); plain ones may not (pbm(5)).
"""

import re
from dataclasses import dataclass, replace
from io import BytesIO
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from photochrom.errors import UnsupportedPictureError
from photochrom.image_io.codecs.base import Source, read_at
from photochrom.image_io.codecs.oiio_files import named_file, read_pixels
from photochrom.image_io.codecs.pillow import check_size, open_source, read_still, to_uint8
from photochrom.image_io.normalize import page_from_values
from photochrom.image_io.types import Page, Picture

__all__ = ["BinaryMap", "list_maps", "read", "read_map", "write"]

_SUFFIXES = (".pnm", ".ppm", ".pgm", ".pbm")


#: what stands between the numbers of a header
_GAP = rb"(?:[ \t\r\n\v\f]|#[^\r\n]*[\r\n])+"
_HEADER = re.compile(rb"\s*(P[456])" + _GAP + rb"(\d{1,9})" + _GAP + rb"(\d{1,9})")
_HIGHEST = re.compile(_GAP + rb"(\d{1,5})")
#: bytes in which a header ends, comments and all
_LONGEST = 1 << 16


@dataclass(frozen=True)
class BinaryMap:
    """One picture of a file: where it begins and its pixels do, and how many bytes and rows these have."""

    begin: int
    pixels: int
    row: int
    rows: int

    @property
    def end(self) -> int:
        """Returns where the next picture begins."""
        return self.pixels + self.row * self.rows


def list_maps(stream: BinaryIO) -> list[BinaryMap]:
    """Returns the binary pictures of a file, up to what is not one; the last may go on behind the file's end."""
    size, found, at = stream.seek(0, 2), list[BinaryMap](), 0
    while at < size:
        stream.seek(at)
        head = stream.read(_LONGEST)
        match = _HEADER.match(head)
        if match is None:
            break
        kind, width, height = match[1], int(match[2]), int(match[3])
        highest = _HIGHEST.match(head, match.end()) if kind != b"P4" else match
        if highest is None:
            break
        wide = kind != b"P4" and int(highest[1]) > 255
        row = (width + 7) // 8 if kind == b"P4" else width * (3 if kind == b"P6" else 1) * (2 if wide else 1)
        # one white space behind the last number
        found.append(BinaryMap(at, at + highest.end() + 1, row, height))
        at = found[-1].end
    return found


def read(source: Source) -> Picture:
    """Reads all pages."""
    maps = list_maps(source.stream)
    if len(maps) < 2:
        return read_map(source)
    pages: list[Page] = []
    for each in maps:
        # white space between two pictures is not part of one
        data = read_at(source.stream, each.begin, each.end - each.begin).lstrip()
        pages += read_map(replace(source, stream=BytesIO(data), path=None)).pages
        pixels = sum(page.width * page.height for page in pages)
        check_size(source.name, pixels // len(pages), 1, len(pages), source.max_pixels)
    return Picture(tuple(pages), "PNM", name=source.name)


def read_map(source: Source) -> Picture:
    """Reads the first page; of more than 8 bits through OpenImageIO, because Pillow gives 8 of colours."""
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
    """Writes all pages; they hold nothing but pixels, so the file cannot say that its colour is synthetic."""
    for page in picture.pages:
        _write_page(page, stream)


def _write_page(page: Page, stream: BinaryIO) -> None:
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
