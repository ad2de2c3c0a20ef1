"""Gathers the metadata blocks of JPEG, PNG, WebP, GIF, AVIF and HEIC files into one Metadata."""

from dataclasses import replace
from typing import Any, BinaryIO

from photochrom.image_io.metadata.containers import (
    extract_iptc,
    is_webp_lossless,
    iterate_jpeg_segments,
    iterate_png_chunks,
    parse_itxt,
    parse_jfif_density,
    parse_raw_profile,
    read_gif_xmp,
    remove_resources,
)
from photochrom.image_io.metadata.exif import make_block_upright, read_orientation, swaps_sides
from photochrom.image_io.metadata.types import Density, Encoding, Metadata
from photochrom.image_io.metadata.xmp import join_packets, remove_placement

__all__ = ["gather_metadata", "make_upright"]

XMP_KEYWORD = b"XML:com.adobe.xmp"
_XMP_START, _EXTENSION_START = b"http://ns.adobe.com/xap/1.0/\0", b"http://ns.adobe.com/xmp/extension/\0"
#: Photoshop resources that hold a gray thumbnail
THUMBNAILS = (0x0409, 0x040C)


def gather_metadata(stream: BinaryIO, format_name: str, info: dict[Any, Any]) -> Metadata:
    """Reads everything the file carries; ``info`` is what Pillow found in it. The stream is left anywhere."""
    if format_name == "JPEG":
        return _gather_jpeg(stream)
    if format_name == "PNG":
        return _gather_png(stream, info)
    exif, xmp, comment = (info.get(key) for key in ("exif", "xmp", "comment"))
    dpi = info.get("dpi")
    if format_name == "GIF":
        xmp = read_gif_xmp(stream)
    return Metadata(
        exif=_strip_exif_marker(exif),
        xmp=bytes(xmp) if xmp else None,
        icc=info.get("icc_profile") or None,
        density=Density(float(dpi[0]), float(dpi[1])) if format_name == "BMP" and dpi and dpi[0] and dpi[1] else None,
        comment=bytes(comment) if comment else None,
        encoding=Encoding(
            webp_lossless=format_name == "WEBP" and is_webp_lossless(stream),
            loop=info.get("loop"),
        ),
    )


def _strip_exif_marker(block: bytes | None) -> bytes | None:
    return (block or b"").removeprefix(b"Exif\0\0") or None


def _gather_jpeg(stream: BinaryIO) -> Metadata:
    exif = xmp = photoshop = comment = b""
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
            comment = comment or payload
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
        comment=comment or None,
    )


def _gather_png(stream: BinaryIO, info: dict[Any, Any]) -> Metadata:
    exif = xmp = None
    density = None
    kept = []
    for kind, data in iterate_png_chunks(stream):
        if kind == b"eXIf":
            exif = _strip_exif_marker(data)
        elif kind == b"pHYs" and len(data) == 9:
            x, y = int.from_bytes(data[:4], "big"), int.from_bytes(data[4:8], "big")
            density = Density(x, y, "metre" if data[8] == 1 else "none") if x and y else None
        elif kind == b"iTXt" and data.startswith(XMP_KEYWORD + b"\0"):
            try:
                xmp = parse_itxt(data) or None
            except ValueError:
                continue
        elif kind == b"zTXt" and data.startswith((b"Raw profile type exif\0", b"Raw profile type APP1\0")):
            # the orientation in it must not survive beside upright pixels: it goes on as a proper eXIf chunk
            try:
                raw = parse_raw_profile(data)
            except ValueError:
                continue
            exif = exif or (_strip_exif_marker(raw) if raw.startswith(b"Exif\0") else None)
        elif kind in (b"tEXt", b"zTXt", b"iTXt", b"tIME"):
            kept.append((kind, data))
    return Metadata(
        exif=exif,
        xmp=xmp,
        icc=info.get("icc_profile") or None,
        density=density,
        png_chunks=tuple(kept),
        encoding=Encoding(loop=info.get("loop"), default_image=bool(info.get("default_image"))),
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
    ), orientation
