"""Participants and answers in SQLite, many at a time; each answer is on the disk before the next pair is shown."""

import contextlib
import hashlib
import random
import secrets
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from photochrom.deprecations import renamed_methods
from photochrom.errors import StudyError
from photochrom.user_study.study import Kind, Side, Study

__all__ = ["Answer", "Answers", "OutOfOrderError", "RecordedAnswer", "Step", "UnknownParticipantError"]

FORMAT = 1
#: seconds to wait for another process that is writing
PATIENCE = 30

_TABLES = """
CREATE TABLE participants (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  digest BLOB NOT NULL UNIQUE,
  joined TEXT NOT NULL
);
CREATE TABLE steps (
  participant INTEGER NOT NULL REFERENCES participants ON DELETE CASCADE,
  number INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('practice', 'check', 'test')),
  pair INTEGER NOT NULL,
  first TEXT NOT NULL CHECK (first IN ('a', 'b')),
  choice TEXT CHECK (choice IN ('a', 'b')),
  first_ms REAL, second_ms REAL, answer_ms REAL, interrupted INTEGER,
  PRIMARY KEY (participant, number)
) WITHOUT ROWID;
CREATE INDEX shown ON steps (kind, pair);
"""


class UnknownParticipantError(StudyError):
    """No participant has this number, or has deleted it."""


class OutOfOrderError(StudyError):
    """An answer to a pair that is not the next one."""


@dataclass(frozen=True)
class Step:
    """One pair shown to one participant: which folder's side comes first, and which was chosen, if any was."""

    number: int
    kind: Kind
    pair: int
    first: Side
    choice: Side | None


@dataclass(frozen=True)
class Answer:
    """What a participant answered.

    Attributes:
        choice: 1 for the picture shown first, 2 for the second.
        first_ms: how long the first picture was really shown, milliseconds.
        second_ms: how long the second was.
        answer_ms: from the end of the second picture to the answer.
        interrupted: the page was hidden while the pictures were shown.
    """

    choice: Literal[1, 2]
    first_ms: float
    second_ms: float
    answer_ms: float
    interrupted: bool


@dataclass(frozen=True)
class RecordedAnswer:
    """An answered step, for the report; ``participant`` is a running number."""

    participant: int
    kind: Kind
    pair: int
    first: Side
    choice: Side
    first_ms: float
    second_ms: float
    answer_ms: float
    interrupted: bool


