"""Plain JSON values back to frozen dataclasses, strictly by their annotations."""

import dataclasses
import types
import typing
from collections.abc import Mapping
from typing import Any, Literal, TypeVar

from photochrom.errors import ResultsError

__all__ = ["decode_dataclass"]

T = TypeVar("T")


def decode_dataclass(kind: type[T], value: Any, where: str) -> T:
    """Builds a dataclass from a JSON object; every field without a default must be there, none unknown.

    Args:
        kind: a dataclass whose fields are dataclasses, tuples, dicts with string keys, literals, numbers, strings, or
            None. The strings "inf" and "-inf" stand for numbers.
        value: from ``json.loads``.
        where: names the source in errors.

    Raises:
        ResultsError: something does not fit; the message names the field.
    """
    try:
        return typing.cast(T, _decode(kind, value, ""))
    except _WrongError as error:
        raise ResultsError("system.wrong_field", source=where, field=str(error)) from None


class _WrongError(Exception):
    """The path of a field that does not fit."""


def _decode(kind: Any, value: Any, path: str) -> Any:
    if dataclasses.is_dataclass(kind):
        return _object(typing.cast(type, kind), value, path)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is tuple and isinstance(value, list):
        return tuple(_decode(arguments[0], entry, f"{path}[{i}]") for i, entry in enumerate(value))
    if origin is dict and isinstance(value, dict):
        return {key: _decode(arguments[1], entry, f"{path}.{key}") for key, entry in value.items()}
    if origin is types.UnionType:
        return None if value is None else _decode(arguments[0], value, path)
    if (origin is Literal and value in arguments) or kind is Any:
        return value
    if kind is float and value in ("inf", "-inf"):
        return float(value)
    fits: Any = {float: (int, float), int: int, str: str}.get(kind, ())
    if not isinstance(value, fits) or isinstance(value, bool):
        raise _WrongError(path.lstrip("."))
    try:
        return float(value) if kind is float else value
    except OverflowError:
        raise _WrongError(path.lstrip(".")) from None


def _object(kind: type, value: Any, path: str) -> Any:
    if not isinstance(value, Mapping):
        raise _WrongError(path.lstrip(".") or "all of it")
    hints = typing.get_type_hints(kind)
    fields = {entry.name: entry for entry in dataclasses.fields(kind)}
    needed = {name for name, entry in fields.items() if entry.default is dataclasses.MISSING}
    for name in sorted((needed - set(value)) | (set(value) - set(fields))):
        raise _WrongError(f"{path}.{name}".lstrip("."))
    return kind(**{name: _decode(hints[name], entry, f"{path}.{name}") for name, entry in value.items()})
