"""The options of a request are those of :mod:`photochrom.options`: defined there, and nowhere else."""

from dataclasses import fields
from pathlib import Path

import photochrom.options
from photochrom.options import help_of, range_of
from photochrom.web.colorize_service import to_options
from photochrom.web.schemas import options as module
from photochrom.web.schemas.options import ColorizeOptions


def test_a_request_has_every_option_and_its_default() -> None:
    names = {field.name for field in fields(photochrom.options.ColorizeOptions)}
    assert set(ColorizeOptions.model_fields) == names | {"model"}
    assert to_options(ColorizeOptions()) == photochrom.options.ColorizeOptions()


def test_range_and_help_are_those_of_the_definition() -> None:
    described = ColorizeOptions.model_json_schema()["properties"]["strength"]
    bounds = range_of(photochrom.options.ColorizeOptions, "strength")
    assert (described["minimum"], described["maximum"]) == (bounds.low, bounds.high)
    assert described["description"] == help_of(photochrom.options.ColorizeOptions, "strength")


def test_a_type_checker_sees_what_is_made_at_run_time() -> None:
    source = Path(module.__file__).read_text(encoding="utf-8")
    listed = source.split("class _ValueOptions(RequestModel):")[1].split("else:")[0]
    for name in module._ValueOptions.model_fields:
        assert f"        {name}: " in listed
