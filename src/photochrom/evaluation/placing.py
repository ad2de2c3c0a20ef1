"""Puts a report's file in place in one step."""

import os
from contextlib import suppress
from pathlib import Path

from photochrom.errors import WriteError

__all__ = ["put"]


def put(path: Path, content: bytes) -> Path:
    """Write ``content`` to ``path``, in place of an earlier file; who looks sees the old one or the whole new one.

    Raises:
        WriteError: the folder cannot be written, or the disk is full.
    """
    part = path.with_name(f".{path.name}.{os.getpid():x}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with part.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)
    except OSError as error:
        reason = error.strerror or "the system refused"
        raise WriteError(f"'{path}' cannot be written ({reason}): check the folder and the free space") from error
    return path
