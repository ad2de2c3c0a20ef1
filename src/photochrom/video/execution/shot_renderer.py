"""Colours the segments of shots: decode, look, colour, join and compress, each stage in a thread of its own."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photochrom.inference.session import OnnxSession
from photochrom.system.prefetch import ahead
from photochrom.video.media.encoder import Encoding, encode
from photochrom.video.media.probe import Film
from photochrom.video.media.reader import Frame
from photochrom.video.media.scan import Scan, frames_from
from photochrom.video.media.segments import (
    Segment,
    load_state,
    partial_path,
    save_state,
    segment_path,
    state_path,
    whole_segment,
    write_segment,
)
from photochrom.video.temporal.stabilizer import FrameHint, ShotState, SteadyOptions, color_shot, view_size
from photochrom.video.yuv.chroma import ChromaMaker, blend
from photochrom.video.yuv.colorimetry import Colorimetry, light_of
from photochrom.video.yuv.luma_view import Viewer

__all__ = ["ShotRenderer", "ShotWork", "Work", "remaining_work", "widened"]

#: frames that each stage may run ahead of the next
_AHEAD = 6

Planes: TypeAlias = tuple[NDArray[Any], NDArray[Any], NDArray[Any]]
#: number, frame, its a*b*, and the state of its shot after it
Painted: TypeAlias = tuple[int, Frame, NDArray[np.float32], ShotState]


@dataclass(frozen=True, eq=False, kw_only=True)
class Work:
    """What is to be made of a film; goes over to other processes as it is.

    Attributes:
        film: the source.
        scan: its frames and cuts.
        encoding: how the pictures are compressed, and at what size.
        segments: all of them, in order.
        folder: where segments are kept.
        steady: how shots are coloured.
        strength: 0 for the film's own colours, 1 for the network's, over 1 for more.
        hints: by shot, colours at places of its frames.
    """

    film: Film
    scan: Scan
    encoding: Encoding
    segments: tuple[Segment, ...]
    folder: Path
    steady: SteadyOptions
    strength: float
    hints: dict[int, tuple[FrameHint, ...]]


@dataclass(frozen=True)
class ShotWork:
    """The segments of a shot that are not there yet, and the first frame of the shot."""

    first: int
    segments: tuple[Segment, ...]


def remaining_work(work: Work) -> list[ShotWork]:
    """What is left to do, shot by shot; within a shot everything after the first segment that is not whole."""
    shots: dict[int, list[Segment]] = {}
    begins: dict[int, int] = {}
    for segment in work.segments:
        begins.setdefault(segment.shot, segment.first)
        done = shots.setdefault(segment.shot, [])
        if done or not whole_segment(segment_path(work.folder, segment), segment):
            done.append(segment)
    return [ShotWork(begins[shot], tuple(segments)) for shot, segments in shots.items() if segments]


class ShotRenderer:
    """Colours shots of one film.

    Args:
        work: what is to be made.
        engine: the network.
        on_frame: called after each frame with its number; True stops the work after it.
    """

    def __init__(self, work: Work, engine: OnnxSession, on_frame: Callable[[int], bool]) -> None:
        self._work = work
        self._engine = engine
        self._on_frame = on_frame
        film, encoding = work.film, work.encoding
        self._orientation = film.orientation
        size = view_size(engine.card, *film.shown_size, work.steady.size)
        self._view = Viewer(light_of(film), film.orientation, size)
        self._chroma = ChromaMaker(encoding.light, encoding.steps)
        self._stopped = False

    def paint(self, shots: Sequence[ShotWork]) -> bool:
        """Make the segments of these shots; False where ``on_frame`` stopped it, with what was made kept as a part.

        Raises:
            OSError: a segment cannot be written.
            UnreadableFilmError: the film has changed since it was scanned.
        """
        return sum(1 for _ in self.segments(shots)) == sum(len(shot.segments) for shot in shots)

    def segments(self, shots: Sequence[ShotWork]) -> Iterator[Segment]:
        """Make the segments of these shots and tell of each when its file is there; see :meth:`paint`."""
        starts = [(shot, self._start(shot)) for shot in shots]
        painted = ahead(lambda: self._colored(starts), _AHEAD)
        try:
            for shot in shots:
                for segment in shot.segments:
                    if not self._make(segment, painted):
                        return
                    yield segment
        finally:
            painted.close()  # type: ignore[attr-defined]

    def _start(self, shot: ShotWork) -> ShotState | None:
        """The state to go on from; None at the start of a shot."""
        before = shot.segments[0]
        if before.first == shot.first:
            return None
        found = load_state(state_path(self._work.folder, self._work.segments[before.number - 1]))
        return None if found is None else ShotState.from_arrays(found)

    def _make(self, segment: Segment, painted: Iterator[Painted]) -> bool:
        folder = self._work.folder
        last: list[ShotState] = []

        def frames() -> Iterator[tuple[int, Planes]]:
            for number, frame, ab, state in painted:
                if number < segment.first:
                    continue
                last[:] = [state]
                yield number, self._join(frame, ab)
                self._stopped = self._on_frame(number)
                if self._stopped or number + 1 == segment.stop:
                    return

        # under its partial name until its state is there too: a whole segment always can be gone on from
        part = partial_path(folder, segment)
        if write_segment(part, encode(self._work.encoding, frames())) < segment.stop - segment.first:
            return False
        following = self._work.segments[segment.number + 1 : segment.number + 2]
        if following and following[0].shot == segment.shot:
            save_state(state_path(folder, segment), last[0].to_arrays())
        part.replace(segment_path(folder, segment))
        return not self._stopped

    def _colored(self, starts: Sequence[tuple[ShotWork, ShotState | None]]) -> Iterator[Painted]:
        """Every frame wanted, in order."""
        work = self._work
        seen = ahead(lambda: self._seen(starts), _AHEAD)
        try:
            for shot, state in starts:
                begin = shot.first + (state.frame if state else 0)
                held: deque[tuple[int, Frame]] = deque()
                views = self._views(seen, held, shot.segments[-1].stop - begin)
                hints = work.hints.get(shot.segments[0].shot, ())
                for ab, after in color_shot(self._engine, views, options=work.steady, hints=hints, state=state):
                    number, frame = held.popleft()
                    yield number, frame, ab, after
        finally:
            seen.close()  # type: ignore[attr-defined]

    def _views(
        self,
        seen: Iterator[tuple[int, Frame, NDArray[np.float32]]],
        held: deque[tuple[int, Frame]],
        count: int,
    ) -> Iterator[NDArray[np.float32]]:
        for _ in range(count):
            number, frame, view = next(seen)
            held.append((number, frame))
            yield view

    def _seen(
        self, starts: Sequence[tuple[ShotWork, ShotState | None]]
    ) -> Iterator[tuple[int, Frame, NDArray[np.float32]]]:
        """Every frame from where each shot is gone on with to its end, with its small view."""
        frames: Iterator[Frame] | None = None
        position = -1
        for shot, state in starts:
            begin = shot.first + (state.frame if state else 0)
            if frames is None or begin != position:
                frames, position = frames_from(self._work.film, self._work.scan, begin), begin
            while position < shot.segments[-1].stop:
                frame = next(frames)
                yield position, frame, self._view(frame.luma)
                position += 1

    def _join(self, frame: Frame, ab: NDArray[np.float32]) -> Planes:
        work, encoding = self._work, self._work.encoding
        luma = widened(frame.luma, work.film.layout.depth, encoding)
        if luma.shape != (encoding.height, encoding.width):
            luma = _shrunk(luma, (encoding.height, encoding.width))
        stored = np.ascontiguousarray(self._orientation.stored(ab))
        strength = work.strength
        if strength > 1.0:
            stored = stored * np.float32(strength)
        u, v = self._chroma(luma, stored, interlaced=frame.interlaced)
        if strength < 1.0:
            own = self._own_chroma(frame, encoding.light, u.shape)
            u, v = (blend(plane, made, strength) for plane, made in zip(own, (u, v), strict=True))
        return luma, u, v

    def _own_chroma(
        self, frame: Frame, light: Colorimetry, shape: tuple[int, ...]
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        if frame.chroma is None:
            gray = np.full(shape, light.neutral, np.float32)
            return gray, gray
        scale = np.float32(1 << self._work.encoding.shift)
        u, v = (plane.astype(np.float32) * scale for plane in frame.chroma)
        return u, v


def widened(luma: NDArray[Any], depth: int, encoding: Encoding) -> NDArray[Any]:
    """Luma codes in the encoding's depth: the same number, moved up; the top bits can be read back as they were.

    With the full range the lowest bits repeat the highest, so that white stays white.
    """
    if not encoding.shift:
        return luma
    wide = luma.astype(np.uint16) << encoding.shift
    if encoding.full_range:
        wide |= luma >> (depth - encoding.shift)
    return wide


def _shrunk(luma: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    image = Image.fromarray(luma.astype(np.float32)).resize((size[1], size[0]), Image.Resampling.BOX)
    return np.asarray(np.rint(np.asarray(image)).astype(luma.dtype))
