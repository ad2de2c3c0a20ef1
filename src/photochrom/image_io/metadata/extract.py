"""Gathers the metadata blocks of JPEG, PNG, WebP, GIF, AVIF and HEIC files into one Metadata."""

from dataclasses import replace
from typing import Any, BinaryIO

from photochrom.image_io.metadata.containers import (
    extract_iptc,
    is_webp_lossless,
    iterate_jpeg_segments,
    parse_jfif_density,
    read_gif_xmp,
    remove_resources,
)
from photochrom.image_io.metadata.exif import make_block_upright, read_orientation, strip_exif_marker, swaps_sides
from photochrom.image_io.metadata.png import gather_png
from photochrom.image_io.metadata.types import Density, Encoding, Metadata
from photochrom.image_io.metadata.xmp import join_packets, remove_placement

__all__ = ["gather_metadata", "make_upright"]

_XMP_START, _EXTENSION_START = b"http://ns.adobe.com/xap/1.0/\0", b"http://ns.adobe.com/xmp/extension/\0"
#: Photoshop resources that hold a gray thumbnail
THUMBNAILS = (0x0409, 0x040C)


def gather_metadata(stream: BinaryIO, format_name: str, info: dict[Any, Any]) -> Metadata:
    """Reads everything the file carries; ``info`` is what Pillow found in it. The stream is left anywhere."""
    if format_name == "JPEG":
        return _gather_jpeg(stream)
    if format_name == "PNG":
        return gather_png(stream, info)[0]
    exif, xmp, comment = (info.get(key) for key in ("exif", "xmp", "comment"))
    dpi = info.get("dpi")
    if format_name == "GIF":
        xmp = read_gif_xmp(stream)
    return Metadata(
        exif=strip_exif_marker(exif),
        xmp=bytes(xmp) if xmp else None,
        icc=info.get("icc_profile") or None,
        density=Density(float(dpi[0]), float(dpi[1])) if format_name == "BMP" and dpi and dpi[0] and dpi[1] else None,
        comment=bytes(comment) if comment else None,
        encoding=Encoding(
            webp_lossless=format_name == "WEBP" and is_webp_lossless(stream),
            loop=info.get("loop"),
        ),
    )


def _gather_jpeg(stream: BinaryIO) -> Metadata:
    exif = xmp = photoshop = b""
    comments: list[bytes] = []
    density = None
    profile: dict[int, bytes] = {}
    extension: dict[bytes, dict[int, bytes]] = {}
    for marker, payload in iterate_jpeg_segments(stream):
        if marker == 0xE0:
            density = density or parse_jfif_density(payload)
        elif marker == 0xE1 and payload.startswith(b"Exif\0"):
            exif += payload[6:]
        elif marker == 0xE1 and payload.startswith(_XMP_START):
            xmp = xmp or payload[len(_XMP_START) :]
        elif marker == 0xE1 and payload.startswith(_EXTENSION_START):
            rest = payload[len(_EXTENSION_START) :]
            extension.setdefault(rest[:32], {})[int.from_bytes(rest[36:40], "big")] = rest[40:]
        elif marker == 0xE2 and payload.startswith(b"ICC_PROFILE\0") and len(payload) > 14:
            profile[payload[12]] = payload[14:]
        elif marker == 0xED and payload.startswith(b"Photoshop 3.0\0"):
            photoshop += payload[14:]
        elif marker == 0xFE:
            comments += [payload] if payload else []
    for guid, parts in extension.items():
        if xmp and guid in xmp:
            xmp = join_packets(xmp, b"".join(parts[at] for at in sorted(parts)))
    if photoshop:
        photoshop = remove_resources(photoshop, THUMBNAILS)
    return Metadata(
        exif=exif or None,
        xmp=xmp or None,
        iptc=extract_iptc(photoshop),
        photoshop=photoshop or None,
        icc=b"".join(profile[i] for i in sorted(profile)) or None,
        density=density,
        comment=comments[0] if comments else None,
        more_comments=tuple(comments[1:]),
    )


def make_upright(metadata: Metadata, *, width: int, height: int) -> tuple[Metadata, int]:
    """Returns the metadata for the upright picture of stored size (width, height), and the orientation it had."""
    orientation = read_orientation(metadata.exif)
    sideways = swaps_sides(orientation)
    width, height = (height, width) if sideways else (width, height)
    exif, xmp, density = metadata.exif, metadata.xmp, metadata.density
    return replace(
        metadata,
        exif=make_block_upright(exif, width=width, height=height) if exif else None,
        xmp=remove_placement(xmp) if xmp and orientation != 1 else xmp,
        density=density.turned() if density and sideways else density,
        encoding=replace(metadata.encoding, turned=True) if orientation != 1 else metadata.encoding,
    ), orientation
