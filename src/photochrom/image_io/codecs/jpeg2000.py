"""JPEG 2000: up to 8 bits per channel through Pillow, up to 16 through OpenImageIO, which give OpenJPEG's values."""

import tempfile
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import numpy as np

from photochrom.errors import UnsupportedPictureError
from photochrom.image_io.codecs.base import Source
from photochrom.image_io.codecs.oiio_files import named_file, read_pixels, write_pixels
from photochrom.image_io.codecs.pillow import open_source, read_still, to_pil_image
from photochrom.image_io.metadata.extract import make_upright
from photochrom.image_io.metadata.jp2 import gather_jp2, insert_jp2, is_subsampled, read_bits
from photochrom.image_io.normalize import page_from_values
from photochrom.image_io.types import Picture

__all__ = ["read", "write"]

#: OpenImageIO asks for six resolutions, each half of the next, and writes nothing where they do not fit
_SHORTEST = 32
_SUFFIXES = (".jp2", ".j2k", ".j2c", ".jpf", ".jpx")


def read(source: Source) -> Picture:
    """Reads the one page.

    Raises:
        UnsupportedPictureError: signed values, more than 16 bits, more than four channels, or more than 8 bits and
            fewer samples of one component than of another, which OpenImageIO puts in wrong places.
    """
    bits, signed = read_bits(source.stream)
    if signed or bits > 16:
        kind = "signed" if signed else "unsigned"
        raise UnsupportedPictureError("photo.sample_type_unsupported", name=source.name, bits=bits, kind=kind)
    if bits > 8 and is_subsampled(source.stream):
        raise UnsupportedPictureError("photo.color_model_unsupported", name=source.name, model=f"subsampled {bits}-bit")
    image = open_source(source, "JPEG2000")
    metadata = gather_jp2(source.stream)
    if bits <= 8:
        return read_still(source, image, "JPEG2000", metadata)
    metadata, orientation = make_upright(metadata, width=image.width, height=image.height)
    with named_file(source.stream, source.path, _SUFFIXES) as file_name:
        values = read_pixels(file_name)
    channels = values.shape[2]
    if values.dtype != np.uint16 or values.shape[:2] != (image.height, image.width):
        raise ValueError("it was read as something else")
    if channels > 4:
        raise UnsupportedPictureError("photo.channels_unsupported", name=source.name, channels=channels)
    alpha = np.ascontiguousarray(values[..., -1]) if channels in (2, 4) else None
    pixels = np.ascontiguousarray(values[..., :3] if channels >= 3 else values[..., 0])
    page = page_from_values(pixels, alpha, metadata.icc, orientation, source.name)
    return Picture((page,), "JPEG2000", metadata, source.name)


def write(picture: Picture, stream: BinaryIO) -> None:
    """Writes the first page without loss, floats as 16 bits.

    Raises:
        UnsupportedPictureError: more than 8 bits, and fewer than 32 pixels a side.
    """
    page = picture.pages[0]
    if page.pixels.dtype == np.uint8:
        packed = BytesIO()
        to_pil_image(page).save(packed, "JPEG2000", irreversible=False)
    else:
        if min(page.width, page.height) < _SHORTEST:
            raise UnsupportedPictureError("photo.side_too_short", format="JPEG 2000", limit=_SHORTEST)
        planes = page.pixels.reshape(page.height, page.width, -1)
        if page.alpha is not None:
            planes = np.concatenate([planes, page.alpha[..., None]], axis=2)
        if planes.dtype.kind == "f":
            planes = (np.clip(np.nan_to_num(planes), 0, 1) * 65535 + 0.5).astype(np.uint16)
        with tempfile.TemporaryDirectory(prefix="photochrom-") as folder:
            path = Path(folder) / "picture.jp2"
            write_pixels(str(path), planes, alpha=page.alpha is not None)
            packed = BytesIO(path.read_bytes())
    if read_bits(packed) != (16 if page.pixels.dtype != np.uint8 else 8, False):
        # its writer does not say so
        raise OSError("nothing was written")
    for part in insert_jp2(packed, picture.metadata, page.space.output_icc):
        stream.write(part)
