"""Films to a stream of Y4M: frame by frame as they are coloured, with nothing kept on the disk."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from photochrom.errors import OptionError, WriteError
from photochrom.inference.session import OnnxSession
from photochrom.messages import render
from photochrom.registry import DEFAULT_MODEL, Model, find_model
from photochrom.system.prefetch import prefetch
from photochrom.video.execution.planes import FrameViewer, PlaneJoiner, Planes
from photochrom.video.execution.render_task import RenderTask, list_all_shots
from photochrom.video.execution.shot_renderer import FRAMES_AHEAD, ShotRenderer, follow_frames, frames_ahead
from photochrom.video.execution.shot_splitter import ShotSplitter
from photochrom.video.guidance.guidance import VideoGuidance
from photochrom.video.media.containers import CONTAINERS
from photochrom.video.media.encoder import Encoding, choose_encoding
from photochrom.video.media.probe import Video, probe
from photochrom.video.media.reader import Frame
from photochrom.video.media.scan import scan_video
from photochrom.video.media.segments import cut_segments
from photochrom.video.media.timestamps import constant_rate
from photochrom.video.media.y4m import PipedFilm, Y4mWriter
from photochrom.video.muxing.muxer import MuxPlan
from photochrom.video.muxing.rehearsal import list_assembled_losses
from photochrom.video.options import VideoOptions
from photochrom.video.report import Progress, Shot, VideoReport
from photochrom.video.summary import describe_problem, list_changes, list_shots
from photochrom.video.temporal.shot_detection import cut_size
from photochrom.video.temporal.shot_view import ShotView
from photochrom.video.temporal.stabilizer import color_shot
from photochrom.video.yuv.colorimetry import colorimetry_of
from photochrom.video.yuv.luma_view import LumaViewer

__all__ = ["stream_film", "stream_pipe"]

_CONTAINER, _CODEC = CONTAINERS[".y4m"], "raw"
#: how the streams are called in messages and reports
_NAME = Path("-")


@dataclass(kw_only=True)
class _Run:
    """What both ways have in common."""

    model: Model
    sink: BinaryIO
    stop: threading.Event
    on_progress: Callable[[Progress], None] | None
    begun: float = field(default_factory=time.perf_counter)
    frames: int = 0

    def tell(self, progress: Progress) -> None:
        if self.on_progress is not None:
            self.on_progress(progress)

    def write(self, encoding: Encoding, frames: Iterator[Planes], total: int | None) -> None:
        """Writes frames until they end, or the run is stopped.

        Raises:
            WriteError: nobody reads the stream any more.
            OSError: the disk behind the stream is full.
        """
        writer = Y4mWriter(self.sink, encoding)
        try:
            for planes in frames:
                writer.write(planes)
                self.frames += 1
                self.tell(Progress("color", self.frames, total))
                if self.stop.is_set():
                    break
            self.sink.flush()
        except BrokenPipeError as error:
            raise WriteError("video.pipe_closed", frames=self.frames) from error
        finally:
            frames.close()  # type: ignore[attr-defined]

    def report(
        self, video: Video, encoding: Encoding, *, shots: tuple[Shot, ...], notes: tuple[str, ...], problem: str | None
    ) -> VideoReport:
        return VideoReport(
            source=str(video.path),
            target=str(_NAME),
            model=self.model.card.name,
            codec=_CODEC,
            pixel_format=encoding.pixel_format,
            width=encoding.width,
            height=encoding.height,
            frames=self.frames,
            shots=shots,
            film_seconds=float(self.frames * encoding.seconds),
            seconds=time.perf_counter() - self.begun,
            resumed=0,
            broken=0,
            notes=notes,
            problem=problem,
            stopped=self.stop.is_set(),
        )


def stream_pipe(
    source: BinaryIO,
    sink: BinaryIO,
    *,
    model: str | Path = DEFAULT_MODEL,
    device: str = "auto",
    options: VideoOptions | None = None,
    stop: threading.Event | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> VideoReport:
    """Colours a film that comes as Y4M, and hands it on as Y4M about two seconds later.

    Args:
        source: of bytes; it need not seek.
        sink: of bytes.
        model: as :func:`photochrom.video.api.colorize_video`.
        device: as :func:`photochrom.video.api.colorize_video`.
        options: how; a part of the film, previews and codecs are for files.
        stop: once set, the run ends after the frame in work.
        on_progress: called after each frame.

    Returns:
        What was done; its ``problem`` says so where the source ended inside a frame.

    Raises:
        UnreadableFilmError: the source is not Y4M, or holds no whole frame.
        UnsupportedFilmError: its pixels are not read here, or have no place in Y4M.
        WriteError: nobody reads the sink any more.
        ModelError: the network cannot be used.
    """
    options = options or VideoOptions()
    network = find_model(model)
    film = PipedFilm(source, _NAME)
    video = film.video
    run = _Run(model=network, sink=sink, stop=stop or threading.Event(), on_progress=on_progress)
    encoding = _choose_encoding(video, video.interlaced)
    notes = tuple(list_changes(video, None, encoding))
    run.tell(Progress("color", 0, None, notes=notes))
    session = OnnxSession(network, device=device)
    coloring = _PipeColoring(film, encoding, options, session)
    run.write(encoding, coloring.planes(), None)
    problem = None
    if film.cut_short and not run.stop.is_set():
        problem = str(render("video.pipe_cut_short", {"frames": run.frames}))
    shots = _list_piped_shots(coloring.cuts, run.frames, encoding)
    return run.report(video, encoding, shots=shots, notes=notes, problem=problem)


def stream_film(
    source: str | Path,
    sink: BinaryIO,
    *,
    model: str | Path = DEFAULT_MODEL,
    device: str = "auto",
    options: VideoOptions | None = None,
    guidance: VideoGuidance | None = None,
    stop: threading.Event | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> VideoReport:
    """Colours a film's file and writes it as Y4M to a stream; see :func:`stream_pipe`.

    Raises:
        UnreadableFilmError, UnsupportedFilmError: the film cannot be read, or has no place in Y4M.
        OptionError: its frames are not evenly spaced, or a hint lies outside.
        WriteError: nobody reads the sink any more.
        ModelError: the network cannot be used.
    """
    options = options or VideoOptions()
    network = find_model(model)
    video = probe(source, rate=options.rate)
    run = _Run(model=network, sink=sink, stop=stop or threading.Event(), on_progress=on_progress)

    def watch(count: int) -> bool:
        run.tell(Progress("scan", count, video.declared_frames or None))
        return run.stop.is_set()

    scan = scan_video(video, span=options.span, on_frame=watch)
    if scan is None:
        return run.report(video, _choose_encoding(video, video.interlaced), shots=(), notes=(), problem=None)
    if constant_rate(video, scan) is None:
        raise OptionError("video.uneven_spacing", path=video.path, suffix=".y4m")
    encoding = _choose_encoding(video, scan.interlaced > 0, constant_rate(video, scan))
    plan = MuxPlan(container=_CONTAINER, encoding=encoding, model=network.card.name, ways={})
    notes = (*list_changes(video, scan, encoding), *list_assembled_losses(video, plan))
    run.tell(Progress("scan", scan.count, scan.count, notes=notes))
    segments = tuple(cut_segments(scan.shots))
    session = OnnxSession(network, device=device)
    shots = sorted({segment.shot for segment in segments})
    placed, matches = (guidance or VideoGuidance()).place(video, scan, shots, lambda: session)
    task = RenderTask(
        video=video,
        scan=scan,
        encoding=encoding,
        segments=segments,
        folder=_NAME,
        stabilizer=options,
        hints=placed,
    )
    renderer = ShotRenderer(task, session, lambda _: False)
    run.write(encoding, renderer.render_planes(list_all_shots(task)), scan.count)
    return run.report(
        video,
        encoding,
        shots=list_shots(video, scan),
        notes=(*notes, *matches),
        problem=describe_problem(video, scan),
    )


def _choose_encoding(video: Video, interlaced: bool, rate: Fraction | None = None) -> Encoding:
    return choose_encoding(
        video,
        colorimetry_of(video),
        container=_CONTAINER,
        codec=_CODEC,
        quality=None,
        preset=None,
        size=(video.height, video.width),
        rate=rate or video.rate,
        interlaced=interlaced,
        threads=1,
    )


class ViewedFrame(NamedTuple):
    """A frame, how the finder of cuts sees it, and how it is coloured."""

    frame: Frame
    small: NDArray[np.float32]
    view: ShotView


class _PipeColoring:
    """Colours a piped film, each stage in a thread of its own."""

    def __init__(self, film: PipedFilm, encoding: Encoding, options: VideoOptions, session: OnnxSession) -> None:
        video = film.video
        self._film, self._options, self._session = film, options, session
        self._viewer = FrameViewer(video, session.card, options.input_size)
        self._glance = LumaViewer(colorimetry_of(video), video.orientation, cut_size(*video.shown_size))
        self._joiner = PlaneJoiner(video, encoding, options)
        self._splitter: ShotSplitter[Frame] | None = None

    @property
    def cuts(self) -> list[int]:
        """Returns the first frames of all shots but the first."""
        return [] if self._splitter is None else self._splitter.cuts

    def planes(self) -> Iterator[Planes]:
        """Yields the planes of all frames."""
        colored = prefetch(self._color, frames_ahead(self._film.video))
        try:
            for frame, ab in colored:
                yield self._joiner(frame, ab)
        finally:
            colored.close()  # type: ignore[attr-defined]

    def _color(self) -> Iterator[tuple[Frame, NDArray[np.float32]]]:
        viewed = prefetch(lambda: follow_frames(self._view, lambda before, frame: True), FRAMES_AHEAD)
        try:
            splitter = self._splitter = ShotSplitter[Frame](viewed)
            while splitter.has_more():
                taken: deque[Frame] = splitter.taken
                for ab, _ in color_shot(self._session, splitter.next_shot(), options=self._options):
                    yield taken.popleft(), ab
        finally:
            viewed.close()  # type: ignore[attr-defined]

    def _view(self) -> Iterator[ViewedFrame]:
        for frame in self._film.frames():
            yield ViewedFrame(frame, self._glance(frame.luma), self._viewer(frame))


def _list_piped_shots(cuts: list[int], count: int, encoding: Encoding) -> tuple[Shot, ...]:
    edges = [0, *(cut for cut in cuts if cut < count), count]
    seconds = float(encoding.seconds)
    return tuple(Shot(a, b - a, a * seconds, (b - a) * seconds) for a, b in pairwise(edges) if b > a)
