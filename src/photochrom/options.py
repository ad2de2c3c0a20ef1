"""How a picture is coloured: the options of every door, checked in one place."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from photochrom.color.hex import check_palette
from photochrom.errors import OptionError
from photochrom.image_io import MAX_PIXELS

__all__ = ["NUMBER", "WHOLE", "Options"]

#: of Python or of numpy
WHOLE = (int, np.integer)
NUMBER = (*WHOLE, float, np.floating)


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a picture is coloured.

    Args:
        vividness: 0 for the mean of what the network thinks possible, 1 for the default, 2 for bold.
        strength: 0 for the picture's own colours, 1 for the network's, up to 1.5 for more.
        size: short side the network sees, pixels; None for the network's own.
        palette: up to 16 colours ``"#rrggbb"`` that the picture is pulled towards; none to leave it alone.
        restore_contrast: stretch the lightness of a faded picture; see :mod:`photochrom.recolor.auto_contrast`.
        max_pixels: refuse pictures with more pixels than this.

    Raises:
        OptionError: a value is out of range.
    """

    vividness: float = 1.0
    strength: float = 1.0
    size: int | None = None
    palette: tuple[str, ...] = ()
    restore_contrast: bool = False
    max_pixels: int = MAX_PIXELS

    def __post_init__(self) -> None:
        for name, high in (("vividness", 2.0), ("strength", 1.5)):
            value = getattr(self, name)
            if not isinstance(value, NUMBER) or not 0.0 <= value <= high:
                raise OptionError(f"{name} is {value!r}: give a number from 0 to {high:g}")
        size, most = (getattr(self, name) for name in ("size", "max_pixels"))
        if size is not None and not (isinstance(size, WHOLE) and 32 <= size <= 2048):
            raise OptionError(f"size is {size!r}: give a whole number of pixels from 32 to 2048")
        object.__setattr__(self, "palette", check_palette(self.palette))
        if not isinstance(self.restore_contrast, bool):
            raise OptionError(f"restore_contrast is {self.restore_contrast!r}: give True or False")
        if not isinstance(most, NUMBER) or not most >= 1:
            raise OptionError(f"max_pixels is {most!r}: give a number of pixels, 1 or more")

    def keywords(self) -> dict[str, Any]:
        """These as the keywords of a call of :class:`photochrom.Colorizer`."""
        return {field.name: getattr(self, field.name) for field in fields(self)}
