"""Films in Python: one call for a file, and an iterator for those who bring their own reader."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photochrom.colorizer import count_processors
from photochrom.errors import OptionError
from photochrom.image_io import Page
from photochrom.inference.session import OnnxSession
from photochrom.recolor import recolor, resize, shrink
from photochrom.registry import DEFAULT_MODEL, find_model
from photochrom.video.guidance.hints import VideoHint
from photochrom.video.guidance.references import FilmReference
from photochrom.video.job import run_job
from photochrom.video.media.scan import Span
from photochrom.video.options import FilmOptions
from photochrom.video.report import Progress, VideoReport
from photochrom.video.temporal.shot_detection import SETTLED, CutFinder
from photochrom.video.temporal.stabilizer import SteadyOptions, color_shot, view_size

__all__ = ["colorize_frames", "colorize_video"]

#: short side of what the finder of cuts sees, pixels
_SHORT_SIDE = 64


def colorize_video(
    source: str | Path,
    output: str | Path,
    *,
    model: str | Path = DEFAULT_MODEL,
    device: str = "auto",
    vividness: float = 1.0,
    strength: float = 1.0,
    steady: float = 1.0,
    size: int | None = None,
    hints: Sequence[VideoHint] = (),
    references: Sequence[FilmReference] = (),
    start: float | None = None,
    stop: float | None = None,
    preview: int | None = None,
    codec: str | None = None,
    quality: int | None = None,
    preset: str | None = None,
    jobs: int | None = None,
    engine: str = "local",
    resume: bool = False,
    overwrite: bool = False,
    stop_event: threading.Event | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> VideoReport:
    """Colour a film. Its luma, time stamps, sound, subtitles, chapters and metadata go over as they are.

    Args:
        source: the film; its content decides what it is.
        output: where to; the suffix names the container.
        model: a name of :func:`photochrom.list_models`, or a weights file.
        device: "auto", "cpu", "cuda", "coreml", "directml" or "openvino".
        vividness: 0 for the mean of what the network thinks possible, 1 for the default, 2 for bold.
        strength: 0 for the film's own colours, 1 for the network's, up to 1.5 for more.
        steady: 0 for each frame by itself, 1 for colour that keeps still.
        size: short side the network sees, pixels; None for the best for films.
        hints: colours at places of the film, held through their shots.
        references: other photos whose colours matching things take.
        start: where the part to colour and write begins, seconds; None for the film's start.
        stop: where it ends; None for the film's end.
        preview: write every so many shots, small and without sound.
        codec: "h264", "h265", "av1", "prores", "ffv1", "vp9" or "mpeg2"; None for the container's own.
        quality: on the codec's own scale; None for its default.
        preset: of the encoder, how long it takes to make the file small; None for its default.
        jobs: processes that share the film by shots; None for one, or for all of a cluster. From a script, behind
            ``if __name__ == "__main__":``.
        engine: "local", or "ray" for the machines of the Ray cluster that ``RAY_ADDRESS`` names; see
            :mod:`photochrom.video.execution.ray_backend`.
        resume: go on with an unfinished run of the same output.
        overwrite: replace what is there.
        stop_event: once set, the run stops and leaves a playable part.
        on_progress: told how far it is.

    Raises:
        InputError: the film or an option cannot be used; its subclasses say why.
        OutputError: the result cannot be written.
        ModelError: the network cannot be used.
        MissingDependencyError: PyAV is not installed.
    """
    options = FilmOptions(
        vividness=vividness,
        strength=strength,
        steady=steady,
        size=size,
        span=Span(start=start, stop=stop),
        preview=preview,
        codec=codec,
        quality=quality,
        preset=preset,
    )
    return run_job(
        source,
        output,
        model=model,
        device=device,
        options=options,
        hints=hints,
        references=references,
        jobs=jobs,
        engine=engine,
        resume=resume,
        overwrite=overwrite,
        stop=stop_event,
        on_progress=on_progress,
    )


def colorize_frames(
    frames: Iterable[NDArray[Any]],
    *,
    model: str | Path = DEFAULT_MODEL,
    device: str = "auto",
    vividness: float = 1.0,
    strength: float = 1.0,
    steady: float = 1.0,
    size: int | None = None,
) -> Iterator[NDArray[np.uint8]]:
    """Colour frames of a film that another reader brings; steady within a shot, new at a cut.

    Args:
        frames: (H,W) gray or (H,W,3) RGB, uint8, sRGB, in order and all of one size. They are read a few dozen ahead.
        model: a name of :func:`photochrom.list_models`, or a weights file.
        device: "auto", "cpu", "cuda", "coreml", "directml" or "openvino".
        vividness: 0 for the mean of what the network thinks possible, 1 for the default, 2 for bold.
        strength: 0 for the frames' own colours, 1 for the network's, up to 1.5 for more.
        steady: 0 for each frame by itself, 1 for colour that keeps still.
        size: short side the network sees, pixels; None for the best for films.

    Yields:
        (H,W,3) uint8 for each frame: its own lightness, the network's colours.

    Raises:
        OptionError: a frame is of another shape or dtype, or an option out of range.
    """
    FilmOptions(vividness=vividness, strength=strength, steady=steady, size=size)
    engine = OnnxSession(find_model(model), device=device)
    options = SteadyOptions(vividness=vividness, steady=steady, size=size)
    pages = _Pages(frames, engine, size)
    threads = count_processors()
    while pages.more():
        for ab, _ in color_shot(engine, pages.shot(), options=options):
            colored = recolor(pages.taken.popleft(), ab, strength=strength, threads=threads)
            yield np.ascontiguousarray(colored, np.uint8)


class _Pages:
    """Hands out the views of one shot after the other; ``taken`` are the pages of the views handed out."""

    def __init__(self, frames: Iterable[NDArray[Any]], engine: OnnxSession, size: int | None) -> None:
        self._frames = iter(frames)
        self._engine, self._size = engine, size
        self._finder = CutFinder()
        self._ahead: deque[tuple[Page, NDArray[np.float32]]] = deque()
        self._given = 0
        self._shape: tuple[int, ...] | None = None
        self._finished = False
        self.taken: deque[Page] = deque()

    def more(self) -> bool:
        """Whether a frame is left."""
        self._fill()
        return bool(self._ahead)

    def shot(self) -> Iterator[NDArray[np.float32]]:
        """The views of the next shot."""
        first = self._given
        while self.more() and (self._given == first or self._given not in self._finder.cuts):
            page, view = self._ahead.popleft()
            self.taken.append(page)
            self._given += 1
            yield view

    def _fill(self) -> None:
        while len(self._ahead) <= SETTLED:
            frame = next(self._frames, None)
            if frame is None:
                if not self._finished:
                    self._finished = True
                    self._finder.finish()
                return
            self._take(np.asarray(frame))

    def _take(self, frame: NDArray[Any]) -> None:
        plain = frame.ndim == 2 or (frame.ndim == 3 and frame.shape[2] == 3)
        if not plain or frame.dtype != np.uint8:
            raise OptionError(f"a frame is {frame.dtype} {frame.shape}: give uint8 of shape (H,W) or (H,W,3)")
        self._shape = self._shape or frame.shape
        if frame.shape != self._shape:
            raise OptionError(f"a frame is {frame.shape} after {self._shape}: give frames of one shape")
        # the caller may use the same memory for the next one
        page = Page(np.array(frame, copy=True))
        view = shrink(page, view_size(self._engine.card, page.height, page.width, self._size))
        scale = _SHORT_SIDE / min(view.shape)
        small = tuple(max(8, round(side * scale)) for side in view.shape)
        self._finder.feed(np.clip(resize(view, (small[1], small[0])), 0.0, 100.0))
        self._ahead.append((page, view))
