"""JPEG, written at least as finely as its source was, with all metadata in its segments."""

import struct
from dataclasses import replace
from io import BytesIO
from typing import Any, BinaryIO

from photochrom.errors import UnsupportedPictureError
from photochrom.image_io.codecs.base import Source
from photochrom.image_io.codecs.jpeg.end import END, has_all_pixels
from photochrom.image_io.codecs.jpeg.mpo import add_pictures, join_pictures
from photochrom.image_io.codecs.jpeg.parts import PART_ROWS, write_parts
from photochrom.image_io.codecs.jpeg.rows import iterate_parts, read_by_rows
from photochrom.image_io.codecs.pillow import open_source, read_still
from photochrom.image_io.metadata.announced import leave_out
from photochrom.image_io.metadata.containers import build_app_segment, iterate_jpeg_segments, wrap_iptc
from photochrom.image_io.metadata.extract import gather_metadata
from photochrom.image_io.metadata.mpf import MARK
from photochrom.image_io.metadata.types import Density, Encoding, Metadata
from photochrom.image_io.metadata.xmp import split_packet
from photochrom.image_io.types import Page, Picture
from photochrom.messages import render
from photochrom.system.processors import count_processors

__all__ = ["read", "read_opened", "write"]

#: the luma table of libjpeg at quality 75: coarser ones of the source are not followed
_FLOOR = (
    8, 6, 5, 8, 12, 20, 26, 31, 6, 6, 7, 10, 13, 29, 30, 28, 7, 7, 8, 12, 20, 29, 35, 28, 7, 9, 11, 15, 26, 44, 40, 31,
    9, 11, 19, 28, 34, 55, 52, 39, 12, 18, 28, 32, 41, 52, 57, 46, 25, 32, 39, 44, 52, 61, 60, 51, 36, 46, 48, 49, 56,
    50, 52, 50,
)  # fmt: skip
_MAX_SIDE = 65500
#: a picture of fewer pixels is written in one part, as is a progressive one; and about how many are in one of several
_SMALL, _PART = 4_000_000, 2_000_000
#: bytes that Pillow hands to libjpeg at a time: after each it waits for the interpreter, where another thread imports
_BLOCK = 1 << 22
#: the most that fits into one segment
_SEGMENT = 65533
_EXIF_START = b"Exif\0\0"
#: start-of-frame markers (ITU-T T.81, table B.1)
_LOSSLESS, _HIERARCHICAL, _CODED = (
    (0xC3, 0xC7, 0xCB, 0xCF, 0xF7),
    (0xC5, 0xC6, 0xCD, 0xCE),
    (0xC0, 0xC1, 0xC2, 0xC9, 0xCA),
)


def read(source: Source) -> Picture:
    """Reads all pictures of the file, and how they were encoded.

    Raises:
        UnsupportedPictureError: 12 bits per channel, lossless or hierarchical coding.
    """
    return add_pictures(source, _read_one(source), _read_one)


def _read_one(source: Source) -> Picture:
    """Reads the first picture; a lost end marker is made up for where no pixel is lost.

    Raises:
        UnsupportedPictureError: 12 bits per channel, lossless or hierarchical coding.
    """
    _check_coding(source)
    try:
        return read_opened(source, open_source(source, "JPEG"))
    except OSError as error:
        if "truncated" not in str(error) or not has_all_pixels(source.stream):
            raise
    source.stream.seek(0)
    mended = replace(source, stream=BytesIO(source.stream.read() + END))
    picture = read_opened(mended, open_source(mended, "JPEG"))
    return replace(picture, notes=(str(render("note.end_mended", {})), *picture.notes))


def _check_coding(source: Source) -> None:
    for marker, payload in iterate_jpeg_segments(source.stream):
        if marker in _LOSSLESS:
            raise UnsupportedPictureError("photo.jpeg_unsupported", name=source.name, kind="lossless")
        if marker in (*_CODED, *_HIERARCHICAL) and payload[:1] not in (b"", b"\x08"):
            raise UnsupportedPictureError("photo.jpeg_unsupported", name=source.name, kind=f"{payload[0]}-bit")
        if marker in _HIERARCHICAL:
            raise UnsupportedPictureError("photo.jpeg_unsupported", name=source.name, kind="hierarchical")


def read_opened(source: Source, image: Any) -> Picture:
    """Reads the page of an open image, and how it was encoded."""
    from PIL import JpegImagePlugin

    image.decodermaxblock = _BLOCK
    metadata = gather_metadata(source.stream, "JPEG", image.info)
    encoding = replace(
        metadata.encoding,
        jpeg_tables=tuple(tuple(table) for _, table in sorted(image.quantization.items())),
        jpeg_subsampling=max(JpegImagePlugin.get_sampling(image), 0),
        progressive=bool(image.info.get("progressive")),
    )
    metadata = replace(metadata, encoding=encoding)
    picture = read_by_rows(source, image, metadata) or read_still(source, image, "JPEG", metadata)
    return leave_out(picture, source.stream)


