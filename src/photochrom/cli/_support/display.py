"""Flags of how results are shown, read into their options."""

from dataclasses import fields
from typing import Any

import typer

from photochrom.cli._support.options import read_options
from photochrom.errors import OptionError
from photochrom.presentation.options import DisplayOptions

__all__ = ["list_flags", "read_display"]

#: flags that say something of others
_OF = {
    "mark_place": ("mark",),
    "mark_size": ("mark",),
    "mark_font": ("mark", "compare"),
    "caption": ("compare",),
}


def read_display(context: typer.Context, values: dict[str, Any]) -> DisplayOptions:
    """Takes the values of :class:`DisplayOptions` out of those of all flags, and returns the options.

    Raises:
        OptionError: a value is out of range, or one of a mark or a comparison is given without it.
    """
    given = {field.name: values.pop(field.name) for field in fields(DisplayOptions)}
    for name, others in _OF.items():
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE" and not any(given[other] for other in others):
            flag, other = (f"--{word.replace('_', '-')}" for word in (name, others[0]))
            raise OptionError("command.flag_needs_another", flag=flag, other=other)
    return read_options(DisplayOptions, given)


def list_flags(display: DisplayOptions, *, mark: bool = True) -> dict[str, bool]:
    """Returns the flags of what is shown, and whether each was given; without the mark's where it is allowed."""
    flags = {"--compare": display.compare is not None, "--layer": display.layer is not None}
    return ({"--mark": display.mark is not None} if mark else {}) | flags
