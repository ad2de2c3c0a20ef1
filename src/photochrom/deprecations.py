"""Names of version 0.1 that still work for one release, each with a :class:`DeprecationWarning`.

Nothing else in the package knows an old name. Remove this module, and what calls it, in version 0.3.
"""

import functools
import importlib
import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import ParamSpec, TypeVar

__all__ = [
    "DeprecatedNameWarning",
    "find_attribute",
    "read_environment",
    "renamed_keywords",
    "renamed_methods",
    "rewrite_arguments",
    "warn",
]

P = ParamSpec("P")
R = TypeVar("R")
Class = TypeVar("Class", bound=type)

#: module -> old attribute -> new attribute
ATTRIBUTES: Mapping[str, Mapping[str, str]] = {
    "photochrom": {"FilmHint": "VideoHint", "color_frames": "colorize_frames"},
    "photochrom.errors": {"MissingExtraError": "MissingDependencyError", "NothingToDoError": "NoInputError"},
    "photochrom.video.guidance.references": {"FilmReference": "VideoReference"},
}
#: function -> old keyword -> new keyword
KEYWORDS: Mapping[str, Mapping[str, str]] = {
    "colorize_files": {"engine": "backend"},
    "colorize_frames": {"size": "input_size", "steady": "temporal_smoothing"},
    "colorize_video": {
        "engine": "backend",
        "preview": "preview_every",
        "size": "input_size",
        "steady": "temporal_smoothing",
        "stop": "end",
    },
    "look_inside": {"size": "input_size"},
    "run_plan": {"engine": "backend"},
}
#: class -> old method -> new method
METHODS: Mapping[str, Mapping[str, str]] = {}
#: command -> old flag -> new flag; the empty command stands for all of them
FLAGS: Mapping[str, Mapping[str, str]] = {
    "colorize": {
        "--alternatives": "--variations",
        "--engine": "--backend",
        "--restore-contrast": "--auto-contrast",
        "--size": "--input-size",
    },
    "dataset": {"--out": "--output"},
    "evaluate": {
        "--features": "--fid-features",
        "--grays": "--export-inputs",
        "--out": "--output",
        "--outputs": "--predictions",
    },
    "export": {
        "--beside": "--ensemble",
        "--beside-hinted": "--ensemble-weight-hinted",
        "--beside-share": "--ensemble-weight",
        "--halved": "--half-resolution",
        "--mix": "--average-with",
        "--part": "--submodule",
        "--share": "--alpha",
        "--storage": "--weight-format",
    },
    "inspect": {"--out": "--output", "--size": "--input-size"},
    "serve": {"--processes": "--workers", "--proxy": "--proxy-headers"},
    "study": {"--out": "--output"},
    "train": {"--out": "--output"},
    "video": {
        "--engine": "--backend",
        "--from": "--start",
        "--json-report": "--report",
        "--preview": "--preview-every",
        "--shots": "--list-shots",
        "--size": "--input-size",
        "--steady": "--temporal-smoothing",
        "--to": "--end",
    },
}
#: old command, or old subcommand after its command, -> new ones
COMMANDS: Mapping[str, str] = {"data": "dataset", "study make": "study create"}
#: new variable -> old variable
ENVIRONMENT: Mapping[str, str] = {}


class DeprecatedNameWarning(DeprecationWarning):
    """An old name was used."""


def warn(old: str, new: str, *, stacklevel: int = 2) -> None:
    """Warns that a name is old, at the caller's caller."""
    message = f"{old} is deprecated and will be removed in version 0.3. Use {new}."
    warnings.warn(message, DeprecatedNameWarning, stacklevel=stacklevel + 1)


def find_attribute(module: str, name: str) -> object:
    """Returns what an old attribute of a module is called now; for a module's ``__getattr__``.

    Raises:
        AttributeError: the module never had this attribute.
    """
    new = ATTRIBUTES.get(module, {}).get(name)
    if new is None:
        raise AttributeError(f"module {module!r} has no attribute {name!r}")
    warn(f"{module}.{name}", f"{module}.{new}", stacklevel=3)
    return getattr(importlib.import_module(module), new)


def renamed_keywords(name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Lets a function take the old names of its keywords, as ``KEYWORDS[name]`` has them."""
    table = KEYWORDS.get(name, {})

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            for old in table.keys() & kwargs.keys():
                new = table[old]
                if new in kwargs:
                    raise TypeError(f"{function.__name__}() got both {old!r} and {new!r}, which are the same")
                warn(f"{old} of {function.__name__}()", new)
                kwargs[new] = kwargs.pop(old)
            return function(*args, **kwargs)

        return call

    return decorate


def renamed_methods(kind: Class) -> Class:
    """Gives a class its methods under their old names too, as ``METHODS`` of its name has them; a decorator."""
    for old, new in METHODS.get(kind.__name__, {}).items():
        setattr(kind, old, _renamed_method(old, new))
    return kind


def _renamed_method(old: str, new: str) -> Callable[..., object]:
    def call(self: object, *args: object, **kwargs: object) -> object:
        warn(f"{type(self).__name__}.{old}()", f"{new}()")
        return getattr(self, new)(*args, **kwargs)

    return call


def rewrite_arguments(arguments: Sequence[str]) -> list[str]:
    """Returns a command line with old commands and flags replaced by the new ones.

    Args:
        arguments: without the program's name.
    """
    rewritten = list(arguments)
    place = next((i for i, argument in enumerate(rewritten) if not argument.startswith("-")), None)
    if place is None:
        return rewritten
    if rewritten[place] in COMMANDS:
        warn(f"photochrom {rewritten[place]}", f"photochrom {COMMANDS[rewritten[place]]}")
        rewritten[place] = COMMANDS[rewritten[place]]
    command = rewritten[place]
    below = place + 1
    pair = " ".join(rewritten[place : below + 1])
    if pair in COMMANDS:
        warn(f"photochrom {pair}", f"photochrom {COMMANDS[pair]}")
        rewritten[below] = COMMANDS[pair].split()[1]
    table = {**FLAGS.get("", {}), **FLAGS.get(command, {})}
    for index in range(place + 1, len(rewritten)):
        if rewritten[index] == "--":
            break
        flag, equals, value = rewritten[index].partition("=")
        if flag in table:
            warn(f"{flag} of photochrom {command}", table[flag])
            rewritten[index] = table[flag] + equals + value
    return rewritten


def read_environment(name: str) -> str | None:
    """Returns an environment variable, or what stands under its old name; None where neither is set."""
    value = os.environ.get(name)
    old = ENVIRONMENT.get(name)
    if value is None and old is not None and old in os.environ:
        warn(f"The environment variable {old}", name)
        return os.environ[old]
    return value
