"""The chunks of a PNG that its pixels need, as a file of their own.

Pillow gives up a file for a text or profile of more than a megabyte, or with a wrong checksum. What stands besides the
pixels is read by :mod:`photochrom.image_io.metadata`, so Pillow need not see it.
"""

import io
import struct
from bisect import bisect_right
from collections.abc import Collection
from typing import BinaryIO

__all__ = ["ANIMATION", "keep_pixel_chunks"]

#: chunks of an animation besides its first picture
ANIMATION = frozenset((b"acTL", b"fcTL", b"fdAT"))
_HEAD = 8


def keep_pixel_chunks(stream: BinaryIO, *, without: Collection[bytes] = ()) -> BinaryIO:
    """Returns a stream of the chunks that say something about pixels; the stream itself where all of them do.

    Args:
        stream: a PNG; what is damaged or cut in it stays so.
        without: types of chunk to be left out besides.
    """
    size = stream.seek(0, io.SEEK_END)
    spans = [(0, _HEAD)]
    at, whole = _HEAD, True
    while at < size:
        stream.seek(at)
        head = stream.read(8)
        length, kind = struct.unpack(">I4s", head) if len(head) == 8 else (size, b"")
        end = at + 12 + length
        if not kind.isalpha() or end > size or kind == b"IEND":
            spans.append((at, size))
            break
        # an upper-case initial: not to be read without it
        if (kind[:1].isupper() or kind == b"tRNS" or kind in ANIMATION) and kind not in without:
            spans.append((at, end))
        else:
            whole = False
        at = end
    stream.seek(0)
    return stream if whole else io.BufferedReader(_Spans(stream, spans))


class _Spans(io.RawIOBase):
    """Parts of a stream, (begin, end) each, one after the other."""

    def __init__(self, stream: BinaryIO, spans: list[tuple[int, int]]) -> None:
        self._stream, self._at = stream, 0
        self._parts: list[tuple[int, int, int]] = []
        total = 0
        for begin, end in spans:
            if self._parts and sum(self._parts[-1][1:]) == begin:
                first, source, length = self._parts.pop()
                self._parts.append((first, source, length + end - begin))
            else:
                self._parts.append((total, begin, end - begin))
            total += end - begin
        self._total = total

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._total}[whence]
        self._at = max(base + offset, 0)
        return self._at

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]
        number = bisect_right(self._parts, self._at, key=lambda part: part[0]) - 1
        first, source, length = self._parts[number]
        inside = self._at - first
        if inside >= length:
            return 0
        self._stream.seek(source + inside)
        data = self._stream.read(min(len(buffer), length - inside))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)
