"""Segments: what is coloured in one go and kept on disk until the film is whole.

A segment is a run of frames of one shot. Its file holds the compressed frames as they will stand in the film, and a
checksum; it appears under its name only when it is whole and on the disk.
"""

import os
import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from photochrom.video.media.encoder import Packet

__all__ = [
    "LONGEST",
    "Segment",
    "SegmentFile",
    "cut_segments",
    "frame_numbers",
    "is_whole_segment",
    "load_state",
    "partial_path",
    "read_segment",
    "save_state",
    "segment_path",
    "state_path",
]

#: frames of a segment at most: what a kill can cost, and how far apart key frames are
LONGEST = 250
_MAGIC = b"PHCRSEG1"
#: number of the frame, 1 where decoding can begin, bytes that follow
_RECORD = struct.Struct("<qBI")
#: bytes of one compressed frame at most: one of 16k without loss is smaller
_LARGEST = 1 << 30
#: stands for the frame's number in the last record, whose bytes are the checksum of all before
_END = -1


@dataclass(frozen=True)
class Segment:
    """Frames ``first`` to before ``stop`` of shot ``shot``; both count from the first of all shots."""

    number: int
    shot: int
    first: int
    stop: int


def cut_segments(shots: Iterable[tuple[int, int]], longest: int = LONGEST) -> list[Segment]:
    """Cuts shots, each its first frame and the one after its last, into segments of nearly equal length.

    >>> [(s.first, s.stop) for s in cut_segments([(0, 30), (30, 330)])]
    [(0, 30), (30, 180), (180, 330)]
    """
    segments: list[Segment] = []
    for shot, (first, stop) in enumerate(shots):
        parts = -(-(stop - first) // longest)
        edges = [first + (stop - first) * part // parts for part in range(parts + 1)]
        for begin, end in pairwise(edges):
            segments.append(Segment(len(segments), shot, begin, end))
    return segments


def segment_path(folder: Path, segment: Segment) -> Path:
    """Returns where a whole segment is kept."""
    return folder / f"{segment.number:06d}.seg"


def partial_path(folder: Path, segment: Segment) -> Path:
    """Returns where the beginning of a segment is kept that a person stopped."""
    return folder / f"{segment.number:06d}.partial"


def state_path(folder: Path, segment: Segment) -> Path:
    """Returns where the state of its shot after the segment is kept."""
    return folder / f"{segment.number:06d}.state.npz"


class SegmentFile:
    """The file of a segment while it is written; it appears whole, by :meth:`finish`.

    Args:
        path: where it is to appear.

    Attributes:
        count: packets written.

    Raises:
        OSError: here and in all methods, the disk is full, or worse.
    """

    def __init__(self, path: Path) -> None:
        self.count = 0
        self._path, self._part = path, path.with_suffix(".writing")
        self._file = self._part.open("wb")
        self._check = 0
        self._put(_MAGIC)

    def write(self, packets: Iterable[Packet]) -> None:
        """Adds packets, in the order a decoder wants them."""
        for packet in packets:
            self._put(_RECORD.pack(packet.frame, packet.key, len(packet.data)))
            self._put(packet.data)
            self.count += 1

    def finish(self) -> None:
        """Ends the file and gives it its name, with all of it on the disk."""
        with self._file as file:
            file.write(_RECORD.pack(_END, 0, 4) + struct.pack("<I", self._check))
            file.flush()
            os.fsync(file.fileno())
        self._part.replace(self._path)

    def close(self) -> None:
        """Lets go of the file; without :meth:`finish` it does not appear."""
        self._file.close()

    def _put(self, content: bytes) -> None:
        self._file.write(content)
        self._check = zlib.crc32(content, self._check)


def read_segment(path: Path) -> Iterator[Packet]:
    """Yields the packets of a segment, in the order a decoder wants them."""
    with path.open("rb") as file:
        file.seek(len(_MAGIC))
        while True:
            number, key, size = _RECORD.unpack(file.read(_RECORD.size))
            if number == _END:
                return
            yield Packet(file.read(size), number, bool(key))


def frame_numbers(path: Path) -> list[int]:
    """Returns the numbers of a segment's frames, in the order of its packets."""
    numbers: list[int] = []
    with path.open("rb") as file:
        file.seek(len(_MAGIC))
        while True:
            number, _, size = _RECORD.unpack(file.read(_RECORD.size))
            if number == _END:
                return numbers
            numbers.append(number)
            file.seek(size, os.SEEK_CUR)


def is_whole_segment(path: Path, segment: Segment) -> bool:
    """Returns whether a file holds just this segment, unharmed."""
    numbers: list[int] = []
    try:
        with path.open("rb") as file:
            check = zlib.crc32(file.read(len(_MAGIC)))
            while True:
                head = file.read(_RECORD.size)
                number, key, size = _RECORD.unpack(head)
                if number == _END:
                    end = (key, size, file.read()) == (0, 4, struct.pack("<I", check))
                    return end and sorted(numbers) == list(range(segment.first, segment.stop))
                # what is harmed may claim any size
                data = file.read(min(size, _LARGEST))
                check = zlib.crc32(data, zlib.crc32(head, check))
                numbers.append(number)
    except (OSError, struct.error):
        return False


def save_state(path: Path, arrays: dict[str, NDArray[np.generic]]) -> None:
    """Writes a shot's state; it appears whole."""
    part = path.with_suffix(".writing")
    with part.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def load_state(path: Path) -> dict[str, NDArray[np.generic]] | None:
    """Returns what :func:`save_state` wrote; None where it is not there or not whole."""
    try:
        with np.load(path, allow_pickle=False) as found:
            return {name: found[name] for name in found.files}
    except (OSError, ValueError, KeyError, EOFError, zlib.error):
        return None
