"""Finds the languages of the page: each is one file of a translator, and nothing else names it."""

import functools
import re
from pathlib import Path

__all__ = ["list_languages"]

_TEXTS = Path(__file__).parents[1] / "static" / "texts"
_NAME = re.compile(r'^\s*language: "([^"]+)"', re.MULTILINE)


@functools.cache
def list_languages() -> dict[str, str]:
    """Returns the languages by code, each by its own name; English first."""
    found = {path.stem: _NAME.search(path.read_text(encoding="utf-8")) for path in sorted(_TEXTS.glob("*.js"))}
    named = {code: name[1] for code, name in found.items() if name}
    return {"en": named["en"]} | named
