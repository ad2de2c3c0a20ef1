"""Which jobs of a plan need the network, by what is in the output."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from photochrom.batch.options import BatchOptions
from photochrom.batch.photo_task import Outcome
from photochrom.batch.saving import Saving
from photochrom.batch.sidecars import Settings, Sidecars
from photochrom.batch.stored.marks import Finished, OutputMarks
from photochrom.batch.stored.outcomes import fail, succeed
from photochrom.batch.stored.plan import StoredJob, StoredPlan
from photochrom.errors import OutputExistsError
from photochrom.system.stores import StoredFile, open_store

__all__ = ["StoredTask", "begin_stored_tasks", "find_key", "select_stored_tasks"]


@dataclass(frozen=True)
class StoredTask:
    """A job that needs doing.

    Attributes:
        index: of the job in its plan.
        job: what is to be coloured.
        key: stands for what the result is made from.
        replace: an output that is there may be replaced.
        old: marks of earlier results, which are removed.
    """

    index: int
    job: StoredJob
    key: str
    replace: bool
    old: tuple[str, ...] = ()


def find_look(settings: Settings, beside: Sidecars, saving: Saving) -> str:
    """Returns what stands for everything a result is made from but its photo."""
    reference = settings.options.reference
    assets = {} if reference is None else {"reference": sha256(Path(reference).read_bytes()).hexdigest()}
    look: tuple[object, ...] = settings.card.sha256, settings.options.digest(assets), beside
    if saving != Saving():
        look = *look, saving, saving.signer is not None
    return sha256(repr(look).encode()).hexdigest()


def find_key(job: StoredJob, look: str) -> str:
    """Returns what stands for all that a job's result is made from, 32 digits."""
    sidecar = None if job.sidecar is None else (job.sidecar.size, job.sidecar.version)
    made_from = job.name, job.source.size, job.source.version, sidecar, look
    return sha256(repr(made_from).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def select_stored_tasks(
    plan: StoredPlan,
    settings: Settings,
    beside: Sidecars,
    *,
    resume: bool,
    overwrite: bool,
    settle: Callable[[Outcome], None],
) -> list[StoredTask]:
    """Settles what needs no network, and lists what does; for files it is ``photochrom.batch.resume`` that does it.

    Raises:
        StoreError: the output cannot be listed.
    """
    look = find_look(settings, beside, plan.saving)
    model = settings.card.name
    marks = None if plan.output is None else OutputMarks(open_store(plan.output), plan.output)
    files: dict[str, StoredFile] = {}
    finished: dict[str, list[Finished]] = {}
    if marks is not None:
        files, finished = marks.look()
    else:
        there = open_store(plan.jobs[0].target).look_up(plan.jobs[0].target)
        files = {} if there is None else {plan.jobs[0].relative: there}
    tasks, skipped = [], []
    for index, job in enumerate(plan.jobs):
        if job.problem is not None:
            settle(fail(index, job, job.problem, model=model))
            continue
        key, there, known = find_key(job, look), files.get(job.relative), finished.get(job.relative, [])
        done = next((each for each in known if there and (each.key, each.size) == (key, there.size)), None)
        if resume and done is not None:
            skipped.append((index, job, done))
        elif there and not overwrite and not (resume and marks and _may_replace(marks, there, known)):
            settle(fail(index, job, _describe_existing(job, resume=resume, many=marks is not None), model=model))
        else:
            tasks.append(StoredTask(index, job, key, there is not None, tuple(each.address for each in known)))
    _settle_skipped(marks, skipped, model, settle)
    return tasks


def begin_stored_tasks(
    plan: StoredPlan, settings: Settings, batch_options: BatchOptions, *, settle: Callable[[Outcome], None]
) -> list[StoredTask]:
    """Does what :func:`select_stored_tasks` does, and tries before the first task whether the output can be written.

    Raises:
        StoreError: the output cannot be listed or written.
    """
    how = {"resume": batch_options.resume, "overwrite": batch_options.overwrite}
    tasks = select_stored_tasks(plan, settings, batch_options.beside, settle=settle, **how)
    if tasks and plan.output is not None:
        OutputMarks(open_store(plan.output), plan.output).check_writable()
    return tasks


def _may_replace(marks: OutputMarks, there: StoredFile, known: Sequence[Finished]) -> bool:
    """Tells whether a file is the work of an earlier run: by its mark, or, where that is missing, by its metadata.

    A run that is killed between a result and its mark leaves the result alone; it is made again.
    """
    if known:
        # size 0: an earlier run was about to put it there
        return any(each.size in (0, there.size) for each in known)
    return marks.is_ours(there)


def _settle_skipped(
    marks: OutputMarks | None,
    skipped: Sequence[tuple[int, StoredJob, Finished]],
    model: str,
    settle: Callable[[Outcome], None],
) -> None:
    if marks is None:
        return
    records = marks.read([mark for _, _, mark in skipped])
    for (index, job, _), (record, failures) in zip(skipped, records, strict=True):
        settle(succeed(index, job, record, model=model, skipped=True, failures=failures))


def _describe_existing(job: StoredJob, *, resume: bool, many: bool) -> OutputExistsError:
    if not many:
        return OutputExistsError("batch.output_exists", path=job.target)
    return OutputExistsError("batch.output_changed" if resume else "batch.output_exists_resumable", path=job.target)
