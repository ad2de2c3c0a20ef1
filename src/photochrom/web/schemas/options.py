"""How a photo is coloured, as requests have it; what an option is stands in :mod:`photochrom.options` alone."""

from dataclasses import astuple, fields
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

from pydantic import ConfigDict, Field, create_model

import photochrom.options
from photochrom.options import MAX_VARIATIONS, help_of, range_of
from photochrom.web.schemas.base import Color, Id, Pixel, RequestModel, Seed

__all__ = ["ColorizeOptions", "HintOption", "VariationOption"]


class HintOption(RequestModel):
    """A colour at a place of the upright full-size photo."""

    x: Pixel
    y: Pixel
    color: Color
    radius: Pixel = 0.0


class VariationOption(RequestModel):
    """Which of the variations of a seed; ``index`` counts from 0."""

    seed: Seed = 0
    index: Annotated[int, Field(ge=0, lt=MAX_VARIATIONS)] = 0


#: options that a request has in a form of its own
_OWN_FORM = ("hints", "palette", "reference", "variation")


def _value_fields() -> dict[str, Any]:
    """Returns the options that are numbers and switches; range, help and default stand with their definition alone."""
    kind = photochrom.options.ColorizeOptions
    types, found = get_type_hints(kind), {}
    for option in fields(kind):
        if option.name in _OWN_FORM:
            continue
        bounds: dict[str, Any] = {}
        if types[option.name] is not bool:
            low, high = (
                int(each) if float(each).is_integer() else each for each in astuple(range_of(kind, option.name))
            )
            bounds = {"ge": low, "le": high, "allow_inf_nan": False}
        description = help_of(kind, option.name)
        found[option.name] = (types[option.name], Field(default=option.default, description=description, **bounds))
    return found


if TYPE_CHECKING:

    class _ValueOptions(RequestModel):
        # a type checker cannot follow what is made at run time
        vividness: float = 1.0
        strength: float = 1.0
        input_size: int | None = None
        auto_contrast: bool = False
        salvage: bool = False

else:
    _ValueOptions = create_model("_ValueOptions", __base__=RequestModel, **_value_fields())


class ColorizeOptions(_ValueOptions):
    """How a photo is coloured; every key may be left out.

    ``salvage`` is for a photo that is sent along; one that is stored has it from when it was stored.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"vividness": 1.2, "hints": [{"x": 310, "y": 200, "color": "#8a5a3c"}]}]},
    )

    model: Annotated[str, Field(max_length=100, pattern=r"^[\w.-]+$")] | None = None
    hints: list[HintOption] = Field(default_factory=list)
    palette: Annotated[list[Color], Field(max_length=16)] = Field(default_factory=list)
    reference: Id | None = Field(
        default=None, description="id of another photo of this client, whose colours are taken over"
    )
    variation: VariationOption | None = None
