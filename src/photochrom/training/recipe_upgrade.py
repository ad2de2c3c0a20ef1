"""Recipes of format 1, converted to format 2: the one place that knows the old keys.

The loss columns of curves are named after the keys of their weights, so they are converted here too.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import yaml

from photochrom.deprecations import warn
from photochrom.errors import RecipeError

__all__ = ["OLD_FORMAT", "RENAMED_KEYS", "rename_columns", "rename_keys", "upgrade_recipe", "upgrade_values"]

OLD_FORMAT = 1
#: section -> key of format 1 -> key of format 2; the items of a list have the list's name
RENAMED_KEYS: Mapping[str, Mapping[str, str]] = {
    "network": {
        "balance": "rebalance_lambda",
        "encoder_weights": "pretrained_encoder",
        "init_from": "init_checkpoint",
    },
    "data": {
        "side": "cache_image_size",
        "validation": "val",
        "weights": "source_weights",
        "workers": "num_workers",
    },
    "data.batches": {"photos": "batch_size", "pixels": "image_size", "share": "weight"},
    "augmentation": {"fading": "fade", "flip": "hflip", "grain": "noise", "smallest_crop": "min_crop_scale"},
    "hints": {
        "few": "geometric_probability",
        "largest": "max_patch_size",
        "mean": "mean_count",
        "share": "probability",
    },
    "loss": {"decibels": "log_mse", "regression": "mse", "spreading": "propagation"},
    "optimizer": {
        "accumulate": "accumulate_grad_batches",
        "clip": "grad_clip_norm",
        "kind": "name",
        "only": "trainable",
        "rate": "lr",
    },
    "schedule": {
        "average": "ema_decay",
        "core_minutes": "max_cpu_minutes",
        "final": "min_lr_ratio",
        "minutes": "max_minutes",
        "shape": "scheduler",
        "steps": "max_steps",
        "warmup": "warmup_steps",
    },
    "run": {"folder": "output_dir", "log_steps": "log_every_n_steps", "validate_steps": "val_every_n_steps"},
}
#: columns of ``metrics.csv``, then and now
RENAMED_COLUMNS: Mapping[str, str] = {"core_minutes": "cpu_minutes", "rate": "lr", **RENAMED_KEYS["loss"]}
VALIDATION = "val_"

Value = TypeVar("Value")


def upgrade_values(values: Mapping[Any, Any], source: str) -> dict[Any, Any]:
    """Converts a parsed recipe of format 1, with a :class:`DeprecationWarning`.

    Args:
        values: the recipe.
        source: names it in messages.

    Raises:
        RecipeError: a key stands there by both its names.
    """
    warn(f"Recipe format {OLD_FORMAT} of '{source}'", "format 2, which 'photochrom recipe upgrade FILE' writes")
    converted: dict[Any, Any] = rename_keys(values)
    return {**converted, "format": OLD_FORMAT + 1}


def rename_keys(values: Any, section: str = "", *, warning: bool = False) -> Any:
    """Returns a part of a recipe with the keys of format 2.

    Args:
        values: the part; keys that are not of format 1 stay.
        section: which section it is; empty for the whole recipe.
        warning: warn of each old key with a :class:`DeprecationWarning`.

    Raises:
        RecipeError: a key stands there by both its names.
    """
    if isinstance(values, list):
        return [rename_keys(i, section, warning=warning) if isinstance(i, Mapping) else i for i in values]
    if not isinstance(values, Mapping) or not _has_renames(section):
        return values
    renamed: dict[Any, Any] = {}
    for key, value in values.items():
        new = RENAMED_KEYS.get(section, {}).get(key, key)
        if new in renamed or (new != key and new in values):
            raise RecipeError("recipe.duplicate_key", key=_join(section, key), new=_join(section, new))
        if warning and new != key:
            warn(f"The recipe's key {_join(section, key)}", _join(section, new))
        renamed[new] = rename_keys(value, _join(section, new), warning=warning)
    return renamed


def rename_columns(row: Mapping[str, Value]) -> dict[str, Value]:
    """Returns a row of a curve with the columns' names of format 2."""
    renamed = {}
    for name, value in row.items():
        prefix = VALIDATION if name.startswith(VALIDATION) else ""
        plain = name.removeprefix(prefix)
        renamed[prefix + RENAMED_COLUMNS.get(plain, plain)] = value
    return renamed


def upgrade_recipe(text: str, *, source: str = "recipe") -> str:
    """Rewrites a recipe's YAML to format 2; comments and layout stay.

    Args:
        text: of format 1; of format 2, it stays as it is.
        source: names it in messages.

    Raises:
        RecipeError: it is not YAML, not a mapping, of another format, or has a key by both its names.
    """
    try:
        root = yaml.compose(text, yaml.SafeLoader)
        values = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, TypeError, RecursionError, OverflowError) as error:
        raise describe_yaml_error(error, source) from error
    if not isinstance(root, yaml.MappingNode) or not isinstance(values, dict):
        raise RecipeError("recipe.not_a_mapping", source=source, format=OLD_FORMAT + 1)
    version = values.get("format")
    if version == OLD_FORMAT + 1:
        return text
    if version != OLD_FORMAT:
        raise RecipeError("recipe.unknown_format", source=source, version=version, format=OLD_FORMAT + 1)
    rename_keys(values)  # refuses keys by both their names
    # by position, so that what an alias repeats is changed once
    changes: dict[int, tuple[int, str]] = {}
    _collect_changes(root, "", changes)
    for start in sorted(changes, reverse=True):
        end, new = changes[start]
        text = text[:start] + new + text[end:]
    return text


def describe_yaml_error(error: Exception, source: str) -> RecipeError:
    """Returns the error to raise for a text that PyYAML does not read."""
    if not isinstance(error, yaml.YAMLError):  # impossible dates, nesting without end
        return RecipeError("recipe.impossible_value", source=source)
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark else 1
    problem = getattr(error, "problem", None) or "it cannot be parsed"
    return RecipeError("recipe.invalid_yaml", source=source, line=line, problem=problem)


def _collect_changes(node: Any, section: str, changes: dict[int, tuple[int, str]]) -> None:
    if isinstance(node, yaml.SequenceNode) and _has_renames(section):
        for item in node.value:
            if isinstance(item, yaml.MappingNode):
                _collect_changes(item, section, changes)
    if not isinstance(node, yaml.MappingNode) or not _has_renames(section):
        return
    pairs: Sequence[tuple[Any, Any]] = node.value
    for key, value in pairs:
        name = key.value if isinstance(key, yaml.ScalarNode) else ""
        new = RENAMED_KEYS.get(section, {}).get(name, name)
        if new != name:
            changes[key.start_mark.index] = (key.end_mark.index, new)
        if not section and name == "format":
            changes[value.start_mark.index] = (value.end_mark.index, str(OLD_FORMAT + 1))
        _collect_changes(value, _join(section, new), changes)


def _has_renames(section: str) -> bool:
    return not section or any(name == section or name.startswith(f"{section}.") for name in RENAMED_KEYS)


def _join(section: str, key: object) -> str:
    return f"{section}.{key}" if section else str(key)
