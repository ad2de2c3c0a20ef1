"""How a job is over, as a run's report has it."""

import threading
from collections.abc import Sequence
from dataclasses import asdict, replace

from photochrom.batch.journal import Record
from photochrom.batch.photo_task import Outcome, to_ours
from photochrom.batch.report import FileReport, Status
from photochrom.batch.stored.marks import Failure
from photochrom.batch.stored.plan import StoredJob
from photochrom.errors import ModelError, OptionError, PhotochromError, StoreError, WriteError

__all__ = ["StoreWatch", "fail", "succeed"]

#: what will be wrong for every photo
_FATAL_WRITES = {"store.bucket_missing", "store.permission_denied", "store.credentials_missing"}
#: so many photos in a row that the store does not give or take end a run
_MOST_UNAVAILABLE = 5


def succeed(
    index: int,
    job: StoredJob,
    record: Record,
    *,
    model: str,
    skipped: bool = False,
    failures: Sequence[Failure] = (),
) -> Outcome:
    """Returns the outcome of a job that went well, now or in an earlier run; ``failures`` are photos of a shard."""
    status: Status = "skipped" if skipped else "done"
    file = FileReport(source=job.source.address, target=job.target, status=status, model=model, **asdict(record))
    return Outcome(index, file, inside=tuple(_fail_inside(index, job, each, model) for each in failures))


def _fail_inside(index: int, job: StoredJob, failure: Failure, model: str) -> Outcome:
    file = FileReport(
        source=failure.source,
        target=job.target,
        status="failed",
        model=model,
        error=failure.error,
        error_code=failure.error_code,
    )
    return Outcome(index, file, PhotochromError("shards.photo_failed", text=failure.error))


def fail(index: int, job: StoredJob, exception: Exception, *, model: str, seconds: float = 0.0) -> Outcome:
    """Returns the outcome of a job that failed."""
    error = to_ours(exception)
    fatal: PhotochromError | None = None
    is_full = isinstance(error, WriteError) and error.code in ("output.disk_full", "output.quota_exceeded")
    is_barred = isinstance(error, StoreError) and error.code in _FATAL_WRITES and error.details["url"] == job.target
    if isinstance(error, ModelError | OptionError) or is_full or is_barred:
        fatal = error
    file = FileReport(
        source=job.source.address,
        target=job.target,
        status="failed",
        seconds=seconds,
        model=model,
        error=" ".join(str(error).split()),
        error_code=error.code,
    )
    return Outcome(index, file, error, fatal)


class StoreWatch:
    """Ends a run where the store has gone, for every further photo would wait for it in vain. Shared by threads."""

    def __init__(self) -> None:
        self._unavailable, self._lock = 0, threading.Lock()

    def look(self, outcome: Outcome) -> Outcome:
        """Returns an outcome, fatal where it is one too many that the store did not answer."""
        with self._lock:
            gone = isinstance(outcome.error, StoreError) and outcome.error.code == "store.unavailable"
            self._unavailable = self._unavailable + 1 if gone else 0
            if self._unavailable >= _MOST_UNAVAILABLE:
                return replace(outcome, fatal=outcome.error)
        return outcome
