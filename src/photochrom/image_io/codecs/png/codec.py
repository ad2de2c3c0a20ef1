"""PNG, still or animated; those of 16 bits per channel are read and written by :mod:`.png16`."""

from dataclasses import replace
from functools import partial
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from photochrom.errors import UnsupportedPictureError
from photochrom.image_io.codecs.base import Source
from photochrom.image_io.codecs.pillow import (
    animation_options,
    find_repeated,
    open_source,
    read_frames,
    to_pil_image,
)
from photochrom.image_io.codecs.png.apng16 import read_apng16
from photochrom.image_io.codecs.png.chunks import ANIMATION, keep_pixel_chunks
from photochrom.image_io.codecs.png.sixteen_bit import build_metadata_chunks, read_png16, write_png16
from photochrom.image_io.icc.color_space import ColorSpace
from photochrom.image_io.icc.profile import srgb_profile
from photochrom.image_io.metadata.containers import build_png_chunk
from photochrom.image_io.metadata.png import PngFacts, gather_png
from photochrom.image_io.metadata.types import Metadata
from photochrom.image_io.types import Picture
from photochrom.messages import render

__all__ = ["DEPTH", "apply_facts", "open_png", "read", "write"]

#: what bits of a channel are called in the information of an open image
DEPTH = "photochrom:depth"
#: signature and IHDR
_PNG_HEADER = 8 + 25

#: zlib's. Photos take a third of the time that 6, Pillow's own, takes, and are 1 % smaller to 8 % larger
_COMPRESSION = 3


def read(source: Source) -> Picture:
    """Reads all frames.

    Raises:
        UnsupportedPictureError: an HDR picture, whose values are not sRGB.
    """
    pixels = replace(source, stream=keep_pixel_chunks(source.stream))
    notes: list[str] = []
    try:
        picture, facts = _read(source, pixels)
    except SyntaxError as error:
        if "APNG" not in str(error):
            raise
        pixels = replace(source, stream=keep_pixel_chunks(source.stream, without=ANIMATION))
        notes = [str(render("note.animation_broken", {}))]
        picture, facts = _read(source, pixels)
    return apply_facts(replace(picture, notes=tuple(notes)), facts)


def apply_facts(picture: Picture, facts: PngFacts) -> Picture:
    """Returns a picture whose values mean what its chunks say, with a note of those that are damaged."""
    if facts.damaged:
        note = str(render("note.chunks_damaged", {"kinds": ", ".join(facts.damaged)}))
        picture = replace(picture, notes=(*picture.notes, note))
    if facts.gamma is not None:
        space = ColorSpace((partial(_apply_gamma, gamma=facts.gamma),), output_icc=srgb_profile())
        picture = replace(picture, pages=tuple(replace(page, space=space) for page in picture.pages))
    return picture


def _read(source: Source, pixels: Source) -> tuple[Picture, PngFacts]:
    """Reads the pixels from ``pixels`` and the rest from ``source``."""
    image, metadata, facts = open_png(source, pixels)
    if image.info[DEPTH] != 16:
        return read_frames(pixels, image, "PNG", metadata), facts
    if int(getattr(image, "n_frames", 1)) > 1:
        return read_apng16(pixels, image, metadata), facts
    return read_png16(pixels, image, metadata), facts


def open_png(source: Source, pixels: Source) -> tuple[Any, Metadata, PngFacts]:
    """Opens the pixels of ``pixels``, with their bits in ``info[DEPTH]``, and gathers the rest from ``source``.

    Raises:
        UnsupportedPictureError: an HDR picture, whose values are not sRGB.
    """
    source.stream.seek(24)
    depth, color_type = source.stream.read(2).ljust(2, b"\0")
    image = open_source(pixels, "PNG")
    metadata, facts = gather_png(source.stream, image.info)
    if facts.hdr:
        raise UnsupportedPictureError("photo.hdr_unsupported", name=source.name)
    _scale_key(image, depth, facts.gray_key if color_type == 0 else None)
    image.info[DEPTH] = depth
    return image, metadata, facts


def _apply_gamma(values: NDArray[Any], gamma: float) -> NDArray[Any]:
    light: NDArray[Any] = np.maximum(values, 0) ** gamma
    return light


def _scale_key(image: Any, depth: int, gray: int | None) -> None:
    """Brings a value named as transparent to the scale on which Pillow gives the pixels."""
    key = image.info.get("transparency")
    if isinstance(key, tuple):
        image.info["transparency"] = tuple(value & (1 << depth) - 1 for value in key)
    elif key is not None and gray is not None and depth in (1, 2, 4, 8):
        # as PNG says, upper bits that pixels do not have are passed over
        top = (1 << depth) - 1
        image.info["transparency"] = (gray & top) * 255 // top


def write(picture: Picture, stream: BinaryIO) -> None:
    """Writes all frames; those of more than 8 bits per channel are written with 16."""
    if picture.pages[0].pixels.dtype != np.uint8:
        write_png16(picture, stream)
        return
    chunks = build_metadata_chunks(picture.metadata, picture.pages[0].space.output_icc)
    # Pillow drops most chunk types it is given, so they are put in on the way
    target: Any = _ChunkInserter(stream, b"".join(build_png_chunk(kind, data) for kind, data in chunks))
    first, *others = (to_pil_image(page) for page in picture.pages)
    options = animation_options(picture, others) | {"compress_level": _COMPRESSION}
    if others:
        encoding = picture.metadata.encoding
        # each frame is whole
        options |= {"loop": encoding.loop or 0, "default_image": encoding.default_image}
        if encoding.default_image:
            options["duration"] = options["duration"][1:]
        repeated = find_repeated(others if encoding.default_image else [first, *others])
        if any(repeated):
            # two frames that leave the canvas in two ways are not made one; each is whole, so what is left matters not
            disposal = [0]
            for again in repeated[1:]:
                disposal.append(1 - disposal[-1] if again else 0)
            options["disposal"] = disposal
    first.save(target, "PNG", **options)


class _ChunkInserter:
    """Passes a PNG on and puts chunks in after its header chunk."""

    def __init__(self, stream: BinaryIO, chunks: bytes) -> None:
        self._stream, self._chunks, self._left = stream, chunks, _PNG_HEADER

    def write(self, data: bytes) -> int:
        if 0 < self._left <= len(data):
            self._stream.write(data[: self._left])
            self._stream.write(self._chunks)
            self._stream.write(data[self._left :])
        else:
            self._stream.write(data)
        self._left -= len(data)
        return len(data)

    def flush(self) -> None:
        self._stream.flush()
