"""OpenCV, which comes with the ``video`` extra."""

from functools import cache
from typing import Any

from photochrom.errors import MissingDependencyError

__all__ = ["load_cv2"]


@cache
def load_cv2() -> Any:
    """Returns the module of OpenCV.

    Raises:
        MissingDependencyError: it is not installed.
    """
    try:
        import cv2
    except ModuleNotFoundError as error:
        if (error.name or "") != "cv2":
            raise
        raise MissingDependencyError("Colouring films", "video") from error
    return cv2