@renamed_methods
class Answers:
    """Keeps a study's answers in a file. Each call opens it anew, so any thread or process may call."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def create(self) -> None:
        """Creates an empty file.

        Raises:
            StudyError: it cannot be created.
        """
        with self._open(write=True, create=True) as found:
            found.execute("PRAGMA journal_mode = WAL")
            found.executescript(_TABLES)
            found.execute(f"PRAGMA user_version = {FORMAT}")

    def add_participant(self, study: Study) -> str:
        """Enters a participant, deals the pairs, and returns the random token that is theirs."""
        token = secrets.token_urlsafe(24)
        with self._open(write=True) as found:
            today = datetime.now(UTC).date().isoformat()
            entered = found.execute("INSERT INTO participants (digest, joined) VALUES (?, ?)", (_digest(token), today))
            shown = dict(found.execute("SELECT pair, count(*) FROM steps WHERE kind = 'test' GROUP BY pair"))
            steps = _deal_pairs(study, shown)
            rows = [(entered.lastrowid, number, *step) for number, step in enumerate(steps, 1)]
            found.executemany("INSERT INTO steps (participant, number, kind, pair, first) VALUES (?, ?, ?, ?, ?)", rows)
        return token

    def find_next_step(self, token: str) -> Step | None:
        """Returns the first pair without an answer; None where all have one.

        Raises:
            UnknownParticipantError: no such participant.
        """
        with self._open() as found:
            return _find_next_step(found, _find_participant(found, token))

    def record(self, token: str, number: int, answer: Answer) -> Step:
        """Stores the answer to the next pair; the same answer sent twice is stored once.

        Raises:
            UnknownParticipantError: no such participant.
            OutOfOrderError: the pair is not the next one and was not answered so before.
        """
        with self._open(write=True) as found:
            participant = _find_participant(found, token)
            rows = found.execute(
                "SELECT number, kind, pair, first, choice FROM steps WHERE participant = ? AND number = ?",
                (participant, number),
            )
            step = next((Step(*row) for row in rows), None)
            coming = _find_next_step(found, participant)
            if step is None:
                raise OutOfOrderError("study.pair_unknown")
            side = step.first if answer.choice == 1 else _other_side(step.first)
            if step.choice == side:
                return step
            if coming is None or coming.number != number:
                raise OutOfOrderError("study.pair_answered")
            found.execute(
                "UPDATE steps SET choice = ?, first_ms = ?, second_ms = ?, answer_ms = ?, interrupted = ?"
                " WHERE participant = ? AND number = ?",
                (side, answer.first_ms, answer.second_ms, answer.answer_ms, answer.interrupted, participant, number),
            )
        return Step(step.number, step.kind, step.pair, step.first, side)

    def delete_participant(self, token: str) -> None:
        """Deletes a participant and all their answers.

        Raises:
            UnknownParticipantError: no such participant.
        """
        with self._open(write=True) as found:
            found.execute("DELETE FROM participants WHERE number = ?", (_find_participant(found, token),))

    def count_participants(self) -> tuple[int, int]:
        """Returns how many have joined, and how many of them have answered every pair."""
        with self._open() as found:
            (joined,) = found.execute("SELECT count(*) FROM participants").fetchone()
        return joined, len(self.list_finished())

    def list_finished(self) -> list[int]:
        """Returns the numbers of the participants who have answered every pair."""
        query = (
            "SELECT participant FROM steps GROUP BY participant HAVING count(*) = count(choice) ORDER BY participant"
        )
        with self._open() as found:
            return [number for (number,) in found.execute(query)]

    def list_recorded(self) -> list[RecordedAnswer]:
        """Returns every answer, in the order of participants and pairs."""
        query = (
            "SELECT participant, kind, pair, first, choice, first_ms, second_ms, answer_ms, interrupted FROM steps"
            " WHERE choice IS NOT NULL ORDER BY participant, number"
        )
        with self._open() as found:
            return [replace(RecordedAnswer(*row), interrupted=bool(row[-1])) for row in found.execute(query)]

    @contextlib.contextmanager
    def _open(self, *, write: bool = False, create: bool = False) -> Iterator[sqlite3.Connection]:
        mode = "rwc" if create else "rw"
        try:
            address = f"{self._path.resolve().as_uri()}?mode={mode}"
            with contextlib.closing(
                sqlite3.connect(address, uri=True, timeout=PATIENCE, isolation_level=None)
            ) as found:
                if not create:
                    _check(found, self._path)
                    found.execute("PRAGMA foreign_keys = ON")
                    # taken at once: a reading transaction that turns to writing is refused under WAL
                    found.execute("BEGIN IMMEDIATE" if write else "BEGIN")
                yield found
                if not create:
                    found.execute("COMMIT")
        except sqlite3.Error as error:
            raise StudyError("study.answers_unusable", path=self._path, reason=str(error)) from error


def _check(found: sqlite3.Connection, path: Path) -> None:
    (version,) = found.execute("PRAGMA user_version").fetchone()
    if version != FORMAT:
        raise StudyError("study.answers_foreign", path=path, format=FORMAT)


def _digest(token: str) -> bytes:
    # who reads the file must not be able to answer for others
    return hashlib.sha256(token.encode()).digest()


def _find_participant(found: sqlite3.Connection, token: str) -> int:
    row = found.execute("SELECT number FROM participants WHERE digest = ?", (_digest(token),)).fetchone()
    if row is None:
        raise UnknownParticipantError("study.participant_unknown")
    return int(row[0])


def _find_next_step(found: sqlite3.Connection, participant: int) -> Step | None:
    rows = found.execute(
        "SELECT number, kind, pair, first, choice FROM steps WHERE participant = ? AND choice IS NULL"
        " ORDER BY number LIMIT 1",
        (participant,),
    )
    return next((Step(*row) for row in rows), None)


def _other_side(side: Side) -> Side:
    return "b" if side == "a" else "a"


def _deal_pairs(study: Study, shown: dict[Any, int]) -> list[tuple[Kind, int, Side]]:
    """Deals the pairs of one participant: practice, then tests and checks mixed; each side first half of the time.

    Pairs shown least so far come first, so that all are shown about equally often.
    """
    chance = random.SystemRandom()
    pairs = list(range(len(study.pairs)))
    chance.shuffle(pairs)
    pairs.sort(key=lambda pair: shown.get(pair, 0))
    practice: list[tuple[Kind, int]] = [("practice", pair) for pair in range(len(study.practice))]
    counted: list[tuple[Kind, int]] = [("test", pair) for pair in pairs[: study.trials]]
    counted += [("check", pair) for pair in range(len(study.checks))]
    chance.shuffle(practice)
    chance.shuffle(counted)
    steps: list[tuple[Kind, int, Side]] = []
    for part in (practice, counted):
        start = chance.randrange(2)
        sides: list[Side] = ["a" if (start + i) % 2 else "b" for i in range(len(part))]
        chance.shuffle(sides)
        steps += [(kind, pair, side) for (kind, pair), side in zip(part, sides, strict=True)]
    return steps
