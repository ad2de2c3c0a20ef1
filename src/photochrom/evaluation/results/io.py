"""An evaluation as JSON: ``results.json``, format 2; format 1 is read too.

JSON has no infinity: the PSNR of an image that equals the truth is written as the string ``"inf"``. A figure that does
not exist is ``null`` or left out.
"""

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

from photochrom.errors import ResultsError
from photochrom.evaluation.results.schema import Evaluation
from photochrom.system.decode import decode_dataclass

__all__ = ["RESULTS_FORMAT", "from_json", "load", "to_json"]

RESULTS_FORMAT = 2
#: words of format 1 and what they are called now
_KINDS = {
    "outputs": "predictions",
    "missing output": "missing prediction",
    "unreadable output": "unreadable prediction",
}


def to_json(evaluation: Evaluation) -> str:
    """Returns the text of ``results.json``; same evaluation, same text."""
    return json.dumps(_plain(asdict(evaluation)), indent=1, allow_nan=False, ensure_ascii=False) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, float) and math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return value


def from_json(text: str, where: str = "the text") -> Evaluation:
    """Reads what :func:`to_json` wrote; ``where`` names it in errors.

    Raises:
        ResultsError: it is not such JSON, of another format, or a field is missing, unknown or of a wrong type.
    """
    try:
        entries = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise ResultsError("results.not_json", source=where) from error
    found = entries.get("format") if isinstance(entries, dict) else None
    if isinstance(entries, dict) and type(found) is int and found == 1:
        _upgrade(entries)
    elif not isinstance(entries, dict) or type(found) is not int or found != RESULTS_FORMAT:
        raise ResultsError("results.format_unknown", source=where, found=repr(found)[:40], known=RESULTS_FORMAT)
    return decode_dataclass(Evaluation, entries, where)


def _upgrade(entries: dict[str, Any]) -> None:
    """Changes results of format 1 to format 2, in place: other words for the same kinds."""
    entries["format"] = RESULTS_FORMAT
    systems = _list_objects(entries.get("entries"))
    data = entries.get("data")
    left_out = _list_objects(data.get("left_out")) if isinstance(data, dict) else []
    for each in (
        *systems,
        *left_out,
        *(photo for system in systems for photo in _list_objects(system.get("left_out"))),
    ):
        if isinstance(kind := each.get("kind"), str):
            each["kind"] = _KINDS.get(kind, kind)


def _list_objects(value: Any) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def load(path: Path) -> Evaluation:
    """Reads a ``results.json``.

    Raises:
        ResultsError: it cannot be read; see :func:`from_json`.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ResultsError("results.unreadable", path=path) from error
    return from_json(text, f"'{path}'")
