"""What a codec is, and which module has the one of each format."""

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from photochrom.image_io.types import Picture

__all__ = ["CODECS", "Codec", "Source", "load_codec", "read_at"]


@dataclass(frozen=True)
class Source:
    """A file to be decoded.

    Attributes:
        stream: its bytes; it can seek, and stands anywhere.
        name: of the file, for errors.
        max_pixels: how many pixels are accepted over all pages.
        path: where the file lies; None for bytes in memory.
        by_rows: whether pixels of a large page may stay in the file, to be read by rows.
    """

    stream: BinaryIO
    name: str
    max_pixels: int
    path: Path | None = None
    by_rows: bool = False


def read_at(stream: BinaryIO, at: int, size: int) -> bytes:
    """Returns so many bytes from a place, or as many as there are; a size that a damaged file names takes no memory."""
    end = stream.seek(0, 2)
    stream.seek(min(at, end))
    return stream.read(max(0, min(size, end - at)))


class Codec(Protocol):
    """Reads and writes one format; a module of this package or of one in it."""

    def read(self, source: Source) -> Picture:
        """Reads all pages with their metadata, upright; a decoder's errors pass through."""

    def write(self, picture: Picture, stream: BinaryIO) -> None:
        """Writes a picture; where the format holds one page, the first."""


#: format -> module, from this package on
CODECS = {
    "AVIF": "avif",
    "BMP": "bmp",
    "GIF": "animation.gif",
    "HEIF": "heif",
    "JPEG": "jpeg.codec",
    "JPEG2000": "jpeg2000",
    "PNG": "png.codec",
    "PNM": "pnm",
    "TGA": "tga",
    "TIFF": "tiff.codec",
    "WEBP": "animation.webp",
}


def load_codec(format_name: str) -> Codec:
    """Returns the codec of a format; its module is opened when it is first needed."""
    return cast(Codec, importlib.import_module(f"photochrom.image_io.codecs.{CODECS[format_name]}"))
