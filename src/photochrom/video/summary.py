"""What there is to say about a film and its result, in figures and sentences."""

from pathlib import Path

from photochrom.video.media.encoder import Encoding
from photochrom.video.media.probe import Film, probe
from photochrom.video.media.scan import Scan, Span, scan_film
from photochrom.video.report import Shot

__all__ = ["changes_of", "find_shots", "problem_of", "shots_of"]


def find_shots(source: str | Path, *, span: Span | None = None) -> tuple[Shot, ...]:
    """The shots of a film, found by its cuts; nothing is coloured.

    Raises:
        UnreadableFilmError, UnsupportedFilmError: the film cannot be read.
    """
    film = probe(source)
    scan = scan_film(film, span=span)
    # nothing stops a scan that is not watched
    return shots_of(film, scan) if scan is not None else ()


def shots_of(film: Film, scan: Scan) -> tuple[Shot, ...]:
    """The shots of a scan, in seconds from the film's start."""
    ends = scan.pts + scan.durations
    return tuple(
        Shot(
            first,
            stop - first,
            float(int(scan.pts[first]) * film.time_base - film.start),
            float(int(ends[stop - 1] - scan.pts[first]) * film.time_base),
        )
        for first, stop in scan.shots
    )


def problem_of(film: Film, scan: Scan) -> str | None:
    """Why a result is not the whole film; None where it is."""
    if not scan.short:
        return None
    seconds = float(int(scan.pts[-1] + scan.durations[-1]) * film.time_base - film.start)
    of = f" of {film.declared_frames}" if film.declared_frames else ""
    return (
        f"{film.path} breaks off after {scan.count}{of} frames ({seconds:.1f} s), it is cut short: what was there is "
        "coloured, copy the film again for the rest"
    )


def changes_of(film: Film, encoding: Encoding) -> list[str]:
    """What the picture could not keep, a sentence each."""
    notes = []
    if film.layout.kind == "rgb":
        notes.append(f"the picture was turned from {film.pixel_format} to YUV, once")
    if film.layout.alpha:
        notes.append("transparency was left out")
    own = film.layout.chroma
    if own is not None and film.layout.kind == "yuv" and own != encoding.steps:
        notes.append(f"the chroma of {film.pixel_format} became {encoding.pixel_format}, which {encoding.codec} holds")
    return notes
