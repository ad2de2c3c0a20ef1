"""A plan over addresses carried out: here, or on a cluster; a mark in the output after each photo, a report at the end.

More photos are read and written at the same time than are coloured, so that the network's waits cost no processor.
"""

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from photochrom.batch.output import PhotoRenderer
from photochrom.batch.photo_task import Outcome
from photochrom.batch.report import Event, FileReport, Report, check_report_path
from photochrom.batch.runner import BACKENDS, Run, open_reference
from photochrom.batch.sidecars import Settings, Sidecars
from photochrom.batch.stored.cluster import ClusterWork, check_for_cluster, color_on_cluster
from photochrom.batch.stored.local import StoredRunner
from photochrom.batch.stored.marks import OutputMarks
from photochrom.batch.stored.plan import StoredPlan, plan_stored_jobs
from photochrom.batch.stored.select import select_stored_tasks
from photochrom.colorizer import count_processors
from photochrom.errors import OptionError, PhotochromError
from photochrom.image_io import MAX_PIXELS
from photochrom.options import ColorizeOptions
from photochrom.registry import find_model
from photochrom.system.stores import open_store

if TYPE_CHECKING:
    from photochrom.colorizer import Colorizer

__all__ = ["colorize_stored_files", "preview_stored_plan", "run_stored_plan", "save_report"]

#: photos read, waiting or being written for each that is coloured
_AHEAD = 3


def colorize_stored_files(
    inputs: Sequence[str],
    output: str | None,
    *,
    colorizer: "Colorizer",
    options: ColorizeOptions | None = None,
    max_pixels: int = MAX_PIXELS,
    beside: Sidecars | None = None,
    jobs: int | None = None,
    backend: str = "local",
    resume: bool = False,
    overwrite: bool = False,
    report: str | Path | None = None,
    on_event: Callable[[Event], None] | None = None,
) -> Report:
    """Colours many photos by their addresses; see :func:`~photochrom.batch.runner.colorize_files` for the rest.

    Args:
        inputs: photos and folders; see :func:`~photochrom.batch.stored.plan.plan_stored_jobs`.
        output: a file for one photo, else a folder.
        colorizer: the network.
        options: how to colour.
        max_pixels: refuse photos with more pixels than this.
        beside: what is written beside each output; a project file cannot be.
        jobs: photos coloured at the same time; None for one a processor.
        backend: "local", or "ray".
        resume: leave alone what an earlier run finished with the same source, network and options.
        overwrite: replace files that are there already.
        report: where the JSON report goes, on this machine; None for ``photochrom-report.json`` in the output folder.
        on_event: called in this thread after each photo.

    Raises:
        NoInputError, OptionError: the inputs hold no photo, or what is asked for makes no sense.
        StoreError: an input cannot be listed, or the output cannot be written.
        MissingDependencyError: a library for the addresses, or Ray, is not installed.
        KeyboardInterrupt: interrupted; photos begun were finished, and the report was written, before it is raised.
    """
    home = None if report is None else check_report_path(report)
    plan = plan_stored_jobs(inputs, output)
    result = run_stored_plan(
        plan,
        colorizer=colorizer,
        options=options,
        max_pixels=max_pixels,
        beside=beside,
        jobs=jobs,
        backend=backend,
        resume=resume,
        overwrite=overwrite,
        on_event=on_event,
    )
    save_report(result, plan, home)
    if result.stopped is not None and result.stopped.code == "batch.interrupted":
        raise KeyboardInterrupt
    return result


def save_report(result: Report, plan: StoredPlan, home: Path | None) -> str | None:
    """Writes a run's report to ``home``, or else where its plan says; returns where it is.

    Raises:
        StoreError, WriteError: it cannot be written.
    """
    if home is not None:
        return str(result.save(home))
    if plan.report is not None:
        open_store(plan.report).write(plan.report, result.to_json().encode("ascii"), overwrite=True)
    return plan.report


