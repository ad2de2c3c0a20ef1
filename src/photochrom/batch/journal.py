"""What a run has finished, on disk, so that a killed run goes on where it was.

``.photochrom-journal.jsonl`` lies in the output folder: one JSON object a line, on the disk before the run goes on. A
line ``saving`` stands before a picture is put in place and says what was there before; a line ``done`` after. A run
killed between the two is told from one killed before by the file itself: it has changed, or it has not.
"""

import contextlib
import json
import os
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Any

from photochrom.errors import OutputError, WriteError
from photochrom.system.locks import try_lock

__all__ = [
    "JOURNAL_NAME",
    "Fingerprint",
    "Journal",
    "Record",
    "State",
    "read_stamp",
    "read_targets",
    "to_portable_name",
]

JOURNAL_NAME = ".photochrom-journal.jsonl"
_LOCK_NAME = ".photochrom-journal.lock"


@dataclass(frozen=True)
class Fingerprint:
    """What a coloured picture was made from; another one means another result."""

    source: str
    size: int
    mtime_ns: int
    model: str
    options: str


@dataclass(frozen=True)
class Record:
    """What is known about a coloured picture besides the file itself."""

    seconds: float
    confidence: float | None
    #: of the first page, pixels; None for a shard
    width: int | None
    height: int | None
    matches: int | None = None
    notes: tuple[str, ...] = ()
    #: when, ISO 8601 in UTC; None where it was written down by a version that did not know
    finished: str | None = None
    #: coloured: 1, or those of a shard
    photos: int = 1


@dataclass(frozen=True)
class State:
    """How a target stands.

    Attributes:
        record: of the finished picture that needs no redoing; None otherwise.
        ours: the file there, if any, was written by an earlier run and not touched since, so it may be replaced.
        known: an earlier run has put a file there.
        touched: the file there is not as that run left it, or nobody knows how it left it.
    """

    record: Record | None
    ours: bool
    known: bool = field(default=False, compare=False)
    touched: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class _Line:
    fingerprint: Fingerprint
    record: Record
    #: size and time of the target: before it was saved in a ``saving`` line, after it in a ``done`` line
    stamp: list[int] | None


def read_stamp(path: Path) -> list[int] | None:
    """Returns the size in bytes and modification time in ns of a file; None where there is none."""
    try:
        found = path.lstat()
    except OSError:
        return None
    return [found.st_size, found.st_mtime_ns]


def to_portable_name(name: str) -> str:
    """Returns a file's name as UTF-8 sees it, so that a run under another locale knows it again."""
    return os.fsencode(name).decode("utf-8", errors="surrogateescape")


def read_targets(folder: Path) -> dict[str, list[int] | None]:
    """Returns what a folder's journal says was put there: the names below the folder, and size and time of each."""
    targets: dict[str, list[int] | None] = {}
    with contextlib.suppress(OSError):
        for line in (folder / JOURNAL_NAME).read_text("utf-8", errors="replace").split("\n"):
            with contextlib.suppress(ValueError, KeyError, TypeError, RecursionError):
                entry = json.loads(line)
                if entry["event"] == "done":
                    targets[str(entry["target"])] = entry["stamp"]
    return targets


def _read_record(entry: Mapping[str, Any]) -> Record:
    # JSON has lists alone
    return Record(**{**entry, "notes": tuple(map(str, entry.get("notes", ())))})


