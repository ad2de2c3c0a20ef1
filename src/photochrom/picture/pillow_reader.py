"""Reads all formats but TIFF and 16-bit PNG, through Pillow's decoders.

Pillow's plug-ins are opened directly and not by ``Image.open``: its decompression bomb check is a global setting of the
user's process, while ours is an argument and looks at all frames.
"""

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from photochrom.errors import MissingExtraError, PictureTooLargeError, UnsupportedPictureError
from photochrom.picture.blocks import gather, made_upright
from photochrom.picture.exif import turn
from photochrom.picture.metadata import Metadata
from photochrom.picture.model import Page, Picture
from photochrom.picture.spaces import space_of

__all__ = [
    "check_size",
    "key_alpha",
    "open_quietly",
    "page_from_values",
    "page_of",
    "planes_of",
    "read_with_pillow",
]

_STRIP = 1 << 22
_quiet_lock = threading.Lock()


@contextmanager
def _quietly() -> Iterator[None]:
    # the filters are global, so only one thread may exchange them
    with _quiet_lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def check_size(name: str, width: int, height: int, pages: int, max_pixels: int) -> None:
    """Refuse a picture of more than ``max_pixels`` pixels over all its pages."""
    if width * height * pages > max_pixels:
        what = f"{width} x {height} pixels" + (f" on {pages} pages" if pages > 1 else "")
        raise PictureTooLargeError(
            f"{name} has {what}, more than the {max_pixels} allowed: raise max_pixels (--max-pixels) if you trust it."
        )


def _open(stream: BinaryIO, format_name: str) -> Any:
    from PIL import (
        AvifImagePlugin,
        BmpImagePlugin,
        GifImagePlugin,
        JpegImagePlugin,
        PngImagePlugin,
        TiffImagePlugin,
        WebPImagePlugin,
    )

    stream.seek(0)
    if format_name == "HEIF":
        try:
            from pillow_heif import HeifImageFile
        except ImportError:
            raise MissingExtraError("Reading HEIC", "heic") from None
        return HeifImageFile(stream)  # type: ignore[no-untyped-call]
    plugins: dict[str, Any] = {
        "JPEG": JpegImagePlugin.JpegImageFile,
        "PNG": PngImagePlugin.PngImageFile,
        "GIF": GifImagePlugin.GifImageFile,
        "WEBP": WebPImagePlugin.WebPImageFile,
        "BMP": BmpImagePlugin.BmpImageFile,
        "AVIF": AvifImagePlugin.AvifImageFile,
        "TIFF": TiffImagePlugin.TiffImageFile,
    }
    return plugins[format_name](stream)


def open_quietly(stream: BinaryIO, format_name: str, *, page: int | None = None) -> Any:
    """Open a picture's header, or load the page of that number, without a word on stderr."""
    with _quietly():
        image = _open(stream, format_name)
        if page is not None:
            image.seek(page)
            image.load()
        return image


def read_with_pillow(stream: BinaryIO, format_name: str, name: str, max_pixels: int) -> Picture:
    """Read a picture; errors of Pillow's decoders pass through to the caller."""
    with _quietly():
        image = _open(stream, format_name)
        check_size(name, image.width, image.height, 1, max_pixels)
        _check_depth(stream, image, format_name, name)
        frames = int(getattr(image, "n_frames", 1)) if format_name in ("GIF", "PNG", "WEBP", "AVIF") else 1
        check_size(name, image.width, image.height, frames, max_pixels)
    metadata = _with_encoding(gather(stream, format_name, image.info), image, format_name)
    metadata, orientation = made_upright(metadata, width=image.width, height=image.height)
    pages = []
    for number in range(frames):
        if frames > 1:
            image.seek(number)
        page = page_of(image, metadata.icc, orientation, name)
        duration = round(image.info.get("duration") or 0) if frames > 1 else None
        pages.append(replace(page, duration_ms=duration))
    if format_name == "WEBP" and frames > 1 and all(np.all(page.alpha == 255) for page in pages):
        # the animation decoder gives every frame an alpha channel
        pages = [replace(page, alpha=None) for page in pages]
    return Picture(tuple(pages), format_name, metadata, name)


def _check_depth(stream: BinaryIO, image: Any, format_name: str, name: str) -> None:
    """Refuse HEIC and AVIF of more than 8 bits, which Pillow would read as 8 bits without saying so."""
    bits = 8
    if format_name == "HEIF":
        bits = int(image.info.get("bit_depth") or 8)
    elif format_name == "AVIF":
        stream.seek(0)
        start = stream.read(1 << 14)
        at = start.find(b"av1C")
        # AV1 codec configuration: seq_profile etc., then tier, high_bitdepth, twelve_bit, ...
        flags = start[at + 6] if 0 <= at < len(start) - 6 else 0
        bits = 8 if not flags & 0x40 else 12 if flags & 0x20 else 10
    if bits > 8:
        raise UnsupportedPictureError(f"{name} is a {bits}-bit {format_name}: convert it to 16-bit TIFF or PNG first.")


