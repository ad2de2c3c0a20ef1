"""Chroma beside the luma of a gray JPEG, whose coded bytes go over as they are.

A picture's components may each have scans of their own (ITU-T T.81, A.2.2 and B.2.3), and those of a gray JPEG are what
the luma's would be. So nothing of them is decoded or coded again: tables and scans are copied, and behind them stand
the scans of two more gray JPEGs, of Cb and Cr at half the size.
"""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from photochrom.image_io.metadata.containers import build_app_segment
from photochrom.image_io.rows import are_parallel
from photochrom.image_io.types import Page
from photochrom.system.processors import count_processors

__all__ = ["add_chroma", "halve_chroma"]

_DHT, _DQT, _DRI, _SOS, _END = 0xC4, 0xDB, 0xDD, 0xDA, 0xD9
#: start-of-frame markers of Huffman coding: baseline, extended and progressive
_FRAMES, _PROGRESSIVE = (0xC0, 0xC1, 0xC2), 0xC2
#: what ends coded data: a marker that is neither a zero put in behind 0xFF nor a restart
_MARKER = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")
#: rows of pixels of which chroma is made at a time, an even number
_ROWS = 256


@dataclass(frozen=True)
class _Gray:
    """A JPEG of one component, in its parts: marker and payload of its frame, tables before it, and scans."""

    frame: int
    head: bytes
    tables: bytes
    scans: bytes
    restarts: bool


def add_chroma(gray: bytes, chroma: tuple[Any, Any], *, quality: int) -> bytes | None:
    """Returns a gray JPEG in colour, without metadata; None where its coding is not Huffman's or it has no height.

    Args:
        gray: a JPEG of one component.
        chroma: Pillow images of Cb and Cr, of half its size, rounded up.
        quality: of the chroma.
    """
    from PIL import Image

    luma = _split(gray)
    if luma is None or luma.head[1:3] == b"\0\0":
        return None
    stored = BytesIO()
    Image.new("YCbCr", (8, 8)).save(stored, "JPEG", quality=quality)
    table = Image.open(stored).quantization[1]  # type: ignore[attr-defined]

    def encode(plane: Any) -> _Gray:
        stream = BytesIO()
        plane.save(stream, "JPEG", qtables=[table], progressive=luma.frame == _PROGRESSIVE)
        coded = _split(stream.getvalue())
        assert coded is not None  # of Pillow's own making
        return coded

    planes = [encode(plane) for plane in chroma]
    own, used = luma.head[6], luma.head[8]
    # numbers that the luma leaves free
    slot, numbers = int(used == 0), [(own + step) % 256 for step in (1, 2)]
    components = bytes([3, own, 0x22, used, *(value for number in numbers for value in (number, 0x11, slot))])
    values = next(data[1:65] for marker, data, _ in _iterate(planes[0].tables, 0) if marker == _DQT)
    out = [b"\xff\xd8", luma.tables, build_app_segment(_DQT, bytes([slot]) + values)]
    out += [build_app_segment(luma.frame, luma.head[:5] + components), luma.scans]
    if luma.restarts:
        out.append(build_app_segment(_DRI, b"\0\0"))
    for number, plane in zip(numbers, planes, strict=True):
        out += [_rewrite(plane.tables, number), _rewrite(plane.scans, number)]
    return b"".join((*out, b"\xff\xd9"))


def halve_chroma(page: Page) -> tuple[Any, Any]:
    """Returns Cb and Cr of an RGB page of 8 bits as Pillow images of half its size, rounded up; part by part."""
    from PIL import Image

    size = (-(-page.width // 2), -(-page.height // 2))
    planes = Image.new("L", size), Image.new("L", size)

    def work(top: int) -> None:
        part = Page(page.pixels[top : top + _ROWS])
        packed = part.four_bytes()
        if packed is None:
            image = Image.fromarray(part.pixels)
        else:
            image = Image.frombuffer("RGBX", (part.width, part.height), packed)
        for plane, band in zip(planes, image.convert("YCbCr").split()[1:], strict=True):
            plane.paste(band.reduce(2), (0, top // 2))

    # rows that are read from a file come in order
    with ThreadPoolExecutor(count_processors() if are_parallel(page.pixels) else 1) as pool:
        list(pool.map(work, range(0, page.height, _ROWS)))
    return planes


def _split(jpeg: bytes) -> _Gray | None:
    frame, head, tables, scans, restarts = 0, b"", b"", b"", False
    for marker, data, whole in _iterate(jpeg, 2):
        restarts = restarts or marker == _DRI
        if scans or marker == _SOS:
            scans += whole
        elif marker in _FRAMES:
            frame, head = marker, data
        elif marker in (_DHT, _DQT, _DRI):
            tables += whole
    return _Gray(frame, head, tables, scans, restarts) if scans and len(head) == 9 else None


def _iterate(jpeg: bytes, at: int) -> Iterator[tuple[int, bytes, bytes]]:
    """Yields the segments up to the end of a JPEG: marker, payload, and the whole with the coded data behind it."""
    while (found := _MARKER.match(jpeg, at)) is not None and jpeg[found.end() - 1] != _END:
        begin = found.end() - 2
        data = at = begin + 4
        at = begin + 2 + int.from_bytes(jpeg[begin + 2 : data], "big")
        payload = jpeg[data:at]
        if jpeg[begin + 1] == _SOS:
            end = _MARKER.search(jpeg, at)
            at = len(jpeg) if end is None else end.start()
        yield jpeg[begin + 1], payload, jpeg[begin:at]


def _rewrite(segments: bytes, number: int) -> bytes:
    """Returns segments without tables of quantisation, their scans as those of another component."""
    out = []
    for marker, _, whole in _iterate(segments, 0):
        if marker == _SOS:
            # behind the length and the count of components
            whole = whole[:5] + bytes([number]) + whole[6:]
        if marker != _DQT:
            out.append(whole)
    return b"".join(out)
