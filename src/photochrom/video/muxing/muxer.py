"""Joins the segments to a film, with everything else that came with the source."""

import errno
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photochrom.errors import WriteError
from photochrom.system.processes import restore_scheduling
from photochrom.video.media.av import file_url, load_av
from photochrom.video.media.containers import CODECS, Container
from photochrom.video.media.encoder import Encoding
from photochrom.video.media.joins import Join
from photochrom.video.media.probe import Video
from photochrom.video.media.segments import frame_numbers, read_segment
from photochrom.video.muxing.tracks import TrackCopier, compose_synthetic_note, copy_description, copy_metadata

__all__ = [
    "DISK_ERRORS",
    "MuxPlan",
    "OutputFilm",
    "Timeline",
    "mux_video",
    "open_output",
    "translate_ffmpeg_errors",
]

#: what FFmpeg passes on from the system where a disk is full, a file too large, or a quota used up
DISK_ERRORS = frozenset(getattr(errno, name) for name in ("EFBIG", "ENOSPC", "EDQUOT", "EIO") if hasattr(errno, name))


@dataclass(frozen=True, eq=False, kw_only=True)
class Timeline:
    """When the result shows which frame.

    Attributes:
        pts: time stamp in the result of each scanned frame, in the film's time base; only those of muxed frames count.
        durations: ticks each is shown.
        shift: seconds the result is earlier than the source.
        start, stop: the part of the sound that goes with it, seconds in the source; None for all.
    """

    pts: NDArray[np.int64]
    durations: NDArray[np.int64]
    shift: Fraction
    start: Fraction | None
    stop: Fraction | None


@dataclass(frozen=True, kw_only=True)
class MuxPlan:
    """How a film is put into its container.

    Attributes:
        container: what it is written into.
        encoding: of the pictures.
        model: the network's name.
        ways: what is done with each track, by its number.
        joins: where the film's time begins again.
        sound: whether anything besides the picture is copied.
    """

    container: Container
    encoding: Encoding
    model: str
    ways: Mapping[int, str]
    joins: Sequence[Join] = ()
    sound: bool = True


class OutputFilm:
    """A film to be written, its header not yet there.

    Args:
        video: the source.
        source: the film opened with PyAV.
        output: opened with PyAV.
        plan: how.
        chapters: that it has.

    Attributes:
        stream: of the picture.
        tracks: copies the others; None where there are none.
        notes: what was transcoded or left out, a sentence each.
    """

    def __init__(
        self, video: Video, source: Any, output: Any, plan: MuxPlan, chapters: Sequence[dict[str, Any]] = ()
    ) -> None:
        self.stream = output.add_stream(CODECS[plan.encoding.codec].encoder, rate=1 / plan.encoding.seconds)
        _set_up_stream(self.stream, video, source, plan.encoding, plan.container)
        self.notes: list[str] = []
        self.tracks: TrackCopier | None = None
        if plan.sound:
            self.tracks = TrackCopier(video, source, output, plan.container, plan.ways, plan.joins)
            self.notes += self.tracks.notes
            output.set_chapters(list(chapters))
        output.metadata.update(copy_metadata(video.metadata, compose_synthetic_note(plan.model)))
        if not plan.container.marked:
            self.notes.append(f"{plan.container.muxer} has no place for the note that the colour is synthetic")


def open_output(target: Path, video: Video, plan: MuxPlan) -> Any:
    """Opens a file for writing with PyAV; the caller closes it."""
    options = {}
    if plan.container.muxer in ("mp4", "mov"):
        options["movflags"] = "+faststart"
        if any(key.lower().startswith("com.") for key in video.metadata):
            # keys of phones have no place among the tags that the muxer writes otherwise
            options["movflags"] += "+use_metadata_tags"
    if plan.container.muxer in ("matroska", "webm"):
        # ids of tracks are drawn by chance otherwise, and a film made anew would be another file
        options["fflags"] = "+bitexact"
    return load_av().open(file_url(target), "w", format=plan.container.muxer, container_options=options)


