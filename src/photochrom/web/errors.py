"""What is said when a request is refused: a status, a code for programs, and one sentence for people."""

import errno
import re
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from photochrom import errors

__all__ = ["ApiError", "answer", "describe", "refusal_of", "unknown"]

#: the first that fits counts
_KINDS: tuple[tuple[type[Exception], int, str], ...] = (
    (errors.PictureTooLargeError, 413, "too_many_pixels"),
    (errors.UnreadablePictureError, 422, "unreadable_photo"),
    (errors.UnsupportedPictureError, 415, "unsupported_photo"),
    (errors.UnreadableFilmError, 422, "unreadable_film"),
    (errors.UnsupportedFilmError, 415, "unsupported_film"),
    (errors.UnknownModelError, 422, "unknown_model"),
    (errors.OptionError, 422, "bad_setting"),
    (errors.InputError, 422, "bad_input"),
    (errors.MissingDependencyError, 415, "not_installed"),
)
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class ApiError(HTTPException):
    """A request is refused.

    Args:
        status: of HTTP.
        code: for programs.
        message: one sentence that ends with what to do.
        retry_after: seconds after which it may work.
    """

    def __init__(self, status: int, code: str, message: str, *, retry_after: int | None = None) -> None:
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        super().__init__(status, message, headers)
        self.code = code
        self.message = message


def answer(refusal: ApiError) -> JSONResponse:
    """The response that says so."""
    content = {"error": {"code": refusal.code, "message": refusal.message}}
    return JSONResponse(content, refusal.status_code, dict(refusal.headers or {}))


def refusal_of(error: Exception, *, folder: Path | None = None) -> ApiError | None:
    """The refusal an error stands for; None for what is no fault of the request.

    Args:
        error: what was raised.
        folder: of ours, whose files the sentence may name; where they lie is nobody's business.
    """
    if isinstance(error, ApiError):
        return error
    if _is_full(error):
        return ApiError(507, "disk_full", "the service has no room left: try again later", retry_after=60)
    for kind, status, code in _KINDS:
        if isinstance(error, kind):
            return ApiError(status, code, _without(str(error), folder))
    if isinstance(error, MemoryError):
        return ApiError(503, "busy", "the service is short of memory: try again later", retry_after=10)
    return None


def _is_full(error: BaseException | None) -> bool:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        # of a decoder's or an encoder's own words for it no number is left
        if isinstance(error, errors.WriteError) or (isinstance(error, OSError) and error.errno in _FULL):
            return True
        error = error.__cause__ or error.__context__
    return False


def _without(sentence: str, folder: Path | None) -> str:
    if folder is not None:
        sentence = re.sub(rf"'?{re.escape(str(folder))}[^\s':,]*'?", "the file", sentence)
    sentence = sentence.rstrip(".")
    return sentence if sentence[1:2].isupper() else sentence[:1].lower() + sentence[1:]


def unknown(what: str) -> ApiError:
    """There is no such thing, or it is another client's: nobody is told which."""
    return ApiError(404, "not_found", f"there is no such {what}: it may have expired, so send it again")


def describe(errors_: list[Any]) -> str:
    """One sentence from pydantic's list."""
    first = errors_[0]
    place = ".".join(str(part) for part in first.get("loc", ()) if part not in ("body", "query", "path"))
    text = str(first.get("msg", "not valid"))
    if first.get("type") == "extra_forbidden":
        return f"{place} is no setting: leave it out"
    return f"{place or 'the request'} is wrong ({text[:1].lower()}{text[1:]}): correct it"
