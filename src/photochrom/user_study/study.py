"""A study's folder: ``study.json``, the pictures under names that tell nothing, and ``answers.sqlite``."""

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from photochrom.errors import ResultsError, StudyError
from photochrom.system.decode import decode

__all__ = ["ANSWERS", "PICTURES", "STUDY_FORMAT", "Ask", "Kind", "Pair", "Side", "Study", "open_study", "picture_path"]

STUDY_FORMAT = 1
STUDY_FILE, ANSWERS, PICTURES = "study.json", "answers.sqlite", "pictures"

Ask = Literal["real", "better"]
Kind = Literal["practice", "check", "test"]
Side = Literal["a", "b"]


@dataclass(frozen=True)
class Pair:
    """Two versions of one photo.

    Attributes:
        name: the photo's name in the folders; for the report, never sent to a participant.
        a: file stem of the first folder's version, of the truth in a study that asks for the real one. Random.
        b: of the second folder's; in a check, of a version with absurd colours.
    """

    name: str
    a: str
    b: str


@dataclass(frozen=True)
class Study:
    """What a study asks, and with which pictures.

    Attributes:
        format: of the file.
        id: part of its address, 128 random bits.
        ask: ``real``: which one is the real photo, where the first folder holds real photos; ``better``: which one
            looks better.
        title: heading of its page.
        consent: what participants agree to, paragraphs parted by empty lines.
        names: what the two folders hold, for the report.
        seconds: how long each picture is shown.
        trials: test pairs a participant sees.
        seed: pairs were drawn with it.
        practice: pairs shown first and not counted; told right from wrong where the truth is asked for.
        checks: the truth, or the first folder's version, against absurd colours: who misses these is not looking.
        pairs: what is measured.
    """

    format: int
    id: str
    ask: Ask
    title: str
    consent: str
    names: tuple[str, ...]
    seconds: float
    trials: int
    seed: int
    practice: tuple[Pair, ...]
    checks: tuple[Pair, ...]
    pairs: tuple[Pair, ...]

    @property
    def question(self) -> str:
        """What a participant is asked after each pair."""
        return "Which one is the real photo?" if self.ask == "real" else "Which one looks better?"

    @property
    def steps(self) -> int:
        """Pairs a participant sees in all."""
        return len(self.practice) + len(self.checks) + self.trials

    def of_kind(self, kind: Kind) -> tuple[Pair, ...]:
        """The pairs of a kind; a pair's place in its kind is its number in the answers."""
        return {"practice": self.practice, "check": self.checks, "test": self.pairs}[kind]

    def to_json(self) -> str:
        """The text of ``study.json``."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"


def open_study(folder: Path) -> Study:
    """Read a study's folder and check that its pictures are there.

    Raises:
        StudyError: it is none, or is damaged.
    """
    path = folder / STUDY_FILE
    remedy = "give a folder that  photochrom study make  has made"
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise StudyError(f"'{folder}' has no {STUDY_FILE} that can be read: {remedy}") from error
    except (ValueError, RecursionError) as error:
        raise StudyError(f"'{path}' is damaged: make the study again") from error
    if not isinstance(entries, dict) or entries.get("format") != STUDY_FORMAT:
        raise StudyError(f"'{path}' is of another format: make the study again with this version of photochrom")
    try:
        study = decode(Study, entries, f"'{path}'")
    except ResultsError as error:
        raise StudyError(f"'{path}' is damaged: make the study again") from error
    _check(study, folder)
    return study


def picture_path(folder: Path, stem: str) -> Path:
    """Where a picture of a study lies."""
    return folder / PICTURES / f"{stem}.webp"


def _check(study: Study, folder: Path) -> None:
    stems = [stem for pair in (*study.practice, *study.checks, *study.pairs) for stem in (pair.a, pair.b)]
    # a name that is no plain word could lead out of the folder
    sound = all(re.fullmatch("[0-9a-f]{32}", stem) for stem in (study.id, *stems)) and len(study.names) == 2
    if not sound or not 0 < study.trials <= len(study.pairs) or not 0 < study.seconds <= 60:
        raise StudyError(f"'{folder / STUDY_FILE}' is damaged: make the study again")
    missing = [stem for stem in stems if not picture_path(folder, stem).is_file()]
    if missing:
        raise StudyError(f"'{folder}' lacks {len(missing)} of its {len(stems)} pictures: make the study again")
    if not (folder / ANSWERS).is_file():
        raise StudyError(f"'{folder}' has lost its {ANSWERS}: put it back, or make the study again")
