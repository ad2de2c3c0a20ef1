"""Identifies clients: a random cookie for browsers, a bearer token for programs; nobody signs up."""

import hashlib
import re
import secrets
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from photochrom.web.errors import ApiError, answer_error

__all__ = ["COOKIE", "ClientIdentity", "create_token", "hash_token", "identify_client"]

COOKIE = "photochrom_client"
#: a cookie is used for that long after the browser was last here, seconds
_MAX_AGE = 30 * 24 * 3600
_CLIENT, _ASKED = "photochrom.client", "photochrom.asked"
_TOKEN = re.compile(r"[0-9a-f]{32,128}")


def create_token() -> str:
    """Returns a new client's secret: 256 random bits, 64 hexadecimal digits."""
    return secrets.token_hex(32)


def hash_token(token: str) -> str:
    """Returns the name of a client's folder in the storage, which does not give the secret away."""
    return hashlib.sha256(token.encode()).hexdigest()[:40]


def identify_client(request: Request) -> str:
    """Returns the key of the client that asks; see :func:`hash_token`. A browser without a cookie then gets one."""
    request.scope[_ASKED] = True
    key: str = request.scope[_CLIENT]
    return key


class ClientIdentity:
    """Finds out who asks, and gives a browser without a cookie one with the first answer.

    Args:
        app: what answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        token, fresh = _read_cookie(headers), False
        if "authorization" in headers:
            kind, _, given = headers["authorization"].partition(" ")
            given = given.strip().lower()
            if kind.lower() != "bearer" or not _TOKEN.fullmatch(given):
                await answer_error(ApiError("service.invalid_token")).to_response()(scope, receive, send)
                return
            token = given
        elif token is None:
            token, fresh = create_token(), True
        scope[_CLIENT] = hash_token(token)

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and fresh and scope.get(_ASKED):
                secure = "; Secure" if scope["scheme"] == "https" else ""
                place = scope.get("root_path") or "/"
                cookie = f"{COOKIE}={token}; HttpOnly; SameSite=Strict; Path={place}; Max-Age={_MAX_AGE}{secure}"
                MutableHeaders(scope=message).append("Set-Cookie", cookie)
            await send(message)

        await self._app(scope, receive, send_with_cookie)


def _read_cookie(headers: Headers) -> str | None:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return None
    return found.value if found is not None and _TOKEN.fullmatch(found.value) else None
