"""Writes a JPEG in parts of rows, several at a time, each encoded by Pillow and none of them kept.

Every row of blocks ends with a restart marker (ITU-T T.81, B.1.1.3 and F.1.1.5.2), behind which nothing depends on what
was coded before. So the coded rows of all parts, one behind the other, are those of the whole picture: pixels are the
same to the bit. Restart markers are counted from 0 to 7; a part therefore has a multiple of eight rows of blocks.
"""

import os
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import IO, Any

__all__ = ["PART_ROWS", "write_parts"]

#: rows of pixels in a part, or a multiple of it: blocks are 8 or 16 rows high
PART_ROWS = 128
_END, _LAST_RESTART = b"\xff\xd9", b"\xff\xd7"
_FRAMES, _SCAN = (0xC0, 0xC1), 0xDA


def write_parts(
    write: Callable[[bytes], object],
    parts: Iterable[Callable[[], Any]],
    height: int,
    *,
    options: dict[str, Any],
    segments: dict[str, Any],
    threads: int,
) -> None:
    """Writes a baseline JPEG.

    Args:
        write: takes the bytes of the file, in order.
        parts: make the Pillow images of the parts, from the top; called in threads. All but the last one are a multiple
            of ``PART_ROWS`` high.
        height: of the picture.
        options: of Pillow's encoder, for all parts.
        segments: those of its options that become metadata.
        threads: parts worked on at once.
    """

    def encode(make: Callable[[], Any], more: dict[str, Any]) -> bytes:
        # Pillow lets go of the interpreter's lock only where it writes to a file of the system
        with _open_file() as stream:
            make().save(stream, "JPEG", restart_marker_rows=1, **options, **more)
            stream.seek(0)
            return stream.read()

    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[bytes]] = deque()
        first = True
        for number, make in enumerate(parts):
            waiting.append(pool.submit(encode, make, {} if number else segments))
            if len(waiting) > threads:
                _write(write, waiting.popleft().result(), height, first=first)
                first = False
        while waiting:
            _write(write, waiting.popleft().result(), height, first=first)
            first = False
    write(_END)


def _open_file() -> IO[bytes]:
    """Opens a nameless file, in memory where the system can."""
    if hasattr(os, "memfd_create"):
        return open(os.memfd_create("photochrom-part"), "w+b", buffering=0)  # noqa: PTH123 (of a number)
    return tempfile.TemporaryFile(buffering=0)


def _write(write: Callable[[bytes], object], part: bytes, height: int, *, first: bool) -> None:
    frame, scan = _find_places(part)
    if first:
        # the height stands behind the length and the bits of a sample
        write(part[: frame + 5] + height.to_bytes(2, "big") + part[frame + 7 : -len(_END)])
    else:
        write(_LAST_RESTART)
        write(part[scan : -len(_END)])


def _find_places(jpeg: bytes) -> tuple[int, int]:
    """Returns where the start of frame lies, and where the coded rows begin."""
    frame = 0
    for at, marker, size in _iterate_markers(jpeg):
        if marker in _FRAMES:
            frame = at
        if marker == _SCAN:
            return frame, at + 2 + size
    raise ValueError("a JPEG without a scan")


def _iterate_markers(jpeg: bytes) -> Iterator[tuple[int, int, int]]:
    at = 2
    while at + 4 <= len(jpeg):
        size = int.from_bytes(jpeg[at + 2 : at + 4], "big")
        yield at, jpeg[at + 1], size
        at += 2 + size