def mux_video(video: Video, target: Path, *, plan: MuxPlan, segments: Sequence[Path], timeline: Timeline) -> None:
    """Writes a film of these segments to ``target``, whatever is there.

    Raises:
        OSError: the disk is full, or worse.
        WriteError: the container refuses what it is given.
    """
    order = [number for path in segments for number in frame_numbers(path)]
    with (
        translate_ffmpeg_errors(target),
        video.open() as source,
        open_output(target, video, plan) as output,
    ):
        film = OutputFilm(video, source, output, plan, list(_shift_chapters(source, timeline)))
        output.start_encoding()
        restore_scheduling()
        pictures = _picture_packets(segments, order, timeline, video, plan.encoding, plan.container, film.stream)
        others: Iterator[tuple[Fraction, Any]] = iter(())
        if film.tracks is not None:
            others = film.tracks.packets(timeline.shift, timeline.start, timeline.stop)
        for packet in _merge_by_time(pictures, others):
            output.mux(packet)


@contextmanager
def translate_ffmpeg_errors(target: Path) -> Iterator[None]:
    """Turns what FFmpeg says while it writes into an OSError of the same number, or a WriteError."""
    av = load_av()
    try:
        yield
    except av.FFmpegError as error:
        if isinstance(error, OSError) or error.errno in DISK_ERRORS:
            raise OSError(error.errno, error.strerror, str(target)) from error
        raise WriteError("video.container_refuses", path=target, reason=error.strerror) from error


def _set_up_stream(stream: Any, video: Video, source: Any, encoding: Encoding, container: Container) -> None:
    encoding.set_up(stream.codec_context)
    stream.time_base = encoding.seconds if container.constant else video.time_base
    if encoding.codec == "h265" and container.muxer in ("mp4", "mov"):
        # the tag that Apple's players ask for
        stream.codec_context.codec_tag = "hvc1"
    if video.display_matrix:
        stream.set_display_matrix(video.display_matrix)
    own = source.streams[video.index]
    copy_description(own, stream)


def _picture_packets(
    segments: Sequence[Path],
    order: list[int],
    timeline: Timeline,
    video: Video,
    encoding: Encoding,
    container: Container,
    stream: Any,
) -> Iterator[tuple[Fraction, Any]]:
    """Yields the packets of the picture, each with its time, seconds."""
    av = load_av()
    base = encoding.seconds if container.constant else video.time_base
    shown = sorted(order)
    if container.constant:
        times = {number: place for place, number in enumerate(shown)}
        lengths = dict.fromkeys(shown, 1)
    else:
        times = {number: int(timeline.pts[number]) for number in shown}
        lengths = {number: int(timeline.durations[number]) for number in shown}
    ascending = [times[number] for number in shown]
    places = {number: place for place, number in enumerate(shown)}
    # a frame may be decoded so many places before it is shown
    delay = max((place - places[number] for place, number in enumerate(order)), default=0)
    step = max(1, ascending[1] - ascending[0]) if len(ascending) > 1 else 1
    position = 0
    for path in segments:
        for found in read_segment(path):
            packet = av.Packet(found.data)
            early = position - delay
            packet.pts = times[found.frame]
            packet.dts = ascending[early] if early >= 0 else ascending[0] + early * step
            packet.duration = lengths[found.frame]
            packet.is_keyframe = found.key
            packet.time_base = base
            packet.stream = stream
            position += 1
            yield packet.dts * base, packet


def _shift_chapters(source: Any, timeline: Timeline) -> Iterator[dict[str, Any]]:
    for chapter in source.chapters():
        base = chapter["time_base"]
        start = max(Fraction(chapter["start"]) * base, timeline.start or Fraction(0))
        stop = Fraction(chapter["end"]) * base
        stop = stop if timeline.stop is None else min(stop, timeline.stop)
        if stop > start:
            moved = {"start": round((start - timeline.shift) / base), "end": round((stop - timeline.shift) / base)}
            yield {**chapter, **moved}


def _merge_by_time(first: Iterator[tuple[Fraction, Any]], second: Iterator[tuple[Fraction, Any]]) -> Iterator[Any]:
    """Merges two streams of packets so that neither waits long in the muxer's memory."""
    end: tuple[Fraction | None, Any] = (None, None)
    one, other = next(first, end), next(second, end)
    while one[0] is not None or other[0] is not None:
        if other[0] is None or (one[0] is not None and one[0] <= other[0]):
            yield one[1]
            one = next(first, end)
        else:
            yield other[1]
            other = next(second, end)
