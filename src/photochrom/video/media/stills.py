"""Films that are stills: a folder of pictures, a pattern such as ``frames/%05d.png``, or an animated WebP."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from photochrom.errors import OptionError, UnreadableFilmError
from photochrom.image_io.formats import SUFFIXES
from photochrom.video.media.av import file_url, load_av

__all__ = [
    "DEFAULT_RATE",
    "PATTERN",
    "USUAL_RATES",
    "Stills",
    "find_still_suffix",
    "find_stills",
    "is_stills",
    "read_stills",
    "read_turn",
]

#: frames a second of stills for which no rate is given
DEFAULT_RATE = 24.0
#: a number in a name, as printf and FFmpeg write it
PATTERN = re.compile(r"%(?:0(\d{1,2}))?d")
#: stills that FFmpeg reads, besides those of photos
_MORE = {".dpx", ".cin", ".pcx", ".sgi", ".pam"}
_NOT_STILLS = {".gif", ".apng", ".heic", ".heif", ".avif"}
#: rates that films really have
USUAL_RATES = tuple(
    Fraction(n, d)
    for n, d in (
        *((n, 1) for n in (8, 10, 12, 15, 16, 18, 20, 24, 25, 30, 48, 50, 60, 100, 120)),
        *((n * 1000, 1001) for n in (12, 15, 24, 30, 48, 60, 120)),
    )
)
#: EXIF's tag, and the first two columns and rows of the display matrix that its values stand for
_ORIENTATION = 0x0112
_TURNS = {
    2: (-1, 0, 0, 1), 3: (-1, 0, 0, -1), 4: (1, 0, 0, -1), 5: (0, 1, 1, 0), 6: (0, 1, -1, 0), 7: (0, -1, -1, 0),
    8: (0, -1, 1, 0),
}  # fmt: skip
#: an animated WebP counts in milliseconds
_TICK = Fraction(1, 1000)


@dataclass(frozen=True)
class Stills:
    """The stills of a film.

    Attributes:
        files: in order; the one file of an animation.
        rate: frames a second; of an animation, its mean.
        animated: the one file holds all frames and their times.
        first: number of the first file in the pattern; 1 where there is none.
        others: files of the folder that are not pictures.
    """

    files: tuple[Path, ...]
    rate: Fraction
    animated: bool = False
    first: int = 1
    others: int = 0

    @property
    def time_base(self) -> Fraction:
        """Returns the seconds of one tick of the time stamps."""
        return _TICK if self.animated else 1 / self.rate

    def fingerprint(self) -> list[list[object]]:
        """Returns the name, size and time of every file, by which a later run knows them again."""
        return [[path.name, (found := path.stat()).st_size, found.st_mtime_ns] for path in self.files]


def is_stills(path: Path) -> bool:
    """Returns whether a path is a folder, or a pattern of stills' names."""
    return path.is_dir() or (not path.exists() and PATTERN.search(path.name) is not None)


def find_still_suffix(path: Path) -> str:
    """Returns the suffix of coloured stills whose sources are a folder or a pattern: their own where it is written.

    Raises:
        UnreadableFilmError: the folder or the pattern holds no stills, or a number is missing.
    """
    found = find_stills(path, None)
    suffix = found.files[0].suffix if found is not None else ""
    # a WebP that is written is an animation
    return suffix if suffix.lower() in SUFFIXES.keys() - {".webp"} else ".png"


def find_stills(path: Path, rate: float | None) -> Stills | None:
    """Returns the stills that a path stands for; None where it is a file of another kind.

    Args:
        path: a folder, a pattern with a number such as ``%05d``, or an animated WebP.
        rate: frames a second; None for :data:`DEFAULT_RATE`.

    Raises:
        UnreadableFilmError: the folder or the pattern holds no stills, or a number is missing.
        OptionError: an animation has a rate of its own, and one was given.
    """
    chosen = _round_rate(rate or DEFAULT_RATE)
    if path.is_dir():
        files, others = _list_folder(path)
        if not files:
            raise UnreadableFilmError("video.folder_without_stills", path=path)
        return Stills(tuple(files), chosen, others=others)
    if path.exists():
        animation = _measure_animation(path)
        if animation is not None and rate is not None:
            raise OptionError("video.rate_of_film", path=path)
        return None if animation is None else Stills((path,), animation, animated=True)
    if PATTERN.search(path.name) is None:
        return None
    numbered = _list_pattern(path)
    if not numbered:
        raise UnreadableFilmError("video.pattern_without_stills", path=path)
    first, last = min(numbered), max(numbered)
    missing = next((number for number in range(first, last) if number not in numbered), None)
    if missing is not None:
        raise UnreadableFilmError("video.still_missing", path=path, number=missing)
    return Stills(tuple(numbered[number] for number in range(first, last + 1)), chosen, first=first)


