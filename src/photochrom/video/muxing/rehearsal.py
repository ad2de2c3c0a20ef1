"""Everything that can fail when a film is written, tried before its first frame is coloured."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from photochrom.errors import UnreadableFilmError, UnsupportedFilmError
from photochrom.system.processes import restore_scheduling
from photochrom.video.media.av import load_av
from photochrom.video.media.encoder import Encoding, FrameEncoder, Packet
from photochrom.video.media.probe import Video, open_video, probe
from photochrom.video.muxing.muxer import DISK_ERRORS, MuxPlan, OutputFilm, open_output, translate_ffmpeg_errors
from photochrom.video.muxing.tracks import copy_metadata, list_held_codecs, list_ways
from photochrom.video.yuv.colorimetry import colorimetry_of
from photochrom.video.yuv.rotation import UPRIGHT

__all__ = ["Rehearsal", "list_assembled_losses", "rehearse"]

#: files made of frames alone, as notes call them
_ASSEMBLED_NAMES = {"gif": "a GIF", "webp": "WebP", "yuv4mpegpipe": "Y4M", "stills": "a folder of stills"}
#: pixels of a WebP's side, at most
_WEBP_SIDE = 16383
#: a film that does not say its matrix, and the numbers that stand for the same one
_UNSAID, _SAME_AS = 2, {6: (5,)}
#: packets of the source that a rehearsal looks at: a few seconds of sound
_PACKETS = 400


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """What a rehearsal found: how the film is put into its container, and what does not go over, a sentence each."""

    plan: MuxPlan
    notes: tuple[str, ...]


def rehearse(video: Video, folder: Path, target: Path, plan: MuxPlan) -> Rehearsal:
    """Writes one gray picture and the beginning of every track, and reads back what came of it.

    Args:
        video: the source.
        folder: where the trial is written and removed.
        target: the film to be, for messages.
        plan: how; its ways are found here.

    Raises:
        OSError: the folder cannot be written to.
        WriteError: the encoder or the container refuses the picture.
    """
    trial = folder / f"trial{target.suffix.lower()}"
    with translate_ffmpeg_errors(target):
        encoder = FrameEncoder(plan.encoding)
        pictures = [*encoder.encode(0, _make_gray(plan.encoding)), *encoder.flush()]
    try:
        if plan.container.assembled:
            _check_sides(plan)
            return Rehearsal(plan=plan, notes=tuple(list_assembled_losses(video, plan)))
        with translate_ffmpeg_errors(target):
            ways = _find_ways(video, trial, plan, pictures) if plan.sound else {}
            chosen = replace(plan, ways=ways)
            notes, titles = _write_trial(video, trial, chosen, pictures)
        return Rehearsal(plan=chosen, notes=(*notes, *_list_losses(video, trial, chosen, titles)))
    finally:
        trial.unlink(missing_ok=True)


def _make_gray(encoding: Encoding) -> tuple[Any, ...]:
    across, down = encoding.steps
    dtype = np.uint8 if encoding.depth == 8 else np.uint16
    small = (-(-encoding.height // down), -(-encoding.width // across))
    shapes = ((encoding.height, encoding.width), small, small)
    planes = [np.full(shape, 1 << encoding.depth - 1, dtype) for shape in shapes]
    if encoding.alpha:
        planes.append(np.full(shapes[0], (1 << encoding.depth) - 1, dtype))
    return tuple(planes)


def _find_ways(video: Video, trial: Path, plan: MuxPlan, pictures: Sequence[Packet]) -> dict[int, str]:
    """Returns the first way of each track that works when it is tried alone."""
    av = load_av()
    ways: dict[int, str] = {}
    with open_output(trial, video, plan) as output:
        held = list_held_codecs(output, plan.container)
    for track in video.tracks:
        for way in list_ways(track, held, plan.container):
            try:
                _write_trial(video, trial, replace(plan, ways={track.index: way}), pictures)
            except (av.FFmpegError, ValueError, NotImplementedError) as error:
                if getattr(error, "errno", None) in DISK_ERRORS:
                    # the disk is at fault, not the track
                    raise
                continue
            ways[track.index] = way
            break
    return ways


def _write_trial(
    video: Video, trial: Path, plan: MuxPlan, pictures: Sequence[Packet]
) -> tuple[list[str], list[tuple[int, str]]]:
    """Writes the trial; returns the notes, and the titles of tracks by the number of the output's stream."""
    av = load_av()
    base = plan.encoding.seconds if plan.container.constant else video.time_base
    with video.open() as source, open_output(trial, video, plan) as output:
        film = OutputFilm(video, source, output, plan, _first_chapter(source))
        output.start_encoding()
        restore_scheduling()
        for found in pictures:
            packet = av.Packet(found.data)
            packet.pts = packet.dts = 0
            packet.duration = max(1, round(plan.encoding.seconds / base))
            packet.is_keyframe, packet.time_base, packet.stream = found.key, base, film.stream
            output.mux(packet)
        titles: list[tuple[int, str]] = []
        if film.tracks is not None:
            for _, made in film.tracks.packets(video.start, None, None, limit=_PACKETS):
                output.mux(made)
            titles = [
                (made.index, given.metadata["title"])
                for given, made in film.tracks.written
                if given.metadata.get("title")
            ]
        return film.notes, titles


