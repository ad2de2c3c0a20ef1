"""Words as coverage masks, in Pillow's own font or another."""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photochrom.errors import OptionError

__all__ = ["check_letters", "draw_plate", "draw_words"]

#: a plate is drawn this much larger, for smooth corners
_FINER = 4
#: letters of this size, pixels, are compared with the one that stands for letters a font lacks
_LOOKED_AT = 24
#: a character that no font may have
_NONE = "\U0010ffff"


def check_letters(text: str, font: str | None) -> None:
    """Refuses words that a font cannot write.

    Args:
        text: the words.
        font: a font file; None for Pillow's own.

    Raises:
        OptionError: the font cannot be read, or lacks a letter.
    """
    face = _open_font(font, _LOOKED_AT)
    missing = _shape(face, _NONE)
    lacking = sorted({letter for letter in text if not letter.isspace() and _shape(face, letter) == missing})
    if lacking:
        raise OptionError("option.font_lacks", letters=" ".join(lacking))


def draw_words(text: str, height: int, *, font: str | None = None, width: int | None = None) -> NDArray[np.float32]:
    """Draws one line of words.

    Args:
        text: the words.
        height: of the letters, pixels.
        font: a font file; None for Pillow's own.
        width: what the line may take, pixels; letters are made smaller to fit.

    Returns:
        (h,w) float32, 0..1: how much of each pixel ink covers. All lines of one height have the same h, unless their
        letters had to be made smaller.

    Raises:
        OptionError: the font cannot be read.
    """
    from PIL import Image, ImageDraw

    face = _open_font(font, height)
    long = face.getlength(text)
    if width is not None and long > width:
        face = _open_font(font, max(1, int(height * width / long)))
        long = face.getlength(text)
    ascent, descent = face.getmetrics()
    image = Image.new("L", (max(1, int(np.ceil(long))), max(1, ascent + descent)))
    ImageDraw.Draw(image).text((0, 0), text, fill=255, font=face)
    return _cover(image)


def draw_plate(height: int, width: int, radius: int) -> NDArray[np.float32]:
    """Draws a filled rectangle with round corners, (height,width) float32, 0..1."""
    from PIL import Image, ImageDraw

    image = Image.new("L", (width * _FINER, height * _FINER))
    box = (0, 0, image.width - 1, image.height - 1)
    ImageDraw.Draw(image).rounded_rectangle(box, radius * _FINER, fill=255)
    return _cover(image.reduce(_FINER))


def _cover(image: Any) -> NDArray[np.float32]:
    cover: NDArray[np.float32] = np.asarray(image, np.float32) / np.float32(255)
    return cover


@lru_cache(maxsize=16)
def _open_font(font: str | None, size: int) -> Any:
    from PIL import ImageFont

    if font is None:
        return ImageFont.load_default(size)
    try:
        return ImageFont.truetype(font, size)
    except OSError as error:
        raise OptionError("option.font_unreadable", path=font, reason=error.strerror or str(error)) from error


def _shape(face: Any, letter: str) -> tuple[Any, bytes]:
    mask = face.getmask(letter)
    return mask.size, bytes(mask)
