"""Which jobs of a plan need the network: what is finished, what is somebody else's file, what is left to do."""

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from photochrom.batch.journal import Fingerprint, Record, State
from photochrom.batch.photo_task import JobRunner, Outcome, Task
from photochrom.batch.plan import Job, Plan
from photochrom.errors import OutputExistsError, PhotochromError
from photochrom.image_io import Picture, read_picture
from photochrom.image_io.provenance import find_mark
from photochrom.messages import render
from photochrom.system.atomic import PART_SUFFIX, is_part_of

__all__ = ["remove_leftovers", "select_tasks"]


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
