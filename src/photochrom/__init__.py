"""Colour black-and-white photographs and films by deep learning.

>>> from photochrom import colorize
>>> colorize("1936.jpg").save("1936.color.jpg")  # doctest: +SKIP
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from photochrom import errors
    from photochrom.colorizer import Colorizer, Result, colorize
    from photochrom.hints import Hint
    from photochrom.options import ColorizeOptions, Variation
    from photochrom.registry import list_models
    from photochrom.steering.color_suggestions import Suggestion
    from photochrom.video.api import colorize_frames, colorize_video
    from photochrom.video.guidance.hints import VideoHint

__version__ = "0.2.0"

__all__ = [
    "ColorizeOptions",
    "Colorizer",
    "Hint",
    "Result",
    "Suggestion",
    "Variation",
    "VideoHint",
    "__version__",
    "colorize",
    "colorize_frames",
    "colorize_video",
    "errors",
    "list_models",
]

_HOMES = {
    "ColorizeOptions": "photochrom.options",
    "Variation": "photochrom.options",
    "Colorizer": "photochrom.colorizer",
    "VideoHint": "photochrom.video.guidance.hints",
    "Hint": "photochrom.hints",
    "Result": "photochrom.colorizer",
    "Suggestion": "photochrom.steering.color_suggestions",
    "colorize_frames": "photochrom.video.api",
    "colorize": "photochrom.colorizer",
    "colorize_video": "photochrom.video.api",
    "list_models": "photochrom.registry",
}


def __getattr__(name: str) -> Any:
    # opened at first use, so that importing the package is quick and has no effect
    if name == "errors":
        return importlib.import_module("photochrom.errors")
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    return importlib.import_module("photochrom.deprecations").find_attribute("photochrom", name)


def __dir__() -> list[str]:
    return sorted(__all__)
