"""Photos that say which RGB theirs is, brought to sRGB: those of most telephones are in another."""

from functools import lru_cache
from io import BytesIO
from typing import Any

from PIL import Image, ImageCms

__all__ = ["to_srgb"]

MODES = ("RGB", "CMYK")


def to_srgb(image: Image.Image) -> Image.Image:
    """Converts to 8-bit sRGB.

    A profile that is damaged, or of another kind than the picture, says nothing and is left aside, as browsers do.
    What is transparent is laid on white.
    """
    profile = image.info.get("icc_profile")
    if profile and image.mode in MODES and (transform := _transform(profile, image.mode)) is not None:
        return ImageCms.applyTransform(image, transform) or image
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        opaque = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", opaque.size, "white"), opaque)
    return image.convert("RGB")


@lru_cache(maxsize=64)
def _transform(profile: bytes, mode: str) -> Any:
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        if mode == "RGB" and "srgb" in ImageCms.getProfileDescription(source).lower():
            return None
        return ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB")
    except (ImageCms.PyCMSError, OSError):
        return None
