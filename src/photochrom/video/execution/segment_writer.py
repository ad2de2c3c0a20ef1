"""Compresses the frames of a film into the files of its segments, the end of one beside the start of the next."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import NamedTuple

from photochrom.video.execution.planes import Planes
from photochrom.video.execution.render_task import RenderTask
from photochrom.video.media.encoder import FrameEncoder
from photochrom.video.media.segments import (
    Segment,
    SegmentFile,
    partial_path,
    save_state,
    segment_path,
    state_path,
)
from photochrom.video.temporal.shot_state import ShotState

__all__ = ["JoinedFrame", "SegmentWriter"]


class JoinedFrame(NamedTuple):
    """The number of a frame, its planes, and the state of its shot after it."""

    number: int
    planes: Planes
    state: ShotState


@dataclass(eq=False)
class _OpenSegment:
    """A segment all of whose frames the encoder has, but for those after a stop, and the state after the last one."""

    segment: Segment
    encoder: FrameEncoder
    file: SegmentFile
    state: ShotState | None = None


class SegmentWriter:
    """Writes segments.

    An encoder only holds the first frames, to look ahead, and has less and less to do at once with the last ones, so
    that processors are idle at both ends of a segment. Therefore one ends in a thread of its own while the next begins.

    Args:
        task: what is rendered.
        on_frame: called with the number of each frame that an encoder has taken; True stops the work after it.
    """

    def __init__(self, task: RenderTask, on_frame: Callable[[int], bool]) -> None:
        self._task, self._on_frame = task, on_frame
        self._stopped = False

    def write(self, segments: Sequence[Segment], joined: Iterator[JoinedFrame]) -> Iterator[Segment]:
        """Yields each segment when its file is there; where ``on_frame`` stops it, what there is of the last is kept.

        Args:
            segments: in order.
            joined: their frames; those before a segment are left out.

        Raises:
            OSError: a segment cannot be written.
        """
        ending: Future[Segment | None] | None = None
        with ThreadPoolExecutor(1, "photochrom-segment") as pool:
            for segment in segments:
                before, fed = ending, self._feed(segment, joined, ending)
                # after the one before, for there is one thread; begun before anything can go wrong with that
                ending = pool.submit(self._finish, fed)
                if before is not None and (done := before.result()):
                    yield done
                if self._stopped:
                    break
            if ending is not None and (done := ending.result()):
                yield done

    def _feed(
        self, segment: Segment, joined: Iterator[JoinedFrame], before: "Future[Segment | None] | None"
    ) -> _OpenSegment:
        """Gives an encoder the frames of a segment; an error of the segment before comes out here."""
        # under its partial name until its state is there too: from a whole segment a run can always go on
        fed = _OpenSegment(
            segment, FrameEncoder(self._task.encoding), SegmentFile(partial_path(self._task.folder, segment))
        )
        with ExitStack() as stack:
            stack.callback(fed.file.close)
            for number, planes, state in joined:
                if number < segment.first:
                    continue
                fed.file.write(fed.encoder.encode(number, planes))
                fed.state = state
                if before is not None and before.done():
                    before.result()
                self._stopped = self._on_frame(number)
                if self._stopped or number + 1 == segment.stop:
                    break
            stack.pop_all()
        return fed

    def _finish(self, fed: _OpenSegment) -> Segment | None:
        """Returns the segment; None where frames are missing, and what there is of it is kept as a part."""
        folder, segment = self._task.folder, fed.segment
        with closing(fed.file):
            fed.file.write(fed.encoder.flush())
            fed.file.finish()
        if fed.file.count < segment.stop - segment.first:
            return None
        following = self._task.segments[segment.number + 1 : segment.number + 2]
        if fed.state is not None and following and following[0].shot == segment.shot:
            save_state(state_path(folder, segment), fed.state.to_arrays())
        partial_path(folder, segment).replace(segment_path(folder, segment))
        return segment
