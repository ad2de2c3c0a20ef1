"""Gathers what a PNG carries besides its pixels, and how its chunks say that values relate to light.

PNG Specification (Third Edition): cICP outranks iCCP, that sRGB, and that gAMA.
"""

import re
from dataclasses import dataclass
from typing import Any, BinaryIO

from photochrom.image_io.metadata.containers import (
    iterate_png_chunks,
    parse_iccp,
    parse_itxt,
    parse_raw_profile,
)
from photochrom.image_io.metadata.exif import read_orientation, strip_exif_marker
from photochrom.image_io.metadata.types import Density, Encoding, Metadata

__all__ = ["PngFacts", "gather_png"]

XMP_KEYWORD = b"XML:com.adobe.xmp"
_XMP_START = b"http://ns.adobe.com/xap/1.0/\0"
_RAW = b"Raw profile type "
_TEXTS = (b"tEXt", b"zTXt", b"iTXt")
#: texts that ImageMagick makes of EXIF, and that no longer hold for a picture that was turned
_PLACEMENT = re.compile(
    rb"(exif|tiff):(Orientation|ImageWidth|ImageLength|(Exif)?Pixel[XY]Dimension|ExifImage(Width|Length))\0", re.I
)
#: gamma of the files whose values are taken for sRGB: 1/2.2, and what libpng thinks equal to it
_SRGB_GAMMA, _TOLERANCE = 0.45455, 0.05
#: transfer characteristics (ITU-T H.273) that are a plain power of light
_GAMMAS = {4: 1 / 2.2, 5: 1 / 2.8, 8: 1.0}
_HDR = (16, 18)


@dataclass(frozen=True)
class PngFacts:
    """What the chunks say besides the metadata.

    Attributes:
        gamma: the exponent that makes values of light; None where they are sRGB or have a profile.
        hdr: the values are those of an HDR picture.
        damaged: types of chunks that were left out because their checksum is wrong, in order.
        gray_key: the value named as transparent, as it stands there; None where there is none of two bytes.
    """

    gamma: float | None = None
    hdr: bool = False
    damaged: tuple[str, ...] = ()
    gray_key: int | None = None


def gather_png(stream: BinaryIO, info: dict[Any, Any]) -> tuple[Metadata, PngFacts]:
    """Reads everything a PNG carries; ``info`` is what Pillow found in it. The stream is left anywhere."""
    exif = raw_exif = xmp = raw_xmp = icc = None
    density = gamma = transfer = key = None
    srgb = False
    kept: list[tuple[bytes, bytes]] = []
    damaged: list[bytes] = []
    for kind, data in iterate_png_chunks(stream, damaged):
        if kind == b"eXIf":
            exif = strip_exif_marker(data)
        elif kind == b"iCCP":
            icc = icc or parse_iccp(data)
        elif kind == b"tRNS" and len(data) == 2:
            key = int.from_bytes(data, "big")
        elif kind == b"sRGB":
            srgb = True
        elif kind == b"gAMA" and len(data) == 4:
            gamma = int.from_bytes(data, "big") / 100000 or None
        elif kind == b"cICP" and len(data) == 4:
            transfer = data[1]
        elif kind == b"pHYs" and len(data) == 9:
            x, y = int.from_bytes(data[:4], "big"), int.from_bytes(data[4:8], "big")
            density = Density(x, y, "metre" if data[8] == 1 else "none") if x and y else None
        elif kind == b"iTXt" and data.startswith(XMP_KEYWORD + b"\0"):
            try:
                xmp = parse_itxt(data) or None
            except ValueError:
                continue
        elif kind in _TEXTS and data.startswith(_RAW) and _raw_name(data) in (b"exif", b"app1", b"xmp"):
            # the orientation in it must not survive beside upright pixels: it goes on as a proper chunk
            try:
                raw = parse_raw_profile(kind, data)
            except ValueError:
                continue
            if raw.startswith(b"Exif\0"):
                raw_exif = raw_exif or strip_exif_marker(raw)
            elif _raw_name(data) == b"exif" and raw[:4] in (b"II*\0", b"MM\0*"):
                raw_exif = raw_exif or raw
            elif _raw_name(data) == b"xmp" or raw.startswith(_XMP_START):
                raw_xmp = raw_xmp or raw.removeprefix(_XMP_START) or None
        elif kind in (*_TEXTS, b"tIME"):
            kept.append((kind, data))
    exif = exif or raw_exif
    if read_orientation(exif) != 1:
        kept = [(kind, data) for kind, data in kept if not (kind in _TEXTS and _PLACEMENT.match(data))]
    metadata = Metadata(
        exif=exif,
        xmp=xmp or raw_xmp,
        icc=icc,
        density=density,
        png_chunks=tuple(kept),
        encoding=Encoding(loop=info.get("loop"), default_image=bool(info.get("default_image"))),
    )
    facts = PngFacts(
        gamma=_choose_gamma(transfer, gamma, plain=icc is None and not srgb),
        hdr=transfer in _HDR,
        damaged=tuple(dict.fromkeys(kind.decode("latin-1") for kind in damaged)),
        gray_key=key,
    )
    return metadata, facts


def _raw_name(data: bytes) -> bytes:
    return data[len(_RAW) :].partition(b"\0")[0].strip().lower()


def _choose_gamma(transfer: int | None, gamma: float | None, *, plain: bool) -> float | None:
    if transfer in _GAMMAS:
        gamma = _GAMMAS[transfer]
    elif transfer is not None or not plain:
        return None
    if gamma is None or abs(gamma / _SRGB_GAMMA - 1) <= _TOLERANCE:
        return None
    return 1 / gamma
