"""How a photo is coloured: the options of every door, each defined and checked in this one place.

A field's annotation says its range and its help. The command line makes its flags of them, pydantic reads them where
files and requests are decoded, and :class:`ColorizeKwargs` lets a type checker see them in calls.
"""

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, TypedDict, get_type_hints

from photochrom.color.palette import check_palette
from photochrom.errors import OptionError
from photochrom.hints import Hint

__all__ = [
    "INTEGER",
    "MAX_VARIATIONS",
    "NUMBER",
    "ColorOptions",
    "ColorizeKwargs",
    "ColorizeOptions",
    "Help",
    "Pattern",
    "Range",
    "Variation",
    "help_of",
    "range_of",
    "resolve_options",
]

#: of Python or of numpy
INTEGER: Any = Integral
NUMBER: Any = Real
#: variations that one seed gives
MAX_VARIATIONS = 12


@dataclass(frozen=True)
class Range:
    """The lowest and the highest value of an option, both allowed."""

    low: float
    high: float

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        # pydantic asks for this where a file or a request is decoded; it is not imported here
        schema = handler(source)
        inner = schema.get("schema", schema)
        inner.update(ge=self.low, le=self.high)
        return schema


@dataclass(frozen=True)
class Pattern:
    """The regular expression that a text matches."""

    text: str

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        return {**handler(source), "pattern": self.text}


@dataclass(frozen=True)
class Help:
    """What an option does, for the command line and the API's documentation.

    Attributes:
        text: one sentence.
        metavar: how its value is called in help; empty for what its type and range say.
    """

    text: str
    metavar: str = ""


@dataclass(frozen=True, kw_only=True)
class Variation:
    """One of the variations that a seed gives.

    Args:
        seed: of all chance, 0 to 2**32-1.
        index: which of them, 0 for the first, 11 at most.

    Raises:
        OptionError: a value is out of range.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    seed: int = 0
    index: int = 0

    def __post_init__(self) -> None:
        check_integer("variation.seed", self.seed, 0, 2**32 - 1)
        check_integer("variation.index", self.index, 0, MAX_VARIATIONS - 1)


class ColorizeKwargs(TypedDict, total=False):
    """The fields of :class:`ColorizeOptions` as keywords of a call."""

    vividness: float
    strength: float
    input_size: int | None
    auto_contrast: bool
    salvage: bool
    hints: Sequence[Hint]
    palette: Sequence[str]
    reference: Any
    variation: Variation | None


@dataclass(frozen=True, kw_only=True)
class ColorOptions:
    """What photos and films have in common.

    Args:
        vividness: 0 for the mean of what the network thinks possible, 1 for the default, 2 for bold.
        strength: 0 for the image's own colours, 1 for the network's, up to 1.5 for more.
        input_size: short side of what the network sees, pixels; None for the network's own.
        palette: up to 16 colours ``"#rrggbb"`` that the image is pulled towards.

    Raises:
        OptionError: a value is out of range.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    vividness: Annotated[float, Range(0.0, 2.0), Help("How bold the colours are: 0 careful, 1 natural, 2 bold.")] = 1.0
    strength: Annotated[float, Range(0.0, 1.5), Help("How much of the colour is put on: 0 none, 1 all of it.")] = 1.0
    input_size: Annotated[
        int | None, Range(32, 2048), Help("Short side the network sees, pixels. [default: its own]")
    ] = None
    palette: Annotated[
        tuple[str, ...], Help('Colours to be pulled towards, 1 to 16: "#8a5a3c,#7fa7d0".', "COLOURS")
    ] = ()

    def __post_init__(self) -> None:
        for name in ("vividness", "strength"):
            check_number(name, getattr(self, name), range_of(type(self), name))
        if self.input_size is not None:
            bounds = range_of(type(self), "input_size")
            check_integer("input_size", self.input_size, int(bounds.low), int(bounds.high))
        object.__setattr__(self, "palette", check_palette(self.palette))

    def common(self) -> dict[str, Any]:
        """Returns the fields of :class:`ColorOptions` by name: what goes over from a photo's options to a film's."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(ColorOptions)}


@dataclass(frozen=True, kw_only=True)
class ColorizeOptions(ColorOptions):
    """How a photo is coloured.

    Args:
        vividness: as :class:`ColorOptions`.
        strength: as :class:`ColorOptions`.
        input_size: as :class:`ColorOptions`.
        palette: as :class:`ColorOptions`.
        auto_contrast: stretch the lightness of a faded photo; see :mod:`photochrom.recolor.auto_contrast`.
        salvage: colour what is there of a photo that is cut short or damaged; what is not there becomes gray.
        hints: colours given at places of the photo; in a file with several pages, of every page.
        reference: a photo in colour, whose first page gives its colours to what looks alike. A path, bytes, an array
            and so on in Python; elsewhere a key that the door resolves.
        variation: which other colouring to make; None for the most likely one.

    Raises:
        OptionError: a value is out of range.
    """

    auto_contrast: Annotated[bool, Help("Stretch the lightness of a faded photo.")] = False
    salvage: Annotated[
        bool, Help("Colour what is there of a photo that is cut short or damaged, and make the rest gray.")
    ] = False
    hints: Annotated[
        tuple[Hint, ...], Help('Colours at places of one photo: [{"x": 310, "y": 200, "color": "#8a5a3c"}].', "FILE")
    ] = ()
    reference: Annotated[Any, Help("A photo in colour: what looks alike in it gives its colours.", "PHOTO")] = None
    variation: Annotated[Variation | None, Help("Another colouring that the network thinks possible.")] = None

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("auto_contrast", "salvage"):
            if not isinstance(getattr(self, name), bool):
                raise OptionError("option.not_a_switch", name=name, value=repr(getattr(self, name)))
        hints: object = self.hints
        if not isinstance(hints, Sequence) or not all(isinstance(hint, Hint) for hint in hints):
            raise OptionError("option.not_hints", value=repr(hints))
        if self.variation is not None and not isinstance(self.variation, Variation):
            raise OptionError("option.not_a_variation", value=repr(self.variation))
        object.__setattr__(self, "hints", tuple(hints))

    def to_json(self) -> dict[str, Any]:
        """Returns the options as JSON has them; a reference is written as text."""
        entries = dataclasses.asdict(dataclasses.replace(self, reference=None))
        return {**entries, "reference": None if self.reference is None else str(self.reference)}

    def digest(self, assets: Mapping[str, str] = MappingProxyType({})) -> str:
        """Returns the SHA-256 of the canonical JSON, with digests of assets, such as the reference's, by name."""
        entries = {**self.to_json(), "reference": None, "assets": dict(assets)}
        text = json.dumps(entries, sort_keys=True, separators=(",", ":"), default=_plain)
        return hashlib.sha256(text.encode()).hexdigest()


