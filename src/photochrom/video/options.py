"""How a film is coloured, written and worked on."""

from dataclasses import dataclass, fields
from typing import Any, TypedDict

from photochrom.errors import OptionError
from photochrom.video.media.scan import Span
from photochrom.video.temporal.stabilizer import StabilizerOptions, check_number

__all__ = ["BACKENDS", "FrameKeywords", "RunOptions", "VideoKeywords", "VideoOptions", "split_keywords"]

#: where the work is done: by processes here, or by a Ray cluster
BACKENDS = ("local", "ray")


@dataclass(frozen=True, kw_only=True)
class VideoOptions:
    """How a film is coloured and written.

    Args:
        vividness: 0 for the mean of what the network thinks possible, 1 for the default, 2 for bold.
        strength: 0 for the film's own colours, 1 for the network's, up to 1.5 for more.
        temporal_smoothing: 0 for each frame by itself, 1 for colour that keeps still.
        input_size: short side the network sees, pixels; None for the best for films.
        start: where the part to colour and write begins, seconds; None for the film's start.
        end: where it ends; None for the film's end.
        preview_every: write one shot of so many, small and without sound; None for the film itself.
        codec: "h264", "h265", "av1", "prores", "ffv1", "vp9" or "mpeg2"; None for the container's own.
        quality: on the codec's own scale; None for its default.
        preset: of the encoder, how much time it takes to make the file small; None for its default.

    Raises:
        OptionError: a value is out of range.
    """

    vividness: float = 1.0
    strength: float = 1.0
    temporal_smoothing: float = 1.0
    input_size: int | None = None
    start: float | None = None
    end: float | None = None
    preview_every: int | None = None
    codec: str | None = None
    quality: int | None = None
    preset: str | None = None

    def __post_init__(self) -> None:
        check_number("strength", self.strength, 1.5)
        if self.preview_every is not None and self.preview_every < 1:
            raise OptionError("video.preview_out_of_range", value=self.preview_every)
        # each checks its own
        self.stabilizer, self.span  # noqa: B018

    @property
    def stabilizer(self) -> StabilizerOptions:
        """Returns how its shots are coloured."""
        return StabilizerOptions(
            vividness=self.vividness, temporal_smoothing=self.temporal_smoothing, input_size=self.input_size
        )

    @property
    def span(self) -> Span:
        """Returns the part that is coloured and written."""
        return Span(start=self.start, end=self.end)


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """How the work on a film is done; the film is the same with all of them.

    Args:
        jobs: processes, or tasks of a cluster, that share the film by shots; None for one, or for all of a cluster.
        backend: one of :data:`BACKENDS`.
        resume: go on with an unfinished run of the same output.
        overwrite: replace what is there.

    Raises:
        OptionError: there are fewer jobs than one, or the backend is not known.
    """

    jobs: int | None = None
    backend: str = "local"
    resume: bool = False
    overwrite: bool = False

    def __post_init__(self) -> None:
        if self.jobs is not None and self.jobs < 1:
            raise OptionError("video.jobs_out_of_range", value=self.jobs)
        if self.backend not in BACKENDS:
            raise OptionError("video.backend_unknown", backend=self.backend, known=" or ".join(BACKENDS))


class FrameKeywords(TypedDict, total=False):
    """The keywords of :func:`photochrom.video.api.colorize_frames`, fields of :class:`VideoOptions`."""

    vividness: float
    strength: float
    temporal_smoothing: float
    input_size: int | None


class VideoKeywords(FrameKeywords, total=False):
    """The keywords of :func:`photochrom.video.api.colorize_video`, fields of both classes of options."""

    start: float | None
    end: float | None
    preview_every: int | None
    codec: str | None
    quality: int | None
    preset: str | None
    jobs: int | None
    backend: str
    resume: bool
    overwrite: bool


def split_keywords(keywords: VideoKeywords) -> tuple[VideoOptions, RunOptions]:
    """Returns the options that keywords stand for.

    Raises:
        OptionError: a value is out of range.
        TypeError: a keyword is not known.
    """
    given: dict[str, Any] = dict(keywords)
    run = {field.name: given.pop(field.name) for field in fields(RunOptions) if field.name in given}
    return VideoOptions(**given), RunOptions(**run)
