"""Colours the segments of shots: decode, predict, join and compress, each stage in a thread of its own."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from photochrom.inference.session import OnnxSession
from photochrom.system.prefetch import prefetch
from photochrom.video.execution.planes import FrameViewer, PlaneJoiner, Planes
from photochrom.video.execution.render_task import RenderTask, ShotTask
from photochrom.video.execution.segment_writer import JoinedFrame, SegmentWriter
from photochrom.video.media.probe import Video
from photochrom.video.media.reader import Frame
from photochrom.video.media.scan import frames_from
from photochrom.video.media.segments import Segment, load_state, state_path
from photochrom.video.temporal.shot_view import ShotView
from photochrom.video.temporal.stabilizer import ShotState, color_shot

__all__ = ["FRAMES_AHEAD", "ShotRenderer", "follow_frames", "frames_ahead"]

#: frames that decoding may run ahead
FRAMES_AHEAD = 6
#: frames whose planes may wait for the encoder, which takes several at once
_JOINED_AHEAD = 4
#: frames that colouring, which settles many at once, may run ahead of encoding; and their bytes of luma at most
_COLORED_AHEAD, _COLORED_BYTES = 32, 1 << 26


def frames_ahead(video: Video) -> int:
    """Returns how many frames colouring may run ahead of what takes them."""
    size = video.width * video.height * video.layout.dtype.itemsize
    return min(_COLORED_AHEAD, max(FRAMES_AHEAD, _COLORED_BYTES // size))


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


class _Viewed(Protocol):
    """A tuple that holds a frame's view."""

    @property
    def view(self) -> ShotView: ...

    def _replace(self, *, view: ShotView) -> Any: ...


Viewed = TypeVar("Viewed", bound=_Viewed)


def follow_frames(
    view: Callable[[], Iterator[Viewed]], continues: Callable[[Viewed, Viewed], bool]
) -> Iterator[Viewed]:
    """Yields the frames of ``view()``, each with its motion since the one before; they are viewed by another thread.

    Args:
        view: called once.
        continues: whether the second frame goes on from the first; where not, no motion is searched.
    """
    viewed = prefetch(view, FRAMES_AHEAD)
    try:
        before: Viewed | None = None
        for frame in viewed:
            if before is None or not continues(before, frame):
                yield frame
            else:
                yield frame._replace(view=frame.view.follow(before.view.light))
            before = frame
    finally:
        viewed.close()  # type: ignore[attr-defined]


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
        self._viewer = FrameViewer(task.video, session.card, task.stabilizer.input_size)
        self._joiner = PlaneJoiner(task.video, task.encoding, task.stabilizer)

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
        joined = prefetch(lambda: self._join_frames(starts), _JOINED_AHEAD)
        segments = [segment for shot in shots for segment in shot.segments]
        try:
            yield from SegmentWriter(self._task, self._on_frame).write(segments, joined)
        finally:
            joined.close()  # type: ignore[attr-defined]

    def render_planes(self, shots: Sequence[ShotTask]) -> Iterator[Planes]:
        """Yields the planes of all frames of these shots; nothing is kept on the disk."""
        starts: list[tuple[ShotTask, ShotState | None]] = [(shot, None) for shot in shots]
        joined = prefetch(lambda: self._join_frames(starts), _JOINED_AHEAD)
        try:
            for number, planes, _ in joined:
                yield planes
                if self._on_frame(number):
                    return
        finally:
            joined.close()  # type: ignore[attr-defined]

    def _load_state(self, shot: ShotTask) -> ShotState | None:
        """Returns the state to go on from; None at the start of a shot."""
        before = shot.segments[0]
        if before.first == shot.first:
            return None
        found = load_state(state_path(self._task.folder, self._task.segments[before.number - 1]))
        return None if found is None else ShotState.from_arrays(found)

    def _join_frames(self, starts: Sequence[tuple[ShotTask, ShotState | None]]) -> Iterator[JoinedFrame]:
        """Yields every frame wanted as planes, in order."""
        colored = prefetch(lambda: self._color_frames(starts), frames_ahead(self._task.video))
        try:
            for number, frame, ab, state in colored:
                yield JoinedFrame(number, self._joiner(frame, ab), state)
        finally:
            colored.close()  # type: ignore[attr-defined]

    def _color_frames(self, starts: Sequence[tuple[ShotTask, ShotState | None]]) -> Iterator[ColoredFrame]:
        """Yields every frame wanted, in order."""
        task = self._task
        viewed = prefetch(lambda: self._follow_frames(starts), FRAMES_AHEAD)
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

    def _follow_frames(self, starts: Sequence[tuple[ShotTask, ShotState | None]]) -> Iterator[ViewedFrame]:
        """Yields every frame as :meth:`_view_frames`, with its motion since the one before in its shot."""
        first = {shot.first for shot, _ in starts}

        def continues(before: ViewedFrame, frame: ViewedFrame) -> bool:
            return before.number + 1 == frame.number and frame.number not in first

        return follow_frames(lambda: self._view_frames(starts), continues)

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
                yield ViewedFrame(position, frame, self._viewer(frame))
                position += 1
