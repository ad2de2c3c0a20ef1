"""An evaluation as JSON: ``results.json``, format 1.

JSON has no infinity: the PSNR of a picture that equals the truth is written as the string ``"inf"``. A figure that does
not exist is ``null`` or left out.
"""

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

from photochrom.errors import ResultsError
from photochrom.evaluation.results.schema import Evaluation
from photochrom.system.decode import decode

__all__ = ["RESULTS_FORMAT", "from_json", "load", "to_json"]

RESULTS_FORMAT = 1


def to_json(evaluation: Evaluation) -> str:
    """The text of ``results.json``; same evaluation, same text."""
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
    """Read what :func:`to_json` wrote; ``where`` names it in errors.

    Raises:
        ResultsError: it is no such JSON, of another format, or a field is missing, unknown or of a wrong type.
    """
    try:
        entries = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise ResultsError(f"{where} is no JSON: give the results.json of a report") from error
    if not isinstance(entries, dict) or entries.get("format") != RESULTS_FORMAT:
        found = entries.get("format") if isinstance(entries, dict) else None
        raise ResultsError(
            f"{where} has results of format {found!r}, not {RESULTS_FORMAT}: evaluate again with this version"
        )
    return decode(Evaluation, entries, where)


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def load(path: Path) -> Evaluation:
    """Read a ``results.json``.

    Raises:
        ResultsError: it cannot be read; see :func:`from_json`.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ResultsError(f"'{path}' cannot be read: give the results.json of a report") from error
    return from_json(text, f"'{path}'")
