"""What became of a film, and how far a run is."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from photochrom import __version__
from photochrom.system.atomic import whole_file

__all__ = ["Progress", "Shot", "VideoReport"]


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    Attributes:
        phase: "scan", "color" or "write".
        done: frames finished in this phase.
        total: frames of it; None where that is not known.
        before: of ``done``, those an earlier run had finished.
        notes: what will be changed or left out, a sentence each, told once before the first frame is coloured.
    """

    phase: Literal["scan", "color", "write"]
    done: int
    total: int | None
    before: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shot:
    """A shot: its first frame and time, its frames and its length; seconds count from the film's start."""

    first: int
    frames: int
    start: float
    seconds: float


@dataclass(frozen=True, kw_only=True)
class VideoReport:
    """What a run did.

    Attributes:
        source, target: the film read, and written; the playable part where the run was stopped, None if there is none.
        model: the network's name.
        codec, pixel_format: as written.
        width, height: pixels as written.
        frames: written.
        shots: found in what was coloured.
        film_seconds: how long the result plays.
        seconds: how long this run alone took.
        resumed: frames an earlier run had finished.
        broken: packets and frames of the source that could not be decoded whole.
        notes: what was changed or left out, a sentence each.
        problem: why the result is not the whole film, a sentence; None where it is.
        stopped: a person stopped the run; ``resume`` goes on.
        shots_anew: numbers of shots, from 0, that an earlier run had coloured with other hints; a note says so too.
    """

    source: str
    target: str | None
    model: str
    codec: str
    pixel_format: str
    width: int
    height: int
    frames: int
    shots: tuple[Shot, ...]
    film_seconds: float
    seconds: float
    resumed: int
    broken: int
    notes: tuple[str, ...]
    problem: str | None
    stopped: bool
    shots_anew: tuple[int, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Returns it as plain JSON."""
        return {"photochrom": __version__, **asdict(self)}

    def save(self, path: str | Path) -> Path:
        """Writes it as JSON, replacing what is there.

        Raises:
            WriteError: disk full, no permission, no such folder.
        """
        with whole_file(Path(path), overwrite=True) as part:
            part.write_text(json.dumps(self.to_json(), indent=1) + "\n", encoding="utf-8")
        return Path(path)
