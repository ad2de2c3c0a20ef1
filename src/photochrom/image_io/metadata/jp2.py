"""The boxes of a JPEG 2000 file (ITU-T T.800, annex I): metadata taken out, and put in without touching the pixels."""

import struct
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from photochrom.image_io.metadata.boxes import iterate_boxes
from photochrom.image_io.metadata.types import Density, Metadata

__all__ = ["gather_jp2", "insert_jp2", "is_subsampled", "read_bits"]

_XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_EXIF = b"JpgTiffExif->JP2"
#: boxes that go over as they are, besides those of XMP and EXIF
_KEPT = (b"xml ", b"uuid", b"uinf")
#: a box of metadata is never larger in a real file
_LARGEST = 64 << 20
_CODE = b"\xff\x4f\xff\x51"


def _find_boxes(stream: BinaryIO) -> list[tuple[bytes, int, int]]:
    end = stream.seek(0, 2)
    stream.seek(0)
    return list(iterate_boxes(stream, end))


def _read(stream: BinaryIO, at: int, size: int) -> bytes:
    stream.seek(at)
    return stream.read(min(size, _LARGEST))


def _read_components(stream: BinaryIO) -> bytes:
    """Returns three bytes a component, as the codestream's head has them (A.5.1): bits, and steps across and down."""
    starts = [at for kind, at, _ in _find_boxes(stream) if kind == b"jp2c"]
    head = _read(stream, starts[0] if starts else 0, 42 + 3 * 64)
    if not head.startswith(_CODE) or len(head) < 42:
        return b""
    (count,) = struct.unpack_from(">H", head, 40)
    return head[42 : 42 + 3 * count]


def is_subsampled(stream: BinaryIO) -> bool:
    """Tells whether some component has fewer samples than another."""
    components = _read_components(stream)
    return len({components[at : at + 2] for at in range(1, len(components), 3)}) > 1


def read_bits(stream: BinaryIO) -> tuple[int, bool]:
    """Returns the bits of the deepest component, and whether one is signed; (0, False) where the file does not say."""
    depths = _read_components(stream)[::3]
    return max(((value & 0x7F) + 1 for value in depths), default=0), any(value & 0x80 for value in depths)


def gather_jp2(stream: BinaryIO) -> Metadata:
    """Reads what the boxes carry."""
    exif = xmp = icc = None
    density, others = None, []
    for kind, at, size in _find_boxes(stream):
        if kind == b"jp2h":
            icc, density = _read_header(stream, at, size)
        elif kind in _KEPT:
            data = _read(stream, at, size)
            if data.startswith(_XMP):
                xmp = xmp or data[16:]
            elif data.startswith(_EXIF):
                exif = exif or data[16:].removeprefix(b"Exif\0\0")
            else:
                others.append((kind, data))
    return Metadata(exif=exif or None, xmp=xmp or None, icc=icc, density=density, jp2_boxes=tuple(others))


def _read_header(stream: BinaryIO, at: int, size: int) -> tuple[bytes | None, Density | None]:
    icc, density = None, None
    stream.seek(at)
    for kind, begin, length in list(iterate_boxes(stream, at + size)):
        if kind == b"colr":
            data = _read(stream, begin, length)
            # restricted and any ICC profile
            icc = data[3:] if data[:1] in (b"\x02", b"\x03") else icc
        elif kind == b"res ":
            stream.seek(begin)
            for inner, place, _ in list(iterate_boxes(stream, begin + length)):
                if inner in (b"resc", b"resd"):
                    density = _parse_resolution(_read(stream, place, 10)) or density
    return icc, density


def _parse_resolution(data: bytes) -> Density | None:
    if len(data) < 10:
        return None
    down, down_by, across, across_by, down_power, across_power = struct.unpack(">4H2b", data)
    if not (down and down_by and across and across_by):
        return None
    return Density(across / across_by * 10.0**across_power, down / down_by * 10.0**down_power, "metre")


def _build_resolution(density: Density) -> bytes:
    x, y = density.dpi or (0.0, 0.0)
    if not x or not y or max(x, y) > 65535:
        return b""
    # pixels a metre as a fraction of 254 tenths of a millimetre: a whole number of dots an inch is exact
    data = struct.pack(">4H2b", round(y), 254, round(x), 254, 4, 4)
    if abs(x - round(x)) > 0.001 or abs(y - round(y)) > 0.001:
        data = struct.pack(">4H2b", min(round(y / 0.0254), 65535), 1, min(round(x / 0.0254), 65535), 1, 0, 0)
    # of the scan, and for display: most readers know one of them
    return _build_box(b"res ", _build_box(b"resc", data) + _build_box(b"resd", data))


def _build_box(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I4s", len(data) + 8, kind) + data


def insert_jp2(packed: BinaryIO, metadata: Metadata, icc: bytes | None) -> Iterator[bytes]:
    """Yields the parts of a JPEG 2000 file with metadata and profile put in.

    Args:
        packed: the file as its encoder wrote it.
        metadata: what goes in.
        icc: profile of the pixels; None for sRGB, as the encoder says.
    """
    for kind, at, size in _find_boxes(packed):
        data = _read(packed, at, size) if kind != b"jp2c" else b""
        if kind == b"jp2h":
            packed.seek(at)
            parts = [(inner, _read(packed, begin, length)) for inner, begin, length in _list(packed, at, size)]
            yield _build_box(kind, b"".join(_build_header(parts, metadata, icc)))
            yield from _build_metadata(metadata)
        elif kind == b"jp2c":
            # to the end of the file, whatever its size
            yield struct.pack(">I4s", 0, kind)
            packed.seek(at)
            while part := packed.read(1 << 22):
                yield part
            return
        else:
            yield _build_box(kind, data)


def _list(stream: BinaryIO, at: int, size: int) -> list[tuple[bytes, int, int]]:
    stream.seek(at)
    return list(iterate_boxes(stream, at + size))


def _build_header(parts: Iterable[tuple[bytes, bytes]], metadata: Metadata, icc: bytes | None) -> Iterator[bytes]:
    for kind, data in parts:
        if kind == b"colr" and icc:
            yield _build_box(kind, b"\x02\0\0" + icc)
        elif kind != b"res ":
            yield _build_box(kind, data)
    if metadata.density:
        yield _build_resolution(metadata.density)


def _build_metadata(metadata: Metadata) -> Iterator[bytes]:
    if metadata.exif:
        yield _build_box(b"uuid", _EXIF + metadata.exif)
    if metadata.xmp:
        yield _build_box(b"uuid", _XMP + metadata.xmp)
    for kind, data in metadata.jp2_boxes:
        yield _build_box(kind, data)
