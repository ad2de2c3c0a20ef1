"""Which jobs of a plan need the network: what is finished, what is somebody else's file, what is left to do."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from photochrom.batch.photo_task import JobRunner, Outcome, Task
from photochrom.batch.plan import Job, Plan
from photochrom.errors import OutputExistsError
from photochrom.system.atomic import PART_SUFFIX, is_part_of

__all__ = ["remove_leftovers", "select_tasks"]


def select_tasks(
    runner: JobRunner, plan: Plan, *, resume: bool, overwrite: bool, settle: Callable[[Outcome], None]
) -> list[Task]:
    """Settles what needs no network, and lists what does.

    A target that is there is finished, or ours and outdated, only where ``resume`` asks for that; otherwise it is
    somebody's file, and replaced only where ``overwrite`` says so.
    """
    if resume or overwrite:
        remove_leftovers(plan, [path for job in plan.jobs for path in runner.beside(job)])
    tasks = []
    for index, job in enumerate(plan.jobs):
        if job.problem is not None:
            settle(runner.fail(index, job, job.problem))
            continue
        fingerprint = runner.fingerprint(job)
        state = runner.state(job, fingerprint)
        there = os.path.lexists(job.target)
        if resume and state.record is not None:
            settle(runner.succeed(index, job, state.record, skipped=True))
        elif there and not overwrite and not (resume and state.ours):
            settle(runner.fail(index, job, _describe_existing(job, resume=resume, many=plan.many)))
        else:
            tasks.append(Task(index, job, fingerprint, replace=there, replace_beside=overwrite or resume))
    return tasks


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
