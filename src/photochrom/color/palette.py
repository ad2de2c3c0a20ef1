"""Palettes as people write them. Opens no library, for the command line reads it for its help."""

import re
from collections.abc import Sequence

from photochrom.errors import OptionError

__all__ = ["MAX_PALETTE", "check_palette", "is_hex_color", "split_palette"]

#: colours in one palette at most
MAX_PALETTE = 16


def is_hex_color(text: object) -> bool:
    """Tells whether this is ``"#rrggbb"`` or ``"#rgb"``."""
    return isinstance(text, str) and re.fullmatch(r"#([0-9a-fA-F]{3}){1,2}", text) is not None


def split_palette(text: str) -> tuple[str, ...]:
    """Returns the colours of ``"#aabbcc, #ddeeff"``, not yet checked."""
    return tuple(part.strip() for part in text.split(","))


def check_palette(palette: Sequence[str]) -> tuple[str, ...]:
    """Checks a palette, and returns it as a tuple.

    Raises:
        OptionError: it is not a list of at most 16 colours.
    """
    if isinstance(palette, str) or not isinstance(palette, Sequence):
        raise OptionError("color.palette_type", palette=repr(palette))
    if len(palette) > MAX_PALETTE:
        raise OptionError("color.palette_too_long", count=len(palette), limit=MAX_PALETTE)
    for color in palette:
        if not is_hex_color(color):
            raise OptionError("color.invalid", color=color)
    return tuple(palette)
