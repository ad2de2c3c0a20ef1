"""Hints: colours a person (or a palette, a reference, a last frame) gives at places of the picture.

Everything that steers the network arrives as the same thing: a*b* values and a mask on the network's output grid.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from photochrom.color.hex import hex_to_ab, is_hex_color
from photochrom.errors import OptionError

__all__ = ["Hint", "Placed", "draw_plane", "hint_coverage", "load_entries", "load_hints", "parse_hint"]

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

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

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
                raise OptionError("option.hint_number", name=name, value=repr(value))
        if not is_hex_color(self.color):
            raise OptionError("option.hint_color", value=repr(self.color))

    @property
    def ab(self) -> tuple[float, float]:
        """The hint's a* and b*, Lab units."""
        return hex_to_ab(self.color)


#: how a list of hints is written
EXAMPLE = 'Write a list like [{"x": 310, "y": 200, "color": "#8a5a3c", "radius": 8}].'


def load_hints(source: str | Path) -> list[Hint]:
    """Reads hints from a JSON file: a list of objects with x, y, color and, if wanted, radius.

    Raises:
        OptionError: the file is missing, not JSON, or an entry is not a hint.
    """
    path = Path(source)
    entries = load_entries(path, EXAMPLE)
    return [parse_hint(entry, f"Entry {number} of '{path}'", EXAMPLE) for number, entry in enumerate(entries, 1)]


def load_entries(path: Path, example: str) -> list[Any]:
    """Returns the entries of a JSON list; ``example`` is a sentence that shows how they are written.

    Raises:
        OptionError: the file is missing, not JSON or not a list, or holds too many.
    """
    try:
        # a byte order mark is not part of the text
        entries = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise OptionError("option.hints_unreadable", path=path, reason=error.strerror) from error
    except (ValueError, RecursionError) as error:
        raise OptionError("option.hints_not_json", path=path, reason=str(error), example=example) from error
    if not isinstance(entries, list):
        raise OptionError("option.hints_not_a_list", path=path, example=example)
    if len(entries) > MAX_HINTS:
        raise OptionError("option.too_many_hints", path=path, count=len(entries), limit=MAX_HINTS)
    return entries


def parse_hint(entry: Any, place: str, example: str) -> Hint:
    """Returns the hint that an entry of JSON stands for.

    Args:
        entry: what the JSON holds.
        place: names it in errors, as the start of a sentence.
        example: a sentence that shows how hints are written.

    Raises:
        OptionError: it is not a hint.
    """
    known = {"x", "y", "color", "radius"}
    if not isinstance(entry, Mapping) or not {"x", "y", "color"} <= set(entry) <= known:
        raise OptionError("option.not_a_hint", place=place, example=example)
    try:
        return Hint(**entry)
    except OptionError as error:
        raise OptionError("option.hint_entry", place=place, problem=str(error)) from None


class Placed(Protocol):
    """A colour at a place, in any units."""

    @property
    def x(self) -> float:
        """From the left edge."""

    @property
    def y(self) -> float:
        """From the top edge."""

    @property
    def ab(self) -> tuple[float, float]:
        """a* and b*, Lab units."""

    @property
    def radius(self) -> float:
        """Of the spot; 0 for the point alone."""


def draw_plane(
    hints: Sequence[Placed], *, extent: tuple[float, float], content: tuple[int, int], padded: tuple[int, int]
) -> NDArray[np.float32]:
    """Draws hints on a network's output grid; where two meet, the later one wins.

    Args:
        hints: colours at places.
        extent: height and width of the image, in the units of the places.
        content: height and width, in cells, of the part of the grid that the image covers.
        padded: height and width of the whole grid.

    Returns:
        (3, *padded) float32: a*, b* in Lab units, and the mask, 1 where a hint is. A hint fills the cell it falls in
        and every cell whose centre lies within its radius.

    Raises:
        OptionError: a hint lies outside the image.
    """
    out = np.zeros((3, *padded), np.float32)
    height, width = extent
    scale_y, scale_x = content[0] / height, content[1] / width
    rows, columns = (np.arange(size) + 0.5 for size in content)
    for hint in hints:
        if hint.x > width or hint.y > height:
            raise OptionError("option.hint_outside", x=hint.x, y=hint.y, width=width, height=height)
        y, x = hint.y * scale_y, hint.x * scale_x
        top, left = min(int(y), content[0] - 1), min(int(x), content[1] - 1)
        value = np.array([*hint.ab, 1.0], np.float32)
        out[:, top, left] = value
        if hint.radius:
            reach = ((rows[:, None] - y) / scale_y) ** 2 + ((columns[None, :] - x) / scale_x) ** 2
            out[:, : content[0], : content[1]][:, reach <= hint.radius**2] = value[:, None]
    return out


def hint_coverage(mask: NDArray[np.bool_]) -> float:
    """Returns how far hints speak for the whole image.

    It is 0 for one hint, which is a wish for its place, and near 1 for many all over.

    Counted by their effective sample size: cells next to each other, as those of one large hint, count as one.

    Args:
        mask: (h,w), where there are hints.

    >>> hint_coverage(np.zeros((64, 64), bool))
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
