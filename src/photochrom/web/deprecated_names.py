"""Lets clients of version 0.1 use the names they know, as the tables of :mod:`photochrom.deprecations` have them.

Answers have their renamed fields under the old names too. Old paths and parameters are in
:mod:`photochrom.web.middleware.deprecated_names`.
"""

from collections.abc import Collection
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from photochrom.deprecations import REST_FIELDS, REST_VALUES

if TYPE_CHECKING:
    from starlette.datastructures import FormData

__all__ = ["USED", "add_old_names", "form_names", "read_form_field", "rename_fields"]

#: the old names that the request in work has used
USED: ContextVar[set[str]] = ContextVar("USED")


def rename_fields(entries: object, known: Collection[str]) -> object:
    """Returns an object of a request, or of a stored record, with new names for its old ones.

    Args:
        entries: decoded JSON; what is not an object is returned as it is.
        known: the fields it may have. A field is renamed to one of them, unless it is given under both names.
    """
    if not isinstance(entries, dict):
        return entries
    old = {name for name, new in REST_FIELDS.items() if name in entries and new in known and new not in entries}
    USED.get(set()).update(old)
    renamed = {REST_FIELDS[name] if name in old else name: value for name, value in entries.items()}
    for name in REST_VALUES.keys() & renamed.keys() & set(known):
        former = {old_value: new for new, old_value in REST_VALUES[name].items()}
        if isinstance(renamed[name], str):
            renamed[name] = former.get(renamed[name], renamed[name])
    return renamed


def add_old_names(entries: dict[str, Any], *, always: bool) -> dict[str, Any]:
    """Returns an object of an answer with its renamed fields under their old names too.

    Args:
        entries: the object.
        always: False to leave it alone where the request had new names only.
    """
    return entries | _to_old_names(entries) if always or USED.get(set()) else entries


def _to_old_names(entries: dict[str, Any]) -> dict[str, Any]:
    """Returns the renamed fields alone; what lies in them has old names only."""
    old = {}
    for name, new in REST_FIELDS.items():
        if new in entries:
            value = REST_VALUES[new].get(entries[new], entries[new]) if new in REST_VALUES else entries[new]
            if isinstance(value, dict):
                rest = {key: each for key, each in value.items() if key not in REST_FIELDS.values()}
                value = rest | _to_old_names(value)
            old[name] = value
    return old


def form_names(name: str) -> tuple[str, ...]:
    """Returns the names that a field of a form may have, the new one first."""
    return (name, *(old for old, new in REST_FIELDS.items() if new == name))


def read_form_field(form: "FormData", name: str) -> str | None:
    """Returns a field of a form, be it under an old name; None where there is none."""
    for each in form_names(name):
        value = form.get(each)
        if isinstance(value, str):
            if each != name:
                USED.get(set()).add(each)
            return value
    return None
