"""A recipe's YAML, read strictly: an unknown key, a wrong type or a value out of range is an error that names it."""

import contextlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import yaml

from photochrom.errors import RecipeError
from photochrom.models.registry import architecture
from photochrom.training.export.model_card import CardText
from photochrom.training.schema import FORMAT, Recipe

__all__ = ["parse_recipe", "read_card_text", "read_recipe", "resolved"]

#: a recipe is a page of text; more is some other file
LARGEST = 1 << 20


class _Loader(yaml.SafeLoader):
    """Refuses a key given twice, where YAML's reader would silently take the last."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        mapping = super().construct_mapping(node, deep=deep)
        if len(mapping) != len(node.value):
            raise yaml.constructor.ConstructorError(None, None, "a key stands there twice", node.start_mark)
        return mapping


def read_recipe(path: Path, overrides: Sequence[str] = ()) -> Recipe:
    """Read a recipe.

    Args:
        path: its YAML file.
        overrides: ``section.key=value``, the value as YAML.

    Raises:
        RecipeError: the file cannot be read, or says something no recipe can.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise RecipeError(f"'{path}' is too large for a recipe: name a YAML file")
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise RecipeError(f"'{path}' cannot be read ({error.strerror}): check the path") from error
    except UnicodeDecodeError as error:
        raise RecipeError(f"'{path}' is no text: name a YAML file") from error
    return parse_recipe(text, overrides, source=str(path))


def parse_recipe(text: str, overrides: Sequence[str] = (), *, source: str = "recipe") -> Recipe:
    """Read a recipe from its text; see :func:`read_recipe`."""
    values = _yaml(text, source)
    if not isinstance(values, dict):
        raise RecipeError(f"'{source}' is no mapping of keys to values: begin it with  format: {FORMAT}")
    for override in overrides:
        _override(values, override)
    version = values.get("format")
    if version != FORMAT:
        raise RecipeError(f"'{source}' has recipe format {version!r}; this version reads  format: {FORMAT}")
    recipe = _construct(Recipe, values, "")
    assert isinstance(recipe, Recipe)
    _check(recipe)
    return recipe


def read_card_text(entries: Mapping[str, Any]) -> CardText:
    """Read the fields of a card as strictly as a recipe.

    Raises:
        RecipeError: a field is unknown, missing or of a wrong type.
    """
    card = _construct(CardText, entries, "")
    assert isinstance(card, CardText)
    return card


def resolved(recipe: Recipe) -> str:
    """The recipe as YAML, every default written out."""
    return yaml.safe_dump(_plain(recipe), sort_keys=False, allow_unicode=True)


def _yaml(text: str, source: str) -> Any:
    try:
        return yaml.load(text, _Loader)  # a safe loader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it cannot be parsed"
        raise RecipeError(f"'{source}' is not valid YAML{where} ({problem}): correct it there") from error
    except (ValueError, TypeError, RecursionError, OverflowError) as error:  # impossible dates, nesting without end
        raise RecipeError(f"'{source}' holds a value no recipe has: correct it") from error


def _override(values: dict[Any, Any], override: str) -> None:
    key, equals, value = override.partition("=")
    if not equals or not all(key.split(".")):
        raise RecipeError(f"'{override}' is no override: write  section.key=value")
    *sections, last = key.split(".")
    for section in sections:
        inner = values.setdefault(section, {})
        if not isinstance(inner, dict):
            raise RecipeError(f"'{key}' cannot be set, '{section}' is no section: see the recipe for its sections")
        values = inner
    values[last] = _yaml(value, override)


def _construct(kind: Any, values: Any, where: str) -> Any:
    if not isinstance(values, Mapping):
        raise RecipeError(f"'{where}' must be a section of keys, not {values!r}: indent its keys below it")
    hints = get_type_hints(kind, include_extras=True)
    for key in values:
        if key not in hints:
            near = get_close_matches(str(key), hints, 1, 0.0)[0]
            raise RecipeError(f"There is no key '{_join(where, key)}'; did you mean '{_join(where, near)}'?")
    read = {key: _read(hints[key], value, _join(where, key)) for key, value in values.items()}
    for entry in fields(kind):
        if entry.name not in read and entry.default is MISSING and entry.default_factory is MISSING:
            raise RecipeError(f"The recipe lacks '{_join(where, entry.name)}': add it")
    return kind(**read)


