"""Writes a Y4M file."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from photochrom.video.media.encoder import Encoding
from photochrom.video.media.pixel_formats import plane_of
from photochrom.video.media.y4m import Y4mWriter
from photochrom.video.muxing.kept_frames import decode_segments

__all__ = ["write_y4m"]


def write_y4m(target: Path, *, encoding: Encoding, segments: Sequence[Path]) -> None:
    """Writes the segments, which are FFV1, as Y4M to ``target``, whatever is there.

    Raises:
        OSError: the disk is full, or worse.
    """
    dtype = np.dtype(np.uint8 if encoding.depth == 8 else "<u2")
    with target.open("wb") as file:
        writer = Y4mWriter(file, encoding)
        for _, frame in decode_segments(encoding, segments):
            writer.write(tuple(plane_of(frame, number, dtype) for number in range(3)))
