"""GIF, still or animated."""

from dataclasses import replace
from io import BytesIO
from typing import Any, BinaryIO

import numpy as np

from photochrom.image_io.codecs.animation.gif_frames import join_gifs
from photochrom.image_io.codecs.base import Source
from photochrom.image_io.codecs.pillow import (
    animation_options,
    check_size,
    open_image,
    open_source,
    read_frames,
    to_pil_image,
    to_uint8,
)
from photochrom.image_io.metadata.containers import insert_gif_xmp
from photochrom.image_io.types import Page, Picture

__all__ = ["read", "write"]


def read(source: Source) -> Picture:
    """Reads all frames; where one lies outside of the screen, as other readers show it, the screen grows for all."""
    picture = read_frames(source, open_source(source, "GIF"), "GIF")
    height, width = (max(sizes) for sizes in zip(*((page.height, page.width) for page in picture.pages), strict=True))
    check_size(source.name, width, height, len(picture.pages), source.max_pixels)
    return replace(picture, pages=tuple(_grow(page, height, width) for page in picture.pages))


def _grow(page: Page, height: int, width: int) -> Page:
    """Returns a page with nothing added to the right and below, up to a size."""
    if (page.height, page.width) == (height, width):
        return page
    edges = ((0, height - page.height), (0, width - page.width))
    alpha = np.full((page.height, page.width), 255, np.uint8) if page.alpha is None else page.alpha
    pixels = np.pad(page.pixels, edges if page.pixels.ndim == 2 else (*edges, (0, 0)))
    return replace(page, pixels=pixels, alpha=np.pad(alpha, edges))


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
    animation = animation_options(picture, others)
    gif = _pack(first, options | animation)
    if others and not _holds(gif, picture, transparent="transparency" in options):
        # made anew: Pillow writes into the palettes of what it saves
        stills = (
            _pack(_to_palette_image(page), options | {"duration": duration})
            for page, duration in zip(picture.pages, animation["duration"], strict=True)
        )
        gif = join_gifs(list(stills))
    stream.write(insert_gif_xmp(gif, metadata.xmp) if metadata.xmp else gif)


def _pack(image: Any, options: dict[str, Any]) -> bytes:
    packed = BytesIO()
    image.save(packed, "GIF", **options)
    return packed.getvalue()


def _holds(gif: bytes, picture: Picture, *, transparent: bool) -> bool:
    """Tells whether a file shows every frame; Pillow drops equal ones, and edges of transparent ones at times."""
    image = open_image(BytesIO(gif), "GIF")
    if image.n_frames != len(picture.pages):
        return False
    if not transparent:
        return True
    for number, page in enumerate(picture.pages):
        image.seek(number)
        seen, meant = (np.asarray(frame.convert("RGBA")) for frame in (image, _to_palette_image(page)))
        visible = meant[..., 3:] > 0
        if not np.array_equal(seen[..., 3:] > 0, visible) or np.any((seen != meant) & visible):
            return False
    return True


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