def read_stills(stills: Stills, first: int = 0) -> Iterator[Any]:
    """Yields PyAV's frames of stills, with their time stamps, from the ``first`` on.

    Raises:
        UnreadableFilmError: a still cannot be read.
    """
    if stills.animated:
        yield from _read_animation(stills.files[0])
        return
    for number, path in enumerate(stills.files[first:], first):
        frame = _read_still(path)
        frame.pts, frame.time_base, frame.duration = number, stills.time_base, 1
        yield frame


def read_turn(path: Path) -> tuple[int, ...] | None:
    """Returns the display matrix that the EXIF orientation of a still stands for; None for upright and unknown ones."""
    from PIL import Image

    try:
        with Image.open(path) as image:
            turn = _TURNS.get(int(image.getexif().get(_ORIENTATION, 1)))
    except (OSError, ValueError, TypeError, SyntaxError):
        return None
    if turn is None:
        return None
    a, b, c, d = (65536 * value for value in turn)
    return a, b, 0, c, d, 0, 0, 0, 1 << 30


def _read_still(path: Path) -> Any:
    av = load_av()
    try:
        with av.open(file_url(path), metadata_errors="replace") as container:
            return next(container.decode(video=0))
    except (av.FFmpegError, StopIteration, IndexError, OSError) as error:
        raise UnreadableFilmError("video.still_unreadable", path=path) from error


def _read_animation(path: Path) -> Iterator[Any]:
    from PIL import Image, ImageSequence

    av = load_av()
    time = 0
    try:
        with Image.open(path) as image:
            for frame in ImageSequence.Iterator(image):
                # the time is known once the frame is there
                frame.load()
                length = max(1, int(frame.info.get("duration", 0)))
                kind = "rgba" if frame.mode == "RGBA" else "rgb24"
                pixels = np.asarray(frame.convert("RGBA" if kind == "rgba" else "RGB"))
                made = av.VideoFrame.from_ndarray(pixels, format=kind)
                made.pts, made.time_base, made.duration = time, _TICK, length
                made.color_range = 2
                time += length
                yield made
    except (OSError, ValueError, EOFError) as error:
        raise UnreadableFilmError("video.still_unreadable", path=path) from error


def _measure_animation(path: Path) -> Fraction | None:
    """Returns the mean rate of an animated WebP; None where the file is something else."""
    with path.open("rb") as file:
        head = file.read(16)
    if head[:4] != b"RIFF" or head[8:12] != b"WEBP" or head[12:16] != b"VP8X":
        return None
    total = count = 0
    for frame in _read_animation(path):
        total += frame.duration
        count += 1
    return Fraction(count * 1000, total) if count > 1 else None


def _list_folder(folder: Path) -> tuple[list[Path], int]:
    """Returns the pictures of a folder, numbers in their names in the order of numbers, and how many other files."""
    known = SUFFIXES.keys() | _MORE
    found = [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]
    stills = [path for path in found if path.suffix.lower() in known - _NOT_STILLS]
    return sorted(stills, key=_natural), len(found) - len(stills)


def _natural(path: Path) -> list[tuple[bool, int, str]]:
    return [(not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in re.split(r"(\d+)", path.name)]


def _list_pattern(pattern: Path) -> dict[int, Path]:
    place = PATTERN.search(pattern.name)
    if place is None or not pattern.parent.is_dir():
        return {}
    before, after = re.escape(pattern.name[: place.start()]), re.escape(pattern.name[place.end() :])
    width = int(place[1] or 0)
    # printf pads up to its width, and longer numbers stand as they are
    number = rf"\d{{{width}}}|[1-9]\d{{{width},}}" if width else r"0|[1-9]\d*"
    shape = re.compile(f"{before}({number}){after}")
    return {int(found[1]): path for path in pattern.parent.iterdir() if (found := shape.fullmatch(path.name))}


def _round_rate(rate: float) -> Fraction:
    if not 0.1 <= rate <= 1000:
        raise OptionError("video.rate_out_of_range", value=rate)
    near = [usual for usual in USUAL_RATES if abs(usual - rate) < 1e-2 and usual.denominator > 1]
    exact = Fraction(rate).limit_denominator(1000)
    return near[0] if near and exact.denominator > 1 else exact
