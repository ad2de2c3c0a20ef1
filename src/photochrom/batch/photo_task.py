"""One photo of a run: whether it needs doing, and the doing, from opening to saving."""

import errno
import os
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Self

from photochrom.batch.journal import Fingerprint, Journal, Record, State, read_stamp, to_portable_name
from photochrom.batch.output import RenderedOutput
from photochrom.batch.plan import Job, Plan
from photochrom.batch.report import FileReport
from photochrom.batch.saving import Saving
from photochrom.batch.sidecars import Settings, Sidecars, find_ambiguous
from photochrom.errors import ModelError, OptionError, PhotochromError, WriteError
from photochrom.image_io.formats import SUFFIXES, count_pixels
from photochrom.image_io.metadata.xmp_files import find_xmp, name_xmp
from photochrom.presentation.options import DisplayOptions
from photochrom.registry import ModelCard
from photochrom.system.admission import PixelGate

__all__ = ["JobRunner", "Outcome", "Task", "to_ours"]


@dataclass(frozen=True)
class Task:
    """A job that needs doing; ``replace`` an output that is there, ``replace_beside`` what lies beside it."""

    index: int
    job: Job
    fingerprint: Fingerprint
    replace: bool
    replace_beside: bool


@dataclass(frozen=True)
class Outcome:
    """A job that is over. ``fatal`` says why no other can succeed either; ``inside`` are a shard's failed photos."""

    index: int
    file: FileReport
    error: PhotochromError | None = None
    fatal: PhotochromError | None = None
    inside: tuple["Outcome", ...] = ()


