"""Images as a participant sees them: 8-bit sRGB, upright, and nothing else; and absurdly coloured ones for checks."""

from pathlib import Path

import numpy as np
from PIL import Image

from photochrom.color.conversion import fit_gamut, lab_to_linear, lab_to_srgb, srgb_to_lab
from photochrom.errors import UnsupportedPictureError
from photochrom.image_io import read_picture
from photochrom.image_io.icc.color_space import SRGB
from photochrom.recolor import resize

__all__ = ["read_shown", "recolor_absurdly"]

#: chroma of the absurd colours, and cells of them along each side
ABSURD_CHROMA, ABSURD_CELLS = 60.0, 3


def read_shown(path: Path) -> Image.Image:
    """Reads the first page of an image as 8-bit sRGB, whatever its profile.

    Raises:
        UnreadablePictureError: it cannot be read.
        UnsupportedPictureError: it is transparent: what is behind it would be ours to choose.
    """
    page = read_picture(path).pages[0]
    if page.alpha is not None and page.alpha.min() < page.alpha.max():
        raise UnsupportedPictureError("study.transparent", path=path)
    if page.pixels.ndim == 3:
        linear = page.space.decode(page.pixels)
    else:
        lightness = page.space.lightness(page.pixels)
        linear = lab_to_linear(np.stack([lightness, np.zeros_like(lightness), np.zeros_like(lightness)]))
    return Image.fromarray(SRGB.encode(np.clip(linear, 0, 1).astype(np.float32), np.uint8))


def recolor_absurdly(image: Image.Image) -> Image.Image:
    """Returns the image with the same lightness under large patches of strong colours that have nothing to do with it.

    The colours go once round the hue circle, always the same way: a check must be equally plain for everybody.
    """
    lab = srgb_to_lab(np.moveaxis(np.asarray(image.convert("RGB")) / 255.0, -1, 0))
    turns = np.arange(ABSURD_CELLS**2) * 2.4  # radians: neighbours far apart
    cells = ABSURD_CHROMA * np.stack([np.cos(turns), np.sin(turns)]).reshape(2, ABSURD_CELLS, ABSURD_CELLS)
    lab[1:] = [resize(plane.astype(np.float32), image.size) for plane in cells]
    painted = np.clip(np.rint(lab_to_srgb(fit_gamut(lab)) * 255), 0, 255).astype(np.uint8)
    return Image.fromarray(np.ascontiguousarray(np.moveaxis(painted, 0, -1)))
