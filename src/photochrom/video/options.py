"""How a film is coloured, written and worked on."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Annotated, Any, TypedDict

from photochrom.errors import OptionError
from photochrom.options import Help
from photochrom.provenance.signer import Signer
from photochrom.video.media.scan import Span
from photochrom.video.temporal.stabilizer import StabilizerOptions

__all__ = ["BACKENDS", "FrameKeywords", "RunOptions", "VideoKeywords", "VideoOptions", "split_keywords"]

#: where the work is done: by processes here, or by a Ray cluster
BACKENDS = ("local", "ray")


@dataclass(frozen=True, kw_only=True)
class VideoOptions(StabilizerOptions):
    """How a film is coloured and written.

    Args:
        vividness: as :class:`photochrom.options.ColorOptions`.
        strength: as :class:`photochrom.options.ColorOptions`.
        input_size: as :class:`photochrom.options.ColorOptions`.
        palette: as :class:`photochrom.options.ColorOptions`.
        temporal_smoothing: as :class:`photochrom.video.temporal.stabilizer.StabilizerOptions`.
        keyframe_interval: as :class:`photochrom.video.temporal.stabilizer.StabilizerOptions`.
        start: where the part to colour and write begins, seconds; None for the film's start.
        end: where it ends; None for the film's end.
        preview_every: write one shot of so many, small and without sound; None for the film itself.
        rate: frames a second of a film that is stills; None for 24.
        codec: "h264", "h265", "av1", "prores", "ffv1", "vp9" or "mpeg2"; None for the container's own.
        quality: on the codec's own scale; None for its default.
        preset: of the encoder, how much time it takes to make the file small; None for its default.

    Raises:
        OptionError: a value is out of range.
    """

    start: Annotated[float | None, Help("Colour from there on: seconds, or h:m:s.", "TIME")] = None
    end: Annotated[float | None, Help("Colour up to there.", "TIME")] = None
    preview_every: Annotated[int | None, Help("Write every N-th shot only, small and without sound.")] = None
    codec: Annotated[
        str | None, Help("h264, h265, av1, prores, ffv1, vp9 or mpeg2. [default: the container's own]", "NAME")
    ] = None
    quality: Annotated[int | None, Help("On the codec's own scale, for instance crf 0..51 for h264.")] = None
    rate: Annotated[float | None, Help("Frames a second, of stills. [default: 24]", "N")] = None
    preset: Annotated[str | None, Help("The encoder's: how long it takes to make the file small.", "NAME")] = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.preview_every is not None and self.preview_every < 1:
            raise OptionError("video.preview_out_of_range", value=self.preview_every)
        # the span checks its own ends
        self.span  # noqa: B018

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
        keep_shots: keep the coloured shots when the film is done, so that a later run with ``resume`` and other hints
            colours only the shots anew that these change.
        signer: signs the film with C2PA; None for none.

    Raises:
        OptionError: there are fewer jobs than one, or the backend is not known.
    """

    jobs: int | None = None
    backend: str = "local"
    resume: bool = False
    overwrite: bool = False
    keep_shots: bool = False
    signer: Signer | None = None

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
    keyframe_interval: int
    input_size: int | None
    palette: Sequence[str]


class VideoKeywords(FrameKeywords, total=False):
    """The keywords of :func:`photochrom.video.api.colorize_video`, fields of both classes of options."""

    start: float | None
    end: float | None
    preview_every: int | None
    codec: str | None
    quality: int | None
    rate: float | None
    preset: str | None
    jobs: int | None
    backend: str
    resume: bool
    overwrite: bool
    keep_shots: bool
    signer: Signer | None


def split_keywords(keywords: VideoKeywords) -> tuple[VideoOptions, RunOptions]:
    """Returns the options that keywords stand for.

    Raises:
        OptionError: a value is out of range.
        TypeError: a keyword is not known.
    """
    given: dict[str, Any] = dict(keywords)
    run = {field.name: given.pop(field.name) for field in fields(RunOptions) if field.name in given}
    return VideoOptions(**given), RunOptions(**run)
