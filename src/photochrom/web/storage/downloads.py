"""Sends results: their names, media types and headers, from files instead of from memory."""

import json
import os
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp
from urllib.parse import quote

from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response

from photochrom.colorizer import Result
from photochrom.image_io.write import parse_format
from photochrom.web.errors import ApiError
from photochrom.web.schemas.options import ColorizeOptions
from photochrom.web.storage.signing import save_signed

__all__ = ["LOSSY", "apply_quality", "attachment_header", "colored_name", "media_type", "result_headers", "save_result"]

#: formats that have a quality
LOSSY = ("JPEG", "WEBP", "AVIF", "HEIF")
_MEDIA = {"HEIF": "image/heic", "JPEG2000": "image/jp2", "PNM": "image/x-portable-anymap", "TGA": "image/x-tga"}
_SUFFIXES = {"JPEG": ".jpg", "TIFF": ".tif", "HEIF": ".heic", "JPEG2000": ".jp2", "PNM": ".ppm"}


def apply_quality(result: Result, format_name: str, quality: int | None) -> Result:
    """Returns a result that is written at a quality; None for the source's.

    Raises:
        ApiError: the format has none.
    """
    if quality is None:
        return result
    if format_name not in LOSSY:
        raise ApiError("service.no_quality", format=format_name)
    return replace(result, picture=result.picture.with_quality(quality))


def media_type(format_name: str) -> str:
    """Returns the media type of an image format."""
    return _MEDIA.get(format_name, f"image/{format_name.lower()}")


def colored_name(name: str, format_name: str, *, source: str) -> str:
    """Returns the name of a result: ``1936.color.jpg`` for ``1936.jpg``, with the suffix of its format."""
    stem, suffix = os.path.splitext(name)  # noqa: PTH122 - a name, not a path
    if format_name != source or not suffix:
        suffix = _SUFFIXES.get(format_name, f".{format_name.lower()}")
    return f"{stem or 'photo'}.color{suffix}"


def attachment_header(name: str) -> str:
    """Returns the Content-Disposition of a file to be saved under this name (RFC 6266)."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def result_headers(result: Result) -> dict[str, str]:
    """Returns headers with what is known of a result besides its pixels."""
    headers = {"X-Photochrom-Model": result.model}
    if result.confidence is not None:
        headers["X-Photochrom-Confidence"] = f"{result.confidence:.4f}"
    if result.matches is not None:
        headers["X-Photochrom-Matches"] = str(result.matches)
    if result.picture.notes:
        headers["X-Photochrom-Notes"] = json.dumps(result.picture.notes)
    return headers


def save_result(
    result: Result,
    name: str,
    format_name: str | None,
    *,
    original: Path,
    options: ColorizeOptions,
    quality: int | None = None,
) -> Response:
    """Writes a result to a file that is sent and then removed.

    Args:
        result: of a colouring.
        name: the source's.
        format_name: None for the source's own.
        original: the source's file.
        options: how it was coloured.
        quality: of the file, 1 to 100; None for the source's.

    Raises:
        ApiError: the format has no quality.
        UnsupportedPictureError: the format cannot hold the result, or cannot be signed.
        OSError: it cannot be written.
    """
    chosen = parse_format(format_name or result.picture.format)
    result = apply_quality(result, chosen, quality)
    path = Path(mkdtemp(prefix="photochrom-")) / "result"
    title = colored_name(name, chosen, source=result.picture.format)
    try:
        save_signed(result, path, chosen, title=title, original=original, name=name, options=options)
        headers = result_headers(result)
        headers["Content-Disposition"] = attachment_header(title)
        return FileResponse(
            path, media_type=media_type(chosen), headers=headers, background=BackgroundTask(_drop, path)
        )
    except BaseException:
        _drop(path)
        raise


def _drop(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.parent.rmdir()
