"""What a run would do, without doing it: nothing is coloured, and nothing is written."""

import time

from photochrom.batch.output import RenderedOutput
from photochrom.batch.photo_task import JobRunner, Outcome
from photochrom.batch.plan import Job, Plan
from photochrom.batch.report import FileReport, Report
from photochrom.batch.resume import select_tasks
from photochrom.batch.sidecars import Settings, Sidecars

__all__ = ["preview_plan"]


def preview_plan(
    plan: Plan, *, settings: Settings, beside: Sidecars | None = None, resume: bool = False, overwrite: bool = False
) -> Report:
    """Returns the report that a run would begin with: photos are planned, finished before, or cannot be coloured.

    Photos are not opened, so one that turns out to be unreadable is planned too.

    Args:
        plan: from :func:`~photochrom.batch.plan.plan_jobs`.
        settings: how the photos would be coloured.
        beside: what would be written beside each output.
        resume: as for :func:`~photochrom.batch.runner.colorize_files`.
        overwrite: as there.
    """
    start = time.perf_counter()
    files: dict[int, FileReport] = {}

    def settle(outcome: Outcome) -> None:
        files[outcome.index] = outcome.file

    beside = beside or Sidecars()
    with JobRunner(plan, settings=settings, beside=beside, render=_refuse, in_flight=None, read_only=True) as runner:
        for task in select_tasks(runner, plan, resume=resume, overwrite=overwrite, settle=settle):
            file = FileReport(
                source=str(task.job.source), target=str(task.job.target), status="planned", model=settings.card.name
            )
            settle(Outcome(task.index, file))
    return Report(
        model=settings.card.name,
        model_sha256=settings.card.sha256,
        options=settings.options.to_json(),
        jobs=0,
        seconds=time.perf_counter() - start,
        files=tuple(files[index] for index in sorted(files)),
        left_out=plan.left_out,
        results_left_out=plan.results,
    )


def _refuse(job: Job, whole: bool) -> RenderedOutput:
    raise AssertionError("a run that is only looked at colours nothing")
