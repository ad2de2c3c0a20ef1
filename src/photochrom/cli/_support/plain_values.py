"""Values of flags that are right as they stand: nothing is opened to convert a text to a text."""

import inspect
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, get_args, get_origin

__all__ = ["keep_plain_values"]

_TEXT, _PERHAPS_TEXTS = (str, str | None), list[str] | None
_TEXTS = (list[str], _PERHAPS_TEXTS)


def keep_plain_values(command: Any, function: Callable[..., Any]) -> Any:
    """Lets a command take texts, defaults and flags that were not given without typer's conversion.

    For that typer opens pydantic, which takes a tenth of a second.

    Args:
        command: as typer made it.
        function: what it was made of.

    Returns:
        The command.
    """
    annotations = {entry.name: _strip(entry.annotation) for entry in inspect.signature(function).parameters.values()}
    list_parameters = command.get_params

    def get_parameters(context: Any) -> list[Any]:
        found: list[Any] = list_parameters(context)
        for entry in found:
            if not isinstance(entry.process_value, partial):
                entry.process_value = partial(_process, entry, annotations.get(entry.name), entry.process_value)
        return found

    command.get_params = get_parameters
    return command


def _process(parameter: Any, annotation: Any, convert: Callable[[Any, Any], Any], context: Any, value: Any) -> Any:
    if not _is_right(parameter, annotation, value):
        return convert(context, value)
    value = list(value) if value and annotation in _TEXTS else value
    return value if parameter.callback is None else parameter.callback(context, parameter, value)


def _is_right(parameter: Any, annotation: Any, value: Any) -> bool:
    if value is None:
        return not parameter.required and (annotation == _PERHAPS_TEXTS or _is_single(parameter))
    if annotation in _TEXTS:
        return bool(value) and all(isinstance(part, str) for part in value)
    if not _is_single(parameter):
        return False
    return (
        value is parameter.default
        or (annotation in _TEXT and isinstance(value, str))
        or (annotation is bool and isinstance(value, bool))
    )


def _is_single(parameter: Any) -> bool:
    return bool(parameter.nargs == 1 and not parameter.multiple)


def _strip(annotation: Any) -> Any:
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