def resolve_options(options: ColorizeOptions | None, changes: ColorizeKwargs) -> ColorizeOptions:
    """Returns options with changes; the defaults where there are none.

    Raises:
        OptionError: a value is out of range.
        TypeError: a change has no field of its name.
    """
    given: dict[str, Any] = dict(changes)
    return dataclasses.replace(options or ColorizeOptions(), **given)


def _plain(value: Any) -> Any:
    # a number of numpy is a number too
    return value.item()


def range_of(kind: type, name: str) -> Range:
    """Returns the range that a field's annotation names.

    Raises:
        KeyError: the field has none, or does not exist.
    """
    bounds: Range = _annotated(kind, name, Range)
    return bounds


def help_of(kind: type, name: str) -> str:
    """Returns the help that a field's annotation has.

    Raises:
        KeyError: the field has none, or does not exist.
    """
    return str(_annotated(kind, name, Help).text)


def check_number(name: str, value: object, bounds: Range) -> None:
    """Refuses what is not a number in a range.

    Raises:
        OptionError: it is not.
    """
    if not isinstance(value, NUMBER) or isinstance(value, bool) or not bounds.low <= value <= bounds.high:
        raise OptionError("option.out_of_range", name=name, value=repr(value), low=bounds.low, high=bounds.high)


def check_integer(name: str, value: object, low: int, high: int) -> None:
    """Refuses what is not a whole number in a range.

    Raises:
        OptionError: it is not.
    """
    if not isinstance(value, INTEGER) or isinstance(value, bool) or not low <= value <= high:
        raise OptionError("option.not_an_integer_in_range", name=name, value=repr(value), low=low, high=high)


def _annotated(kind: type, name: str, wanted: type[Any]) -> Any:
    annotation = _hints(kind)[name]
    for entry in getattr(annotation, "__metadata__", ()):
        if isinstance(entry, wanted):
            return entry
    raise KeyError(name)


_HINTS: dict[type, dict[str, Any]] = {}


def _hints(kind: type) -> dict[str, Any]:
    if kind not in _HINTS:
        _HINTS[kind] = get_type_hints(kind, include_extras=True)
    return _HINTS[kind]
