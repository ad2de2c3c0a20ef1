"""Guards against requests of other sites or for other hosts, and against bodies that are too long or too slow."""

import asyncio
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from photochrom.web.errors import ApiError, answer_error
from photochrom.web.limits import Limits
from photochrom.web.middleware.addresses import BASE

__all__ = ["BodyGuard", "OriginGuard"]

_SAFE = ("GET", "HEAD", "OPTIONS")
#: bytes of a form besides the file itself: its other fields and boundaries
_REST = 1_000_000
#: a request without a file, bytes
_SMALL = 4_000_000


class OriginGuard:
    """Lets pages of other sites change nothing here, and answers under no foreign name.

    Args:
        app: what answers.
        hosts: names this service answers to; none for any.
        proxy: a proxy stands before it, whose X-Forwarded headers are true.
        root: the path it is reached under.
    """

    def __init__(self, app: ASGIApp, hosts: Sequence[str] = (), proxy: bool = False, root: str = "") -> None:
        self._app, self._proxy, self._root = app, proxy, root
        self._hosts = {host.lower() for host in hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            if self._proxy and (prefix := headers.get("x-forwarded-prefix")):
                scope["root_path"] = "/" + prefix.strip("/") if prefix.strip("/") else ""
            host = self._host(headers)
            scope[BASE] = f"{scope['scheme']}://{host}{scope.get('root_path') or self._root}"
            # machines that ask for health do not know the name
            named = self._hosts and not scope["path"].endswith("/health")
            if named and not self._is_own(host):
                await answer_error(ApiError("service.unknown_host")).to_response()(scope, receive, send)
                return
            if scope["method"] not in _SAFE and _is_foreign(headers, host, scope["scheme"]):
                await answer_error(ApiError("service.foreign_origin")).to_response()(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _is_own(self, host: str) -> bool:
        name = host if host.endswith("]") else host.rsplit(":", 1)[0]
        # every name under localhost is this machine (RFC 6761)
        local = "localhost" in self._hosts and name.endswith(".localhost")
        return local or name.strip("[]") in self._hosts or host in self._hosts

    def _host(self, headers: Headers) -> str:
        given = headers.get("x-forwarded-host") if self._proxy else None
        return (given or headers.get("host", "")).split(",")[0].strip().lower()


def _is_foreign(headers: Headers, host: str, scheme: str) -> bool:
    if headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        return True
    origin = headers.get("origin")
    if origin is None:
        return False
    default = {"http": ":80", "https": ":443"}.get(scheme, "")
    return urlsplit(origin).netloc.lower().removesuffix(default) != host.removesuffix(default)


class BodyGuard:
    """Counts a body while it comes, and gives up on one that is too long or too slow.

    Args:
        app: what answers.
        limits: bytes and seconds.
        videos: ends of paths that take videos.
        photos: ends of paths that take photos or projects.
    """

    def __init__(self, app: ASGIApp, limits: Limits, videos: Sequence[str], photos: Sequence[str]) -> None:
        self._app, self._limits = app, limits
        self._videos, self._photos = tuple(videos), tuple(photos)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http" or scope["method"] in _SAFE:
            await self._app(scope, receive, send)
            return
        limit, thing = self._find_limit(scope["path"])
        length = Headers(scope=scope).get("content-length", "0")
        if not length.isdecimal() or int(length) > limit:
            # what is still on its way is not waited for
            response = answer_error(_too_large(thing, limit)).to_response()
            response.headers["Connection"] = "close"
            await response(scope, receive, send)
            return
        begun, taken, whole = time.monotonic(), 0, False

        async def count() -> Message:
            nonlocal taken, whole
            if whole:
                return await receive()
            left = self._limits.upload_seconds - (time.monotonic() - begun)
            try:
                message = await asyncio.wait_for(receive(), max(0.01, min(self._limits.idle_seconds, left)))
            except TimeoutError:
                raise ApiError("service.upload_too_slow") from None
            taken += len(message.get("body", b""))
            whole = not message.get("more_body", False)
            if taken > limit:
                raise _too_large(thing, limit)
            return message

        await self._app(scope, count, send)

    def _find_limit(self, path: str) -> tuple[int, str]:
        if path.endswith(self._videos):
            return self._limits.video_bytes + _REST, "video"
        if path.endswith(self._photos):
            return self._limits.photo_bytes + _REST, "photo"
        return _SMALL, "request"


def _too_large(thing: str, limit: int) -> ApiError:
    return ApiError("service.upload_too_large", thing=thing, limit=limit // 1_000_000)
