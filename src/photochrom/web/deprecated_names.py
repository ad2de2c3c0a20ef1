"""Lets clients of version 0.1 use the names they know, as the tables of :mod:`photochrom.deprecations` have them.

Requests may use old paths, parameters and fields, and are then answered with a ``Deprecation`` header. Answers have
their renamed fields under the old names too.
"""

import re
from collections.abc import Collection
from contextvars import ContextVar
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import FormData, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from photochrom.deprecations import REST_FIELDS, REST_PATHS, REST_VALUES

__all__ = ["DeprecatedNames", "add_old_names", "form_names", "read_form_field", "rename_fields"]

#: since when the old names are deprecated, as RFC 9745 writes it
_SINCE = "@1795651200"
_PATHS = {
    re.compile(old.replace("{id}", "(?P<id>[^/]+)")): new.replace("{id}", r"\g<id>") for old, new in REST_PATHS.items()
}
#: the old names that the request in work has used
_used: ContextVar[set[str]] = ContextVar("_used")


class DeprecatedNames:
    """Replaces old paths and parameters of requests by the new ones, and marks answers to requests with old names.

    Args:
        app: what answers.
        prefix: the path of the API.
    """

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self._app, self._prefix = app, prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http" or self._prefix not in scope["path"]:
            await self._app(scope, receive, send)
            return
        used: set[str] = set()
        _used.set(used)
        self._rename_path(scope, used)
        _rename_parameters(scope, used)

        async def mark(message: Message) -> None:
            if message["type"] == "http.response.start" and used:
                MutableHeaders(scope=message)["Deprecation"] = _SINCE
            await send(message)

        await self._app(scope, receive, mark)

    def _rename_path(self, scope: Scope, used: set[str]) -> None:
        start, prefix, rest = scope["path"].partition(self._prefix)
        for old, new in _PATHS.items():
            if found := old.fullmatch(rest):
                used.add(rest)
                scope["path"] = start + prefix + found.expand(new)
                scope["raw_path"] = scope["path"].encode()


def _rename_parameters(scope: Scope, used: set[str]) -> None:
    given = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    if old := {name for name, _ in given} & REST_FIELDS.keys():
        used |= old
        scope["query_string"] = urlencode([(REST_FIELDS.get(name, name), value) for name, value in given]).encode()


def rename_fields(entries: object, known: Collection[str]) -> object:
    """Returns an object of a request, or of a stored record, with new names for its old ones.

    Args:
        entries: decoded JSON; what is not an object is returned as it is.
        known: the fields it may have. A field is renamed to one of them, unless it is given under both names.
    """
    if not isinstance(entries, dict):
        return entries
    old = {name for name, new in REST_FIELDS.items() if name in entries and new in known and new not in entries}
    _used.get(set()).update(old)
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
    return entries | _to_old_names(entries) if always or _used.get(set()) else entries


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


def read_form_field(form: FormData, name: str) -> str | None:
    """Returns a field of a form, be it under an old name; None where there is none."""
    for each in form_names(name):
        value = form.get(each)
        if isinstance(value, str):
            if each != name:
                _used.get(set()).add(each)
            return value
    return None
