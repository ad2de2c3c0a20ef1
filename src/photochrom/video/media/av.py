"""The one door to PyAV, the ``video`` extra, and to what its errors mean."""

import os
from functools import cache
from pathlib import Path
from typing import Any

from photochrom.errors import MissingDependencyError

__all__ = ["file_url", "find_side_data", "load_av"]


@cache
def load_av() -> Any:
    """Returns PyAV, which writes no log.

    Raises:
        MissingDependencyError: it is not installed.
    """
    # SVT-AV1 talks on standard error, past every logger
    os.environ.setdefault("SVT_LOG", "1")
    try:
        import av
        import av.logging
    except ModuleNotFoundError as error:
        if (error.name or "") != "av":
            raise
        raise MissingDependencyError("Colouring films", "video") from error
    av.logging.set_level(None)
    return av


def find_side_data(frame: Any, name: str) -> bytes | None:
    """Returns data of a kind that come with a frame; None where there are none.

    What PyAV does not know by name (EXIF, since FFmpeg 8) hides all that is there, and counts as none.
    """
    try:
        found = frame.side_data.get(name)
    except ValueError:
        return None
    return None if found is None else bytes(found)


def file_url(path: Path) -> str:
    """Returns a path as FFmpeg takes it for a file, whatever is in its name: a colon would end a scheme."""
    return f"file:{path}"
