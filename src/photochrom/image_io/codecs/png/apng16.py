"""Reads animated PNG of 16 bits a channel: each frame as a PNG of its own, put together as the file says.

PNG Specification (Third Edition), 11.3.6. Pillow puts frames together too, but from 8 bits.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from photochrom.image_io.codecs.base import Source, read_at
from photochrom.image_io.codecs.pillow import check_size, open_image
from photochrom.image_io.codecs.png.sixteen_bit import read_values
from photochrom.image_io.metadata.containers import PNG_START, build_png_chunk
from photochrom.image_io.metadata.extract import make_upright
from photochrom.image_io.metadata.types import Metadata
from photochrom.image_io.normalize import alpha_from_key, page_from_values
from photochrom.image_io.types import Page, Picture

__all__ = ["iterate_pages", "read_apng16"]

_TOP = np.uint16(65535)
_BACKGROUND, _PREVIOUS = 1, 2


@dataclass(frozen=True)
class _Frame:
    """A frame as it is stored: where it lies, how long it is shown, what becomes of its place, and its data."""

    width: int
    height: int
    left: int
    top: int
    duration_ms: int
    disposal: int
    over: bool
    data: tuple[bytes, ...]


def read_apng16(source: Source, image: Any, metadata: Metadata) -> Picture:
    """Reads all frames.

    Args:
        source: of the picture; it has no chunks but those of pixels and of the animation.
        image: as :func:`open_source` gives it.
        metadata: as the file has it.

    Raises:
        SyntaxError: its frames are out of order or lie outside of the picture.
    """
    check_size(source.name, image.width, image.height, int(image.n_frames), source.max_pixels)
    upright, _ = make_upright(metadata, width=image.width, height=image.height)
    pages = tuple(iterate_pages(source, image, metadata))
    if all(page.alpha is None or page.alpha.min() == _TOP for page in pages):
        pages = tuple(replace(page, alpha=None) for page in pages)
    return Picture(pages, "PNG", upright, source.name)


def iterate_pages(source: Source, image: Any, metadata: Metadata) -> Iterator[Page]:
    """Yields the frames one by one; as :func:`read_apng16`."""
    _, orientation = make_upright(metadata, width=image.width, height=image.height)
    key = image.info.get("transparency")
    head, shared = _read_head(source.stream)
    canvas: NDArray[Any] | None = None
    alpha = np.zeros((image.height, image.width), np.uint16)
    for frame in _iterate_frames(source.stream):
        if frame.left + frame.width > image.width or frame.top + frame.height > image.height:
            raise SyntaxError("an APNG frame outside of the picture")
        values, opacity = _decode(frame, head, shared, key, source.name)
        if canvas is None:
            canvas = np.zeros((*alpha.shape, *values.shape[2:]), np.uint16)
        place = np.s_[frame.top : frame.top + frame.height, frame.left : frame.left + frame.width]
        before = (canvas[place].copy(), alpha[place].copy()) if frame.disposal == _PREVIOUS else None
        _put(canvas[place], alpha[place], values, opacity, over=frame.over)
        page = page_from_values(canvas.copy(), alpha.copy(), metadata.icc, orientation, source.name)
        yield replace(page, duration_ms=frame.duration_ms)
        if before is not None:
            canvas[place], alpha[place] = before
        elif frame.disposal == _BACKGROUND:
            canvas[place], alpha[place] = 0, 0


def _put(
    canvas: NDArray[Any], alpha: NDArray[Any], values: NDArray[Any], opacity: NDArray[Any] | None, *, over: bool
) -> None:
    """Puts a frame on its place, instead of what is there or over it."""
    if opacity is None or not over:
        canvas[:] = values
        alpha[:] = _TOP if opacity is None else opacity
        return
    # in 64 bits exact, but for the last rounding
    above, below = opacity.astype(np.uint64), alpha.astype(np.uint64)
    top = np.uint64(65535)
    rest = below * (top - above)
    whole = above * top + rest
    weights = (above * top, rest) if canvas.ndim == 2 else ((above * top)[..., None], rest[..., None])
    divisor = np.maximum(whole if canvas.ndim == 2 else whole[..., None], 1)
    mixed = (values * weights[0] + canvas * weights[1] + divisor // 2) // divisor
    canvas[:] = np.where(divisor > 1, mixed, 0)
    alpha[:] = (whole + top // 2) // top


def _decode(frame: _Frame, head: bytes, shared: bytes, key: Any, name: str) -> tuple[NDArray[Any], NDArray[Any] | None]:
    size = struct.pack(">II", frame.width, frame.height)
    data = b"".join(build_png_chunk(b"IDAT", part) for part in frame.data)
    stream = BytesIO(
        PNG_START + build_png_chunk(b"IHDR", size + head[8:]) + shared + data + build_png_chunk(b"IEND", b"")
    )
    values, alpha = read_values(stream, open_image(stream, "PNG"), name)
    return values, alpha_from_key(values, key) if alpha is None and key is not None else alpha


def _read_head(stream: BinaryIO) -> tuple[bytes, bytes]:
    """Returns the header's data, and the chunk that names a value as transparent."""
    head = shared = b""
    for kind, read in _iterate_chunks(stream):
        if kind == b"IHDR":
            head = read()
        elif kind == b"tRNS":
            shared = build_png_chunk(kind, read())
    return head, shared


def _iterate_frames(stream: BinaryIO) -> Iterator[_Frame]:
    """Yields the first picture, where it is not a frame of the animation, and all frames."""
    control: tuple[int, ...] | None = None
    parts: list[bytes] = []
    width, height, number = 0, 0, 0
    for kind, read in _iterate_chunks(stream):
        if kind == b"IHDR":
            width, height = struct.unpack(">II", read()[:8])
        elif kind == b"IDAT":
            parts.append(read())
        elif kind in (b"fcTL", b"fdAT"):
            data = read()
            if len(data) < (26 if kind == b"fcTL" else 4) or int.from_bytes(data[:4], "big") != number:
                raise SyntaxError("APNG chunks are out of order")
            number += 1
            if kind == b"fdAT":
                parts.append(data[4:])
                continue
            if parts:
                yield _make_frame(control, parts, (width, height))
            control, parts = struct.unpack(">4I2H2B", data[4:26]), []
    if parts:
        yield _make_frame(control, parts, (width, height))


def _make_frame(control: tuple[int, ...] | None, parts: list[bytes], size: tuple[int, int]) -> _Frame:
    if control is None:
        # it stands for the animation where that is not shown, and leaves nothing behind
        return _Frame(*size, 0, 0, 0, _BACKGROUND, False, tuple(parts))
    width, height, left, top, delay, unit, disposal, blending = control
    return _Frame(width, height, left, top, round(1000 * delay / (unit or 100)), disposal, blending == 1, tuple(parts))


def _iterate_chunks(stream: BinaryIO) -> Iterator[tuple[bytes, Callable[[], bytes]]]:
    """Yields the type of each chunk, and what reads its data."""
    at = len(PNG_START)
    while True:
        stream.seek(at)
        head = stream.read(8)
        if len(head) < 8:
            return
        size, kind = struct.unpack(">I4s", head)
        place = at + 8

        def read(place: int = place, size: int = size) -> bytes:
            data = read_at(stream, place, size)
            if len(data) < size:
                raise EOFError("truncated")
            return data

        yield kind, read
        at += 12 + size
