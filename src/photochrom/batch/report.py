"""What a run did, file by file: kept as values, written as JSON."""

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from photochrom import __version__
from photochrom.batch.plan import Plan
from photochrom.batch.sidecars import Settings
from photochrom.errors import OptionError, PhotochromError, WriteError
from photochrom.system.atomic import PART_SUFFIX
from photochrom.system.paths import is_folder

if TYPE_CHECKING:
    from photochrom.batch.stored.plan import StoredPlan

__all__ = ["Event", "FileReport", "Report", "Status", "build_report", "check_report_path"]

Status = Literal["done", "skipped", "failed", "planned"]

#: how the text of a report begins
_START = b'{\n "photochrom": '


@dataclass(frozen=True, kw_only=True)
class FileReport:
    """What became of one file.

    Attributes:
        source: the file read.
        target: the file written, or that would have been.
        status: "done"; "skipped", finished by an earlier run; "failed"; or "planned", where a run is only looked at.
        seconds: taken for it from opening to saving; of the earlier run where skipped.
        model: the network's name.
        confidence: mean 0..1; None where the network gives none, and for a failure.
        width, height: of the first page, pixels; None for a failure.
        matches: hints taken from the reference; None without a reference, and for a failure.
        notes: what was left out of the file or mended in it, a sentence each.
        photos: how many photos of it are coloured: 1, or those of a shard.
        finished: when it was coloured, ISO 8601 in UTC; None where that is not known, and for a failure.
        error: why it failed, in words; None otherwise.
        error_code: the code of that error, such as ``photo.truncated``; None otherwise.
    """

    source: str
    target: str
    status: Status
    seconds: float = 0.0
    model: str
    confidence: float | None = None
    width: int | None = None
    height: int | None = None
    matches: int | None = None
    notes: tuple[str, ...] = ()
    photos: int = 1
    finished: str | None = None
    error: str | None = None
    error_code: str | None = None


@dataclass(frozen=True)
class Event:
    """What a listener gets while a run goes on: one more file is done, skipped or failed.

    Attributes:
        file: the file.
        position: how many are over now, this one counted.
        total: how many there are.
        error: what failed, with what it comes from as its cause; None otherwise.
        inside: the file is a photo in a shard that was told of before.
    """

    file: FileReport
    position: int
    total: int
    error: PhotochromError | None = None
    inside: bool = False


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a run did.

    Attributes:
        model, model_sha256: the network.
        options: how the pictures were coloured.
        jobs: photos worked on at the same time.
        seconds: wall time of the run.
        files: files that are done, skipped or failed, in the order of the plan; after a shard, its photos that failed.
        remaining: files not begun, and shards not ended, because the run was stopped.
        stopped: why it was stopped, never raised; None where it came to its end.
        left_out: other files of the folders, by suffix, upper case without its dot.
        results_left_out: photos of the folders that are results of earlier runs.
    """

    model: str
    model_sha256: str
    options: Mapping[str, Any]
    jobs: int
    seconds: float
    files: tuple[FileReport, ...]
    remaining: int = 0
    stopped: PhotochromError | None = None
    left_out: Mapping[str, int] = field(default_factory=dict)
    results_left_out: int = 0

    @property
    def planned(self) -> int:
        """Files that would be coloured."""
        return self._count("planned")

    @property
    def done(self) -> int:
        """Photos coloured in this run."""
        return self._count("done")

    @property
    def skipped(self) -> int:
        """Photos an earlier run had finished."""
        return self._count("skipped")

    @property
    def failed(self) -> int:
        """Files that could not be coloured."""
        return self._count("failed")

    @property
    def rate(self) -> float:
        """Files coloured a second."""
        return self.done / self.seconds if self.seconds > 0 else 0.0

    def to_json(self) -> str:
        """Returns the report as indented JSON text."""
        totals = {name: getattr(self, name) for name in ("done", "skipped", "failed", "remaining")}
        if self.planned:
            totals["planned"] = self.planned
        entries = {
            "photochrom": __version__,
            "model": self.model,
            "model_sha256": self.model_sha256,
            "options": dict(self.options),
            "jobs": self.jobs,
            "totals": {"files": len(self.files) + self.remaining, **totals},
            "seconds": round(self.seconds, 3),
            "rate": round(self.rate, 3),
            "stopped": None if self.stopped is None else str(self.stopped),
            "stopped_code": None if self.stopped is None else self.stopped.code,
            "left_out": dict(self.left_out),
            "results_left_out": self.results_left_out,
            "files": [_rounded(asdict(file)) for file in self.files],
        }
        return json.dumps(entries, indent=1) + "\n"

    def save(self, path: str | Path) -> Path:
        """Writes the report atomically, in place of an earlier one.

        Raises:
            WriteError: the disk is full, or the folder cannot be written.
        """
        path = Path(path)
        part = path.with_name(f".{path.name}{PART_SUFFIX}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with part.open("w", encoding="ascii") as file:
                file.write(self.to_json())
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except OSError as error:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise WriteError("batch.report_unwritable", path=path, reason=error.strerror) from error
        return path

    def _count(self, status: Status) -> int:
        return sum(file.photos for file in self.files if file.status == status)


def build_report(
    plan: "Plan | StoredPlan",
    settings: Settings,
    files: Mapping[int, FileReport],
    *,
    jobs: int,
    seconds: float,
    stopped: PhotochromError | None = None,
    inside: Mapping[int, Sequence[FileReport]] | None = None,
) -> Report:
    """Returns the report of a plan's run, from what became of its files, by the index of their jobs.

    Args:
        plan: of the run.
        settings: how photos were coloured.
        files: what became of them.
        jobs: as the report has it.
        seconds: as the report has it.
        stopped: as the report has it.
        inside: the photos of shards that failed.
    """
    failed = inside or {}
    return Report(
        model=settings.card.name,
        model_sha256=settings.card.sha256,
        options=settings.options.to_json(),
        jobs=jobs,
        seconds=seconds,
        files=tuple(file for index in sorted(files) for file in (files[index], *failed.get(index, ()))),
        remaining=len(plan.jobs) - len(files),
        stopped=stopped,
        left_out=plan.left_out,
        results_left_out=plan.results if isinstance(plan, Plan) else 0,
    )


def check_report_path(path: str | Path) -> Path:
    """Refuses a place for the report where a report cannot be meant: a slip would overwrite a photo.

    Raises:
        OptionError: the name does not end with ``.json``, or is that of a folder or of a file that is not a report.
    """
    path = Path(path)
    if path.suffix.lower() != ".json" or is_folder(path):
        raise OptionError("batch.report_name", path=path)
    if os.path.lexists(path) and not _is_report(path):
        raise OptionError("batch.report_replaces", path=path)
    return path


def _is_report(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_START)) == _START
    except OSError:
        return False


def _rounded(entries: dict[str, Any]) -> dict[str, Any]:
    return {key: round(value, 4) if isinstance(value, float) else value for key, value in entries.items()}