class JobRunner:
    """Colours the photos of a plan and keeps the journals. Its methods may run in several threads at once.

    Args:
        plan: what to colour.
        settings: how.
        beside: what is written beside each output.
        render: colours a photo, here or elsewhere.
        in_flight: pixels of the photos worked on at the same time; None for any number.
        read_only: look at the journals, and write nothing.

    Raises:
        WriteError: an output folder cannot be written.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        settings: Settings,
        beside: Sidecars,
        render: Callable[[Job, bool], RenderedOutput],
        in_flight: int | None,
        read_only: bool = False,
    ) -> None:
        #: only looks; nothing is written
        self.read_only = read_only
        self._keep_times = plan.keep_times
        self._saving = plan.saving
        self._card = settings.card
        self._beside = beside
        self._render = render
        self._ambiguous = find_ambiguous([job.target for job in plan.jobs])
        self._gate = None if in_flight is None else PixelGate(in_flight)
        self._opened = ExitStack()
        self._journals: dict[Path, Journal] = {}
        reference = settings.options.reference
        assets = {} if reference is None else {"reference": sha256(Path(reference).read_bytes()).hexdigest()}
        look: tuple[object, ...] = settings.options.digest(assets), self._beside
        if plan.saving != Saving():
            # another file, so what an earlier run saved otherwise is made again
            look = *look, plan.saving, plan.saving.signer is not None
        if beside.display != DisplayOptions():
            look = *look, beside.display
        self._look = sha256(repr(look).encode()).hexdigest()[:16]
        if plan.many:
            for root in dict.fromkeys(job.root for job in plan.jobs if job.problem is None):
                self._journals[root] = self._opened.enter_context(Journal(root, read_only=read_only))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()

    def fingerprint(self, job: Job) -> Fingerprint:
        """Returns what the job's result would be made from; a missing source has size -1."""
        size, mtime_ns = -1, 0
        with suppress(OSError):
            found = job.source.stat()
            size, mtime_ns = found.st_size, found.st_mtime_ns
        look, sidecar = self._look, find_xmp(job.source)
        if sidecar is not None:
            look = sha256(look.encode() + repr(read_stamp(sidecar)).encode()).hexdigest()[:16]
        return Fingerprint(to_portable_name(job.name), size, mtime_ns, self._card.sha256, look)

    def state(self, job: Job, fingerprint: Fingerprint) -> State:
        """Returns how the job's target stands; without a journal, a file that is there is not ours."""
        journal = self._journals.get(job.root)
        if journal is None:
            return State(None, ours=not os.path.lexists(job.target))
        return journal.state(job.target, fingerprint)

    def beside(self, job: Job) -> list[Path]:
        """Returns the files a job writes beside its target."""
        whole = job.target in self._ambiguous
        sidecar = find_xmp(job.source)
        along = [] if sidecar is None else [name_xmp(sidecar, job.source, job.target, whole=whole)]
        return self._beside.paths(job.target, whole=whole) + along

    def adopt(self, job: Job, fingerprint: Fingerprint, record: Record) -> None:
        """Writes down that a result of an earlier run without a journal was taken over."""
        journal = self._journals.get(job.root)
        if journal is not None and not self.read_only:
            journal.done(job.target, fingerprint, record)

    @property
    def card(self) -> ModelCard:
        """The network's."""
        return self._card

    def succeed(self, index: int, job: Job, record: Record, *, skipped: bool = False) -> Outcome:
        """Returns the outcome of a job that went well, now or in an earlier run."""
        file = FileReport(
            source=str(job.source),
            target=str(job.target),
            status="skipped" if skipped else "done",
            model=self._card.name,
            **asdict(record),
        )
        return Outcome(index, file)

    def fail(self, index: int, job: Job, exception: Exception, seconds: float = 0.0) -> Outcome:
        """Returns the outcome of a job that failed."""
        error = to_ours(exception)
        fatal: PhotochromError | None = None
        if _is_disk_full(exception):
            fatal = WriteError("batch.disk_full")
        elif isinstance(error, ModelError | OptionError):
            fatal = error
        file = FileReport(
            source=str(job.source),
            target=str(job.target),
            status="failed",
            seconds=seconds,
            model=self._card.name,
            error=" ".join(str(error).split()),
            error_code=error.code,
        )
        return Outcome(index, file, error, fatal)

    def colorize(self, task: Task, stop: threading.Event) -> Outcome | None:
        """Colours one photo; None where the run was stopped before it began."""
        with ExitStack() as held:
            if self._gate is not None:
                held.enter_context(self._gate.admit(count_pixels(task.job.source)))
            if stop.is_set():
                return None
            start = time.perf_counter()
            try:
                record = self._colorize(task, start)
            except Exception as exception:  # one bad file must not end the run, whatever it does to the libraries
                return self.fail(task.index, task.job, exception, time.perf_counter() - start)
        return self.succeed(task.index, task.job, record)

    def _colorize(self, task: Task, start: float) -> Record:
        job = task.job
        whole = job.target in self._ambiguous
        if job.target.suffix.lower() in SUFFIXES:
            # before the network works in vain
            self._saving.check(SUFFIXES[job.target.suffix.lower()], job.source.name)
        rendered = self._render(job, whole)

        def record() -> Record:
            return replace(rendered.record, seconds=time.perf_counter() - start)

        journal = self._journals.get(job.root)
        if journal is not None:
            journal.saving(job.target, task.fingerprint, record())
        try:
            rendered.place(
                job.target,
                overwrite=task.replace,
                overwrite_beside=task.replace_beside,
                keep_times=self._keep_times,
                saving=self._saving,
            )
        except BaseException:
            if journal is not None:
                with suppress(WriteError):
                    journal.failed(job.target)
            raise
        finished = record()
        if journal is not None:
            journal.done(job.target, task.fingerprint, finished)
        return finished


def _is_disk_full(exception: BaseException | None) -> bool:
    while exception is not None:
        if isinstance(exception, OSError) and exception.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        exception = exception.__cause__ or exception.__context__
    return False


def to_ours(exception: Exception) -> PhotochromError:
    """Returns an error of ours that stands for any other."""
    if isinstance(exception, PhotochromError):
        return exception
    error: PhotochromError
    if isinstance(exception, MemoryError):
        error = PhotochromError("batch.out_of_memory")
    else:
        error = PhotochromError("batch.unexpected", kind=type(exception).__name__, text=str(exception))
    error.__cause__ = exception
    return error
