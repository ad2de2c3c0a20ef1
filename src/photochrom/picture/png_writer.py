"""Writes 16-bit PNG, which Pillow cannot, in strips (W3C PNG, third edition)."""

import struct
import zlib
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from photochrom.picture.containers import PNG_START, png_chunk
from photochrom.picture.model import Picture
from photochrom.picture.pillow_writer import png_metadata_chunks

__all__ = ["write_png16"]

_STRIP = 1 << 22


def write_png16(picture: Picture, stream: BinaryIO) -> None:
    """Write the first page as a 16-bit PNG; floats, 0..1, are rounded."""
    page = picture.pages[0]
    channels = (3 if page.pixels.ndim == 3 else 1) + (page.alpha is not None)
    color_type = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    stream.write(PNG_START)
    stream.write(png_chunk(b"IHDR", struct.pack(">IIBBBBB", page.width, page.height, 16, color_type, 0, 0, 0)))
    for kind, data in png_metadata_chunks(picture.metadata, page.space.output_icc):
        stream.write(png_chunk(kind, data))
    packer = zlib.compressobj(5)
    above = np.zeros(page.width * channels * 2, np.uint8)
    rows = max(1, _STRIP // len(above))
    for top in range(0, page.height, rows):
        part = page.pixels[top : top + rows]
        joined = np.empty((len(part), page.width, channels), ">u2")
        joined[..., : 3 if channels > 2 else 1] = _sixteen_bits(part if part.ndim == 3 else part[..., None])
        if page.alpha is not None:
            joined[..., -1] = _sixteen_bits(page.alpha[top : top + rows])
        raw = joined.view(np.uint8).reshape(len(part), -1)
        packed = packer.compress(_filtered(raw, above, channels * 2))
        if packed:
            stream.write(png_chunk(b"IDAT", packed))
        above = raw[-1]
    stream.write(png_chunk(b"IDAT", packer.flush()))
    stream.write(png_chunk(b"IEND", b""))


def _sixteen_bits(values: NDArray[Any]) -> NDArray[np.uint16]:
    if values.dtype == np.uint16:
        return values
    rounded: NDArray[np.uint16] = (np.clip(np.nan_to_num(values), 0, 1) * 65535 + 0.5).astype(np.uint16)
    return rounded


def _filtered(raw: NDArray[np.uint8], above: NDArray[np.uint8], step: int) -> bytes:
    """Each row with the filter, left or up, whose differences are smaller."""
    up = raw - np.vstack([above[None], raw[:-1]])
    left = raw.copy()
    left[:, step:] -= raw[:, :-step]
    cost = [np.abs(rows.view(np.int8), dtype=np.int16).sum(axis=1, dtype=np.int64) for rows in (left, up)]
    take_up = cost[1] < cost[0]
    out = np.empty((len(raw), raw.shape[1] + 1), np.uint8)
    out[:, 0] = np.where(take_up, 2, 1)
    out[:, 1:] = np.where(take_up[:, None], up, left)
    return out.tobytes()
