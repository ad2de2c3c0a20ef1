"""Colours that a person gives at places of a film: at a frame, held through its shot."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from photochrom.errors import OptionError
from photochrom.hints import Hint, load_entries, parse_hint
from photochrom.video.media.probe import Video
from photochrom.video.media.scan import Scan, frames_from
from photochrom.video.temporal.frame_hint import FrameHint
from photochrom.video.temporal.hint_tracking import trace_hints_back
from photochrom.video.yuv.colorimetry import colorimetry_of
from photochrom.video.yuv.luma_view import LumaViewer

__all__ = ["VideoHint", "find_frame", "hold_hints", "load_video_hints", "place_hints"]

#: short side of the views along which hints are followed back, pixels
_TRACED = 64


@dataclass(frozen=True)
class VideoHint:
    """A colour at a place of a film.

    Args:
        hint: the place, in pixels of the upright picture, and the colour.
        time: seconds from the film's start; or
        frame: number of the frame, from 0, of the film or of the part that is coloured.

    Raises:
        OptionError: neither or both are given, or one is negative.
    """

    hint: Hint
    time: float | None = None
    frame: int | None = None

    def __post_init__(self) -> None:
        if (self.time is None) == (self.frame is None):
            raise OptionError("video.hint_moment_invalid", time=self.time, frame=self.frame)
        value: Any = self.frame if self.time is None else self.time
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not (whole or (self.time is not None and isinstance(value, float))) or not 0 <= value < float("inf"):
            raise OptionError("video.hint_moment_invalid", time=self.time, frame=self.frame)


def load_video_hints(source: str | Path) -> list[VideoHint]:
    """Reads hints from JSON: a list of objects with x, y, color, time (seconds) or frame and, if wanted, radius.

    Raises:
        OptionError: the file is missing, not JSON, or an entry is not a hint.
    """
    path = Path(source)
    remedy = 'write a list like [{"time": 12.5, "x": 310, "y": 200, "color": "#8a5a3c", "radius": 8}]'
    found = []
    for number, entry in enumerate(load_entries(path, remedy), 1):
        where = f"entry {number} of {path}"
        when: dict[str, Any] = {}
        if isinstance(entry, dict):
            when = {key: entry[key] for key in ("time", "frame") if key in entry}
            entry = {key: value for key, value in entry.items() if key not in when}
        hint = parse_hint(entry, where, remedy)
        try:
            found.append(VideoHint(hint, **when))
        except OptionError:
            moment = {key: when.get(key) for key in ("time", "frame")}
            raise OptionError("video.hint_entry_moment_invalid", path=path, number=number, **moment) from None
    return found


def place_hints(hints: Iterable[VideoHint], video: Video, scan: Scan) -> dict[int, tuple[FrameHint, ...]]:
    """Returns the hints of each shot, by its number.

    Raises:
        OptionError: one lies outside the picture or the film.
    """
    height, width = video.upright_size
    placed: dict[int, tuple[FrameHint, ...]] = {}
    for given in hints:
        hint = given.hint
        if hint.x > width or hint.y > height:
            raise OptionError("video.hint_outside_picture", x=hint.x, y=hint.y, width=width, height=height)
        frame = _number_of(given, video, scan)
        shot = int(np.searchsorted(scan.cuts, frame, side="right"))
        first = scan.shots[shot][0]
        moved = FrameHint(
            frame=frame - first, x=hint.x / width, y=hint.y / height, ab=hint.ab, radius=hint.radius / width
        )
        placed[shot] = (*placed.get(shot, ()), moved)
    return placed


def _number_of(given: VideoHint, video: Video, scan: Scan) -> int:
    if given.frame is None:
        return find_frame(given.time or 0.0, video, scan)
    if given.frame >= scan.count:
        raise OptionError("video.hint_frame_outside", frame=given.frame, last=scan.count - 1)
    return given.frame


def find_frame(time: float, video: Video, scan: Scan) -> int:
    """Returns the number of the frame that is shown ``time`` seconds from the film's start.

    Raises:
        OptionError: what is coloured is not shown then.
    """
    ticks = round((video.start + time) / video.time_base)
    first, last = int(scan.pts[0]), int(scan.pts[-1] + scan.durations[-1])
    if not first <= ticks < last:
        start, end = (float(edge * video.time_base - video.start) for edge in (first, last))
        raise OptionError("video.time_outside", time=time, start=start, end=end)
    return int(np.searchsorted(scan.pts, ticks, side="right")) - 1


def hold_hints(
    placed: Mapping[int, tuple[FrameHint, ...]], video: Video, scan: Scan
) -> dict[int, tuple[FrameHint, ...]]:
    """Gives hints to the frames before theirs as well, back to where their thing comes into view.

    Args:
        placed: hints of each shot, by its number.
        video: what is coloured.
        scan: its frames.

    Raises:
        UnreadableFilmError: the film has changed since it was scanned.
    """
    height, width = video.shown_size
    scale = _TRACED / min(height, width)
    view = LumaViewer(
        colorimetry_of(video), video.orientation, (max(8, round(height * scale)), max(8, round(width * scale)))
    )
    extended = {}
    for shot, hints in placed.items():
        first, last = scan.shots[shot][0], max(hint.frame for hint in hints)
        if last:
            frames = islice(frames_from(video, scan, first), last + 1)
            hints = trace_hints_back((view(frame.luma) for frame in frames), hints)
        extended[shot] = hints
    return extended