def _first_chapter(source: Any) -> list[dict[str, Any]]:
    return [{**chapter, "start": 0, "end": max(1, chapter["end"])} for chapter in source.chapters()[:1]]


def _list_losses(video: Video, trial: Path, plan: MuxPlan, titles: Sequence[tuple[int, str]]) -> list[str]:
    """Returns what the trial does not say although it was told, a sentence each."""
    try:
        made = probe(trial)
    except (UnreadableFilmError, UnsupportedFilmError):
        # one gray picture alone is not always a film
        return []
    muxer = plan.container.muxer
    notes = []
    if abs(made.aspect / video.aspect - 1) > Fraction(1, 100):
        notes.append(_explain_aspect(video.aspect, made.aspect, muxer))
    if made.orientation != video.orientation:
        notes.append(f"the picture is stored turned, which {muxer} has no place for: it is shown unturned")
    if plan.sound and video.chapters and not made.chapters:
        notes.append(f"{video.chapters} chapters were left out: {muxer} does not hold them")
    kept = {key.lower() for key in made.metadata}
    lost = [key for key in copy_metadata(video.metadata, "") if key.lower() not in kept and _is_known(video, key)]
    if lost:
        notes.append(f"tags were left out: {muxer} does not hold {', '.join(sorted(lost))}")
    with open_video(trial) as written:
        found = {stream.index: stream.metadata for stream in written.streams}
        for index, title in titles:
            if title not in found.get(index, {}).values():
                notes.append(f"the title '{title}' of a track was left out: {muxer} does not hold it")
    return notes


def _is_known(video: Video, key: str) -> bool:
    """Returns whether a tag is one of the film's own, and not a second name of another or of the file before."""
    base = key.rpartition("-")[0]
    return bool(video.metadata.get(key)) and base not in video.metadata and key.lower() not in ("software", "duration")


def _explain_aspect(wanted: Fraction, got: Fraction, muxer: str) -> str:
    kept = "square" if got == 1 else f"{got.numerator}:{got.denominator}"
    return (
        f"pixels of {wanted.numerator}:{wanted.denominator} are shown as {kept}: {muxer} has no place for their shape"
    )


def _check_sides(plan: MuxPlan) -> None:
    longest = max(plan.encoding.width, plan.encoding.height)
    if plan.container.muxer == "webp" and longest > _WEBP_SIDE:
        raise UnsupportedFilmError("photo.side_too_long", format="WebP", limit=_WEBP_SIDE)


def list_assembled_losses(video: Video, plan: MuxPlan) -> list[str]:
    """Returns what a file without a place for anything but frames cannot keep, a sentence each."""
    name, muxer = _ASSEMBLED_NAMES[plan.container.muxer], plan.container.muxer
    notes = []
    if not plan.container.marked:
        notes.append(f"{name} has no place for the note that the colour is synthetic")
    if video.tracks and plan.sound:
        notes.append(f"sound and subtitles were left out: {name} does not hold them")
    if video.chapters and plan.sound:
        notes.append(f"{video.chapters} chapters were left out: {name} does not hold them")
    if video.aspect != 1 and muxer != "yuv4mpegpipe":
        notes.append(_explain_aspect(video.aspect, Fraction(1), name))
    if video.orientation != UPRIGHT and muxer in ("gif", "yuv4mpegpipe"):
        notes.append(f"the picture is stored turned, which {name} has no place for: it is shown unturned")
    assumed = colorimetry_of(replace(video, matrix=_UNSAID)).matrix
    if muxer == "yuv4mpegpipe" and plan.encoding.matrix not in (assumed, *_SAME_AS.get(assumed, ())):
        notes.append(f"{name} has no place for the colour matrix: tell the next program number {plan.encoding.matrix}")
    return notes
