"""The first pass over a film: every frame's time stamp, the cuts, and what is broken, before any colour is made."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from photochrom.errors import OptionError, UnreadableFilmError
from photochrom.video.media.joins import Join, find_joins
from photochrom.video.media.probe import Video
from photochrom.video.media.reader import Frame, FrameReader
from photochrom.video.media.wholeness import breaks_off
from photochrom.video.temporal.shot_detection import CutFinder, cut_size
from photochrom.video.yuv.colorimetry import colorimetry_of
from photochrom.video.yuv.luma_view import LumaViewer

__all__ = ["Scan", "Span", "frames_from", "load_scan", "save_scan", "scan_video"]

#: seconds the end of a film may come before what its header says without being cut short
_GRACE = 1.0


@dataclass(frozen=True, kw_only=True)
class Span:
    """A part of a film, seconds from its start; None for its start or end.

    Raises:
        OptionError: the end is not after the start, or one is negative.
    """

    start: float | None = None
    end: float | None = None

    def __post_init__(self) -> None:
        for edge, value in (("start", self.start), ("end", self.end)):
            if value is not None and not 0 <= value < float("inf"):
                raise OptionError("video.span_edge_out_of_range", edge=edge, value=value)
        if self.end is not None and self.end <= (self.start or 0.0):
            raise OptionError("video.span_reversed", end=self.end)


@dataclass(frozen=True, eq=False)
class Scan:
    """What the first pass found.

    Attributes:
        pts: (n,) int64 time stamps, ascending, in the film's time base.
        durations: (n,) int64 ticks each frame is shown.
        marks: (n,) uint32 checksums by which frames are known again.
        cuts: first frames of all shots but the first.
        broken: packets and frames that could not be decoded whole.
        repaired: time stamps that were missing or not ascending, and were made.
        short: the film ends before its header says, or its file breaks off.
        interlaced: how many frames are two fields each.
        captioned: there are closed captions.
        joins: where the film's time begins again in its file.
    """

    pts: NDArray[np.int64]
    durations: NDArray[np.int64]
    marks: NDArray[np.uint32]
    cuts: tuple[int, ...]
    broken: int
    repaired: int
    short: bool
    interlaced: int
    captioned: bool = False
    joins: tuple[Join, ...] = ()

    @property
    def count(self) -> int:
        """Returns how many frames there are."""
        return len(self.pts)

    @property
    def shots(self) -> list[tuple[int, int]]:
        """Returns the first frame, and the one after the last, of every shot."""
        edges = [0, *self.cuts, self.count]
        return list(pairwise(edges))


def scan_video(video: Video, *, span: Span | None = None, on_frame: Callable[[int], bool] | None = None) -> Scan | None:
    """Looks at every frame once.

    Args:
        video: the film.
        span: the part wanted; all of it if None.
        on_frame: called with the number of frames seen; True ends the scan.

    Returns:
        What was found; None where ``on_frame`` ended it.

    Raises:
        UnreadableFilmError: not one frame of the span can be decoded.
    """
    joins = find_joins(video)
    found = _scan_once(video, span or Span(), FrameReader(video, joins=joins, captions=True), joins, on_frame)
    if found is not None and found.broken:
        # several threads conceal errors now one way, now another; one thread always does it the same way
        reader = FrameReader(video, threads=1, joins=joins, captions=True)
        found = _scan_once(video, span or Span(), reader, joins, on_frame)
    return found


def frames_from(video: Video, scan: Scan, first: int) -> Iterator[Frame]:
    """Yields the scanned frames from number ``first`` on, just as the scan saw them.

    Raises:
        UnreadableFilmError: the film has changed since it was scanned.
    """
    # a container seeks to a key frame it knows of; where that gives other pictures, reading begins at the start
    plain = not (scan.repaired or scan.broken or scan.joins)
    ways = [int(scan.pts[first]), None] if first and plain else [None]
    number = first
    for start in ways:
        reader = FrameReader(video, threads=1 if scan.broken else 0, joins=scan.joins)
        wanted = int(scan.pts[number])
        for frame in reader.frames(start):
            if frame.pts < wanted:
                continue
            if frame.pts != wanted or (start is not None and frame.mark != scan.marks[number]):
                break
            yield frame
            number += 1
            if number == scan.count:
                return
            wanted = int(scan.pts[number])
    raise UnreadableFilmError("video.changed", path=video.path)


def _scan_once(
    video: Video,
    span: Span,
    reader: FrameReader,
    joins: tuple[Join, ...],
    on_frame: Callable[[int], bool] | None,
) -> Scan | None:
    origin = round(video.start / video.time_base)
    ticks = [None if edge is None else origin + round(edge / video.time_base) for edge in (span.start, span.end)]
    view = LumaViewer(colorimetry_of(video), video.orientation, cut_size(*video.shown_size))
    finder = CutFinder()
    pts: list[int] = []
    durations: list[int] = []
    marks: list[int] = []
    interlaced = 0
    stopped = False
    # a seek that lands late would lose frames; time before the part is cheap to decode
    for frame in reader.frames():
        if ticks[0] is not None and frame.pts < ticks[0]:
            continue
        if ticks[1] is not None and frame.pts >= ticks[1]:
            stopped = True
            break
        finder.feed(view(frame.luma))
        pts.append(frame.pts)
        durations.append(frame.duration)
        marks.append(frame.mark)
        interlaced += frame.interlaced
        if on_frame is not None and on_frame(len(pts)):
            return None
    if not pts:
        if span == Span():
            raise UnreadableFilmError("video.no_frames", path=video.path)
        start, end = span.start or 0.0, "its end" if span.end is None else f"{span.end:g} s"
        raise UnreadableFilmError("video.no_frames_in_span", path=video.path, start=start, end=end)
    finder.finish()
    times = np.array(pts, np.int64)
    lengths = _find_durations(times, durations[-1], video)
    whole = span == Span() and not joins
    return Scan(
        pts=times,
        durations=lengths,
        marks=np.array(marks, np.uint32),
        cuts=tuple(finder.cuts),
        broken=reader.broken,
        repaired=reader.repaired,
        short=not stopped and (reader.interrupted or (whole and _ends_early(video, times, lengths, reader))),
        interlaced=interlaced,
        captioned=reader.captioned,
        joins=joins,
    )


def _find_durations(pts: NDArray[np.int64], last: int, video: Video) -> NDArray[np.int64]:
    steps = np.diff(pts)
    usual = int(np.median(steps)) if len(steps) else round(1 / (video.rate * video.time_base))
    return np.append(steps, last or max(1, usual)).astype(np.int64)


def _ends_early(video: Video, pts: NDArray[np.int64], durations: NDArray[np.int64], reader: FrameReader) -> bool:
    played = float((pts[-1] + durations[-1] - pts[0]) * video.time_base)
    allowed = 1.5 * float(max(1 / video.rate, int(np.median(durations)) * video.time_base))
    if video.stills is not None:
        return False
    off = breaks_off(video.path)
    if video.declared_frames:
        if len(pts) + reader.broken >= video.declared_frames:
            return False
        if off is False and video.container == "avi":
            # chunks of no bytes are counted too; they show the last picture again
            return False
        # an edit list leaves frames out, and time with them
        return video.picture_end is None or played < video.picture_end - allowed
    if off is False:
        return False
    if video.picture_end is not None and "matroska" in video.container:
        return played < video.picture_end - allowed
    if video.declared_seconds is None or (video.tracks and off is None):
        # without an index of the picture's own, the length may be that of the sound
        return False
    return played < video.declared_seconds - (allowed if off else _GRACE)


def save_scan(path: Path, scan: Scan) -> None:
    """Writes a scan to an ``.npz`` file."""
    counts = np.array([scan.broken, scan.repaired, scan.short, scan.interlaced, scan.captioned])
    joins = [(j.position, *j.shift.as_integer_ratio(), *j.start.as_integer_ratio()) for j in scan.joins]
    with path.open("wb") as file:
        np.savez(
            file,
            pts=scan.pts,
            durations=scan.durations,
            marks=scan.marks,
            cuts=np.array(scan.cuts, np.int64),
            counts=counts,
            joins=np.array(joins, np.int64).reshape(-1, 5),
        )


def load_scan(path: Path) -> Scan:
    """Reads what :func:`save_scan` wrote.

    Raises:
        OSError, ValueError, KeyError: it is not whole.
    """
    with np.load(path, allow_pickle=False) as found:
        broken, repaired, short, interlaced, captioned = found["counts"].tolist()
        return Scan(
            pts=found["pts"],
            durations=found["durations"],
            marks=found["marks"],
            cuts=tuple(found["cuts"].tolist()),
            broken=broken,
            repaired=repaired,
            short=bool(short),
            interlaced=interlaced,
            captioned=bool(captioned),
            joins=tuple(
                Join(place, Fraction(shift, under), Fraction(start, below))
                for place, shift, under, start, below in found["joins"].tolist()
            ),
        )