def write(picture: Picture, stream: BinaryIO) -> None:
    """Writes the first page, or all pictures of a JPEG that held several."""
    metadata = picture.metadata
    index = metadata.picture_index if len(picture.pages) > 1 else None
    if index is None:
        _write_one(picture.pages[0], metadata, stream)
        return
    files: list[bytes] = []
    for page, own in zip(picture.pages, (metadata, *metadata.others), strict=True):
        packed = BytesIO()
        _write_one(page, replace(own, picture_index=None) if files else own, packed)
        files.append(packed.getvalue())
    stream.write(join_pictures(files, index))


def _write_one(page: Page, metadata: Metadata, stream: BinaryIO) -> None:
    if page.alpha is not None:
        raise UnsupportedPictureError("photo.alpha_unsupported", format="JPEG")
    if max(page.width, page.height) > _MAX_SIDE:
        raise UnsupportedPictureError("photo.side_too_long", format="JPEG", limit=_MAX_SIDE)
    encoding = metadata.encoding
    options: dict[str, Any] = {}
    if encoding.jpeg_tables and encoding.quality is None:
        options["qtables"] = _limit_tables(encoding)
    else:
        options["quality"] = encoding.quality or 95
    exif = _EXIF_START + metadata.exif if metadata.exif else b""
    target: Any = _DensitySetter(stream, metadata.density) if metadata.density else stream
    options |= {"subsampling": encoding.jpeg_subsampling or 0, "progressive": encoding.progressive}
    segments = {
        "exif": exif if len(exif) <= _SEGMENT else b"",
        "icc_profile": page.space.output_icc,
        "comment": metadata.comment[:_SEGMENT] if metadata.comment and not metadata.more_comments else None,
        "extra": _build_segments(metadata),
    }
    if encoding.progressive or page.width * page.height < _SMALL:
        next(iterate_parts(page, page.height))().save(target, "JPEG", **options, **segments)
        return
    rows = max(1, _PART // (page.width * PART_ROWS)) * PART_ROWS
    parts = iterate_parts(page, rows)
    write_parts(target.write, parts, page.height, options=options, segments=segments, threads=count_processors())


class _DensitySetter:
    """Passes bytes on and puts the density into the JFIF header in the source's unit; Pillow knows dpi only."""

    def __init__(self, stream: BinaryIO, density: Density) -> None:
        self._stream, self._density, self._first = stream, density, True

    def write(self, data: bytes) -> int:
        if self._first and data[2:4] == b"\xff\xe0" and data[6:11] == b"JFIF\0":
            unit = {"none": 0, "inch": 1, "cm": 2}.get(self._density.unit)
            x, y = (self._density.x, self._density.y) if unit is not None else self._density.dpi or (1, 1)
            values = (min(max(round(v), 1), 65535) for v in (x, y))
            data = data[:13] + struct.pack(">BHH", 1 if unit is None else unit, *values) + data[18:]
        self._first = False
        self._stream.write(data)
        return len(data)

    def flush(self) -> None:
        self._stream.flush()


def _limit_tables(encoding: Encoding) -> list[list[int]]:
    """Returns the source's quantisation tables, none coarser than quality 75; one table serves chroma too."""
    tables = [
        [max(1, min(value, limit)) for value, limit in zip(table, _FLOOR, strict=True)]
        for table in encoding.jpeg_tables[:2]
        if len(table) == 64
    ]
    return tables if len(tables) == 2 else [tables[0], tables[0]]


def _build_segments(metadata: Metadata) -> bytes:
    out = b"" if metadata.picture_index is None else build_app_segment(0xE2, MARK + metadata.picture_index)
    if len(metadata.exif or b"") + len(_EXIF_START) > _SEGMENT:
        # as exiftool and readers of it have it: each part with its own start (CIPA DC-008 knows one segment alone)
        step = _SEGMENT - len(_EXIF_START)
        block = metadata.exif or b""
        for at in range(0, len(block), step):
            out += build_app_segment(0xE1, _EXIF_START + block[at : at + step])
    if metadata.xmp:
        start = b"http://ns.adobe.com/xap/1.0/\0"
        main, extended, guid = split_packet(metadata.xmp, _SEGMENT - len(start))
        out += build_app_segment(0xE1, start + main)
        for at in range(0, len(extended), 65000):
            head = b"http://ns.adobe.com/xmp/extension/\0" + guid.encode() + struct.pack(">II", len(extended), at)
            out += build_app_segment(0xE1, head + extended[at : at + 65000])
    photoshop = metadata.photoshop or (wrap_iptc(metadata.iptc) if metadata.iptc else b"")
    for at in range(0, len(photoshop), 65000):
        out += build_app_segment(0xED, b"Photoshop 3.0\0" + photoshop[at : at + 65000])
    if metadata.more_comments:
        for comment in (metadata.comment or b"", *metadata.more_comments):
            out += build_app_segment(0xFE, comment[:_SEGMENT])
    return out
