"""Reading a project file, strictly: what photochrom wrote, and nothing else."""

import dataclasses
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from photochrom.errors import OptionError, ProjectError
from photochrom.hints import Hint
from photochrom.project.schema import VERSION, ModelMark, Origin, Project, read_bytes
from photochrom.steering.variations import Variation

__all__ = ["read_project"]

#: bytes; a hundred thousand hints take less
LARGEST = 16 << 20
_HEX = frozenset("0123456789abcdef")


def read_project(source: str | Path | bytes) -> Project:
    """Reads a project file, strictly.

    Args:
        source: its path, or its bytes.

    Raises:
        ProjectError: it cannot be read, is not a project, of a newer version, or has an unknown key or a wrong value.
    """
    project = "The project" if isinstance(source, bytes) else f"'{source}'"
    data = source if isinstance(source, bytes) else read_bytes(Path(source), "project")
    if len(data) > LARGEST:
        raise ProjectError("project.too_large", project=project)
    try:
        entries = json.loads(data.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ProjectError("project.not_json", project=project) from error
    if not isinstance(entries, dict) or "photochrom_project" not in entries:
        raise ProjectError("project.not_a_project", project=project)
    version = entries.pop("photochrom_project")
    if not _is_whole_number(version) or version < 1:
        raise ProjectError("project.version_unknown", project=project)
    if version > VERSION:
        raise ProjectError("project.version_newer", project=project, version=version, known=VERSION)
    try:
        return _build(entries, version)
    except _EntryError as error:
        raise ProjectError(error.code, project=project, **error.details) from None
    except ProjectError as error:
        # of a value that no option can have
        raise ProjectError(error.code, **{**error.details, "project": project}) from None
    except OptionError as error:
        raise ProjectError("project.value_out_of_range", project=project, reason=str(error).rstrip(".")) from None


class _EntryError(Exception):
    """An entry that a project cannot have: the code and details of the error, but for the project's name."""

    def __init__(self, *, code: str, **details: str) -> None:
        super().__init__(code)
        self.code, self.details = code, details


def _wrong(key: str, expected: str) -> _EntryError:
    return _EntryError(code="project.value_wrong", key=key, expected=expected)


def _build(entries: dict[str, Any], version: int) -> Project:
    readers: dict[str, Callable[[Any, str], Any]] = {
        "source": _read_origin,
        "model": lambda value, name: ModelMark(
            **_read_fields(value, name, {"name": _read_text, "sha256": _read_digest})
        ),
        "hints": _read_hints,
        "reference": lambda value, name: None if value is None else _read_origin(value, name),
        "palette": lambda value, name: tuple(_read_list(value, name)),
        "alternative": lambda value, name: (
            None
            if value is None
            else Variation(**_read_fields(value, name, {"seed": _read_whole, "index": _read_whole}))
        ),
        "vividness": _read_number,
        "strength": _read_number,
        "size": lambda value, name: None if value is None else _read_whole(value, name),
        "restore_contrast": _read_truth,
    }
    unknown = sorted(set(entries) - set(readers))
    if unknown:
        raise _EntryError(code="project.key_unknown", key=unknown[0])
    missing = [name for name in ("source", "model") if name not in entries]
    if missing:
        raise _EntryError(code="project.key_missing", key=missing[0])
    return Project(**{name: readers[name](value, name) for name, value in entries.items()}, version=version)


def _read_fields(value: Any, name: str, readers: Mapping[str, Callable[[Any, str], Any]]) -> dict[str, Any]:
    if not isinstance(value, dict) or set(value) != set(readers):
        raise _wrong(name, f"an object with {', '.join(readers)}")
    return {key: read(value[key], f"{name}.{key}") for key, read in readers.items()}


def _read_origin(value: Any, name: str) -> Origin:
    readers = {"name": _read_text, "sha256": _read_digest, "size": _read_whole, "path": _read_place}
    return Origin(**_read_fields(value, name, readers))


def _read_model(value: Any, name: str) -> ModelMark:
    return ModelMark(**_read_fields(value, name, {"name": _read_text, "sha256": _read_digest}))


def _read_variation(value: Any, name: str) -> Variation | None:
    if value is None:
        return None
    return Variation(**_read_fields(value, name, {"seed": _read_whole, "index": _read_whole}))


def _read_hints(value: Any, name: str) -> tuple[Hint, ...]:
    return tuple(_read_hint(entry, f"{name} {number}") for number, entry in enumerate(_read_list(value, name), 1))


def _read_hint(value: Any, name: str) -> Hint:
    known = {field.name for field in dataclasses.fields(Hint)}
    if not isinstance(value, dict) or not {"x", "y", "color"} <= set(value) <= known:
        raise _wrong(name, "an object with x, y, color and radius")
    return Hint(**value)


def _read_list(value: Any, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise _wrong(name, "a list")
    return value


def _read_text(value: Any, name: str) -> str:
    if not isinstance(value, str) or not value or "\0" in value:
        raise _wrong(name, "a name")
    return value


def _read_place(value: Any, name: str) -> str | None:
    return None if value is None else _read_text(value, name)


def _read_digest(value: Any, name: str) -> str:
    if not isinstance(value, str) or len(value) != 64 or not set(value) <= _HEX:
        raise _wrong(name, "64 hexadecimal digits")
    return value


def _is_whole_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _read_whole(value: Any, name: str) -> int:
    if not _is_whole_number(value) or value < 0:
        raise _wrong(name, "a whole number")
    return int(value)


def _read_number(value: Any, name: str) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise _wrong(name, "a number")
    return value


def _read_truth(value: Any, name: str) -> bool:
    if not isinstance(value, bool):
        raise _wrong(name, "true or false")
    return value


def _refuse_constant(text: str) -> None:
    raise ValueError(f"{text} is not a number")
