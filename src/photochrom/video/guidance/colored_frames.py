"""Frames of the film itself that were coloured elsewhere: each is found in the film and lends its shot its colours.

A frame that was coloured by hand or by another program has the film's own picture. Its lightness, made small, is
compared with that of every frame (normalised cross-correlation), which survives another size, contrast and compression.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from photochrom.errors import InputError, OptionError
from photochrom.image_io import SUFFIXES, read_picture
from photochrom.messages import render
from photochrom.recolor import shrink, shrink_colors
from photochrom.steering.reference_matching import check_reference
from photochrom.video.media.probe import Video
from photochrom.video.media.scan import Scan, frames_from
from photochrom.video.temporal.frame_hint import FrameHint
from photochrom.video.timecode import show_time
from photochrom.video.yuv.colorimetry import colorimetry_of
from photochrom.video.yuv.luma_view import LumaViewer

__all__ = ["list_colored_frames", "place_colored_frames"]

#: short side of what is compared, pixels
_COMPARED = 32
#: correlation below which a picture is not taken for a frame; neighbours in a calm shot reach 0.99
_ALIKE = 0.9
#: a frame may be this much wider or narrower than the film's
_STRETCHED = 1.03
#: cells along the short side that each give one colour
_CELLS = 20

Plane = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class _Candidate:
    """A picture that may be a frame: its name, its small lightness as a unit vector, and a*b* (2,h,w) of its cells."""

    name: str
    vector: Plane
    colors: Plane


def list_colored_frames(folder: Path) -> list[Path]:
    """Returns the pictures of a folder, by name.

    Raises:
        OptionError: it is not a folder, or has no pictures.
    """
    if not folder.is_dir():
        raise OptionError("video.references_not_a_folder", path=folder)
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file())
    if not found:
        raise OptionError("video.references_empty", path=folder)
    return found


def place_colored_frames(
    frames: Sequence[Path], video: Video, scan: Scan, shots: Sequence[int]
) -> tuple[dict[int, tuple[FrameHint, ...]], list[str]]:
    """Finds frames in the film and gives their colours to their shots.

    Args:
        frames: pictures in colour, of any size.
        video: what is coloured.
        scan: its frames.
        shots: numbers of the shots that are coloured.

    Returns:
        Hints by shot, and a sentence for each picture that says which frame it is, or why it was left out.

    Raises:
        InputError: a picture cannot be read.
        UnreadableFilmError: the film has changed since it was scanned.
    """
    height, width = video.upright_size
    scale = _COMPARED / min(height, width)
    compared = max(8, round(height * scale)), max(8, round(width * scale))
    notes: list[str] = []
    candidates: list[_Candidate] = []
    for path in frames:
        candidate, code = _read_candidate(path, video, compared)
        if candidate is None:
            notes.append(str(render(code, {"name": path.name})))
        else:
            candidates.append(candidate)
    placed: dict[int, tuple[FrameHint, ...]] = {}
    for candidate, (score, number) in zip(candidates, _find_frames(candidates, video, scan, compared), strict=True):
        shot = int(np.searchsorted(scan.cuts, number, side="right"))
        if score < _ALIKE:
            notes.append(str(render("video.frame_not_found", {"name": candidate.name})))
        elif shot not in shots:
            notes.append(str(render("video.frame_in_other_shot", {"name": candidate.name, "shot": shot + 1})))
        else:
            seconds = float(int(scan.pts[number]) * video.time_base - video.start)
            found = {"name": candidate.name, "time": show_time(seconds), "shot": shot + 1}
            notes.append(str(render("video.frame_found", found)))
            placed[shot] = (*placed.get(shot, ()), *_make_hints(candidate.colors, number - scan.shots[shot][0]))
    return placed, notes


def _read_candidate(path: Path, video: Video, compared: tuple[int, int]) -> tuple[_Candidate | None, str]:
    """Returns a picture as it is looked for; or None and why not."""
    page = read_picture(path).pages[0]
    try:
        check_reference(page)
    except InputError:
        return None, "video.frame_gray"
    # a frame is cut out of a film in its own pixels, or as a viewer sees it
    shapes = {width / height for height, width in (video.upright_size, video.shown_size)}
    alike = any(1 / _STRETCHED <= page.width / page.height / shape <= _STRETCHED for shape in shapes)
    vector = _make_vector(shrink(page, compared))
    if vector is None or not alike:
        return None, "video.frame_not_found"
    height, width = video.upright_size
    cell = min(height, width) / _CELLS
    colors = shrink_colors(page, (max(1, round(height / cell)), max(1, round(width / cell))))
    return _Candidate(path.name, vector, colors), ""


def _make_vector(lightness: Plane) -> Plane | None:
    """Returns a small lightness as a vector of mean 0 and length 1; None of an even field, which is like nothing."""
    vector: Plane = (lightness - lightness.mean()).ravel()
    length = float(np.linalg.norm(vector))
    return vector / np.float32(length) if length > vector.size**0.5 else None


def _find_frames(
    candidates: Sequence[_Candidate], video: Video, scan: Scan, compared: tuple[int, int]
) -> list[tuple[float, int]]:
    """Returns for each picture how like it the likest frame is, and that frame's number."""
    if not candidates:
        return []
    wanted = np.stack([candidate.vector for candidate in candidates])
    best = np.full(len(candidates), -1.0, np.float32)
    numbers = np.zeros(len(candidates), np.int64)
    view = LumaViewer(colorimetry_of(video), video.orientation, compared)
    for number, frame in enumerate(frames_from(video, scan, 0)):
        vector = _make_vector(view(frame.luma))
        if vector is not None:
            scores = wanted @ vector
            numbers[scores > best] = number
            best = np.maximum(best, scores)
    return list(zip(best.tolist(), numbers.tolist(), strict=True))


def _make_hints(colors: Plane, frame: int) -> list[FrameHint]:
    """Returns one hint a cell, which fills it."""
    rows, columns = colors.shape[1:]
    return [
        FrameHint(
            frame=frame,
            x=(column + 0.5) / columns,
            y=(row + 0.5) / rows,
            ab=(float(colors[0, row, column]), float(colors[1, row, column])),
            radius=0.5 / columns,
        )
        for row in range(rows)
        for column in range(columns)
    ]
