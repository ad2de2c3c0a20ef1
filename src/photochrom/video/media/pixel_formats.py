"""Pixel formats: which a film's luma can be taken from as it is, and which are converted once."""

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photochrom.errors import UnsupportedFilmError
from photochrom.video.media.av import load_av

__all__ = ["Layout", "find_top_first", "layout_of", "plane_of", "set_plane"]

_PLANAR = re.compile(r"yuv(j?)(410|411|420|422|440|444)p(9|10|12|14|16)?(le|be)?|gray(9|10|12|14|16)?(le|be)?")
#: horizontal and vertical pixels to one of chroma
_STEPS = {"410": (4, 4), "411": (4, 1), "420": (2, 2), "422": (2, 1), "440": (1, 2), "444": (1, 1)}
#: AVFieldOrder: those whose lower field is the earlier one
_BOTTOM_FIRST = (3, 5)
#: formats whose chroma is interleaved: the planar one that holds the same numbers
_INTERLEAVED = {
    "nv12": "yuv420p",
    "nv21": "yuv420p",
    "nv16": "yuv422p",
    "nv24": "yuv444p",
    "nv42": "yuv444p",
    "yuyv422": "yuv422p",
    "uyvy422": "yuv422p",
    "yvyu422": "yuv422p",
    "p010le": "yuv420p10le",
    "p210le": "yuv422p10le",
    "y210le": "yuv422p10le",
}


@dataclass(frozen=True)
class Layout:
    """How luma and chroma are read from a pixel format.

    Attributes:
        kind: "yuv", "gray", or "rgb" for all that is converted to YUV 4:4:4 once.
        format: the planar format frames are brought to; the film's own where it is planar.
        depth: bits of luma.
        chroma: pixels across and down to one of chroma; None for gray.
        alpha: the source has transparency.
    """

    kind: str
    format: str
    depth: int
    chroma: tuple[int, int] | None
    alpha: bool = False

    @property
    def alpha_plane(self) -> bool:
        """Returns whether frames of the format have transparency as their fourth plane."""
        return self.format.startswith("yuva")

    @property
    def dtype(self) -> np.dtype[Any]:
        """Returns the dtype of the planes."""
        if self.depth == 8:
            return np.dtype(np.uint8)
        return np.dtype(">u2" if self.format.endswith("be") else "<u2")


def layout_of(video_format: Any, path: Path) -> Layout:
    """Returns the layout of a PyAV ``VideoFormat``.

    Raises:
        UnsupportedFilmError: the numbers are floating point, or of a kind not known.
    """
    name = str(video_format.name)
    alpha = any(component.is_alpha for component in video_format.components) or name == "pal8"
    depth = max(component.bits for component in video_format.components)
    own = name
    if name.startswith("yuva"):
        name = name.replace("yuva", "yuv")
    name = _INTERLEAVED.get(name, name)
    if name.startswith("ya"):
        name = "gray" if depth == 8 else "gray16le"
    found = _PLANAR.fullmatch(name)
    if found:
        bits = int(found[3] or found[5] or 8)
        if found[2]:
            return Layout("yuv", own if own.startswith("yuva") else name, bits, _STEPS[found[2]], alpha)
        return Layout("gray", name, bits, None, alpha)
    if name in ("monow", "monob"):
        return Layout("gray", "gray", 8, None)
    if not video_format.is_rgb and name != "pal8":
        raise UnsupportedFilmError("video.pixel_format_unsupported", path=path, pixel_format=name, target="yuv420p")
    if re.search(r"f(16|32)", name):
        raise UnsupportedFilmError("video.pixel_format_unsupported", path=path, pixel_format=name, target="10 bits")
    bits = 8 if depth <= 8 else 10 if depth <= 10 else 12 if depth <= 12 else 16
    kind = "yuva444p" if alpha and name != "pal8" else "yuv444p"
    return Layout("rgb", kind if bits == 8 else f"{kind}{bits}le", bits, (1, 1), alpha)


def plane_of(frame: Any, number: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Returns a plane (h,w) of a PyAV frame, as a view that keeps the frame's memory."""
    plane = frame.planes[number]
    line = plane.line_size
    return np.ndarray((plane.height, plane.width), dtype, buffer=plane, strides=(line, dtype.itemsize))


def set_plane(frame: Any, number: int, values: NDArray[Any], dtype: np.dtype[Any]) -> None:
    """Copies values (h,w) into a plane of a PyAV frame."""
    plane_of(frame, number, dtype)[:] = values


def find_top_first(field_order: int, frame: Any) -> bool:
    """Returns whether the upper field is the earlier one, by the stream's word (AVFieldOrder) and its first frame."""
    if not frame.interlaced_frame:
        return field_order not in _BOTTOM_FIRST
    # the frame knows better than the container, but PyAV does not tell: taken apart, the earlier field comes out first
    av = load_av()
    graph = av.filter.Graph()
    source = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base or Fraction(1, 25)
    )
    graph.link_nodes(source, graph.add("separatefields"), graph.add("buffersink")).configure()
    graph.vpush(frame)
    first, both = (plane_of(part, 0, np.dtype(np.uint8)) for part in (graph.vpull(), frame))
    return bool((first == both[0::2][: len(first)]).all())
