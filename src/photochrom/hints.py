"""Hints: colours a person (or a palette, a reference, a last frame) gives at places of the picture.

Everything that steers the network arrives as the same thing: a*b* values and a mask on the network's output grid.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photochrom.color.hex import ab_of, is_color
from photochrom.errors import OptionError

__all__ = ["Hint", "breadth", "load_entries", "load_hints", "parse_hint", "plane"]

#: more hints than the coarse grid has cells help nobody and only cost memory
MAX_HINTS = 100_000
#: two hints say the same of the light that are nearer each other than about this, in short sides
APART = 0.15
#: hints that say something of their own after the first and a half, of which half the picture's colours are concluded:
#: two clicks are still wishes for their places, three are believed by half, ten nearly wholly
FEW = 1.5
#: cells that are looked at for that, at most
SAMPLE = 400


@dataclass(frozen=True)
class Hint:
    """A colour at a place.

    Args:
        x: pixels from the left edge of the upright picture, fractions allowed.
        y: pixels from its top edge.
        color: ``"#rrggbb"`` or ``"#rgb"``, sRGB. Its lightness is ignored: the picture keeps its own.
        radius: pixels around the point that have this colour; 0 for the point alone.

    Raises:
        OptionError: a value is out of range or the colour is not in that form.

    >>> Hint(x=310, y=200, color="#8a5a3c").ab
    (16.3..., 25.3...)
    """

    x: float
    y: float
    color: str
    radius: float = 0.0

    def __post_init__(self) -> None:
        for name in ("x", "y", "radius"):
            value = getattr(self, name)
            # a number of numpy is a number too
            number = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
            if not number or not 0 <= value < float("inf"):
                raise OptionError(f"a hint's {name} is {value!r}: give a number of pixels, 0 or more")
        if not is_color(self.color):
            raise OptionError(f"a hint's color is {self.color!r}: write it as '#rrggbb', for instance '#8a5a3c'")

    @property
    def ab(self) -> tuple[float, float]:
        """The hint's a* and b*, Lab units."""
        return ab_of(self.color)


def load_hints(source: str | Path) -> list[Hint]:
    """Read hints from a JSON file: a list of objects with x, y, color and, if wanted, radius.

    Raises:
        OptionError: the file is missing, not JSON, or an entry is not a hint.
    """
    path = Path(source)
    remedy = 'write a list like [{"x": 310, "y": 200, "color": "#8a5a3c", "radius": 8}]'
    entries = load_entries(path, remedy)
    return [parse_hint(entry, f"entry {number} of {path}", remedy) for number, entry in enumerate(entries, 1)]


def load_entries(path: Path, remedy: str) -> list[Any]:
    """The entries of a JSON list; ``remedy`` is how an error ends. Raises OptionError."""
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise OptionError(f"cannot read the hints in {path} ({error.strerror}): check the path") from error
    except (ValueError, RecursionError) as error:
        raise OptionError(f"{path} is not JSON ({error}): {remedy}") from error
    if not isinstance(entries, list):
        raise OptionError(f"{path} holds no list: {remedy}")
    if len(entries) > MAX_HINTS:
        raise OptionError(f"{path} holds {len(entries)} hints: give {MAX_HINTS} at most")
    return entries


def parse_hint(entry: Any, where: str, remedy: str) -> Hint:
    """The hint an entry of JSON stands for; ``where`` names it in errors, ``remedy`` ends them. Raises OptionError."""
    known = {"x", "y", "color", "radius"}
    if not isinstance(entry, Mapping) or not {"x", "y", "color"} <= set(entry) <= known:
        raise OptionError(f"{where} is not a hint: {remedy}")
    try:
        return Hint(**entry)
    except OptionError as error:
        raise OptionError(f"in {where}, {error}") from None


def plane(
    hints: Sequence[Hint], *, picture: tuple[int, int], content: tuple[int, int], padded: tuple[int, int]
) -> NDArray[np.float32]:
    """Draw hints on the network's output grid; where two meet, the later one wins.

    Args:
        hints: places in pixels of the upright picture.
        picture: its height and width in pixels.
        content: height and width, in cells, of the part of the grid that the picture covers.
        padded: height and width of the whole grid.

    Returns:
        (3, *padded) float32: a*, b* in Lab units, and the mask, 1 where a hint is. A hint fills the cell it falls in
        and every cell whose centre lies within its radius.

    Raises:
        OptionError: a hint lies outside the picture, or is none.
    """
    if not isinstance(hints, Sequence) or not all(isinstance(hint, Hint) for hint in hints):
        raise OptionError("hints are no list of hints: give a list of photochrom.Hint")
    out = np.zeros((3, *padded), np.float32)
    height, width = picture
    scale_y, scale_x = content[0] / height, content[1] / width
    rows, columns = (np.arange(size) + 0.5 for size in content)
    for hint in hints:
        if hint.x > width or hint.y > height:
            raise OptionError(
                f"a hint at ({hint.x:g}, {hint.y:g}) lies outside the picture: x goes to {width}, y to {height}"
            )
        y, x = hint.y * scale_y, hint.x * scale_x
        top, left = min(int(y), content[0] - 1), min(int(x), content[1] - 1)
        value = np.array([*hint.ab, 1.0], np.float32)
        out[:, top, left] = value
        if hint.radius:
            reach = ((rows[:, None] - y) / scale_y) ** 2 + ((columns[None, :] - x) / scale_x) ** 2
            out[:, : content[0], : content[1]][:, reach <= hint.radius**2] = value[:, None]
    return out


def breadth(mask: NDArray[np.bool_]) -> float:
    """How far hints speak for the whole picture: 0 for one, which is a wish for its place, near 1 for many all over.

    Counted by their effective sample size: cells next to each other, as those of one large hint, count as one.

    Args:
        mask: (h,w), where there are hints.

    >>> breadth(np.zeros((64, 64), bool))
    0.0
    """
    rows, columns = np.nonzero(mask)
    if not len(rows):
        return 0.0
    some = np.linspace(0, len(rows) - 1, min(len(rows), SAMPLE)).round().astype(int)
    places = np.stack([rows, columns])[:, some] / (APART * min(mask.shape))
    far = np.sqrt(3.0 * np.square(places[:, :, None] - places[:, None]).sum(0))
    alone = len(some) ** 2 / ((1.0 + far) * np.exp(-far)).sum()
    more = max(0.0, float(alone) - 1.5) ** 2
    return more / (more + FEW**2)
