"""Which picture formats there are, by suffix, and which one a file's first bytes show. Content decides."""

import importlib
import re
from pathlib import Path
from typing import Any

from photochrom.errors import MissingDependencyError, UnreadablePictureError, UnsupportedPictureError
from photochrom.image_io.brands import AVIF_BRANDS, HEIF_BRANDS, read_brands
from photochrom.image_io.film_starts import START_BYTES, is_film_start

__all__ = ["RAW_SUFFIXES", "SUFFIXES", "count_pixels", "is_picture_start", "is_video", "load_plugin", "sniff"]

#: suffix -> format, for reading and writing
SUFFIXES = {
    ".jpg": "JPEG", ".jpeg": "JPEG", ".jpe": "JPEG", ".jfif": "JPEG", ".mpo": "JPEG",
    ".png": "PNG", ".apng": "PNG",
    ".tif": "TIFF", ".tiff": "TIFF",
    ".webp": "WEBP", ".bmp": "BMP", ".dib": "BMP", ".gif": "GIF",
    ".avif": "AVIF", ".heic": "HEIF", ".heif": "HEIF",
    ".jp2": "JPEG2000", ".j2k": "JPEG2000", ".j2c": "JPEG2000", ".jpf": "JPEG2000", ".jpx": "JPEG2000",
    ".ppm": "PNM", ".pgm": "PNM", ".pbm": "PNM", ".pnm": "PNM", ".tga": "TGA",
}  # fmt: skip

#: what files of cameras that are not developed are called
RAW_SUFFIXES = frozenset(
    {
        ".3fr", ".ari", ".arw", ".bay", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".erf", ".fff", ".iiq", ".k25", ".kdc",
        ".mef", ".mos", ".mrw", ".nef", ".nrw", ".orf", ".pef", ".raf", ".raw", ".rw2", ".rwl", ".sr2", ".srf", ".srw",
        ".x3f",
    }
)  # fmt: skip

_STARTS = (
    (b"\xff\xd8\xff", "JPEG"), (b"\x89PNG\r\n\x1a\n", "PNG"), (b"GIF87a", "GIF"), (b"GIF89a", "GIF"), (b"BM", "BMP"),
    (b"II*\0", "TIFF"), (b"MM\0*", "TIFF"), (b"II+\0", "TIFF"), (b"MM\0+", "TIFF"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG2000"), (b"\xffO\xffQ", "JPEG2000"),
)  # fmt: skip
#: first bytes, code of the error, and its details besides the name
_OTHERS: tuple[tuple[bytes, str, dict[str, str]], ...] = (
    (b"%PDF", "photo.format_unsupported", {"format": "PDF"}),
    (b"8BPS", "photo.format_unsupported", {"format": "Photoshop"}),
    (b"\xff\n", "photo.format_unsupported", {"format": "JPEG XL"}),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "photo.format_unsupported", {"format": "JPEG XL"}),
    (b"v/1\x01", "photo.format_unsupported", {"format": "OpenEXR"}),
    (b"#?RADIANCE", "photo.format_unsupported", {"format": "Radiance HDR"}),
    (b"P7\n", "photo.format_unsupported", {"format": "PAM"}),
    (b"PF\n", "photo.format_unsupported", {"format": "PFM"}),
    (b"Pf\n", "photo.format_unsupported", {"format": "PFM"}),
    (b"qoif", "photo.format_unsupported", {"format": "QOI"}),
    (b"DDS ", "photo.format_unsupported", {"format": "DirectDraw surfaces"}),
    (b"SDPX", "photo.format_unsupported", {"format": "DPX"}),
    (b"XPDS", "photo.format_unsupported", {"format": "DPX"}),
    (b"SIMPLE  =", "photo.format_unsupported", {"format": "FITS"}),
    (b"gimp xcf", "photo.format_unsupported", {"format": "GIMP"}),
    (b"AT&TFORM", "photo.format_unsupported", {"format": "DjVu"}),
    (b"\x01\xda", "photo.format_unsupported", {"format": "SGI"}),
    (b"\0\0\x01\0", "photo.format_unsupported", {"format": "icons"}),
    (b"icns", "photo.format_unsupported", {"format": "icons"}),
    (b"%!PS", "photo.format_unsupported", {"format": "PostScript"}),
    (b"\xc5\xd0\xd3\xc6", "photo.format_unsupported", {"format": "PostScript"}),
    (b"<svg", "photo.format_unsupported", {"format": "SVG"}),
    (b"PK\x03\x04", "photo.is_archive", {"format": "ZIP"}),
    (b"\x1f\x8b", "photo.is_archive", {"format": "gzip"}),
    (b"FUJIFILMCCD-RAW", "photo.is_camera_raw", {}),
    (b"IIRO", "photo.is_camera_raw", {}),
    (b"IIRS", "photo.is_camera_raw", {}),
    (b"IIU\0", "photo.is_camera_raw", {}),
    (b"II\x1a\0\0\0HEAPCCDR", "photo.is_camera_raw", {}),
    (b"FOVb", "photo.is_camera_raw", {}),
    (b"\0MRM", "photo.is_camera_raw", {}),
)
#: what a file of portable maps begins with, and the space behind it
_PNM = re.compile(rb"P[1-6][ \t\r\n#]")

