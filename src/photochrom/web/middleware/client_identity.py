"""Identifies clients: a random cookie for browsers, a bearer token for programs; nobody signs up.

Where the operator has given out API keys, a key is a token too, and a browser may keep one in its cookie. Keys may be
required.
"""

import hashlib
import math
import re
import secrets
from dataclasses import replace
from http.cookies import CookieError, SimpleCookie

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from photochrom.web.errors import ApiError, ErrorAnswer, answer_error
from photochrom.web.middleware.api_keys import KEY_FORM, ApiKeys
from photochrom.web.middleware.rate_limit import RateLimiter

__all__ = ["COOKIE", "ClientIdentity", "client_of", "create_token", "hash_token", "identify_client", "make_cookie"]

COOKIE = "photochrom_client"
#: a cookie is used for that long after the browser was last here, seconds
_MAX_AGE = 30 * 24 * 3600
_CLIENT, _ASKED = "photochrom.client", "photochrom.asked"
_TOKEN = re.compile(r"[0-9a-f]{32,128}")
#: addresses of the API that ask for no key, and are not counted
_OPEN = ("/health", "/ready", "/session", "/openapi.json")


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


def client_of(request: Request) -> str:
    """Returns the key of the client that asks; a browser without a cookie gets none for it."""
    key: str = request.scope[_CLIENT]
    return key


def make_cookie(scope: Scope, token: str, max_age: int = _MAX_AGE) -> str:
    """Returns a header that has the browser keep a token, or with an age of 0 forget it."""
    secure = "; Secure" if scope["scheme"] == "https" else ""
    place = scope.get("root_path") or "/"
    return f"{COOKIE}={token}; HttpOnly; SameSite=Strict; Path={place}; Max-Age={max_age}{secure}"


class ClientIdentity:
    """Finds out who asks, and gives a browser without a cookie one with the first answer.

    Args:
        app: what answers.
        keys: that were given out.
        rates: counts the requests of those whose key says how many there may be.
        prefix: the path of the API.
    """

    def __init__(self, app: ASGIApp, keys: ApiKeys, rates: RateLimiter, prefix: str) -> None:
        self._app, self._keys, self._rates, self._prefix = app, keys, rates, prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            client, fresh = self._identify(scope)
            await self._count(scope, client)
        except ApiError as error:
            answer = answer_error(error)
            if error.code == "service.too_many_requests":
                answer = _wait(answer, error.details["seconds"])
            await answer.to_response()(scope, receive, send)
            return
        scope[_CLIENT] = client

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and fresh and scope.get(_ASKED):
                MutableHeaders(scope=message).append("Set-Cookie", make_cookie(scope, fresh))
            await send(message)

        await self._app(scope, receive, send_with_cookie)

    def _identify(self, scope: Scope) -> tuple[str, str]:
        """Returns the key of the client, and the token that a browser without a cookie gets, or "".

        Raises:
            ApiError: 401, there has to be a key, or it was not given out.
        """
        headers = Headers(scope=scope)
        is_open = self._is_open(scope)
        if "authorization" in headers:
            kind, _, given = headers["authorization"].partition(" ")
            token = given.strip().lower()
            if kind.lower() != "bearer" or not (_TOKEN.fullmatch(token) or KEY_FORM.fullmatch(token)):
                raise ApiError("service.invalid_token")
        else:
            token = _read_cookie(headers)
        entry = self._keys.find(token) if KEY_FORM.fullmatch(token) else None
        if entry is None and KEY_FORM.fullmatch(token):
            if "authorization" in headers or not is_open:
                raise ApiError("service.unknown_key")
            token = ""
        if entry is not None:
            return entry.client, ""
        if self._keys.required and not is_open:
            raise ApiError("service.key_required")
        fresh = "" if token or self._keys.required else create_token()
        return hash_token(token or fresh), fresh

    def _is_open(self, scope: Scope) -> bool:
        _, found, path = scope["path"].partition(self._prefix)
        return not found or path in _OPEN

    async def _count(self, scope: Scope, client: str) -> None:
        limit = self._keys.rate_of(client)
        if limit is None or self._is_open(scope):
            return
        seconds = await run_in_threadpool(self._rates.take, client, limit)
        if seconds > 0:
            raise ApiError("service.too_many_requests", limit=limit, seconds=math.ceil(seconds))


def _wait(answer: ErrorAnswer, seconds: object) -> ErrorAnswer:
    return replace(answer, retry_after=int(str(seconds)))


def _read_cookie(headers: Headers) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    value = found.value if found is not None else ""
    return value if _TOKEN.fullmatch(value) or KEY_FORM.fullmatch(value) else ""
