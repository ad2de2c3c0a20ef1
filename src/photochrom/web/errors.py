"""Turns errors into answers: a status, a code for programs, and what failed and what to do for people."""

import errno
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import PurePath
from types import MappingProxyType
from typing import Any

from starlette.responses import JSONResponse

from photochrom import errors
from photochrom.errors import PhotochromError
from photochrom.messages import Message, render

__all__ = [
    "ApiError",
    "ErrorAnswer",
    "answer_error",
    "find_answer",
    "finish_sentence",
    "hide_folders",
    "validation_error",
]

#: the status of each code of ours, and seconds after which it may work
_STATUS: Mapping[str, int | tuple[int, int]] = {
    "service.unreadable_request": 400,
    "service.invalid_token": 401,
    "service.key_required": 401,
    "service.unknown_key": 401,
    "service.foreign_origin": 403,
    "service.model_not_allowed": 403,
    "service.not_found": 404,
    "service.unknown_address": 404,
    "service.method_not_allowed": 405,
    "service.upload_too_slow": 408,
    "service.job_not_done": 409,
    "service.key_in_work": (409, 1),
    "service.other_model": 409,
    "service.other_photo": 409,
    "service.reference_missing": 409,
    "service.photo_too_large": 413,
    "service.too_many_frames": 413,
    "service.upload_too_large": 413,
    "service.video_too_large": 413,
    "service.video_too_long": 413,
    "service.unknown_content_type": 415,
    "service.video_as_photo": 415,
    "service.unknown_host": 421,
    "service.batch_failed": 422,
    "service.batch_too_large": 422,
    "service.file_missing": 422,
    "service.hint_outside": 422,
    "service.invalid_field": 422,
    "service.invalid_key": 422,
    "service.key_reused": 422,
    "service.invalid_request": 422,
    "service.no_quality": 422,
    "service.not_a_video": 422,
    "service.photo_option": 422,
    "service.reference_not_stored": 422,
    "service.too_many_hints": 422,
    "service.unknown_container": 422,
    "service.unknown_field": 422,
    "service.unknown_model": 422,
    "service.webhook_address": 422,
    "service.webhook_host": 422,
    "service.too_many_active_jobs": 429,
    "service.too_many_jobs": 429,
    "service.too_many_photos": 429,
    "service.too_many_requests": 429,
    "service.too_many_videos": 429,
    "service.failed": 500,
    "service.busy": (503, 2),
    "service.not_ready": (503, 10),
    "service.out_of_memory": (503, 10),
    "service.queue_full": (503, 60),
    "service.queue_unavailable": (503, 30),
    "service.disk_full": (507, 60),
    "service.storage_full": (507, 600),
}
#: the status of the library's errors; the first that fits counts
_KINDS: tuple[tuple[type[Exception], int], ...] = (
    (errors.PictureTooLargeError, 413),
    (errors.UnreadablePictureError, 422),
    (errors.UnsupportedPictureError, 415),
    (errors.UnreadableFilmError, 422),
    (errors.UnsupportedFilmError, 415),
    (errors.UnknownModelError, 422),
    (errors.InputError, 422),
    (errors.MissingDependencyError, 415),
)
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
#: the folders of an absolute path inside a text
_FOLDERS = re.compile(r"(?<![\w/:.])(?:/|[A-Za-z]:[\\/])(?:[^\s'\":,/\\]+[\\/])+")


class ApiError(PhotochromError):
    """A request is refused, or a job fails, for a reason of the service."""


@dataclass(frozen=True)
class ErrorAnswer:
    """What a client is told of an error.

    Attributes:
        status: of HTTP.
        code: for programs; a key of :mod:`photochrom.messages`.
        message: for people; names no folder of this machine.
        retry_after: seconds after which it may work; None where waiting does not help.
    """

    status: int
    code: str
    message: Message
    retry_after: int | None = None

    def to_response(self) -> JSONResponse:
        """Returns the response that says so, as RFC 9457 has it."""
        known = {"code": self.code, "remedy": self.message.remedy}
        content = {
            "type": f"urn:photochrom:error:{self.code}",
            "title": _title(self.status),
            "status": self.status,
            "detail": self.message.problem,
            **known,
            # as version 0.1 had it; gone in version 0.3
            "error": {"message": self.message.problem, **known},
        }
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        if self.status == 401:
            # RFC 6750: without a token there is nothing wrong with it
            fault = "" if self.code == "service.key_required" else ', error="invalid_token"'
            headers["WWW-Authenticate"] = f'Bearer realm="photochrom"{fault}'
        return JSONResponse(content, self.status, headers, media_type="application/problem+json")


def answer_error(error: PhotochromError, *, status: int | None = None) -> ErrorAnswer:
    """Returns what a client is told of an error of ours.

    Args:
        error: of this service, or of the library.
        status: of HTTP; None for the one that goes with the error.
    """
    known = _STATUS.get(error.code) or next((status for kind, status in _KINDS if isinstance(error, kind)), 422)
    usual, retry_after = known if isinstance(known, tuple) else (known, None)
    details = {name: _hide_folders(value) for name, value in error.details.items()}
    code = str(_hide_folders(error.code))
    return ErrorAnswer(status or usual, code, render(code, details), retry_after)


def find_answer(error: Exception) -> ErrorAnswer | None:
    """Returns what a client is told of an error; None for what is not a fault of the request or of a full machine."""
    if isinstance(error, ApiError):
        return answer_error(error)
    if _is_full(error):
        return answer_error(ApiError("service.disk_full"))
    if isinstance(error, PhotochromError) and isinstance(error, tuple(kind for kind, _ in _KINDS)):
        return answer_error(error)
    if isinstance(error, MemoryError):
        return answer_error(ApiError("service.out_of_memory"))
    return None


def _title(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Refused"


def _is_full(error: BaseException | None) -> bool:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        # a decoder or an encoder that met a full disk keeps no number of it
        if isinstance(error, errors.WriteError) or (isinstance(error, OSError) and error.errno in _FULL):
            return True
        error = error.__cause__ or error.__context__
    return False


def _hide_folders(value: object) -> object:
    """Returns a detail without the folders of the paths in it: where files lie is nobody's business."""
    if isinstance(value, PurePath):
        return value.name
    return hide_folders(value) if isinstance(value, str) else value


def hide_folders(text: str, names: Mapping[PurePath, str] = MappingProxyType({})) -> str:
    """Returns a text without the folders of the paths in it.

    Args:
        text: a sentence of the library.
        names: files whose paths are known, which a pattern could miss, and what the client calls them.
    """
    for path, name in sorted(names.items(), key=lambda entry: -len(str(entry[0]))):
        text = text.replace(str(path), name)
    return _FOLDERS.sub("", text)


def finish_sentence(note: str) -> str:
    """Returns a note of the library, which begins small and has no full stop, as a sentence."""
    text = note.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".") if text else ""


def validation_error(faults: Sequence[Any]) -> ApiError:
    """Returns the refusal for what pydantic found.

    Args:
        faults: pydantic's list, as of ``ValidationError.errors()``.
    """
    first = faults[0]
    field = ".".join(str(part) for part in first.get("loc", ()) if part not in ("body", "query", "path"))
    if first.get("type") == "extra_forbidden":
        return ApiError("service.unknown_field", field=field)
    reason = str(first.get("msg", "it is malformed")).rstrip(".")
    reason = reason[:1].lower() + reason[1:]
    if field:
        return ApiError("service.invalid_field", field=field, reason=reason)
    return ApiError("service.invalid_request", reason=reason)