class Journal:
    """The record of an output folder. Safe to share between threads; one process at a time.

    Args:
        folder: the output folder; made if missing.
        read_only: only look at what earlier runs wrote down; nothing is made, and nothing may be written.

    Raises:
        WriteError: the folder cannot be made or written.
        OutputError: another run is writing into it.
    """

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._done: dict[str, _Line] = {}
        self._saving: dict[str, _Line] = {}
        self._file: FileIO | None = None
        path = folder / JOURNAL_NAME
        if read_only:
            with contextlib.suppress(OSError):
                for line in path.read_text("utf-8", errors="replace").split("\n"):
                    self._take(line)
            return
        try:
            folder.mkdir(parents=True, exist_ok=True)
            run_lock = try_lock(folder / _LOCK_NAME)
            file = path.open("ab+", buffering=0)
        except OSError as error:
            raise WriteError("journal.folder_unwritable", folder=folder, reason=error.strerror) from error
        if run_lock is None:
            file.close()
            raise OutputError("journal.locked", folder=folder)
        self._run_lock, self._file = run_lock, file
        file.seek(0)
        text = file.read().decode("utf-8", errors="replace")
        # a run killed while it wrote leaves a cut line; the next one must not be glued to it
        self._cut = bool(text) and not text.endswith("\n")
        for line in text.split("\n"):
            self._take(line)

    def __enter__(self) -> "Journal":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file, and let other runs in."""
        if self._file is not None:
            self._file.close()
            self._run_lock.release()

    def state(self, target: Path, fingerprint: Fingerprint) -> State:
        """Tells whether a target is finished, ours to replace, or somebody else's."""
        found = read_stamp(target)
        key = self._key(target)
        pending, line = self._saving.get(key), self._done.get(key)
        # an empty file is a name reserved by a save that was killed, where a disk has no links
        if pending is not None and found is not None and found[0] == 0 and pending.stamp is None:
            return State(None, ours=True)
        unsure = pending is not None and found is not None and found != pending.stamp
        if pending is not None and unsure:
            # put in place by a run that was killed before it could say so, and perhaps cut since
            line = _Line(pending.fingerprint, pending.record, found)
        if found is None or line is None:
            return State(None, ours=found is None, known=line is not None)
        touched = line.stamp != found
        if line.fingerprint == fingerprint:
            return State(line.record, ours=True, known=True, touched=touched or unsure)
        return State(None, ours=not touched, known=True, touched=touched)

    def saving(self, target: Path, fingerprint: Fingerprint, record: Record) -> None:
        """Writes down that a picture is about to be put in place."""
        self._append("saving", target, fingerprint, record)

    def done(self, target: Path, fingerprint: Fingerprint, record: Record) -> None:
        """Writes down that it is in place."""
        self._append("done", target, fingerprint, record)

    def failed(self, target: Path) -> None:
        """Writes down that it could not be put in place, so that what lies there is not taken for it."""
        self._write({"event": "failed", "target": self._key(target)})

    def _append(self, event: str, target: Path, fingerprint: Fingerprint, record: Record) -> None:
        self._write(
            {
                "event": event,
                "target": self._key(target),
                **asdict(fingerprint),
                "record": asdict(record),
                "stamp": read_stamp(target),
            }
        )

    def _write(self, entry: Mapping[str, Any]) -> None:
        assert self._file is not None
        line = json.dumps(entry).encode("ascii") + b"\n"
        with self._lock:
            line, self._cut = (b"\n" if self._cut else b"") + line, True
            try:
                written = self._file.write(line)
                if written != len(line):
                    self._file.write(line[written:])
                os.fsync(self._file.fileno())
            except OSError as error:
                raise WriteError("journal.unwritable", folder=self._folder, reason=error.strerror) from error
            self._cut = False

    def _key(self, target: Path) -> str:
        return to_portable_name(Path(os.path.relpath(target, self._folder)).as_posix())

    def _take(self, text: str) -> None:
        # lines that are cut or not ours say nothing
        with contextlib.suppress(ValueError, KeyError, TypeError, RecursionError):
            entry = json.loads(text)
            event, key = entry["event"], entry["target"]
            if event == "failed":
                self._saving.pop(key, None)
                return
            names = ("source", "size", "mtime_ns", "model", "options")
            line = _Line(Fingerprint(*(entry[name] for name in names)), _read_record(entry["record"]), entry["stamp"])
            if event == "saving":
                self._saving[key] = line
            elif event == "done":
                self._saving.pop(key, None)
                self._done[key] = line
