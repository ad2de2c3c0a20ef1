"""A study's folder: ``study.json``, the images under names that tell nothing, and ``answers.sqlite``."""

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from photochrom.errors import ResultsError, StudyError
from photochrom.system.decode import decode_dataclass

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
    """Says what a study asks, and with which images.

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
        practice: pairs shown first and not counted; the page says right or wrong where the truth is asked for.
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
        """The question a participant is asked after each pair."""
        return "Which one is the real photo?" if self.ask == "real" else "Which one looks better?"

    @property
    def steps(self) -> int:
        """Pairs a participant sees in all."""
        return len(self.practice) + len(self.checks) + self.trials

    def of_kind(self, kind: Kind) -> tuple[Pair, ...]:
        """Returns the pairs of a kind; a pair's place in its kind is its number in the answers."""
        return {"practice": self.practice, "check": self.checks, "test": self.pairs}[kind]

    def to_json(self) -> str:
        """Returns the text of ``study.json``."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"


def open_study(folder: Path) -> Study:
    """Reads a study's folder and checks that its images are there.

    Raises:
        StudyError: it is not a study, or is damaged.
    """
    path = folder / STUDY_FILE
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise StudyError("study.not_a_study", folder=folder, name=STUDY_FILE) from error
    except (ValueError, RecursionError) as error:
        raise StudyError("study.damaged", path=path) from error
    if not isinstance(entries, dict) or entries.get("format") != STUDY_FORMAT:
        raise StudyError("study.format_unknown", path=path)
    try:
        study = decode_dataclass(Study, entries, f"'{path}'")
    except ResultsError as error:
        raise StudyError("study.damaged", path=path) from error
    _check(study, folder)
    return study


def picture_path(folder: Path, stem: str) -> Path:
    """Returns where an image of a study lies."""
    return folder / PICTURES / f"{stem}.webp"


def _check(study: Study, folder: Path) -> None:
    stems = [stem for pair in (*study.practice, *study.checks, *study.pairs) for stem in (pair.a, pair.b)]
    # a name that is not a plain word could lead out of the folder
    sound = all(re.fullmatch("[0-9a-f]{32}", stem) for stem in (study.id, *stems)) and len(study.names) == 2
    if not sound or not 0 < study.trials <= len(study.pairs) or not 0 < study.seconds <= 60:
        raise StudyError("study.damaged", path=folder / STUDY_FILE)
    missing = [stem for stem in stems if not picture_path(folder, stem).is_file()]
    if missing:
        raise StudyError("study.images_missing", folder=folder, missing=len(missing), count=len(stems))
    if not (folder / ANSWERS).is_file():
        raise StudyError("study.answers_missing", folder=folder, name=ANSWERS)
