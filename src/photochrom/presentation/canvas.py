"""Pages joined, framed and written on, with their alpha; and what a picture of another size carries along."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photochrom.image_io import Page, Picture
from photochrom.image_io.metadata.exif import make_block_upright
from photochrom.image_io.metadata.xmp import remove_placement
from photochrom.recolor import recolor

__all__ = ["as_colored", "blend", "join_pages", "pad_page", "resize_metadata", "top_of"]


def top_of(dtype: np.dtype[Any]) -> float:
    """Returns the value of white: 255, 65535 or, of floats, 1."""
    return float(np.iinfo(dtype).max) if dtype.kind == "u" else 1.0


def as_colored(original: Page, result: Page) -> Page:
    """Returns an original as its result is encoded: (H,W,3), in the result's space, with its own colours or none."""
    pixels = recolor(original, np.zeros((2, 2, 2), np.float32), strength=0.0)
    return replace(result, pixels=np.ascontiguousarray(pixels), alpha=original.alpha, extras=None)


def blend(values: NDArray[Any], cover: NDArray[np.float32], target: float) -> NDArray[Any]:
    """Returns values (h,w) or (h,w,3), moved to ``target`` as far as ``cover`` (h,w), 0..1, says."""
    weights = cover if values.ndim == 2 else cover[..., None]
    mixed = values.astype(np.float32) * (1 - weights) + np.float32(target) * weights
    return (mixed + 0.5).astype(values.dtype) if values.dtype.kind == "u" else mixed.astype(values.dtype)


def pad_page(page: Page, *, above: int = 0, below: int = 0, left: int = 0, right: int = 0) -> Page:
    """Returns a page with white, opaque margins; of a TIFF's further samples they are 0."""
    white = top_of(page.pixels.dtype)

    def pad(values: NDArray[Any], fill: float) -> NDArray[Any]:
        sides = ((above, below), (left, right), *(((0, 0),) if values.ndim == 3 else ()))
        return np.pad(values, sides, constant_values=np.asarray(fill, values.dtype)[()])

    return replace(
        page,
        pixels=pad(page.pixels, white),
        alpha=None if page.alpha is None else pad(page.alpha, white),
        extras=None if page.extras is None else pad(page.extras, 0),
    )


def join_pages(pages: Sequence[Page], axis: int) -> Page:
    """Returns pages of one dtype in one: 0 for one above the other, 1 for side by side. Their extras stay behind."""
    alpha = None
    if any(page.alpha is not None for page in pages):
        alpha = np.concatenate([_alpha_of(page) for page in pages], axis)
    pixels = np.concatenate([page.pixels for page in pages], axis)
    return replace(pages[0], pixels=pixels, alpha=alpha, extras=None)


def resize_metadata(picture: Picture, change: Callable[[Page], Page]) -> Picture:
    """Returns a picture with its pages changed; metadata that names the size of the first names the new one."""
    pages = tuple(change(page) for page in picture.pages)
    metadata = picture.metadata
    if pages[0].pixels.shape != picture.pages[0].pixels.shape:
        size = {"width": pages[0].width, "height": pages[0].height}
        metadata = replace(
            metadata,
            exif=make_block_upright(metadata.exif, **size) if metadata.exif else None,
            xmp=remove_placement(metadata.xmp) if metadata.xmp else None,
        )
    return replace(picture, pages=pages, metadata=metadata)


def _alpha_of(page: Page) -> NDArray[Any]:
    if page.alpha is not None:
        return page.alpha
    return np.full(page.pixels.shape[:2], top_of(page.pixels.dtype), page.pixels.dtype)
