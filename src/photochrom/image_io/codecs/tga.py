"""TGA (Truevision), packed as its source was. It holds no metadata."""

from dataclasses import replace
from typing import BinaryIO

from photochrom.image_io.codecs.base import Source
from photochrom.image_io.codecs.pillow import open_source, read_still, to_pil_image
from photochrom.image_io.formats import load_plugin
from photochrom.image_io.types import Picture

__all__ = ["read", "write"]


def read(source: Source) -> Picture:
    """Reads the one page."""
    image = open_source(source, "TGA")
    picture = read_still(source, image, "TGA")
    packed = image.info.get("compression") == "tga_rle"
    return replace(
        picture, metadata=replace(picture.metadata, encoding=replace(picture.metadata.encoding, run_lengths=packed))
    )


def write(picture: Picture, stream: BinaryIO) -> None:
    """Writes the first page with 8 bits; the file cannot say that its colour is synthetic."""
    load_plugin("TGA")
    packed = "tga_rle" if picture.metadata.encoding.run_lengths else None
    to_pil_image(picture.pages[0]).save(stream, "TGA", compression=packed)
