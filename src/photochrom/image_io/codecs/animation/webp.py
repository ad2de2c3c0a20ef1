"""WebP, still or animated."""

from dataclasses import replace
from io import BytesIO
from typing import Any, BinaryIO

import numpy as np

from photochrom.errors import UnsupportedPictureError
from photochrom.image_io.codecs.animation.webp_frames import join_webps
from photochrom.image_io.codecs.base import Source
from photochrom.image_io.codecs.pillow import (
    animation_options,
    find_repeated,
    metadata_options,
    open_source,
    read_frames,
    to_pil_image,
)
from photochrom.image_io.formats import load_plugin
from photochrom.image_io.types import Picture

__all__ = ["read", "write"]

_MAX_SIDE = 16383


def read(source: Source) -> Picture:
    """Reads all frames."""
    picture = read_frames(source, open_source(source, "WEBP"), "WEBP")
    if len(picture.pages) > 1 and all(np.all(page.alpha == 255) for page in picture.pages):
        # the animation decoder gives every frame an alpha channel
        return replace(picture, pages=tuple(replace(page, alpha=None) for page in picture.pages))
    return picture


def write(picture: Picture, stream: BinaryIO) -> None:
    """Writes all frames, without loss where the source was a WebP without loss."""
    encoding, options = picture.metadata.encoding, metadata_options(picture)
    if max(picture.pages[0].width, picture.pages[0].height) > _MAX_SIDE:
        raise UnsupportedPictureError("photo.side_too_long", format="WebP", limit=_MAX_SIDE)
    load_plugin("WEBP")
    # exact: colours under full transparency stay too
    lossless = encoding.webp_lossless and encoding.quality is None
    options |= {"exact": True} | ({"lossless": True} if lossless else {"quality": encoding.quality or 92})
    first, *others = (to_pil_image(page) for page in picture.pages)
    if others:
        options["loop"] = encoding.loop or 0
        if any(find_repeated([first, *others])):
            stream.write(_join(picture, [first, *others], options))
            return
    first.save(stream, "WEBP", **options, **animation_options(picture, others))


def _join(picture: Picture, images: list[Any], options: dict[str, Any]) -> bytes:
    coding = {key: options[key] for key in ("exact", "lossless", "quality") if key in options}
    stills = []
    for image in images:
        packed = BytesIO()
        image.save(packed, "WEBP", **coding)
        stills.append(packed.getvalue())
    return join_webps(
        stills,
        animation_options(picture, images)["duration"],
        size=images[0].size,
        loop=options["loop"],
        icc=options.get("icc_profile", b""),
        exif=options["exif"],
        xmp=options["xmp"],
    )
