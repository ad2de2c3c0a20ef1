"""Films in Python: one call for a file, and an iterator for those who bring their own reader."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from photochrom.colorizer import count_processors
from photochrom.deprecations import renamed_keywords
from photochrom.errors import OptionError
from photochrom.image_io import Page
from photochrom.inference.session import OnnxSession
from photochrom.recolor import recolor, resize, shrink
from photochrom.registry import DEFAULT_MODEL, find_model
from photochrom.video.execution.shot_splitter import ShotSplitter
from photochrom.video.guidance.guidance import VideoGuidance
from photochrom.video.guidance.hints import VideoHint
from photochrom.video.guidance.references import VideoReference
from photochrom.video.job import run_job
from photochrom.video.options import FrameKeywords, VideoKeywords, split_keywords
from photochrom.video.report import Progress, VideoReport
from photochrom.video.temporal.shot_detection import cut_size
from photochrom.video.temporal.shot_view import ShotView, view_size
from photochrom.video.temporal.stabilizer import StabilizerOptions, color_shot

__all__ = ["colorize_frames", "colorize_video"]


@renamed_keywords("colorize_video")
def colorize_video(
    source: str | Path,
    output: str | Path,
    *,
    model: str | Path = DEFAULT_MODEL,
    device: str = "auto",
    hints: Sequence[VideoHint] = (),
    references: Sequence[VideoReference] = (),
    colored_frames: Sequence[str | Path] = (),
    stop_event: threading.Event | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    **options: Unpack[VideoKeywords],
) -> VideoReport:
    """Colours a film. Its luma, time stamps, sound, subtitles, chapters and metadata go over as they are.

    Args:
        source: the film; its content decides what it is. Or a folder of stills, or a pattern such as
            ``frames/%05d.png``.
        output: where to; the suffix names the container. Stills are written where the name holds a number such as
            ``%05d``, or ``*`` for the names of the source's stills.
        model: a name of :func:`photochrom.list_models`, or a weights file.
        device: "auto", "cpu", "cuda", "coreml", "directml" or "openvino".
        hints: colours at places of the film, held through their shots.
        references: other photos whose colours matching things take.
        colored_frames: pictures that are frames of this film, coloured elsewhere; each is found, and its colours hold
            in its shot.
        stop_event: once set, the run stops and leaves a playable part.
        on_progress: called with how far the run is.
        options: any of these.

            - ``vividness``: 0 for the mean of what the network thinks possible, 1 for the default, 2 for bold.
            - ``strength``: 0 for the film's own colours, 1 for the network's, up to 1.5 for more.
            - ``temporal_smoothing``: 0 for each frame by itself, 1 for colour that keeps still; default 1.
            - ``keyframe_interval``: the network sees one frame of so many, at least; 1 for every frame, default 48.
            - ``input_size``: short side the network sees, 32 to 2048 pixels; None for the best for films.
            - ``palette``: up to 16 colours ``"#rrggbb"`` that the film is pulled towards.
            - ``start``, ``end``: the part to colour and write, seconds; None for the film's start and end.
            - ``preview_every``: write one shot of so many, small and without sound.
            - ``rate``: frames a second of a film that is stills; None for 24.
            - ``codec``: "h264", "h265", "av1", "prores", "ffv1", "vp9" or "mpeg2"; None for the container's own.
            - ``quality``: on the codec's own scale; None for its default.
            - ``preset``: of the encoder, how long it takes to make the file small; None for its default.
            - ``jobs``: processes that share the film by shots; None for one, or for all of a cluster. From a script,
              behind ``if __name__ == "__main__":``.
            - ``backend``: "local", or "ray" for the machines of the Ray cluster that ``RAY_ADDRESS`` names; see
              :mod:`photochrom.video.execution.ray_backend`.
            - ``resume``: go on with an unfinished run of the same output.
            - ``overwrite``: replace what is there.
            - ``keep_shots``: keep the coloured shots when the film is done; a later run with ``resume``, ``overwrite``
              and other hints then colours only the shots anew that these change.

    Returns:
        What was done.

    Raises:
        InputError: the film or an option cannot be used; its subclasses say why.
        OutputError: the result cannot be written.
        ModelError: the network cannot be used.
        MissingDependencyError: PyAV is not installed.
    """
    video_options, run_options = split_keywords(options)
    return run_job(
        source,
        output,
        model=model,
        device=device,
        options=video_options,
        guidance=VideoGuidance(hints, references, [Path(frame) for frame in colored_frames]),
        run_options=run_options,
        stop=stop_event,
        on_progress=on_progress,
    )


@renamed_keywords("colorize_frames")
def colorize_frames(
    frames: Iterable[NDArray[Any]],
    *,
    model: str | Path = DEFAULT_MODEL,
    device: str = "auto",
    **options: Unpack[FrameKeywords],
) -> Iterator[NDArray[np.uint8]]:
    """Colours frames of a film that another reader brings; still within a shot, new at a cut.

    Args:
        frames: (H,W) gray or (H,W,3) RGB, uint8, sRGB, in order and all of one size. They are read a few dozen ahead.
        model: a name of :func:`photochrom.list_models`, or a weights file.
        device: "auto", "cpu", "cuda", "coreml", "directml" or "openvino".
        options: any of these.

            - ``vividness``: 0 for the mean of what the network thinks possible, 1 for the default, 2 for bold.
            - ``strength``: 0 for the frames' own colours, 1 for the network's, up to 1.5 for more.
            - ``temporal_smoothing``: 0 for each frame by itself, 1 for colour that keeps still; default 1.
            - ``keyframe_interval``: the network sees one frame of so many, at least; 1 for every frame, default 48.
            - ``input_size``: short side the network sees, 32 to 2048 pixels; None for the best for films.
            - ``palette``: up to 16 colours ``"#rrggbb"`` that the film is pulled towards.

    Yields:
        (H,W,3) uint8 for each frame: its own lightness, the network's colours.

    Raises:
        OptionError: a frame is of another shape or dtype, or an option out of range.
    """
    given: dict[str, Any] = dict(options)
    how = StabilizerOptions(**given)
    session = OnnxSession(find_model(model), device=device)
    source = ShotSplitter(_FrameSource(frames, session, how.input_size))
    threads = count_processors()
    while source.has_more():
        for ab, _ in color_shot(session, source.next_shot(), options=how):
            colored = recolor(source.taken.popleft(), ab, strength=how.strength, threads=threads)
            yield np.ascontiguousarray(colored, np.uint8)


class _FrameSource:
    """Takes frames of the caller's, checked, with what they are looked at by."""

    def __init__(self, frames: Iterable[NDArray[Any]], session: OnnxSession, input_size: int | None) -> None:
        self._frames = frames
        self._session, self._input_size = session, input_size
        self._shape: tuple[int, ...] | None = None

    def __iter__(self) -> Iterator[tuple[Page, NDArray[np.float32], ShotView]]:
        return map(self._take, map(np.asarray, self._frames))

    def _take(self, frame: NDArray[Any]) -> tuple[Page, NDArray[np.float32], ShotView]:
        plain = frame.ndim == 2 or (frame.ndim == 3 and frame.shape[2] == 3)
        if not plain or frame.dtype != np.uint8:
            raise OptionError("video.frame_unsupported", dtype=str(frame.dtype), shape=frame.shape)
        self._shape = self._shape or frame.shape
        if frame.shape != self._shape:
            raise OptionError("video.frame_shape_changed", shape=frame.shape, before=self._shape)
        # the caller may use the same memory for the next one
        page = Page(np.array(frame, copy=True))
        view = shrink(page, view_size(self._session.card, page.height, page.width, self._input_size))
        height, width = cut_size(*view.shape)
        small = np.clip(resize(view, (width, height)), 0.0, 100.0)
        return page, small, ShotView.of(view, self._session.card.output_stride)