def _with_encoding(metadata: Metadata, image: Any, format_name: str) -> Metadata:
    if format_name != "JPEG":
        return metadata
    from PIL import JpegImagePlugin

    encoding = replace(
        metadata.encoding,
        jpeg_tables=tuple(tuple(table) for _, table in sorted(image.quantization.items())),
        jpeg_subsampling=max(JpegImagePlugin.get_sampling(image), 0),
        progressive=bool(image.info.get("progressive")),
    )
    return replace(metadata, encoding=encoding)


def page_of(image: Any, icc: bytes | None, orientation: int, name: str) -> Page:
    """One page of a Pillow image, upright, decoded now."""
    image.load()
    gray = image.mode in ("1", "L", "LA", "La", "I;16", "I;16L", "I;16B")
    space, profile = space_of(icc, gray=gray)
    if profile and profile.kind == "table":
        image = _to_srgb(image, icc or b"", profile.colors, name)
    elif image.mode == "CMYK":
        # without a profile nobody knows the inks; the plain formula is what viewers use
        space, _ = space_of(None, gray=False)
    pixels, alpha = planes_of(image, name)
    return Page(
        turn(pixels, orientation),
        None if alpha is None else turn(alpha, orientation),
        space,
    )


def page_from_values(
    pixels: NDArray[Any], alpha: NDArray[Any] | None, icc: bytes | None, orientation: int, name: str
) -> Page:
    """One page, upright, of decoded gray (H,W) or RGB (H,W,3) values."""
    space, profile = space_of(icc, gray=pixels.ndim == 2)
    if profile and profile.kind == "table":
        from PIL import Image

        if pixels.dtype != np.uint8:
            raise UnsupportedPictureError(
                f"{name} has {pixels.dtype} values under an ICC profile with a colour table: convert it to sRGB first."
            )
        page = page_of(Image.fromarray(np.ascontiguousarray(pixels)), icc, orientation, name)
        return replace(page, alpha=None if alpha is None else turn(alpha, orientation))
    return Page(turn(pixels, orientation), None if alpha is None else turn(alpha, orientation), space)


def _to_srgb(image: Any, icc: bytes, colors: str, name: str) -> Any:
    from io import BytesIO

    from PIL import ImageCms

    modes = {"GRAY": ("L",), "RGB": ("RGB", "RGBA"), "CMYK": ("CMYK",)}[colors]
    if image.mode == "P":
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    if image.mode not in modes:
        return image
    source, target = ImageCms.ImageCmsProfile(BytesIO(icc)), ImageCms.createProfile("sRGB")
    converted = ImageCms.profileToProfile(
        image,
        source,
        target,
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode="RGBA" if image.mode == "RGBA" else "RGB",
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    if converted is None:
        raise UnsupportedPictureError(f"{name} has an ICC profile that cannot be used: convert it to sRGB first.")
    return converted


def planes_of(image: Any, name: str) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """Pixels (H,W) or (H,W,3) and alpha (H,W) or None of a Pillow image of any mode."""
    transparency = image.info.get("transparency")
    mode = image.mode
    if mode in ("P", "PA"):
        alpha = mode == "PA" or transparency is not None or "A" in (image.palette.mode if image.palette else "")
        image = image.convert("RGBA" if alpha else "RGB")
    elif mode in ("1", "La", "RGBa"):
        image = image.convert({"1": "L", "La": "LA", "RGBa": "RGBA"}[mode])
    elif mode in ("CMYK", "YCbCr", "RGBX", "HSV", "LAB"):
        image = image.convert("RGB")
    if image.mode not in ("L", "LA", "RGB", "RGBA", "I;16", "I;16L", "I;16B", "F"):
        raise UnsupportedPictureError(f"{name} has pixels of kind {mode}: convert it to 8 or 16 bits a channel first.")
    pixels, alpha_plane = _copy_planes(image)
    if alpha_plane is None and transparency is not None and mode in ("1", "L", "RGB"):
        alpha_plane = key_alpha(pixels, transparency)
    return pixels, alpha_plane


def _copy_planes(image: Any) -> tuple[NDArray[Any], NDArray[Any] | None]:
    width, height = image.size
    bands = len(image.getbands())
    dtype = np.dtype({"F": np.float32}.get(image.mode, np.uint16 if image.mode.startswith("I;16") else np.uint8))
    colors = 3 if bands >= 3 else 1
    pixels = np.empty((height, width, 3) if colors == 3 else (height, width), dtype)
    alpha = np.empty((height, width), dtype) if bands in (2, 4) else None
    # in strips, because asking Pillow for the whole array takes its size twice over
    rows = max(1, _STRIP // max(width * bands, 1))
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        strip = np.asarray(image.crop((0, top, width, bottom)))
        if alpha is None:
            pixels[top:bottom] = strip
        else:
            pixels[top:bottom] = strip[..., :3] if colors == 3 else strip[..., 0]
            alpha[top:bottom] = strip[..., -1]
    return pixels, alpha


def key_alpha(pixels: NDArray[Any], key: Any) -> NDArray[Any]:
    """Alpha of a file that names one value as transparent."""
    same = np.all(pixels == np.asarray(key, pixels.dtype), axis=-1) if pixels.ndim == 3 else pixels == key
    return np.where(same, 0, np.iinfo(pixels.dtype).max).astype(pixels.dtype)
