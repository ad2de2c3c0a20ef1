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
from photochrom.training.recipe_upgrade import (
    OLD_FORMAT,
    RENAMED_KEYS,
    describe_yaml_error,
    rename_keys,
    upgrade_values,
)
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
    """Reads a recipe; one of format 1 is converted.

    Args:
        path: its YAML file.
        overrides: ``section.key=value``, the value as YAML.

    Raises:
        RecipeError: the file cannot be read, or says something no recipe can.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise RecipeError("recipe.too_large", path=path)
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise RecipeError("recipe.unreadable", path=path, reason=error.strerror) from error
    except UnicodeDecodeError as error:
        raise RecipeError("recipe.not_text", path=path) from error
    return parse_recipe(text, overrides, source=str(path))


def parse_recipe(text: str, overrides: Sequence[str] = (), *, source: str = "recipe") -> Recipe:
    """Reads a recipe from its text; see :func:`read_recipe`."""
    values = _load_yaml(text, source)
    if not isinstance(values, dict):
        raise RecipeError("recipe.not_a_mapping", source=source, format=FORMAT)
    if values.get("format") == OLD_FORMAT:
        values = upgrade_values(values, source)
    for override in overrides:
        _override(values, override)
    version = values.get("format")
    if version != FORMAT:
        raise RecipeError("recipe.unknown_format", source=source, version=version, format=FORMAT)
    recipe = _construct(Recipe, values, "")
    assert isinstance(recipe, Recipe)
    _check(recipe)
    return recipe


def read_card_text(entries: Mapping[str, Any]) -> CardText:
    """Reads the fields of a card as strictly as a recipe.

    Raises:
        RecipeError: a field is unknown, missing or of a wrong type.
    """
    card = _construct(CardText, entries, "")
    assert isinstance(card, CardText)
    return card


def resolved(recipe: Recipe) -> str:
    """Returns the recipe as YAML, every default written out."""
    return yaml.safe_dump(_plain(recipe), sort_keys=False, allow_unicode=True)


def _load_yaml(text: str, source: str) -> Any:
    try:
        return yaml.load(text, _Loader)  # a safe loader
    except (yaml.YAMLError, ValueError, TypeError, RecursionError, OverflowError) as error:
        raise describe_yaml_error(error, source) from error


def _override(values: dict[Any, Any], override: str) -> None:
    key, equals, text = override.partition("=")
    if not equals or not all(key.split(".")):
        raise RecipeError("recipe.invalid_override", override=override)
    nested: Any = _load_yaml(text, override)
    for name in reversed(key.split(".")):
        nested = {name: nested}
    # keys of format 1 work on the command line too
    nested = rename_keys(nested, warning=True)
    *sections, _ = key.split(".")
    for _ in sections:
        ((section, nested),) = nested.items()
        inner = values.setdefault(section, {})
        if not isinstance(inner, dict):
            raise RecipeError("recipe.not_a_section", key=key, section=section)
        values = inner
    values.update(nested)


def _construct(kind: Any, values: Any, where: str) -> Any:
    if not isinstance(values, Mapping):
        raise RecipeError("recipe.section_expected", key=where, value=repr(values))
    hints = get_type_hints(kind, include_extras=True)
    for key in values:
        if key not in hints:
            renamed = RENAMED_KEYS.get(where.partition("[")[0], {}).get(key)
            near = renamed or get_close_matches(str(key), hints, 1, 0.0)[0]
            raise RecipeError("recipe.unknown_key", key=_join(where, key), near=_join(where, near))
    read = {key: _read(hints[key], value, _join(where, key)) for key, value in values.items()}
    for entry in fields(kind):
        if entry.name not in read and entry.default is MISSING and entry.default_factory is MISSING:
            raise RecipeError("recipe.missing_key", key=_join(where, entry.name))
    return kind(**read)


def _read(kind: Any, value: Any, where: str) -> Any:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        read, (low, high) = _read(arguments[0], value, where), arguments[1]
        if not low <= read <= high:
            raise RecipeError("recipe.out_of_range", key=where, value=str(value), low=low, high=high)
        return read
    if is_dataclass(kind):
        return _construct(kind, value, where)
    if origin is tuple:
        if isinstance(value, str) or not isinstance(value, Sequence):
            value = [value]
        kinds = [arguments[0]] * len(value) if arguments[-1] is Ellipsis else list(arguments)
        if len(kinds) != len(value) or not value:
            expected = str(len(kinds) or "one or more")
            raise RecipeError("recipe.wrong_length", key=where, count=len(value), expected=expected)
        pairs = zip(kinds, value, strict=True)
        return tuple(_read(inner, item, f"{where}[{number}]") for number, (inner, item) in enumerate(pairs))
    if origin is Literal:
        if value not in arguments or isinstance(value, bool):
            choices = ", ".join(map(str, arguments))
            raise RecipeError("recipe.not_a_choice", key=where, value=repr(value), choices=choices)
        return value
    if origin is Mapping:
        return _mapping(value, where)
    return _scalar(kind, value, where)


def _mapping(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise RecipeError("recipe.section_expected", key=where, value=repr(value))
    return {key: tuple(item) if isinstance(item, list) else item for key, item in value.items()}


def _scalar(kind: Any, value: Any, where: str) -> Any:
    if kind is float and isinstance(value, str):
        with contextlib.suppress(ValueError):
            value = float(value)  # YAML 1.1 takes 1e-3 for text
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value) if abs(value) < 10**300 else math.inf
    if type(value) is not kind or (kind is float and not math.isfinite(value)):
        words = {"int": "a whole number", "float": "a number", "bool": "true or false", "str": "text"}
        raise RecipeError("recipe.wrong_type", key=where, value=repr(value), expected=words[kind.__name__])
    return value


def _check(recipe: Recipe) -> None:
    architecture(recipe.network.architecture)
    schedule, optimizer, loss = recipe.schedule, recipe.optimizer, recipe.loss
    budgets = (schedule.max_minutes, schedule.max_cpu_minutes, schedule.max_steps, schedule.epochs)
    if sum(budget > 0 for budget in budgets) != 1:
        raise RecipeError("recipe.not_one_budget")
    if schedule.scheduler == "step" and not schedule.period:
        raise RecipeError("recipe.period_missing")
    if optimizer.momentum and optimizer.name != "rmsprop":
        raise RecipeError("recipe.momentum_unsupported", optimizer=optimizer.name)
    if loss.adversarial and optimizer.trainable != "render_head":
        raise RecipeError("recipe.adversarial_part")
    if bool(loss.classifier) != bool(loss.perceptual or loss.adversarial_features):
        raise RecipeError("recipe.classifier_incomplete")
    if loss.classifier and not loss.adversarial:
        raise RecipeError("recipe.classifier_alone")
    if loss.cross_entropy + loss.mse + loss.log_mse + loss.propagation == 0:
        raise RecipeError("recipe.no_loss")
    if recipe.hints.recolored and recipe.data.cache == "device":
        raise RecipeError("recipe.recoloring_on_device")
    if recipe.data.cache == "features":
        _check_features(recipe)
    if sum(batch.weight for batch in recipe.data.batches) == 0:
        raise RecipeError("recipe.no_batches")
    for key, value in (("name", recipe.name), ("run.output_dir", recipe.run.output_dir)):
        if not value:
            raise RecipeError("recipe.empty_value", key=key)


def _check_features(recipe: Recipe) -> None:
    augmentation = _plain(recipe.augmentation)
    allowed = ("hflip", "min_crop_scale", "border")
    changed = [f"augmentation.{name}" for name, value in augmentation.items() if value and name not in allowed]
    if not recipe.data.features:
        raise RecipeError("recipe.features_folder_missing")
    if len(recipe.data.batches) > 1:
        raise RecipeError("recipe.features_several_sizes")
    if changed:
        raise RecipeError("recipe.features_augmented", keys=", ".join(changed))
    if recipe.loss.teacher:
        raise RecipeError("recipe.features_teacher")


def _join(where: str, key: Any) -> str:
    return f"{where}.{key}" if where else str(key)


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {entry.name: _plain(getattr(value, entry.name)) for entry in fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
