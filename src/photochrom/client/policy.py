"""How requests are sent: to which address, as whom, how often, and what a refusal becomes."""

import secrets
from collections.abc import Iterator
from random import random

import httpx

from photochrom.client.errors import ServiceError
from photochrom.web.schemas.jobs import JobInfo

__all__ = ["FINAL", "LOOK", "check", "default_token", "is_passing", "root", "timed_out", "unreachable", "waits"]

FINAL = ("done", "failed", "cancelled")
#: seconds between looks at a job
LOOK = 0.5
#: seconds before the second attempt, and the longest before any
_FIRST, _LONGEST = 0.3, 20.0
#: what passes by itself
_PASSING = (502, 503, 504)
#: so do these, of other statuses: a key whose first request is still in work, and requests that come too often
_PASSING_CODES = ("service.key_in_work", "service.too_many_requests")


def root(address: str) -> str:
    """Returns where the API of a service is."""
    return f"{address.rstrip('/')}/api/v1/"


def default_token() -> str:
    """Returns a new client's secret."""
    return secrets.token_hex(32)


def waits(retries: int) -> Iterator[float]:
    """Yields how long to wait before each further attempt, seconds: longer each time, and not all clients together."""
    for attempt in range(retries):
        yield min(_LONGEST, _FIRST * 2**attempt) * (0.75 + random() / 2)


def is_passing(answer: httpx.Response) -> float | None:
    """Returns the seconds after which a refusal may pass, 0 where it does not say; None where it will not."""
    if answer.status_code not in _PASSING and not (
        answer.status_code in (409, 429) and _code(answer) in _PASSING_CODES
    ):
        return None
    given = answer.headers.get("retry-after", "0")
    return min(_LONGEST, float(given)) if given.isdecimal() else 0.0


def check(answer: httpx.Response) -> None:
    """Raises ServiceError where the service said no; its body must have been read."""
    if answer.is_success:
        return
    try:
        problem = answer.json()
        code, detail, remedy = problem["code"], problem["detail"], problem["remedy"]
    except (ValueError, KeyError, TypeError):
        code, detail, remedy = "client.strange_answer", f"The service answered {answer.status_code}.", ""
    raise ServiceError(code, status=answer.status_code, detail=detail, remedy=remedy)


def unreachable(error: httpx.TransportError) -> ServiceError:
    """Returns the error of a service that does not answer."""
    return ServiceError("client.unreachable", detail=f"The service does not answer ({error or type(error).__name__}).")


def timed_out(job: JobInfo) -> ServiceError:
    """Returns the error of a job that is not waited for any longer."""
    return ServiceError("client.timeout", detail=f"{job.name} is still {job.status}.", remedy="Wait for it again.")


def _code(answer: httpx.Response) -> object:
    try:
        return answer.json().get("code")
    except (ValueError, AttributeError):
        return None
