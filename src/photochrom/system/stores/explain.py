"""What an object store's failure means: whether it may pass, and its name among our errors.

Each library of fsspec has errors of its own. They are told apart by what they share: Python's own classes, an HTTP
status, the store's word for the failure, and the name of the class where nothing else is there.
"""

import errno
from collections.abc import Iterator

from photochrom.errors import PhotochromError, StoreError

__all__ = ["explain_store_error", "is_transient"]

_BUSY = {408, 425, 429, 500, 502, 503, 504}
_BUSY_ERRNO = {errno.EBUSY, errno.EAGAIN, errno.ETIMEDOUT, errno.ECONNRESET, getattr(errno, "EREMOTEIO", errno.EIO)}
_BUSY_CLASSES = {
    "ClientConnectionError",
    "ClientPayloadError",
    "ConnectionClosedError",
    "EndpointConnectionError",
    "HTTPClientError",
    "IncompleteRead",
    "IncompleteReadError",
    "ResponseStreamingError",
    "ServiceRequestError",
    "ServiceResponseError",
}
_KEYLESS_CLASSES = {
    "ClientAuthenticationError",
    "DefaultCredentialsError",
    "NoAuthTokenError",
    "NoCredentialsError",
    "PartialCredentialsError",
    "ProfileNotFound",
}
_BUCKETLESS = ("NoSuchBucket", "ContainerNotFound", "The specified bucket does not exist", "InvalidBucketName")


def is_transient(error: Exception) -> bool:
    """Tells whether an error of a store may pass by itself: it was busy, or the connection broke."""
    if isinstance(error, StoreError):
        return error.code == "store.incomplete"
    if isinstance(error, PhotochromError | FileNotFoundError | PermissionError | FileExistsError):
        return False
    if isinstance(error, TimeoutError | ConnectionError):
        return True
    for each in _chain(error):
        status = _status(each)
        if status is not None:
            return status in _BUSY
        if _class_names(each) & _BUSY_CLASSES:
            return True
        if isinstance(each, OSError) and each.errno in _BUSY_ERRNO:
            return True
    return False


def explain_store_error(address: str, error: Exception) -> StoreError:
    """Returns the error to raise where a file of a store could not be read, written or listed.

    Args:
        address: of the file.
        error: what the store's library said, after it was tried as often as it may be.
    """
    if isinstance(error, StoreError):
        return error
    reason = _say(error)
    if any(_class_names(each) & _KEYLESS_CLASSES for each in _chain(error)):
        return StoreError("store.credentials_missing", url=address, reason=reason)
    if isinstance(error, PermissionError) or _status(error) in (401, 403):
        return StoreError("store.permission_denied", url=address, reason=reason)
    if any(word in f"{_code(each)} {each}" for each in _chain(error) for word in _BUCKETLESS):
        return StoreError("store.bucket_missing", url=address)
    if isinstance(error, FileNotFoundError):
        return StoreError("store.not_found", url=address)
    if is_transient(error):
        return StoreError("store.unavailable", url=address, reason=reason)
    return StoreError("store.failed", url=address, reason=reason)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen = 0
    while error is not None and seen < 10:
        yield error
        error = error.__cause__ or error.__context__
        seen += 1


def _class_names(error: BaseException) -> set[str]:
    return {kind.__name__ for kind in type(error).__mro__}


def _code(error: BaseException) -> str:
    """Returns the store's word for a failure, where boto's error or Azure's has one."""
    response = getattr(error, "response", None)
    if isinstance(response, dict):
        return str(response.get("Error", {}).get("Code", ""))
    return str(getattr(error, "error_code", "") or "")


def _status(error: BaseException) -> int | None:
    """Returns the HTTP status that an error of aiohttp, boto, gcsfs or Azure carries."""
    response = getattr(error, "response", None)
    if isinstance(response, dict):
        found = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    else:
        found = next((getattr(error, name, None) for name in ("status", "status_code", "code")), None)
    return int(found) if isinstance(found, int) or (isinstance(found, str) and found.isdigit()) else None


def _say(error: Exception) -> str:
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    lines = said.strip().splitlines() or [type(error).__name__]
    return lines[0].rstrip(".")
