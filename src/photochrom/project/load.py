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
    """Read a project file, strictly.

    Args:
        source: its path, or its bytes.

    Raises:
        ProjectError: it cannot be read, is no project, of a newer version, or has an unknown key or a wrong value.
    """
    where = "the project" if isinstance(source, bytes) else f"'{source}'"
    data = source if isinstance(source, bytes) else read_bytes(Path(source), "the project")
    if len(data) > LARGEST:
        raise ProjectError(f"{where} is larger than a project can be: give a file that photochrom wrote")
    try:
        entries = json.loads(data.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ProjectError(f"{where} is no readable JSON: give a file that photochrom wrote") from error
    if not isinstance(entries, dict) or "photochrom_project" not in entries:
        raise ProjectError(f"{where} is no photochrom project: give a file that photochrom wrote")
    version = entries.pop("photochrom_project")
    if not _is_whole(version) or version < 1:
        raise ProjectError(f"{where} has no version that photochrom knows: give a file that photochrom wrote")
    if version > VERSION:
        raise ProjectError(
            f"{where} is a project of version {version}, and this photochrom knows {VERSION}: update photochrom"
        )
    try:
        return _build(entries, version)
    except _WrongError as wrong:
        raise ProjectError(f"{where} has {wrong}: take it out, or save the project again") from None
    except OptionError as error:
        raise ProjectError(f"in {where}, {error}") from None


class _WrongError(Exception):
    """An entry that a project cannot have; the text says which."""


def _build(entries: dict[str, Any], version: int) -> Project:
    readers: dict[str, Callable[[Any, str], Any]] = {
        "source": _origin,
        "model": lambda value, name: ModelMark(**_fields(value, name, {"name": _text, "sha256": _digest})),
        "hints": _hints,
        "reference": lambda value, name: None if value is None else _origin(value, name),
        "palette": lambda value, name: tuple(_list(value, name)),
        "alternative": lambda value, name: (
            None if value is None else Variation(**_fields(value, name, {"seed": _whole, "index": _whole}))
        ),
        "vividness": _number,
        "strength": _number,
        "size": lambda value, name: None if value is None else _whole(value, name),
        "restore_contrast": _truth,
    }
    unknown = sorted(set(entries) - set(readers))
    if unknown:
        raise _WrongError(f"an unknown key {unknown[0]!r}")
    missing = [name for name in ("source", "model") if name not in entries]
    if missing:
        raise _WrongError(f"no {missing[0]!r}")
    return Project(**{name: readers[name](value, name) for name, value in entries.items()}, version=version)


def _fields(value: Any, name: str, readers: Mapping[str, Callable[[Any, str], Any]]) -> dict[str, Any]:
    if not isinstance(value, dict) or set(value) != set(readers):
        raise _WrongError(f"a wrong {name!r} (it has {', '.join(readers)})")
    return {key: read(value[key], f"{name}.{key}") for key, read in readers.items()}


def _origin(value: Any, name: str) -> Origin:
    readers = {"name": _text, "sha256": _digest, "size": _whole, "path": _place}
    return Origin(**_fields(value, name, readers))


def _hints(value: Any, name: str) -> tuple[Hint, ...]:
    return tuple(_hint(entry, f"{name} {number}") for number, entry in enumerate(_list(value, name), 1))


def _hint(value: Any, name: str) -> Hint:
    known = {field.name for field in dataclasses.fields(Hint)}
    if not isinstance(value, dict) or not {"x", "y", "color"} <= set(value) <= known:
        raise _WrongError(f"a wrong entry {name!r} (it has x, y, color and radius)")
    return Hint(**value)


def _list(value: Any, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise _WrongError(f"a wrong {name!r} (it is a list)")
    return value


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str) or not value or "\0" in value:
        raise _WrongError(f"a wrong {name!r} (it is a name)")
    return value


def _place(value: Any, name: str) -> str | None:
    return None if value is None else _text(value, name)


def _digest(value: Any, name: str) -> str:
    if not isinstance(value, str) or len(value) != 64 or not set(value) <= _HEX:
        raise _WrongError(f"a wrong {name!r} (it is 64 hexadecimal digits)")
    return value


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _whole(value: Any, name: str) -> int:
    if not _is_whole(value) or value < 0:
        raise _WrongError(f"a wrong {name!r} (it is a whole number)")
    return int(value)


def _number(value: Any, name: str) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise _WrongError(f"a wrong {name!r} (it is a number)")
    return value


def _truth(value: Any, name: str) -> bool:
    if not isinstance(value, bool):
        raise _WrongError(f"a wrong {name!r} (it is true or false)")
    return value


def _refuse_constant(text: str) -> None:
    raise ValueError(f"{text} is no number")
