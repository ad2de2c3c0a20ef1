"""OpenCV, which comes with the ``video`` extra."""

from functools import cache
from typing import Any

from photochrom.errors import MissingExtraError

__all__ = ["load_cv2"]


@cache
def load_cv2() -> Any:
    """OpenCV.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        import cv2
    except ModuleNotFoundError as error:
        if (error.name or "") != "cv2":
            raise
        raise MissingExtraError("Colouring films", "video") from error
    return cv2
