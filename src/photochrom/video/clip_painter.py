"""Colours of a film whose frames are asked for one by one, in any order, as frame servers do."""

import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple, TypeAlias

from numpy.typing import NDArray

from photochrom.inference.session import OnnxSession
from photochrom.video.temporal.shot_detection import SETTLED, CutFinder
from photochrom.video.temporal.shot_view import ShotView, view_size
from photochrom.video.temporal.stabilizer import LOOK_AHEAD, StabilizerOptions, color_shot
from photochrom.video.yuv.chroma import ChromaMaker
from photochrom.video.yuv.colorimetry import Colorimetry
from photochrom.video.yuv.luma_view import LumaViewer
from photochrom.video.yuv.rotation import Orientation

__all__ = ["ClipFrame", "ClipPainter"]

#: short side of what the finder of cuts sees, pixels; as in a scan
_SHORT_SIDE = 64
#: frames that are kept after they were read, and chroma after it was made
_READ, _MADE = LOOK_AHEAD + SETTLED + 8, 48

Chroma: TypeAlias = tuple[NDArray[Any], NDArray[Any]]


class ClipFrame(NamedTuple):
    """A frame as a server gives it.

    Attributes:
        luma: (H,W) uint8 or uint16, in the clip's own codes.
        chroma: its own U and V; None where it has none.
        interlaced: it is two fields.
    """

    luma: NDArray[Any]
    chroma: Chroma | None = None
    interlaced: bool = False


class ClipPainter:
    """Makes chroma for the frames of a clip: the same for a frame, whatever was asked for before.

    Frames asked for in order are read and coloured once. For another order, a frame's shot is coloured from its start.
    Safe to use from several threads, one of which works at a time.

    Args:
        read: gives a frame by its number.
        count: of frames.
        size: height and width of frames, pixels.
        light: what the clip's codes mean.
        steps: luma pixels across and down to one of the chroma to make.
        session: the network.
        options: how.
    """

    def __init__(
        self,
        read: Callable[[int], ClipFrame],
        *,
        count: int,
        size: tuple[int, int],
        light: Colorimetry,
        steps: tuple[int, int],
        session: OnnxSession,
        options: StabilizerOptions,
    ) -> None:
        self._read_frame, self._count = read, count
        self._session, self._options = session, options
        network = view_size(session.card, *size, options.input_size)
        cell = session.card.output_stride
        scale = _SHORT_SIDE / min(size)
        small = max(8, round(size[0] * scale)), max(8, round(size[1] * scale))
        upright = Orientation()
        self._view = LumaViewer(light, upright, network)
        self._glance = LumaViewer(light, upright, (network[0] // cell, network[1] // cell))
        self._small = LumaViewer(light, upright, small)
        self._chroma = ChromaMaker(light, steps)
        self._lock = threading.Lock()
        self._frames: OrderedDict[int, ClipFrame] = OrderedDict()
        self._made: OrderedDict[int, Chroma] = OrderedDict()
        self._finder, self._scanned = CutFinder(), 0
        self._stream: Iterator[tuple[int, Chroma]] | None = None
        self._next = 0

    def chroma(self, number: int) -> Chroma:
        """Returns U and V of a frame, each of luma's dtype.

        Args:
            number: of the frame, 0 or more and less than their count.

        Raises:
            OptionError: the network has no vividness, or cannot be pulled towards a palette, but was asked to.
        """
        with self._lock:
            if number not in self._made:
                start = self._find_start(number)
                if self._stream is None or not start <= self._next <= number:
                    self._stream, self._next = self._color_from(start), start
                self._work_up_to(number)
            return self._made[number]

    def _work_up_to(self, number: int) -> None:
        stream, self._stream = self._stream, None
        assert stream is not None
        # where reading fails the stream is over, and the next to ask begins a new one
        while self._next <= number:
            self._next, chroma = next(stream)
            self._made[self._next] = chroma
            self._next += 1
            while len(self._made) > _MADE:
                self._made.popitem(last=False)
        self._stream = stream

    def _color_from(self, start: int) -> Iterator[tuple[int, Chroma]]:
        number = start
        while number < self._count:
            held: deque[ClipFrame] = deque()
            for ab, _ in color_shot(self._session, self._shot_views(number, held), options=self._options):
                frame = held.popleft()
                yield (
                    number,
                    self._chroma.put_on(
                        frame.luma, ab, strength=self._options.strength, own=frame.chroma, interlaced=frame.interlaced
                    ),
                )
                number += 1

    def _shot_views(self, first: int, held: deque[ClipFrame]) -> Iterator[ShotView]:
        for number in range(first, self._count):
            if number > first and self._find_start(number) == number:
                return
            frame = self._read(number)
            held.append(frame)
            yield ShotView(self._glance(frame.luma), partial(self._view, frame.luma))

    def _find_start(self, number: int) -> int:
        """Returns the first frame of the shot that a frame is in."""
        while self._scanned < self._count and self._scanned <= number + SETTLED:
            self._finder.feed(self._small(self._read(self._scanned).luma))
            self._scanned += 1
            if self._scanned == self._count:
                self._finder.finish()
        return max((cut for cut in self._finder.cuts if cut <= number), default=0)

    def _read(self, number: int) -> ClipFrame:
        if number not in self._frames:
            self._frames[number] = self._read_frame(number)
            while len(self._frames) > _READ:
                self._frames.popitem(last=False)
        return self._frames[number]
