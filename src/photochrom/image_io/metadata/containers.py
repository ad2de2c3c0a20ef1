"""The metadata blocks inside PNG, JPEG, WebP and GIF files, taken out and put in without touching the pixels."""

import binascii
import re
import struct
import zlib
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from photochrom.image_io.metadata.types import Density

__all__ = [
    "build_app_segment",
    "build_itxt",
    "build_png_chunk",
    "build_riff_chunk",
    "extract_iptc",
    "insert_gif_xmp",
    "is_webp_lossless",
    "iterate_jpeg_segments",
    "iterate_png_chunks",
    "iterate_riff_chunks",
    "parse_iccp",
    "parse_itxt",
    "parse_jfif_density",
    "parse_raw_profile",
    "read_gif_xmp",
    "remove_resources",
    "wrap_iptc",
]  # fmt: skip

PNG_START = b"\x89PNG\r\n\x1a\n"
#: a text chunk is never larger in a real file
MAX_CHUNK = 64 << 20
_MARKER = re.compile(rb"\xff+([^\x00\xff])")


def iterate_png_chunks(stream: BinaryIO, damaged: list[bytes] | None = None) -> Iterator[tuple[bytes, bytes]]:
    """Yields (type, data) of all chunks but the pixels; stops at the end or where the file is damaged.

    Args:
        stream: the file.
        damaged: gets the types of the chunks that are passed over because their checksum is wrong.
    """
    stream.seek(8)
    while len(head := stream.read(8)) == 8:
        size, kind = struct.unpack(">I4s", head)
        if kind in (b"IDAT", b"fdAT") or size > MAX_CHUNK:
            stream.seek(size + 4, 1)
            continue
        data = stream.read(size)
        if len(data) < size or kind == b"IEND":
            return
        crc = stream.read(4)
        if len(crc) == 4 and struct.unpack(">I", crc)[0] == binascii.crc32(kind + data):
            yield kind, data
        elif damaged is not None and len(crc) == 4:
            damaged.append(kind)


def build_png_chunk(kind: bytes, data: bytes) -> bytes:
    """Returns one PNG chunk with its length and checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", binascii.crc32(kind + data))


def build_itxt(keyword: bytes, text: bytes) -> bytes:
    """Returns the data of an uncompressed iTXt chunk."""
    return keyword + b"\0\0\0\0\0" + text


def parse_itxt(data: bytes) -> bytes:
    """Returns the text of an iTXt chunk's data. Raises ValueError when damaged."""
    try:
        _, rest = data.split(b"\0", 1)
        compressed, (_, _, text) = rest[0], rest[2:].split(b"\0", 2)
        return _inflate(text) if compressed else text
    except (IndexError, zlib.error) as error:
        raise ValueError("a damaged text chunk") from error


def parse_iccp(data: bytes) -> bytes | None:
    """Returns the profile of an iCCP chunk's data; None when it is damaged."""
    _, _, rest = data.partition(b"\0")
    try:
        return _inflate(rest[1:]) or None
    except zlib.error:
        return None


def parse_raw_profile(kind: bytes, data: bytes) -> bytes:
    """Returns the bytes of a ``Raw profile type ...`` text of ImageMagick, a tEXt, zTXt or iTXt chunk.

    Raises:
        ValueError: it is damaged.
    """
    try:
        rest = data.split(b"\0", 1)[1]
        text = parse_itxt(data) if kind == b"iTXt" else _inflate(rest[1:]) if kind == b"zTXt" else rest
        return binascii.unhexlify(b"".join(text.strip().split(b"\n")[2:]))
    except (IndexError, zlib.error) as error:
        raise ValueError("a damaged profile chunk") from error


def _inflate(data: bytes) -> bytes:
    return zlib.decompressobj().decompress(data, MAX_CHUNK)


