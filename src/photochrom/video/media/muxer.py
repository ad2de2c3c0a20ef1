"""Joins the segments to a film, with everything else that came with the source."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photochrom.errors import WriteError
from photochrom.system.processes import restore_scheduling
from photochrom.video.media.av import load_av
from photochrom.video.media.containers import CODECS, Container
from photochrom.video.media.encoder import Encoding
from photochrom.video.media.probe import Video, open_video
from photochrom.video.media.segments import frame_numbers, read_segment
from photochrom.video.media.tracks import TrackCopier, compose_synthetic_note, copy_description, copy_metadata

__all__ = ["Timeline", "mux_video"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Timeline:
    """When the result shows which frame.

    Attributes:
        pts: time stamp in the result of each scanned frame, in the film's time base; only those of muxed frames count.
        durations: ticks each is shown.
        shift: seconds the result is earlier than the source.
        start, stop: the part of the sound that goes with it, seconds in the source; None for all.
        sound: whether anything besides the picture is copied.
    """

    pts: NDArray[np.int64]
    durations: NDArray[np.int64]
    shift: Fraction
    start: Fraction | None
    stop: Fraction | None
    sound: bool = True


def mux_video(
    video: Video,
    target: Path,
    *,
    container: Container,
    encoding: Encoding,
    segments: Sequence[Path],
    timeline: Timeline,
    model: str,
) -> list[str]:
    """Writes a film of these segments to ``target``, whatever is there.

    Returns:
        What was transcoded or left out, a sentence each.

    Raises:
        OSError: the disk is full, or worse.
        WriteError: the container refuses what it is given.
    """
    order = [number for path in segments for number in frame_numbers(path)]
    options = {"movflags": "+faststart"} if container.muxer in ("mp4", "mov") else {}
    with translate_ffmpeg_errors(target), open_video(video.path) as source:
        av = load_av()
        with av.open(str(target), "w", format=container.muxer, container_options=options) as output:
            stream = output.add_stream(CODECS[encoding.codec].encoder, rate=1 / encoding.seconds)
            _set_up_stream(stream, video, source, encoding, container)
            notes: list[str] = []
            tracks = None
            if timeline.sound:
                tracks = TrackCopier(video, source, output, container)
                notes = tracks.notes
                output.set_chapters(list(_shift_chapters(source, timeline)))
            output.metadata.update(copy_metadata(video.metadata, compose_synthetic_note(model)))
            if not container.marked:
                notes.append(f"{container.muxer} has no place for the note that the colour is synthetic")
            output.start_encoding()
            restore_scheduling()
            pictures = _picture_packets(segments, order, timeline, video, encoding, container, stream)
            others = tracks.packets(timeline.shift, timeline.start, timeline.stop) if tracks else iter(())
            for packet in _merge_by_time(pictures, others):
                output.mux(packet)
    return notes


@contextmanager
def translate_ffmpeg_errors(target: Path) -> Iterator[None]:
    """Turns what FFmpeg says while it writes into an OSError of the same number, or a WriteError."""
    av = load_av()
    try:
        yield
    except av.FFmpegError as error:
        if isinstance(error, OSError) or (error.errno or 0) in (27, 28, 122):
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
