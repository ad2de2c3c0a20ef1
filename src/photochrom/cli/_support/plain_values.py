"""Values of flags that are right as they stand: nothing is opened to convert a text to a text."""

import inspect
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, get_args, get_origin

__all__ = ["keep_plain_values"]

_TEXT, _TEXTS, _PERHAPS_TEXTS = (str, str | None), list[str], list[str] | None


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
    value = list(value) if annotation in (_TEXTS, _PERHAPS_TEXTS) and value else value
    return value if parameter.callback is None else parameter.callback(context, parameter, value)


def _is_right(parameter: Any, annotation: Any, value: Any) -> bool:
    if annotation == _PERHAPS_TEXTS and value is None and not parameter.required:
        return True
    if annotation in (_TEXTS, _PERHAPS_TEXTS):
        return bool(value) and all(isinstance(part, str) for part in value)
    if parameter.nargs != 1 or parameter.multiple or (parameter.required and value is None):
        return False
    if value is None or value is parameter.default:
        return True
    return isinstance(value, str) if annotation in _TEXT else annotation is bool and isinstance(value, bool)


def _strip(annotation: Any) -> Any:
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
