"""Hints: colours a person (or a palette, a reference, a last frame) gives at places of the picture.

Everything that steers the network arrives as the same thing: a*b* values and a mask on the network's output grid.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from pathlib import Path
from typing import Any, ClassVar

from photochrom.color.palette import is_hex_color
from photochrom.errors import OptionError

__all__ = ["Hint", "load_entries", "load_hints", "parse_hint"]

#: more hints than the coarse grid has cells help nobody and only cost memory
MAX_HINTS = 100_000


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
            number = isinstance(value, Real) and not isinstance(value, bool)
            if not number or not 0 <= value < float("inf"):
                raise OptionError("option.hint_number", name=name, value=repr(value))
        if not is_hex_color(self.color):
            raise OptionError("option.hint_color", value=repr(self.color))

    @property
    def ab(self) -> tuple[float, float]:
        """The hint's a* and b*, Lab units."""
        # opened late: the command line reads this module for its help
        from photochrom.color.hex import hex_to_ab

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
