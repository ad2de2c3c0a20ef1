"""Makes pages of decoded pixels: upright, alpha apart, and sRGB where a profile has a colour table."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photochrom.errors import UnsupportedPictureError
from photochrom.image_io.icc.color_space import SRGB, ColorSpace, find_color_space
from photochrom.image_io.icc.lut import Table
from photochrom.image_io.icc.pcs import lab_to_linear
from photochrom.image_io.icc.profile import srgb_profile
from photochrom.image_io.metadata.exif import turn_upright
from photochrom.image_io.types import Page

__all__ = ["alpha_from_key", "page_from_image", "page_from_lab", "page_from_values", "split_planes"]

#: bytes copied and pixels converted at a time: what arises on the way stays in the processor's cache
_BYTES, _PIXELS = 1 << 19, 1 << 18


def page_from_image(image: Any, icc: bytes | None, orientation: int, name: str) -> Page:
    """Returns one page of a Pillow image, upright, decoded now."""
    image.load()
    gray = image.mode in ("1", "L", "LA", "La", "I;16", "I;16L", "I;16B")
    space, profile = find_color_space(icc, gray=gray)
    if profile and profile.table and image.mode in ("I;16", "I;16L", "I;16B", "F"):
        return page_from_values(*split_planes(image, name), icc, orientation, name)
    if profile and profile.table:
        image = _to_srgb(image, icc or b"", profile.colors, name)
    elif image.mode == "CMYK":
        # without a profile nobody knows the inks; the plain formula is what viewers use
        space, _ = find_color_space(None, gray=False)
    pixels, alpha = split_planes(image, name)
    return Page(
        turn_upright(pixels, orientation),
        None if alpha is None else turn_upright(alpha, orientation),
        space,
    )


def page_from_values(
    pixels: NDArray[Any], alpha: NDArray[Any] | None, icc: bytes | None, orientation: int, name: str
) -> Page:
    """Returns one page, upright, of decoded gray (H,W), RGB (H,W,3) or CMYK (H,W,4) values.

    8-bit CMYK is for :func:`page_from_image`.

    CMYK and what stands under a profile with a colour table becomes sRGB.
    """
    gray, inks = pixels.ndim == 2, pixels.ndim == 3 and pixels.shape[2] == 4
    space, profile = find_color_space(icc, gray=gray)
    colors = "GRAY" if gray else "CMYK" if inks else "RGB"
    if profile and profile.table and profile.colors == colors:
        if pixels.dtype == np.uint8:
            from PIL import Image

            page = page_from_image(Image.fromarray(np.ascontiguousarray(pixels)), icc, orientation, name)
            return replace(page, alpha=None if alpha is None else turn_upright(alpha, orientation))
        pixels = _apply_table(pixels.reshape(*pixels.shape[:2], -1), profile.table)
    elif inks:
        # nobody knows the inks; the plain formula is what viewers use
        space, _ = find_color_space(None, gray=False)
        pixels = _cmyk_to_rgb(pixels)
    return Page(turn_upright(pixels, orientation), None if alpha is None else turn_upright(alpha, orientation), space)


def page_from_lab(pixels: NDArray[Any], alpha: NDArray[Any] | None, orientation: int, *, signed: bool) -> Page:
    """Returns one page, upright, of CIELAB values under D50, (H,W) L* or (H,W,3), uint8 or uint16; it becomes sRGB.

    ``signed``: as TIFF's photometric interpretation 8 has them, which 16-bit files follow as Adobe's notes of 2002 say;
    otherwise offset, as in ICC profiles of version 2 (interpretation 9).
    """
    deep = pixels.dtype == np.uint16
    unit = np.float32(256 if deep else 1)
    white = np.float32((65535 if signed else 65280) if deep else 255)
    planes = pixels.reshape(*pixels.shape[:2], -1)
    out = np.empty((*planes.shape[:2], 3), pixels.dtype)
    rows = max(1, _PIXELS // planes.shape[1])
    for top in range(0, len(planes), rows):
        part = planes[top : top + rows]
        lightness = np.minimum(part[..., 0] / white, 1) * 100
        a, b = np.zeros((2, *lightness.shape), np.float32)
        if planes.shape[2] == 3:
            chroma: NDArray[Any] = part[..., 1:].view(np.int16 if deep else np.int8) if signed else part[..., 1:]
            chroma = chroma / unit - (0 if signed else 128)
            a, b = chroma[..., 0], chroma[..., 1]
        out[top : top + rows] = SRGB.encode(lab_to_linear(lightness, a, b), pixels.dtype)
    space = ColorSpace(output_icc=srgb_profile())
    colors = out if pixels.ndim == 3 else out[..., 1]
    return Page(turn_upright(colors, orientation), None if alpha is None else turn_upright(alpha, orientation), space)


def _apply_table(pixels: NDArray[Any], table: Table) -> NDArray[Any]:
    out = np.empty((*pixels.shape[:2], 3), pixels.dtype)
    rows = max(1, _PIXELS // pixels.shape[1])
    for top in range(0, len(pixels), rows):
        out[top : top + rows] = SRGB.encode(table.linear(pixels[top : top + rows]), pixels.dtype)
    return out


def _cmyk_to_rgb(inks: NDArray[Any]) -> NDArray[Any]:
    whole = inks.dtype.kind == "u"
    top = np.float32(np.iinfo(inks.dtype).max if whole else 1)
    light = (1 - inks[..., :3] / top) * (1 - inks[..., 3:4] / top) * top
    return (light + (0.5 if whole else 0)).astype(inks.dtype)


def _to_srgb(image: Any, icc: bytes, colors: str, name: str) -> Any:
    from io import BytesIO

    from PIL import ImageCms

    modes = {"GRAY": ("L",), "RGB": ("RGB", "RGBA"), "CMYK": ("CMYK",)}[colors]
    if image.mode == "P":
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    if image.mode not in modes:
        return image
    try:
        converted = ImageCms.profileToProfile(
            image,
            ImageCms.ImageCmsProfile(BytesIO(icc)),
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGBA" if image.mode == "RGBA" else "RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (OSError, ImageCms.PyCMSError):
        converted = None
    if converted is None:
        raise UnsupportedPictureError("icc.unusable", name=name)
    return converted


def split_planes(image: Any, name: str) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """Returns pixels (H,W) or (H,W,3) and alpha (H,W) or None of a Pillow image of any mode."""
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
        raise UnsupportedPictureError("photo.pixel_type_unsupported", name=name, mode=mode)
    pixels, alpha_plane = _copy_planes(image)
    if alpha_plane is None and transparency is not None and mode in ("1", "L", "RGB"):
        alpha_plane = alpha_from_key(pixels, transparency)
    return pixels, alpha_plane


def _copy_planes(image: Any) -> tuple[NDArray[Any], NDArray[Any] | None]:
    width, height = image.size
    bands = len(image.getbands())
    dtype = np.dtype({"F": np.float32}.get(image.mode, np.uint16 if image.mode.startswith("I;16") else np.uint8))
    colors = 3 if bands >= 3 else 1
    pixels = np.empty((height, width, 3) if colors == 3 else (height, width), dtype)
    alpha = np.empty((height, width), dtype) if bands in (2, 4) else None
    if image.mode == "L":
        # Pillow copies rows into an image whose memory is the array's
        from PIL import Image

        shared = Image.frombuffer("L", image.size, pixels, "raw", "L", 0, 1)
        shared.readonly = 0
        if not shared.readonly:
            shared.paste(image)
            return pixels, None
    # asking Pillow for the whole array takes its size twice over
    rows = max(1, _BYTES // max(width * bands, 1))
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        strip = np.asarray(image.crop((0, top, width, bottom)))
        if alpha is None:
            pixels[top:bottom] = strip
        else:
            pixels[top:bottom] = strip[..., :3] if colors == 3 else strip[..., 0]
            alpha[top:bottom] = strip[..., -1]
    return pixels, alpha


def alpha_from_key(pixels: NDArray[Any], key: Any) -> NDArray[Any]:
    """Returns alpha of a file that names one value as transparent."""
    same = np.all(pixels == np.asarray(key, pixels.dtype), axis=-1) if pixels.ndim == 3 else pixels == key
    return np.where(same, 0, np.iinfo(pixels.dtype).max).astype(pixels.dtype)
