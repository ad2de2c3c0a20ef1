"""Which jobs of a plan need the network: what is finished, what is somebody else's file, what is left to do."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from photochrom.batch.photo_task import Settled, Task, Worker
from photochrom.batch.plan import Job, Plan
from photochrom.errors import PhotochromError
from photochrom.system.atomic import PART_SUFFIX, is_part_of

__all__ = ["survey", "sweep"]


def survey(
    worker: Worker, plan: Plan, *, resume: bool, overwrite: bool, settle: Callable[[Settled], None]
) -> list[Task]:
    """Settle what needs no network, and list what does.

    A target that is there is finished, or ours and outdated, only where ``resume`` asks for that; otherwise it is
    somebody's file, and replaced only where ``overwrite`` says so.
    """
    if resume or overwrite:
        sweep(plan, [path for job in plan.jobs for path in worker.beside(job)])
    tasks = []
    for index, job in enumerate(plan.jobs):
        if job.problem is not None:
            settle(worker.refuse(index, job, _RefusedError(job.problem)))
            continue
        fingerprint = worker.fingerprint(job)
        state = worker.state(job, fingerprint)
        there = os.path.lexists(job.target)
        if resume and state.record is not None:
            settle(worker.report(index, job, state.record, skipped=True))
        elif there and not overwrite and not (resume and state.ours):
            settle(worker.refuse(index, job, _RefusedError(_already_there(job, resume=resume, many=plan.many))))
        else:
            tasks.append(Task(index, job, fingerprint, replace=there, replace_beside=overwrite or resume))
    return tasks


class _RefusedError(PhotochromError):
    """A job refused before it is opened."""


def _already_there(job: Job, *, resume: bool, many: bool) -> str:
    if not many:
        # one photo alone keeps no journal, so there is nothing to resume
        return f"the output '{job.target}' is there already: use --overwrite to replace it, or name another with -o"
    if resume:
        return (
            f"the output '{job.target}' is there, but not as an earlier run left it: "
            "move it away, or use --overwrite to replace it"
        )
    return (
        f"the output '{job.target}' is there already: "
        "use --resume to go on with an earlier run, or --overwrite to replace it"
    )


def sweep(plan: Plan, beside: Iterable[Path] = ()) -> None:
    """Remove what a killed run left half written of a plan's targets, and of files beside them."""
    names: dict[Path, set[str]] = {}
    for path in (*(job.target for job in plan.jobs), *beside):
        names.setdefault(path.parent, set()).add(path.name)
    for folder, targets in names.items():
        for part in folder.glob(f".*{PART_SUFFIX}"):
            if any(is_part_of(part.name, target) for target in targets):
                part.unlink(missing_ok=True)