def _read(kind: Any, value: Any, where: str) -> Any:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        read, (low, high) = _read(arguments[0], value, where), arguments[1]
        if not low <= read <= high:
            raise RecipeError(f"'{where}' is {value}, which is out of range: give {low:g} to {high:g}")
        return read
    if is_dataclass(kind):
        return _construct(kind, value, where)
    if origin is tuple:
        if isinstance(value, str) or not isinstance(value, Sequence):
            value = [value]
        kinds = [arguments[0]] * len(value) if arguments[-1] is Ellipsis else list(arguments)
        if len(kinds) != len(value) or not value:
            raise RecipeError(f"'{where}' has {len(value)} values: give {len(kinds) or 'one or more'}")
        pairs = zip(kinds, value, strict=True)
        return tuple(_read(inner, item, f"{where}[{number}]") for number, (inner, item) in enumerate(pairs))
    if origin is Literal:
        if value not in arguments or isinstance(value, bool):
            raise RecipeError(f"'{where}' is {value!r}: give one of {', '.join(map(str, arguments))}")
        return value
    if origin is Mapping:
        return _mapping(value, where)
    return _scalar(kind, value, where)


def _mapping(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise RecipeError(f"'{where}' must be a section of named values, not {value!r}: indent them below it")
    return {key: tuple(item) if isinstance(item, list) else item for key, item in value.items()}


def _scalar(kind: Any, value: Any, where: str) -> Any:
    if kind is float and isinstance(value, str):
        with contextlib.suppress(ValueError):
            value = float(value)  # YAML 1.1 takes 1e-3 for text
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value) if abs(value) < 10**300 else math.inf
    if type(value) is not kind or (kind is float and not math.isfinite(value)):
        words = {"int": "a whole number", "float": "a number", "bool": "true or false", "str": "text"}
        raise RecipeError(f"'{where}' is {value!r}: give {words[kind.__name__]}")
    return value


def _check(recipe: Recipe) -> None:
    architecture(recipe.network.architecture)
    schedule, optimizer = recipe.schedule, recipe.optimizer
    budgets = {name: getattr(schedule, name) for name in ("minutes", "core_minutes", "steps", "epochs")}
    if sum(budget > 0 for budget in budgets.values()) != 1:
        raise RecipeError(
            "The budget must be schedule.minutes, schedule.core_minutes, schedule.steps or schedule.epochs, "
            "one of them: set the others to 0"
        )
    if schedule.shape == "step" and not schedule.period:
        raise RecipeError("A rate that goes down in steps needs to know when: give schedule.period a length")
    if optimizer.momentum and optimizer.kind != "rmsprop":
        raise RecipeError("Only rmsprop takes a momentum: set optimizer.momentum to 0, or optimizer.kind to rmsprop")
    if recipe.loss.cross_entropy + recipe.loss.regression + recipe.loss.decibels + recipe.loss.spreading == 0:
        raise RecipeError("All losses have weight 0: give loss.cross_entropy or loss.regression a weight")
    if recipe.hints.recolored and recipe.data.cache == "device":
        raise RecipeError("Things are not recoloured on a device: set hints.recolored to 0, or data.cache to ram")
    if recipe.data.cache == "features":
        _check_features(recipe)
    if sum(batch.share for batch in recipe.data.batches) == 0:
        raise RecipeError("All batches have share 0: give one of data.batches a share")
    if not recipe.name or not recipe.run.folder:
        raise RecipeError("The recipe's name and run.folder must not be empty: name both")


def _check_features(recipe: Recipe) -> None:
    augmentation = _plain(recipe.augmentation)
    changed = [
        name for name, value in augmentation.items() if value and name not in ("flip", "smallest_crop", "border")
    ]
    if not recipe.data.features:
        raise RecipeError("Features are kept in a folder: name one on a large disk, data.features")
    if len(recipe.data.batches) > 1:
        raise RecipeError("Features are of photos of one size: leave one of data.batches, or set data.cache to none")
    if changed:
        raise RecipeError(
            "Features are of photos as they are, and may only be mirrored: set "
            + ", ".join(f"augmentation.{name}" for name in changed)
            + " to 0, or data.cache to none"
        )
    if recipe.loss.teacher:
        raise RecipeError("A teacher needs the photos themselves: leave out loss.teacher, or set data.cache to none")


def _join(where: str, key: Any) -> str:
    return f"{where}.{key}" if where else str(key)


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {entry.name: _plain(getattr(value, entry.name)) for entry in fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
