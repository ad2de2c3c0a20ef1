"""TGA (Truevision), packed as its source was. It holds no metadata."""

import struct
from dataclasses import replace
from typing import BinaryIO

import numpy as np

from photochrom.image_io.codecs.base import Source, read_at
from photochrom.image_io.codecs.oiio_files import named_file, read_pixels
from photochrom.image_io.codecs.pillow import check_size, open_source, read_still, to_pil_image
from photochrom.image_io.formats import load_plugin
from photochrom.image_io.normalize import page_from_values
from photochrom.image_io.types import Picture

__all__ = ["read", "write"]

#: what Pillow says of maps of 15 bits, and of runs that go on in the next row, which TGA allowed until 1989
_NOT_PILLOWS = ("unknown TGA map depth", "buffer overrun")


def read(source: Source) -> Picture:
    """Reads the one page."""
    source.stream.seek(0)
    packed = source.stream.read(3)[2:] in (b"\x09", b"\x0a", b"\x0b")
    try:
        picture = read_still(source, open_source(source, "TGA"), "TGA")
    except (OSError, SyntaxError) as error:
        if not any(words in str(error) for words in _NOT_PILLOWS):
            raise
        picture = _read_by_oiio(source)
    return replace(
        picture, metadata=replace(picture.metadata, encoding=replace(picture.metadata.encoding, run_lengths=packed))
    )


def _read_by_oiio(source: Source) -> Picture:
    head = read_at(source.stream, 0, 18)
    width, height = struct.unpack_from("<2H", head, 12)
    check_size(source.name, width, height, 1, source.max_pixels)
    with named_file(source.stream, source.path, (".tga",)) as file_name:
        samples = read_pixels(file_name)
    colors, alpha = samples, None
    if samples.shape[2] in (2, 4):
        colors, alpha = samples[..., :-1], np.ascontiguousarray(samples[..., -1])
    pixels = colors[..., 0] if colors.shape[2] == 1 else colors
    return Picture(
        (page_from_values(np.ascontiguousarray(pixels), alpha, None, 1, source.name),), "TGA", name=source.name
    )


def write(picture: Picture, stream: BinaryIO) -> None:
    """Writes the first page with 8 bits; the file cannot say that its colour is synthetic."""
    load_plugin("TGA")
    packed = "tga_rle" if picture.metadata.encoding.run_lengths else None
    to_pil_image(picture.pages[0]).save(stream, "TGA", compression=packed)