#: Pillow's plug-ins, asked one by one: opening through Pillow's front door warns of large pictures
_PLUGINS = {
    "AVIF": "PIL.AvifImagePlugin.AvifImageFile",
    "BMP": "PIL.BmpImagePlugin.BmpImageFile",
    "GIF": "PIL.GifImagePlugin.GifImageFile",
    "HEIF": "pillow_heif.HeifImageFile",
    "JPEG": "PIL.JpegImagePlugin.JpegImageFile",
    "JPEG2000": "PIL.Jpeg2KImagePlugin.Jpeg2KImageFile",
    "PNG": "PIL.PngImagePlugin.PngImageFile",
    "PNM": "PIL.PpmImagePlugin.PpmImageFile",
    "TGA": "PIL.TgaImagePlugin.TgaImageFile",
    "TIFF": "PIL.TiffImagePlugin.TiffImageFile",
    "WEBP": "PIL.WebPImagePlugin.WebPImageFile",
}


def sniff(start: bytes, name: str) -> str:
    """Returns the format that the first :data:`~.film_starts.START_BYTES` of a file show.

    A TGA has no mark of its own, so its name must say that it is one.

    Raises:
        UnreadablePictureError: empty, or nothing we know.
        UnsupportedPictureError: something we know and cannot read.
    """
    if not start:
        raise UnreadablePictureError("photo.empty", name=name)
    for magic, found in _STARTS:
        if start.startswith(magic):
            if found == "TIFF" and start[8:10] == b"CR":
                raise UnsupportedPictureError("photo.is_camera_raw", name=name)
            return found
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "WEBP"
    brands = set(read_brands(start))
    if brands & AVIF_BRANDS:
        return "AVIF"
    if brands & HEIF_BRANDS:
        return "HEIF"
    if b"crx " in brands:
        raise UnsupportedPictureError("photo.is_camera_raw", name=name)
    for magic, code, details in _OTHERS:
        if start.startswith(magic):
            raise UnsupportedPictureError(code, name=name, **details)
    if _PNM.match(start):
        return "PNM"
    if name.lower().endswith(".tga") and _is_tga(start):
        return "TGA"
    if is_film_start(start):
        raise UnsupportedPictureError("photo.is_video", name=name)
    raise UnreadablePictureError("photo.unrecognized", name=name)


def _is_tga(start: bytes) -> bool:
    """Tells whether the 18 bytes of a header are those of a TGA of a usual kind (Truevision TGA 2.0, page 6)."""
    if len(start) < 18:
        return False
    has_map, kind, depth = start[1], start[2], start[16]
    depths = {1: (8,), 2: (15, 16, 24, 32), 3: (1, 8, 16)}.get(kind & 7, ())
    return kind in (1, 2, 3, 9, 10, 11) and has_map in (0, 1) and depth in depths and (kind & 7 != 1 or has_map == 1)


def is_picture_start(start: bytes) -> bool:
    """Tells whether a file's first bytes are those of a format that is known by them."""
    return any(start.startswith(magic) for magic, _ in _STARTS)


def load_plugin(format_name: str) -> Any:
    """Returns the class by which Pillow opens files of a format.

    Raises:
        MissingDependencyError: HEIC without its extra.
    """
    module, _, name = _PLUGINS[format_name].rpartition(".")
    try:
        return getattr(importlib.import_module(module), name)
    except ImportError:
        if format_name != "HEIF":
            raise
        raise MissingDependencyError("Reading HEIC", "heic") from None


def is_video(path: Path) -> bool:
    """Returns whether a file's first bytes are those of a film; an animated GIF counts as a picture."""
    try:
        # opening a pipe would wait for ever
        if not path.is_file():
            return False
        with path.open("rb") as file:
            head = file.read(START_BYTES)
    except (OSError, ValueError):
        return False
    return not is_picture_start(head) and is_film_start(head)


def count_pixels(path: Path) -> int:
    """Estimates how many pixels a file decodes to, from its header, over all pages of a TIFF.

    Where the header does not say, the file's size in bytes stands for them; 0 where it cannot be opened.
    """
    try:
        size = path.stat().st_size
    except OSError:
        return 0
    try:
        with path.open("rb") as stream:
            kind = sniff(stream.read(START_BYTES), path.name)
            if kind == "HEIF":
                return size
            stream.seek(0)
            image = load_plugin(kind)(stream)
            pages = image.n_frames if kind == "TIFF" else 1
            return int(image.width * image.height * pages)
    except Exception:  # decoders raise anything; what is wrong with the file is told when it is read
        return size
