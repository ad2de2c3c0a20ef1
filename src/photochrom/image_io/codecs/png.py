"""PNG, still or animated; those of 16 bits per channel are read and written by :mod:`.png16`."""

from typing import Any, BinaryIO

import numpy as np

from photochrom.image_io.codecs.base import Source
from photochrom.image_io.codecs.pillow import animation_options, open_source, read_frames, to_pil_image
from photochrom.image_io.codecs.png16 import build_metadata_chunks, read_png16, write_png16
from photochrom.image_io.metadata.containers import build_png_chunk
from photochrom.image_io.types import Picture

__all__ = ["read", "write"]

#: signature and IHDR
_PNG_HEADER = 8 + 25


def read(source: Source) -> Picture:
    """Reads all frames; a PNG of 16 bits per channel has one."""
    source.stream.seek(24)
    if source.stream.read(1) == b"\x10":
        return read_png16(source)
    return read_frames(source, open_source(source, "PNG"), "PNG")


def write(picture: Picture, stream: BinaryIO) -> None:
    """Writes all frames; a single page of more than 8 bits per channel is written with 16."""
    if len(picture.pages) == 1 and picture.pages[0].pixels.dtype != np.uint8:
        write_png16(picture, stream)
        return
    chunks = build_metadata_chunks(picture.metadata, picture.pages[0].space.output_icc)
    # Pillow drops most chunk types it is given, so they are put in on the way
    target: Any = _ChunkInserter(stream, b"".join(build_png_chunk(kind, data) for kind, data in chunks))
    first, *others = (to_pil_image(page) for page in picture.pages)
    options = animation_options(picture, others)
    if others:
        encoding = picture.metadata.encoding
        # each frame is whole
        options |= {"loop": encoding.loop or 0, "default_image": encoding.default_image}
        if encoding.default_image:
            options["duration"] = options["duration"][1:]
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