def run_stored_plan(
    plan: StoredPlan,
    *,
    colorizer: "Colorizer",
    options: ColorizeOptions | None = None,
    max_pixels: int = MAX_PIXELS,
    beside: Sidecars | None = None,
    jobs: int | None = None,
    backend: str = "local",
    resume: bool = False,
    overwrite: bool = False,
    stop: threading.Event | None = None,
    on_event: Callable[[Event], None] | None = None,
) -> Report:
    """Carries out a plan; see :func:`colorize_stored_files`, and :func:`~photochrom.batch.runner.run_plan`.

    Args:
        plan: from :func:`~photochrom.batch.stored.plan.plan_stored_jobs`.
        colorizer: as there.
        options: as there.
        max_pixels: as there.
        beside: as there.
        jobs: as there.
        backend: as there.
        resume: as there.
        overwrite: as there.
        stop: set it to end the run after the photos it is working on.
        on_event: as there.

    Returns:
        What was done. Its ``stopped`` says why the run ended early, if it did.
    """
    options, beside = options or ColorizeOptions(), beside or Sidecars()
    if jobs is not None and jobs < 1:
        raise OptionError("batch.jobs_out_of_range", jobs=jobs)
    if backend not in BACKENDS:
        raise OptionError("batch.backend_unknown", backend=backend, known=" or ".join(BACKENDS))
    if options.hints and plan.many:
        raise OptionError("batch.hints_for_many")
    if backend == "ray":
        check_for_cluster(plan)
    if beside.project:
        raise OptionError("store.unsuitable", what="A project file")
    if beside.confidence and "confidence" not in colorizer.card.outputs:
        raise OptionError("batch.no_confidence", model=colorizer.name)
    reference = None if options.reference is None else open_reference(options.reference, colorizer)
    settings = Settings(card=colorizer.card, options=options, max_pixels=max_pixels)
    start = time.perf_counter()
    run = Run(len(plan.jobs), on_event or _ignore)
    stop = stop or threading.Event()
    tasks = select_stored_tasks(plan, settings, beside, resume=resume, overwrite=overwrite, settle=run.settle)
    if plan.output is not None and tasks:
        OutputMarks(open_store(plan.output), plan.output).check_writable()
    if tasks and backend == "ray":
        shared = ClusterWork(
            model=find_model(colorizer.path),
            device=colorizer.wanted_device,
            settings=settings,
            reference=reference,
            beside=beside,
            saving=plan.saving,
            output=plan.output,
        )
        jobs = color_on_cluster(run, shared, tasks, jobs=jobs, stop=stop)
    elif tasks:
        jobs = jobs or count_processors()
        renderer = PhotoRenderer(colorizer, settings, reference=reference, beside=beside)
        runner = StoredRunner(plan, renderer, model=colorizer.name, jobs=jobs)
        run.carry_out(runner, tasks, min(_AHEAD * jobs, len(tasks)), stop)
    return _report(plan, settings, run.files, jobs=jobs or 0, seconds=time.perf_counter() - start, stopped=run.stopped)


def preview_stored_plan(
    plan: StoredPlan,
    *,
    settings: Settings,
    beside: Sidecars | None = None,
    resume: bool = False,
    overwrite: bool = False,
) -> Report:
    """Returns the report that a run would begin with; see :func:`photochrom.batch.preview.preview_plan`.

    Args:
        plan: from :func:`~photochrom.batch.stored.plan.plan_stored_jobs`.
        settings: how the photos would be coloured.
        beside: what would be written beside each output.
        resume: as for :func:`colorize_stored_files`.
        overwrite: as there.

    Raises:
        StoreError: the output cannot be listed.
    """
    start = time.perf_counter()
    files: dict[int, FileReport] = {}

    def settle(outcome: Outcome) -> None:
        files[outcome.index] = outcome.file

    beside = beside or Sidecars()
    for task in select_stored_tasks(plan, settings, beside, resume=resume, overwrite=overwrite, settle=settle):
        files[task.index] = FileReport(
            source=task.job.source.address, target=task.job.target, status="planned", model=settings.card.name
        )
    return _report(plan, settings, files, jobs=0, seconds=time.perf_counter() - start, stopped=None)


def _report(
    plan: StoredPlan,
    settings: Settings,
    files: dict[int, FileReport],
    *,
    jobs: int,
    seconds: float,
    stopped: PhotochromError | None,
) -> Report:
    return Report(
        model=settings.card.name,
        model_sha256=settings.card.sha256,
        options=settings.options.to_json(),
        jobs=jobs,
        seconds=seconds,
        files=tuple(files[index] for index in sorted(files)),
        remaining=len(plan.jobs) - len(files),
        stopped=stopped,
        left_out=plan.left_out,
    )


def _ignore(event: Event) -> None:
    pass
