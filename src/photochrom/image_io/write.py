"""Turns a picture into the bytes of a file: picks the encoder and refuses what a format cannot hold."""

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from photochrom.errors import UnsupportedPictureError
from photochrom.image_io.codecs.base import load_codec
from photochrom.image_io.formats import SUFFIXES
from photochrom.image_io.types import Picture
from photochrom.system.atomic import whole_file

__all__ = ["format_from_suffix", "parse_format", "save", "write", "write_file"]

#: what formats are called besides
_OTHER_NAMES = {
    "JPG": "JPEG", "TIF": "TIFF", "HEIC": "HEIF", "JP2": "JPEG2000", "J2K": "JPEG2000", "PPM": "PNM", "PGM": "PNM",
}  # fmt: skip
_SEVERAL_PAGES = ("TIFF", "GIF", "WEBP", "PNG", "AVIF", "HEIF", "PNM")


def parse_format(name: str) -> str:
    """Returns the format of this name, in any case. Raises UnsupportedPictureError."""
    found = _OTHER_NAMES.get(name.upper(), name.upper())
    if found not in SUFFIXES.values():
        known = ", ".join(sorted(set(SUFFIXES.values())))
        raise UnsupportedPictureError("photo.format_unknown", format=name, known=known)
    return found


def format_from_suffix(path: Path) -> str:
    """Returns the format that a path's suffix names. Raises UnsupportedPictureError."""
    found = SUFFIXES.get(path.suffix.lower())
    if found is None:
        known = ", ".join(sorted(SUFFIXES))
        raise UnsupportedPictureError("photo.suffix_unknown", name=path.name, known=known)
    return found


def write(picture: Picture, stream: BinaryIO, format_name: str) -> None:
    """Writes the picture to a stream that can seek."""
    _check(picture, format_name)
    load_codec(format_name).write(picture, stream)


def write_file(picture: Picture, path: Path, format_name: str) -> None:
    """Writes the picture to a path, whatever is there."""
    _check(picture, format_name)
    if format_name == "TIFF":
        # OpenImageIO writes to files alone
        from photochrom.image_io.codecs.tiff.write import write_tiff

        write_tiff(picture, path)
        return
    with path.open("wb") as stream:
        write(picture, stream, format_name)


def _check(picture: Picture, format_name: str) -> None:
    if len(picture.pages) > 1 and format_name == "JPEG" and picture.metadata.picture_index is not None:
        # an index of several pictures goes with the pictures of a JPEG alone
        return
    if len(picture.pages) > 1 and format_name not in _SEVERAL_PAGES:
        own = f" or {picture.format}" if picture.format in _SEVERAL_PAGES and picture.format != "TIFF" else ""
        raise UnsupportedPictureError(
            "photo.pages_unsupported", format=format_name, pages=len(picture.pages), formats=f"TIFF{own}"
        )
    if format_name not in ("TIFF", "HEIF", "PNM") and len({page.pixels.shape[:2] for page in picture.pages}) > 1:
        raise UnsupportedPictureError("photo.page_sizes_differ", format=format_name)


def save(
    picture: Picture,
    path: Path,
    *,
    overwrite: bool,
    format_name: str | None,
    like: Path | None = None,
    keep_times: bool = False,
    finish: Callable[[Path], None] | None = None,
) -> Path:
    """Writes ``picture`` to ``path``; see :meth:`photochrom.image_io.Picture.save`.

    ``like`` and ``keep_times`` are those of :func:`photochrom.system.atomic.whole_file`. ``finish`` gets the complete
    file before it is put in place.
    """
    chosen = parse_format(format_name) if format_name else format_from_suffix(path)
    with whole_file(path, overwrite=overwrite, like=like, keep_times=keep_times) as part:
        write_file(picture, part, chosen)
        if finish is not None:
            finish(part)
    return path
