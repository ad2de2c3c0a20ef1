"""Knows the address that clients use, and answers HEAD as GET without a body."""

import re
from collections.abc import Iterable

from starlette.requests import Request
from starlette.routing import BaseRoute, Route, compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["BASE", "Addresses", "HeadRequests", "absolute_url"]

#: where the guard of origins leaves the scheme, host and root path that clients use
BASE = "photochrom.base"


def absolute_url(request: Request, path: str) -> str:
    """Returns the address of a path as the client would ask for it, through a proxy too.

    Args:
        request: any of the client's.
        path: under the API, without a slash at its begin.
    """
    from photochrom.web.app import API

    return f"{request.scope[BASE]}{API}/{path}"


class Addresses:
    """The paths that are answered, and the methods of each."""

    def __init__(self) -> None:
        self._known: list[tuple[re.Pattern[str], frozenset[str]]] = []

    def add(self, prefix: str, routes: Iterable[BaseRoute]) -> None:
        """Learns the routes under a prefix."""
        for route in routes:
            if isinstance(route, Route):
                self._known.append((compile_path(prefix + route.path)[0], frozenset(route.methods or ())))

    def list_methods(self, request: Request, path: str | None = None) -> list[str]:
        """Returns the methods that an address takes, or another path; none where there is nothing."""
        asked = _strip_root(request.scope, request.scope["path"] if path is None else path)
        found = {method for pattern, methods in self._known if pattern.fullmatch(asked) for method in methods}
        return sorted(found | ({"HEAD"} if "GET" in found else set()))

    def find_redirect(self, request: Request) -> str | None:
        """Returns where an address with a slash too many leads; None where there is nothing without it either."""
        path = request.scope["path"]
        shorter = path.rstrip("/")
        if shorter in ("", path) or not self.list_methods(request, shorter):
            return None
        query = f"?{request.url.query}" if request.url.query else ""
        return str(request.scope[BASE]) + _strip_root(request.scope, shorter) + query


def _strip_root(scope: Scope, path: str) -> str:
    """Returns a path without the root path, which a proxy may or may not have taken off."""
    root = scope.get("root_path", "")
    return path[len(root) :] if root and path.startswith(f"{root}/") else path


class HeadRequests:
    """Answers HEAD with the headers that GET would have.

    Args:
        app: what answers GET.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        begun = False

        async def send_headers(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                await send(message)
                await send({"type": "http.response.body", "body": b""})
                begun = True

        async def leave() -> Message:
            # what is streamed for long ends where nobody listens
            return {"type": "http.disconnect"} if begun else await receive()

        await self._app({**scope, "method": "GET"}, leave, send_headers)
