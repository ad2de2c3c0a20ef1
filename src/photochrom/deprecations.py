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
    "GRAPH_NAMES",
    "DeprecatedNameWarning",
    "find_attribute",
    "read_environment",
    "renamed_keywords",
    "renamed_methods",
    "rewrite_arguments",
    "upgrade_project",
    "warn",
]

P = ParamSpec("P")
R = TypeVar("R")
Class = TypeVar("Class", bound=type)

#: module -> old attribute -> new attribute
ATTRIBUTES: Mapping[str, Mapping[str, str]] = {
    "photochrom": {"FilmHint": "VideoHint", "color_frames": "colorize_frames"},
    "photochrom.errors": {"MissingExtraError": "MissingDependencyError", "NothingToDoError": "NoInputError"},
    "photochrom.training.export.classifier": {"export_judge": "export_classifier"},
    "photochrom.video.guidance.references": {"FilmReference": "VideoReference"},
    "photochrom.evaluation.evaluate": {"Options": "EvaluateOptions", "save": "save_results"},
    "photochrom.evaluation.onnx_metrics": {"Judges": "MetricNetworks", "open_judge": "open_onnx_metric"},
    "photochrom.user_study": {"make_study": "create_study"},
}
_OPTIONS = {"alternative": "variation", "restore_contrast": "auto_contrast", "size": "input_size"}
#: function -> old keyword -> new keyword
KEYWORDS: Mapping[str, Mapping[str, str]] = {
    "Colorizer.__call__": _OPTIONS,
    "Colorizer.suggest_colors": {**_OPTIONS, "k": "count"},
    "Colorizer.variations": {**_OPTIONS, "n": "count"},
    "export_checkpoint": {
        "beside": "ensemble",
        "beside_hinted": "ensemble_weight_hinted",
        "beside_share": "ensemble_weight",
        "halved": "half_resolution",
        "mix_with": "average_with",
        "share": "alpha",
        "storage": "weight_format",
    },
    "export_classifier": {"part": "submodule"},
    "export_network": {"storage": "weight_format"},
    "EvaluateOptions": {"judges": "metric_networks"},
    "MetricNetworks": {"features": "fid_features"},
    "colorize_files": {"engine": "backend"},
    "plan_systems": {"outputs": "predictions"},
    "run_plan": {"engine": "backend"},
    "colorize_frames": {"size": "input_size", "steady": "temporal_smoothing"},
    "colorize_video": {
        "engine": "backend",
        "preview": "preview_every",
        "size": "input_size",
        "steady": "temporal_smoothing",
        "stop": "end",
    },
    "look_inside": {"size": "input_size"},
}
#: class -> old method -> new method
METHODS: Mapping[str, Mapping[str, str]] = {
    "Colorizer": {"alternatives": "variations", "suggest": "suggest_colors"},
    "Answers": {
        "count": "count_participants",
        "finished": "list_finished",
        "forget": "delete_participant",
        "give": "record",
        "given": "list_recorded",
        "join": "add_participant",
        "next_step": "find_next_step",
    },
}
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
#: names in the graphs of networks exported by version 0.1: new name -> old name
GRAPH_NAMES: Mapping[str, str] = {
    "affinity": "likeness",
    "bin_bias": "preference",
    "hint_coverage": "breadth",
    "uncertainty": "deviation",
}
#: new variable -> old variable
ENVIRONMENT: Mapping[str, str] = {
    "PHOTOCHROM_MAX_SIZE": "PHOTOCHROM_MAX_SIDE",
    "PHOTOCHROM_MAX_VARIATIONS": "PHOTOCHROM_MAX_ALTERNATIVES",
    "PHOTOCHROM_MAX_VIDEO_BYTES": "PHOTOCHROM_MAX_FILM_BYTES",
    "PHOTOCHROM_MAX_VIDEO_PIXELS": "PHOTOCHROM_MAX_FILM_PIXELS",
    "PHOTOCHROM_MAX_VIDEO_SECONDS": "PHOTOCHROM_MAX_FILM_SECONDS",
    "PHOTOCHROM_MODEL_DIR": "PHOTOCHROM_MODELS",
    "PHOTOCHROM_QUEUE_TIMEOUT": "PHOTOCHROM_MAX_PATIENCE",
    "PHOTOCHROM_QUEUE_URL": "PHOTOCHROM_QUEUE",
    "PHOTOCHROM_STORAGE_URL": "PHOTOCHROM_STORE",
    "PHOTOCHROM_WORKER_TIMEOUT": "PHOTOCHROM_MAX_SILENCE",
}
#: old path -> new path, under the service's API
REST_PATHS: Mapping[str, str] = {
    "/clients": "/tokens",
    "/photos/{id}/alternatives": "/photos/{id}/variations",
    "/photos/{id}/open": "/photos/{id}/projects/import",
    "/photos/{id}/project": "/photos/{id}/projects/export",
}
#: old field -> new field, of the service's requests and answers
REST_FIELDS: Mapping[str, str] = {
    "alternative": "variation",
    "alternatives": "variations",
    "bytes": "size_bytes",
    "film_bytes": "video_bytes",
    "film_pixels": "video_pixels",
    "film_seconds": "video_seconds",
    "k": "count",
    "kind": "type",
    "n": "count",
    "restore_contrast": "auto_contrast",
    "settings": "options",
    "side": "max_size",
    "size": "input_size",
}
#: new field -> new value -> old value, of the service's answers
REST_VALUES: Mapping[str, Mapping[str, str]] = {"type": {"batch": "photos", "video": "film"}}


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


def upgrade_project(entries: Mapping[str, object]) -> dict[str, object]:
    """Returns the entries of a project of format 1 as those of format 2."""
    upgraded = {key: value for key, value in entries.items() if key in ("source", "model", "reference")}
    options = {_OPTIONS.get(key, key): value for key, value in entries.items() if key not in upgraded}
    return {**upgraded, "options": options}


def read_environment(name: str) -> str | None:
    """Returns an environment variable, or what stands under its old name; None where neither is set."""
    value = os.environ.get(name)
    old = ENVIRONMENT.get(name)
    if value is None and old is not None and old in os.environ:
        warn(f"The environment variable {old}", name)
        return os.environ[old]
    return value
