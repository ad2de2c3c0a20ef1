"""TIFF, with all its pages."""

import tempfile
from pathlib import Path
from typing import BinaryIO

from photochrom.image_io.codecs.base import Source
from photochrom.image_io.codecs.tiff.read import read_tiff
from photochrom.image_io.codecs.tiff.write import write_tiff
from photochrom.image_io.types import Picture

__all__ = ["read", "write"]


def read(source: Source) -> Picture:
    """Reads all pages."""
    return read_tiff(source)


def write(picture: Picture, stream: BinaryIO) -> None:
    """Writes all pages; OpenImageIO writes to files alone, so they go through a temporary one."""
    with tempfile.TemporaryDirectory(prefix="photochrom-") as folder:
        path = Path(folder) / "picture.tif"
        write_tiff(picture, path)
        stream.write(path.read_bytes())
