"""Which jobs of a plan need the network: what is finished, what is somebody else's file, what is left to do."""

import os
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Unpack

from photochrom.batch.journal import Fingerprint, Record, State
from photochrom.batch.options import BatchKeywords, BatchOptions, resolve_batch_options
from photochrom.batch.output import RenderedOutput
from photochrom.batch.photo_task import JobRunner, Outcome, Task
from photochrom.batch.plan import Job, Plan
from photochrom.batch.report import FileReport, Report, build_report
from photochrom.batch.sidecars import Settings
from photochrom.batch.stored.plan import StoredPlan
from photochrom.batch.stored.select import select_stored_tasks
from photochrom.errors import OutputExistsError, PhotochromError
from photochrom.image_io import Picture, read_picture
from photochrom.image_io.provenance import find_mark
from photochrom.messages import render
from photochrom.options import ColorizeOptions
from photochrom.registry import ModelCard
from photochrom.system.atomic import PART_SUFFIX, is_part_of

__all__ = ["preview_plan", "remove_leftovers", "select_tasks"]


def select_tasks(
    runner: JobRunner, plan: Plan, *, resume: bool, overwrite: bool, settle: Callable[[Outcome], None]
) -> list[Task]:
    """Settles what needs no network, and lists what does.

    A target that is there is finished, or ours and outdated, only where ``resume`` asks for that; otherwise it is
    somebody's file, and replaced only where ``overwrite`` says so.
    """
    if (resume or overwrite) and not runner.read_only:
        remove_leftovers(plan, [path for job in plan.jobs for path in runner.beside(job)])
    tasks = []
    for index, job in enumerate(plan.jobs):
        if job.problem is not None:
            settle(runner.fail(index, job, job.problem))
            continue
        fingerprint = runner.fingerprint(job)
        state = runner.state(job, fingerprint)
        there = os.path.lexists(job.target)
        if resume and there:
            state = _look_at_output(runner, job, fingerprint, state)
        if resume and state.record is not None:
            settle(runner.succeed(index, job, state.record, skipped=True))
        elif there and not overwrite and not (resume and state.ours):
            settle(runner.fail(index, job, _describe_existing(job, resume=resume, many=plan.many)))
        elif not (resume or overwrite) and (taken := [path for path in runner.beside(job) if os.path.lexists(path)]):
            settle(runner.fail(index, job, OutputExistsError("batch.output_exists", path=taken[0])))
        else:
            tasks.append(Task(index, job, fingerprint, replace=there, replace_beside=overwrite or resume))
    return tasks


def preview_plan(
    plan: Plan | StoredPlan,
    *,
    card: ModelCard,
    options: ColorizeOptions | None = None,
    batch_options: BatchOptions | None = None,
    **changes: Unpack[BatchKeywords],
) -> Report:
    """Returns the report that a run would begin with: photos are planned, finished before, or cannot be coloured.

    Nothing is coloured, and nothing is written. Photos are not opened, so one that turns out to be unreadable is
    planned too.

    Args:
        plan: as for :func:`~photochrom.batch.runner.run_plan`.
        card: of the network that would colour them.
        options: how the photos would be coloured.
        batch_options: how the work would be done; None for the defaults.
        changes: fields of ``batch_options`` that are otherwise.

    Raises:
        OptionError: an option is out of range.
        StoreError: the output cannot be listed.
    """
    chosen = resolve_batch_options(batch_options, changes)
    settings = Settings(card=card, options=options or ColorizeOptions(), max_pixels=chosen.max_pixels)
    start = time.perf_counter()
    files: dict[int, FileReport] = {}

    def settle(outcome: Outcome) -> None:
        files[outcome.index] = outcome.file

    how = {"resume": chosen.resume, "overwrite": chosen.overwrite}
    left: list[tuple[int, str, str]]
    if isinstance(plan, StoredPlan):
        stored_tasks = select_stored_tasks(plan, settings, chosen.beside, settle=settle, **how)
        left = [(task.index, task.job.source.address, task.job.target) for task in stored_tasks]
    else:
        with JobRunner(
            plan, settings=settings, beside=chosen.beside, render=_refuse, in_flight=None, read_only=True
        ) as runner:
            tasks = select_tasks(runner, plan, settle=settle, **how)
        left = [(task.index, str(task.job.source), str(task.job.target)) for task in tasks]
    for index, source, target in left:
        files[index] = FileReport(source=source, target=target, status="planned", model=card.name)
    return build_report(plan, settings, files, jobs=0, seconds=time.perf_counter() - start)


def _refuse(job: Job, whole: bool) -> RenderedOutput:
    raise AssertionError("a run that is only looked at colours nothing")


def _look_at_output(runner: JobRunner, job: Job, fingerprint: Fingerprint, state: State) -> State:
    """Returns how a target stands by what is there, for a journal may be lost, or older than what was done to files."""
    if state.known:
        if state.touched and _read_whole(job.target) is None:
            # cut or damaged since: nobody's work is lost
            return State(None, ours=True)
        complete = all(os.path.lexists(path) for path in runner.beside(job))
        return state if complete or state.record is None else State(None, ours=True)
    mark = None if state.ours else find_mark(job.target)
    if mark is None:
        return state
    picture = _read_whole(job.target)
    if picture is None:
        return State(None, ours=True)
    if mark != runner.card.name or not _is_newer(job.target, job.source):
        return state
    page = picture.pages[0]
    note = str(render("note.taken_over", {}))
    record = Record(0.0, None, page.width, page.height, notes=(note,))
    runner.adopt(job, fingerprint, record)
    return State(record, ours=True)


def _read_whole(path: Path) -> Picture | None:
    """Returns a result, or None where it is not whole."""
    try:
        picture = read_picture(path, max_pixels=sys.maxsize)
    except (PhotochromError, OSError):
        return None
    return None if str(render("note.end_mended", {})) in picture.notes else picture


def _is_newer(target: Path, source: Path) -> bool:
    try:
        return target.stat().st_mtime_ns >= source.stat().st_mtime_ns
    except OSError:
        return False


def _describe_existing(job: Job, *, resume: bool, many: bool) -> OutputExistsError:
    if not many:
        # one photo alone keeps no journal, so there is nothing to resume
        return OutputExistsError("batch.output_exists", path=job.target)
    if resume:
        return OutputExistsError("batch.output_changed", path=job.target)
    return OutputExistsError("batch.output_exists_resumable", path=job.target)


def remove_leftovers(plan: Plan, beside: Iterable[Path] = ()) -> None:
    """Removes what a killed run left half written of a plan's targets, and of files beside them."""
    names: dict[Path, set[str]] = {}
    for path in (*(job.target for job in plan.jobs), *beside):
        names.setdefault(path.parent, set()).add(path.name)
    for folder, targets in names.items():
        for part in folder.glob(f".*{PART_SUFFIX}"):
            if any(is_part_of(part.name, target) for target in targets):
                part.unlink(missing_ok=True)
