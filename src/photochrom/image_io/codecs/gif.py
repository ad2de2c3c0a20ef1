"""GIF, still or animated."""

from io import BytesIO
from typing import Any, BinaryIO

import numpy as np

from photochrom.image_io.codecs.base import Source
from photochrom.image_io.codecs.pillow import animation_options, open_source, read_frames, to_pil_image, to_uint8
from photochrom.image_io.metadata.containers import insert_gif_xmp
from photochrom.image_io.types import Page, Picture

__all__ = ["read", "write"]


def read(source: Source) -> Picture:
    """Reads all frames."""
    return read_frames(source, open_source(source, "GIF"), "GIF")


def write(picture: Picture, stream: BinaryIO) -> None:
    """Writes all frames, with 256 colours each."""
    metadata = picture.metadata
    first, *others = (_to_palette_image(page) for page in picture.pages)
    options: dict[str, Any] = {"optimize": False}
    if metadata.comment:
        options["comment"] = metadata.comment
    if any(page.alpha is not None for page in picture.pages):
        options |= {"transparency": 255, "disposal": 2}
    if others and metadata.encoding.loop is not None:
        options["loop"] = metadata.encoding.loop
    packed = BytesIO()
    first.save(packed, "GIF", **options, **animation_options(picture, others))
    gif = packed.getvalue()
    stream.write(insert_gif_xmp(gif, metadata.xmp) if metadata.xmp else gif)


def _to_palette_image(page: Page) -> Any:
    from PIL import Image

    colors = to_pil_image(Page(page.pixels)).convert("RGB")
    if page.alpha is None:
        return colors.quantize(256, Image.Quantize.MEDIANCUT)
    image = colors.quantize(255, Image.Quantize.MEDIANCUT)
    hidden = Image.fromarray(np.where(to_uint8(page.alpha) < 128, 255, 0).astype(np.uint8))
    image.paste(255, mask=hidden)
    image.info["transparency"] = 255
    return image
