"""What there is to say about a film and its result, in figures and sentences."""

from collections.abc import Sequence
from pathlib import Path

from photochrom.messages import render
from photochrom.video.media.containers import CODECS
from photochrom.video.media.encoder import Encoding
from photochrom.video.media.probe import Video, probe
from photochrom.video.media.scan import Scan, Span, scan_video
from photochrom.video.report import Shot
from photochrom.video.timecode import show_time

__all__ = ["describe_problem", "describe_shots_anew", "find_shots", "list_changes", "list_shots"]


def find_shots(source: str | Path, *, span: Span | None = None) -> tuple[Shot, ...]:
    """Returns the shots of a film, found by its cuts; nothing is coloured.

    Raises:
        UnreadableFilmError, UnsupportedFilmError: the film cannot be read.
    """
    video = probe(source)
    scan = scan_video(video, span=span)
    # nothing stops a scan that is not watched
    return list_shots(video, scan) if scan is not None else ()


def describe_shots_anew(shots: Sequence[int]) -> str:
    """Returns the sentence that says which kept shots are coloured anew, their numbers counted from 0."""
    return str(render("video.shots_anew", {"shots": ", ".join(str(shot + 1) for shot in shots)}))


def list_shots(video: Video, scan: Scan) -> tuple[Shot, ...]:
    """Returns the shots of a scan, in seconds from the film's start."""
    ends = scan.pts + scan.durations
    return tuple(
        Shot(
            first,
            stop - first,
            float(int(scan.pts[first]) * video.time_base - video.start),
            float(int(ends[stop - 1] - scan.pts[first]) * video.time_base),
        )
        for first, stop in scan.shots
    )


def describe_problem(video: Video, scan: Scan) -> str | None:
    """Returns why a result is not the whole film; None where it is."""
    if not scan.short:
        return None
    seconds = float(int(scan.pts[-1] + scan.durations[-1]) * video.time_base - video.start)
    frames = f"{scan.count} of {video.declared_frames}" if video.declared_frames else str(scan.count)
    return str(render("video.cut_short", {"path": video.path, "frames": frames, "seconds": seconds}))


def list_changes(video: Video, scan: Scan | None, encoding: Encoding) -> list[str]:
    """Returns what the picture could not keep, a sentence each; without a scan where the film cannot be read twice."""
    notes = []
    if scan is not None and scan.joins:
        places = ", ".join(show_time(second) for second in _list_joins(video, scan))
        notes.append(f"the film's time begins again at {places}: its parts were joined to one continuous film")
    if scan is not None and scan.captioned:
        notes.append("closed captions were left out: they stand in the picture's own stream, which is made anew")
    if video.stills is not None and video.stills.others:
        notes.append(f"other files in the folder were left out ({video.stills.others}): they are not pictures")
    if video.layout.kind == "rgb":
        notes.append(f"the picture was turned from {video.pixel_format} to YUV, once")
    if video.layout.alpha and not encoding.alpha:
        notes.append("transparency was left out")
    if encoding.shift < 0:
        notes.append(f"the picture's {video.layout.depth} bits became {encoding.depth}, which {encoding.codec} holds")
    own = video.layout.chroma
    is_subsampled = not CODECS[encoding.codec].full_chroma
    if own is not None and video.layout.kind == "yuv" and own != encoding.steps and is_subsampled:
        notes.append(f"the chroma of {video.pixel_format} became {encoding.pixel_format}, which {encoding.codec} holds")
    return notes


def _list_joins(video: Video, scan: Scan) -> list[float]:
    """Returns when the later parts begin in the film as it is written, seconds from its start."""
    return [float(join.start - video.start) for join in scan.joins]
