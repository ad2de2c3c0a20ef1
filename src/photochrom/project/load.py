"""Reading a project file, strictly: what photochrom wrote, and nothing else."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from photochrom.deprecations import upgrade_project
from photochrom.errors import ProjectError
from photochrom.project.schema import VERSION, Project, read_bytes

__all__ = ["read_project"]

#: bytes; a hundred thousand hints take less
LARGEST = 16 << 20


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
        entries = json.loads(data.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ProjectError("project.not_json", project=project) from error
    if not isinstance(entries, dict) or "photochrom_project" not in entries:
        raise ProjectError("project.not_a_project", project=project)
    version = entries.pop("photochrom_project")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise ProjectError("project.version_unknown", project=project)
    if version > VERSION:
        raise ProjectError("project.version_newer", project=project, version=version, known=VERSION)
    if version == 1:
        entries = upgrade_project(entries)
    return _decode(entries, project)


def _decode(entries: dict[str, Any], project: str) -> Project:
    from pydantic import ValidationError

    try:
        decoded: Project = _adapter().validate_json(json.dumps(entries), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        if first["type"] in ("unexpected_keyword_argument", "extra_forbidden"):
            raise ProjectError("project.key_unknown", project=project, key=key) from None
        if first["type"] in ("missing", "missing_argument", "missing_keyword_only_argument"):
            raise ProjectError("project.key_missing", project=project, key=key) from None
        raise ProjectError("project.value_wrong", project=project, key=key, reason=first["msg"]) from None
    if decoded.version != VERSION:
        raise ProjectError("project.key_unknown", project=project, key="version")
    return decoded


@cache
def _adapter() -> Any:
    # opened when a project is read, for it takes a tenth of a second
    from pydantic import TypeAdapter

    return TypeAdapter(Project)


def _refuse_constant(text: str) -> None:
    raise ValueError(f"{text} is not a number")
