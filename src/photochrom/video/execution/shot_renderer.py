"""Colours the segments of shots: decode, predict, join and compress, each stage in a thread of its own."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photochrom.inference.session import OnnxSession
from photochrom.system.prefetch import prefetch
from photochrom.video.media.encoder import Encoding, encode_frames
from photochrom.video.media.probe import Video
from photochrom.video.media.reader import Frame
from photochrom.video.media.scan import Scan, frames_from
from photochrom.video.media.segments import (
    Segment,
    is_whole_segment,
    load_state,
    partial_path,
    save_state,
    segment_path,
    state_path,
    write_segment,
)
from photochrom.video.temporal.frame_hint import FrameHint
from photochrom.video.temporal.shot_view import ShotView
from photochrom.video.temporal.stabilizer import ShotState, StabilizerOptions, color_shot, view_size
from photochrom.video.yuv.chroma import ChromaMaker
from photochrom.video.yuv.colorimetry import colorimetry_of
from photochrom.video.yuv.luma_view import LumaViewer

__all__ = ["RenderTask", "ShotRenderer", "ShotTask", "find_remaining_shots", "widen_luma"]

#: frames that decoding may run ahead
_AHEAD = 6
#: frames that colouring, which settles many at once, may run ahead of encoding; and their bytes of luma at most
_COLORED_AHEAD, _COLORED_BYTES = 32, 1 << 26

Planes: TypeAlias = tuple[NDArray[Any], NDArray[Any], NDArray[Any]]


class ColoredFrame(NamedTuple):
    """A frame, its number, its a*b* (2,h,w), and the state of its shot after it."""

    number: int
    frame: Frame
    ab: NDArray[np.float32]
    state: ShotState


class ViewedFrame(NamedTuple):
    """A frame, its number, and how it is looked at."""

    number: int
    frame: Frame
    view: ShotView


@dataclass(frozen=True, eq=False, kw_only=True)
class RenderTask:
    """What is to be rendered of a film; it can be sent to other processes.

    Attributes:
        video: the source.
        scan: its frames and cuts.
        encoding: how the pictures are compressed, and at what size.
        segments: all of them, in order.
        folder: where segments are kept.
        stabilizer: how shots are coloured.
        hints: by shot, colours at places of its frames.
    """

    video: Video
    scan: Scan
    encoding: Encoding
    segments: tuple[Segment, ...]
    folder: Path
    stabilizer: StabilizerOptions
    hints: dict[int, tuple[FrameHint, ...]]


@dataclass(frozen=True)
class ShotTask:
    """The segments of a shot that are not there yet, and the first frame of the shot."""

    first: int
    segments: tuple[Segment, ...]


def find_remaining_shots(task: RenderTask) -> list[ShotTask]:
    """Returns what is left to do, shot by shot; within a shot everything after the first segment that is not whole."""
    shots: dict[int, list[Segment]] = {}
    begins: dict[int, int] = {}
    for segment in task.segments:
        begins.setdefault(segment.shot, segment.first)
        done = shots.setdefault(segment.shot, [])
        if done or not is_whole_segment(segment_path(task.folder, segment), segment):
            done.append(segment)
    return [ShotTask(begins[shot], tuple(segments)) for shot, segments in shots.items() if segments]


class ShotRenderer:
    """Colours shots of one film.

    Args:
        task: what is to be rendered.
        session: the network.
        on_frame: called after each frame with its number; True stops the work after it.
    """

    def __init__(self, task: RenderTask, session: OnnxSession, on_frame: Callable[[int], bool]) -> None:
        self._task = task
        self._session = session
        self._on_frame = on_frame
        video, encoding = task.video, task.encoding
        self._orientation = video.orientation
        size = view_size(session.card, *video.shown_size, task.stabilizer.input_size)
        cell = session.card.output_stride
        self._view = LumaViewer(colorimetry_of(video), video.orientation, size)
        self._glance = LumaViewer(colorimetry_of(video), video.orientation, (size[0] // cell, size[1] // cell))
        self._chroma = ChromaMaker(encoding.colorimetry, encoding.steps)
        self._stopped = False

    def render(self, shots: Sequence[ShotTask]) -> bool:
        """Renders the segments of these shots; False where ``on_frame`` stopped it, with what was rendered kept.

        Raises:
            OSError: a segment cannot be written.
            UnreadableFilmError: the film has changed since it was scanned.
        """
        return sum(1 for _ in self.render_segments(shots)) == sum(len(shot.segments) for shot in shots)

    def render_segments(self, shots: Sequence[ShotTask]) -> Iterator[Segment]:
        """Renders the segments of these shots and yields each when its file is there; see :meth:`render`."""
        starts = [(shot, self._load_state(shot)) for shot in shots]
        video = self._task.video
        size = video.width * video.height * video.layout.dtype.itemsize
        ahead = min(_COLORED_AHEAD, max(_AHEAD, _COLORED_BYTES // size))
        colored = prefetch(lambda: self._color_frames(starts), ahead)
        try:
            for shot in shots:
                for segment in shot.segments:
                    if not self._write_segment(segment, colored):
                        return
                    yield segment
        finally:
            colored.close()  # type: ignore[attr-defined]

    def _load_state(self, shot: ShotTask) -> ShotState | None:
        """Returns the state to go on from; None at the start of a shot."""
        before = shot.segments[0]
        if before.first == shot.first:
            return None
        found = load_state(state_path(self._task.folder, self._task.segments[before.number - 1]))
        return None if found is None else ShotState.from_arrays(found)

    def _write_segment(self, segment: Segment, colored: Iterator[ColoredFrame]) -> bool:
        folder = self._task.folder
        last: list[ShotState] = []

        def frames() -> Iterator[tuple[int, Planes]]:
            for number, frame, ab, state in colored:
                if number < segment.first:
                    continue
                last[:] = [state]
                yield number, self._join_planes(frame, ab)
                self._stopped = self._on_frame(number)
                if self._stopped or number + 1 == segment.stop:
                    return

        # under its partial name until its state is there too: from a whole segment a run can always go on
        part = partial_path(folder, segment)
        if write_segment(part, encode_frames(self._task.encoding, frames())) < segment.stop - segment.first:
            return False
        following = self._task.segments[segment.number + 1 : segment.number + 2]
        if following and following[0].shot == segment.shot:
            save_state(state_path(folder, segment), last[0].to_arrays())
        part.replace(segment_path(folder, segment))
        return not self._stopped

    def _color_frames(self, starts: Sequence[tuple[ShotTask, ShotState | None]]) -> Iterator[ColoredFrame]:
        """Yields every frame wanted, in order."""
        task = self._task
        viewed = prefetch(lambda: self._view_frames(starts), _AHEAD)
        try:
            for shot, state in starts:
                begin = shot.first + (state.frame if state else 0)
                held: deque[tuple[int, Frame]] = deque()
                views = self._hold_frames(viewed, held, shot.segments[-1].stop - begin)
                hints = task.hints.get(shot.segments[0].shot, ())
                for ab, after in color_shot(self._session, views, options=task.stabilizer, hints=hints, state=state):
                    number, frame = held.popleft()
                    yield ColoredFrame(number, frame, ab, after)
        finally:
            viewed.close()  # type: ignore[attr-defined]

    def _hold_frames(
        self,
        viewed: Iterator[ViewedFrame],
        held: deque[tuple[int, Frame]],
        count: int,
    ) -> Iterator[ShotView]:
        """Yields the views of the next frames, which wait in ``held`` for their colours."""
        for _ in range(count):
            number, frame, view = next(viewed)
            held.append((number, frame))
            yield view

    def _view_frames(self, starts: Sequence[tuple[ShotTask, ShotState | None]]) -> Iterator[ViewedFrame]:
        """Yields every frame, from where each shot is to go on to its end, with its small view."""
        frames: Iterator[Frame] | None = None
        position = -1
        for shot, state in starts:
            begin = shot.first + (state.frame if state else 0)
            if frames is None or begin != position:
                frames, position = frames_from(self._task.video, self._task.scan, begin), begin
            while position < shot.segments[-1].stop:
                frame = next(frames)
                yield ViewedFrame(position, frame, ShotView(self._glance(frame.luma), partial(self._view, frame.luma)))
                position += 1

    def _join_planes(self, frame: Frame, ab: NDArray[np.float32]) -> Planes:
        task, encoding = self._task, self._task.encoding
        luma = widen_luma(frame.luma, task.video.layout.depth, encoding)
        if luma.shape != (encoding.height, encoding.width):
            luma = _shrink_luma(luma, (encoding.height, encoding.width))
        stored = np.ascontiguousarray(self._orientation.stored(ab))
        own = None
        if frame.chroma is not None:
            scale = np.float32(1 << encoding.shift)
            own = (frame.chroma[0].astype(np.float32) * scale, frame.chroma[1].astype(np.float32) * scale)
        u, v = self._chroma.put_on(
            luma, stored, strength=task.stabilizer.strength, own=own, interlaced=frame.interlaced
        )
        return luma, u, v


def widen_luma(luma: NDArray[Any], depth: int, encoding: Encoding) -> NDArray[Any]:
    """Returns luma codes in the encoding's depth: the same number, moved up, which can be read back from the top bits.

    With the full range the lowest bits repeat the highest, so that white stays white.
    """
    if not encoding.shift:
        return luma
    wide = luma.astype(np.uint16) << encoding.shift
    if encoding.full_range:
        wide |= luma >> (depth - encoding.shift)
    return wide


def _shrink_luma(luma: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    image = Image.fromarray(luma.astype(np.float32)).resize((size[1], size[0]), Image.Resampling.BOX)
    return np.asarray(np.rint(np.asarray(image)).astype(luma.dtype))
