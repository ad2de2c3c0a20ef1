"""Who asks: a random cookie for browsers, a bearer token for programs; nobody signs up, and nothing else is known."""

import hashlib
import re
import secrets
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from photochrom.web.errors import ApiError, answer

__all__ = ["COOKIE", "ClientCookies", "client_of", "key_of", "make_token"]

COOKIE = "photochrom_client"
#: a cookie is used for that long after the browser was last here, seconds
_KEPT = 30 * 24 * 3600
_CLIENT, _ASKED = "photochrom.client", "photochrom.asked"
_TOKEN = re.compile(r"[0-9a-f]{32,128}")


def make_token() -> str:
    """A new client's secret: 256 random bits, 64 hexadecimal digits."""
    return secrets.token_hex(32)


def key_of(token: str) -> str:
    """The name of a client's folder in the store, which does not give the secret away."""
    return hashlib.sha256(token.encode()).hexdigest()[:40]


def client_of(request: Request) -> str:
    """The key of the client that asks; see :func:`key_of`. A browser that has no cookie gets one with the answer."""
    request.scope[_ASKED] = True
    key: str = request.scope[_CLIENT]
    return key


class ClientCookies:
    """Finds out who asks, and gives a browser that has no cookie one with the first answer.

    Args:
        app: what answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        token, fresh = _cookie(headers), False
        if "authorization" in headers:
            kind, _, given = headers["authorization"].partition(" ")
            given = given.strip().lower()
            if kind.lower() != "bearer" or not _TOKEN.fullmatch(given):
                sentence = "the Authorization header is not 'Bearer' and 32 to 128 hex digits: POST /clients gives some"
                await answer(ApiError(401, "bad_token", sentence))(scope, receive, send)
                return
            token = given
        elif token is None:
            token, fresh = make_token(), True
        scope[_CLIENT] = key_of(token)

        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start" and fresh and scope.get(_ASKED):
                secure = "; Secure" if scope["scheme"] == "https" else ""
                place = scope.get("root_path") or "/"
                cookie = f"{COOKIE}={token}; HttpOnly; SameSite=Strict; Path={place}; Max-Age={_KEPT}{secure}"
                MutableHeaders(scope=message).append("Set-Cookie", cookie)
            await send(message)

        await self._app(scope, receive, tell)


def _cookie(headers: Headers) -> str | None:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return None
    return found.value if found is not None and _TOKEN.fullmatch(found.value) else None