def iterate_jpeg_segments(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yields (marker, payload) of the segments before the first scan.

    Bytes between two segments, which some cameras leave there, are passed over as libjpeg does.
    """
    stream.seek(2)
    while (marker := _find_marker(stream)) is not None:
        if marker in (0xD9, 0xDA):
            return
        if marker == 0x01 or 0xD0 <= marker <= 0xD8:
            continue
        raw = stream.read(2)
        size = struct.unpack(">H", raw)[0] if len(raw) == 2 else 0
        payload = stream.read(max(size - 2, 0))
        if size < 2 or len(payload) < size - 2:
            return
        yield marker, payload


def _find_marker(stream: BinaryIO) -> int | None:
    """Returns the next marker and leaves the stream behind it; None at the end of the file."""
    size = 2
    while chunk := stream.read(size):
        found, size = _MARKER.search(chunk), 1 << 16
        if found is not None:
            stream.seek(found.end() - len(chunk), 1)
            return found[1][0]
        if len(chunk) > 1:
            # its last byte may begin a marker
            stream.seek(-1, 1)
    return None


def build_app_segment(marker: int, payload: bytes) -> bytes:
    """Returns one JPEG segment with its marker and length."""
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload


def parse_jfif_density(payload: bytes) -> Density | None:
    """Returns the density a JFIF header (APP0 payload) gives."""
    if len(payload) < 12 or not payload.startswith(b"JFIF\0"):
        return None
    unit, x, y = struct.unpack(">BHH", payload[7:12])
    names = {0: "none", 1: "inch", 2: "cm"}
    return Density(x, y, names[unit]) if unit in names and x and y else None  # type: ignore[arg-type]


def _iterate_resources(block: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Yields (id, value, the resource whole) of a Photoshop resource block."""
    at = 0
    while block[at : at + 4] == b"8BIM" and at + 7 <= len(block):
        name_end = at + 7 + block[at + 6]
        name_end += (name_end - at - 6) % 2
        if name_end + 4 > len(block):
            return
        size = struct.unpack(">I", block[name_end : name_end + 4])[0]
        end = name_end + 4 + size
        if end > len(block):
            return
        stop = min(end + size % 2, len(block))
        yield struct.unpack(">H", block[at + 4 : at + 6])[0], block[name_end + 4 : end], block[at:stop]
        at = stop


def extract_iptc(photoshop: bytes | None) -> bytes | None:
    """Returns the IPTC-IIM records inside a Photoshop resource block."""
    return next((value for code, value, _ in _iterate_resources(photoshop or b"") if code == 0x0404), None)


def wrap_iptc(iptc: bytes) -> bytes:
    """Returns a Photoshop resource block that holds these IPTC-IIM records."""
    return b"8BIM\x04\x04\0\0" + struct.pack(">I", len(iptc)) + iptc + b"\0" * (len(iptc) % 2)


def remove_resources(photoshop: bytes, codes: Iterable[int]) -> bytes:
    """Returns the resource block without these resources."""
    kept = b"".join(whole for code, _, whole in _iterate_resources(photoshop) if code not in set(codes))
    return kept or photoshop[:0]


def iterate_riff_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yields (type, data) of the chunks of a RIFF file."""
    at = 12
    while at + 8 <= len(data):
        kind, size = struct.unpack_from("<4sI", data, at)
        yield kind, data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def build_riff_chunk(kind: bytes, data: bytes) -> bytes:
    """Returns one RIFF chunk, of even length."""
    return kind + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)


def is_webp_lossless(stream: BinaryIO) -> bool:
    """Tells whether the first frame of a WebP file is coded without loss."""
    stream.seek(12)
    while len(head := stream.read(8)) == 8:
        kind, size = struct.unpack("<4sI", head)
        if kind == b"ANMF":
            stream.seek(16, 1)
        elif kind in (b"VP8L", b"VP8 "):
            return bool(kind == b"VP8L")
        else:
            stream.seek(size + size % 2, 1)
    return False


def read_gif_xmp(stream: BinaryIO) -> bytes | None:
    """Returns the XMP packet of a GIF, which stands in an application extension."""
    stream.seek(0)
    head = stream.read(13)
    if len(head) < 13:
        return None
    stream.seek(13 + (3 * 2 << (head[10] & 7) if head[10] & 0x80 else 0))
    while len(start := stream.read(2)) == 2 and start[0] == 0x21:
        size = stream.read(1)
        name = stream.read(size[0]) if size else b""
        if start[1] == 0xFF and name == b"XMP DataXMP":
            text, found, _ = stream.read(MAX_CHUNK).partition(b"\x01\xff\xfe\xfd")
            return text if found else None
        while (size := stream.read(1)) and size[0]:
            stream.seek(size[0], 1)
    return None


def insert_gif_xmp(gif: bytes, packet: bytes) -> bytes:
    """Puts an XMP packet into a GIF as an application extension (XMP part 3, 1.1.2)."""
    table = 3 * 2 << (gif[10] & 7) if gif[10] & 0x80 else 0
    at = 13 + table
    # the "magic trailer": any reader that walks sub-blocks through the text lands on its zero
    trailer = b"\x01" + bytes(range(255, -1, -1)) + b"\0"
    return b"GIF89a" + gif[6:at] + b"\x21\xff\x0bXMP DataXMP" + packet + trailer + gif[at:]
