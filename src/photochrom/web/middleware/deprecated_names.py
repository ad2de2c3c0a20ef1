"""Replaces old paths and parameters of requests, which are then answered with a ``Deprecation`` header."""

import re
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from photochrom.deprecations import REST_FIELDS, REST_PATHS
from photochrom.web.deprecated_names import USED

__all__ = ["DeprecatedNames"]

#: since when the old names are deprecated, as RFC 9745 writes it
_SINCE = "@1795651200"
_PATHS = {
    re.compile(old.replace("{id}", "(?P<id>[^/]+)")): new.replace("{id}", r"\g<id>") for old, new in REST_PATHS.items()
}


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
        USED.set(used)
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
