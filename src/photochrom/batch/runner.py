"""A plan carried out: photos side by side in threads, a record on disk after each, a report at the end.

Each thread takes one photo from opening to saving. Decoding, the network, recolouring and encoding all leave Python's
lock, so different photos' stages overlap, and memory is bounded by the number of threads.
"""

import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from photochrom.batch.output import PhotoRenderer
from photochrom.batch.photo_task import JobRunner, Outcome
from photochrom.batch.plan import Job, Plan, plan_jobs
from photochrom.batch.ray_backend import open_cluster_renderer
from photochrom.batch.report import Event, FileReport, Report, check_report_path
from photochrom.batch.resume import select_tasks
from photochrom.batch.sidecars import Settings, Sidecars
from photochrom.deprecations import renamed_keywords
from photochrom.errors import OptionError, PhotochromError
from photochrom.image_io import MAX_PIXELS, Picture, read_picture
from photochrom.options import ColorizeOptions
from photochrom.steering.reference_matching import check_reference
from photochrom.system.stores import is_url

if TYPE_CHECKING:
    from photochrom.colorizer import Colorizer

__all__ = ["BACKENDS", "Run", "Worker", "colorize_files", "open_reference", "run_plan"]

AnyTask = TypeVar("AnyTask", contravariant=True)

#: where photos are coloured
BACKENDS = ("local", "ray")


@renamed_keywords("colorize_files")
def colorize_files(
    inputs: Sequence[str | Path],
    output: str | Path | None = None,
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
    """Colours many files; a file that cannot be coloured is recorded, and the rest goes on.

    Where an input or the output is a URL, it is :func:`~photochrom.batch.stored.colorize_stored_files` that does it.

    Args:
        inputs: files, folders and patterns; see :func:`~photochrom.batch.plan.plan_jobs`.
        output: a file for one picture, else a folder; None for ``NAME.color.EXT`` beside each picture.
        colorizer: the network, shared by all threads; made with ``threads=1`` it leaves the processors to the jobs.
        options: how to colour. Hints are for a single photo; the reference is a path.
        max_pixels: refuse photos with more pixels than this.
        beside: what is written beside each output.
        jobs: photos worked on at the same time; None for one a processor.
        backend: "local", or "ray" for the machines of the Ray cluster that ``RAY_ADDRESS`` names; see
            :mod:`photochrom.batch.ray_backend`.
        resume: leave alone what an earlier run finished with the same source, network and options.
        overwrite: replace files that are there already.
        report: where the JSON report goes; None for ``photochrom-report.json`` in the output folder, if there is one.
        on_event: called in this thread after each file.

    Raises:
        NoInputError: the inputs hold no picture.
        OptionError: an option, or the inputs and the output together, make no sense.
        WriteError: the output folder or the report cannot be written.
        MissingDependencyError, OutputError: Ray is not installed, or the cluster cannot be reached.
        KeyboardInterrupt: interrupted; files begun were finished, and the report was written, before it is raised.

    >>> import tempfile
    >>> import numpy as np
    >>> from PIL import Image
    >>> from photochrom import Colorizer
    >>> folder = Path(tempfile.mkdtemp())
    >>> Image.fromarray(np.tile(np.arange(96, dtype=np.uint8), (64, 1))).save(folder / "1936.png")
    >>> report = colorize_files([folder / "1936.png"], folder / "colour.png", colorizer=Colorizer())
    >>> report.files[0].status, report.files[0].width, (folder / "colour.png").exists()
    ('done', 96, True)
    """
    if any(is_url(str(text)) for text in (*inputs, output or "")):
        from photochrom.batch.stored import colorize_stored_files

        return colorize_stored_files(
            [str(text) for text in inputs],
            None if output is None else str(output),
            colorizer=colorizer,
            options=options,
            max_pixels=max_pixels,
            beside=beside,
            jobs=jobs,
            backend=backend,
            resume=resume,
            overwrite=overwrite,
            report=report,
            on_event=on_event,
        )
    home = None if report is None else check_report_path(report)
    plan = plan_jobs(inputs, output)
    result = run_plan(
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
    home = home or plan.report
    if home is not None:
        result.save(home)
    if result.stopped is not None and result.stopped.code == "batch.interrupted":
        raise KeyboardInterrupt
    return result


@renamed_keywords("run_plan")
def run_plan(
    plan: Plan,
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
    on_page: Callable[[Job, int, int], None] | None = None,
) -> Report:
    """Carries out a plan; see :func:`colorize_files`.

    Args:
        plan: from :func:`~photochrom.batch.plan.plan_jobs`.
        colorizer: as there.
        options: as there.
        max_pixels: as there.
        beside: as there.
        jobs: as there.
        backend: as there.
        resume: as there.
        overwrite: as there.
        stop: set it, from a signal handler or another thread, to end the run after the photos it is working on.
        on_event: as there.
        on_page: called before each page of a photo that is coloured here, with how many are done, and how many there
            are; in any thread.

    Returns:
        What was done. Its ``stopped`` says why the run ended early, if it did. A first KeyboardInterrupt ends the run
        the same way as ``stop``; a second one is passed on at once.

    Raises:
        OptionError: ``jobs`` is below 1, the backend is unknown, there are hints for more than one picture, the
            reference has no colours, or the network cannot do what is asked.
        InputError: the reference cannot be read; its subclasses say why.
        WriteError: the output folder cannot be written.
        MissingDependencyError, OutputError: Ray is not installed, or the cluster cannot be reached.
    """
    options = options or ColorizeOptions()
    reference = options.reference
    if jobs is not None and jobs < 1:
        raise OptionError("batch.jobs_out_of_range", jobs=jobs)
    if backend not in BACKENDS:
        raise OptionError("batch.backend_unknown", backend=backend, known=" or ".join(BACKENDS))
    if options.hints and plan.many:
        raise OptionError("batch.hints_for_many")
    beside = beside or Sidecars()
    if beside.confidence and "confidence" not in colorizer.card.outputs:
        raise OptionError("batch.no_confidence", model=colorizer.name)
    other = None if reference is None else open_reference(reference, colorizer)
    settings = Settings(card=colorizer.card, options=options, max_pixels=max_pixels)
    start = time.perf_counter()
    run = Run(len(plan.jobs), on_event or _ignore)
    stop = stop or threading.Event()
    open_here = partial(_open_local_renderer, on_page=on_page, ahead=plan.ahead)
    open_renderer = open_cluster_renderer if backend == "ray" else open_here
    with (
        open_renderer(colorizer, settings, reference=other, beside=beside) as renderer,
        JobRunner(
            plan, settings=settings, beside=beside, render=renderer.render, in_flight=renderer.in_flight
        ) as runner,
    ):
        tasks = select_tasks(runner, plan, resume=resume, overwrite=overwrite, settle=run.settle)
        jobs = min(jobs or renderer.processors, max(1, len(tasks)))
        run.carry_out(runner, tasks, jobs, stop)
    return Report(
        model=colorizer.name,
        model_sha256=colorizer.card.sha256,
        options=options.to_json(),
        jobs=jobs,
        seconds=time.perf_counter() - start,
        files=tuple(run.files[index] for index in sorted(run.files)),
        remaining=len(plan.jobs) - len(run.files),
        stopped=run.stopped,
        left_out=plan.left_out,
        results_left_out=plan.results,
    )


@contextmanager
def _open_local_renderer(
    colorizer: "Colorizer",
    settings: Settings,
    *,
    reference: Picture | None,
    beside: Sidecars,
    on_page: Callable[[Job, int, int], None] | None = None,
    ahead: Mapping[Path, Future[Picture]],
) -> Iterator[PhotoRenderer]:
    yield PhotoRenderer(colorizer, settings, reference=reference, beside=beside, on_page=on_page, ahead=ahead)


def open_reference(path: str | Path, colorizer: "Colorizer") -> Picture:
    """Opens the photo that gives colours to others.

    Raises:
        OptionError: it has no colours, or the network cannot use it.
        InputError: it cannot be read; its subclasses say why.
    """
    # before any photo is opened: what is wrong with it is wrong for all of them
    if "features" not in colorizer.card.outputs:
        raise OptionError("batch.no_features", model=colorizer.name)
    picture = read_picture(Path(path))
    check_reference(picture.pages[0])
    return picture


class Worker(Protocol[AnyTask]):
    """Does the tasks of a run; its method may run in several threads at once."""

    def colorize(self, task: AnyTask, stop: threading.Event) -> Outcome | None:
        """Colours one photo; None where the run was stopped before it began."""
        ...


class Run:
    """The state of a run, kept by the thread that started it."""

    def __init__(self, total: int, on_event: Callable[[Event], None]) -> None:
        self.files: dict[int, FileReport] = {}
        self.stopped: PhotochromError | None = None
        self._total = total
        self._on_event = on_event

    def settle(self, settled: Outcome) -> None:
        """Takes down that one more job is over."""
        self.files[settled.index] = settled.file
        if settled.fatal is not None and self.stopped is None:
            self.stopped = settled.fatal
        self._on_event(Event(settled.file, len(self.files), self._total, settled.error))

    def carry_out(self, runner: Worker[AnyTask], tasks: Sequence[AnyTask], jobs: int, stop: threading.Event) -> None:
        """Has tasks done in so many threads; returns when they are done, or stopped."""
        waiting: queue.SimpleQueue[AnyTask] = queue.SimpleQueue()
        for task in tasks:
            waiting.put(task)
        answers: queue.SimpleQueue[Outcome | None] = queue.SimpleQueue()

        def work() -> None:
            try:
                while not stop.is_set():
                    task = waiting.get_nowait()
                    settled = runner.colorize(task, stop)
                    if settled is not None:
                        if settled.fatal is not None:
                            stop.set()
                        answers.put(settled)
            except queue.Empty:
                pass
            finally:
                answers.put(None)

        # daemons, so that a second interrupt need not wait for them
        for number in range(jobs):
            threading.Thread(target=work, name=f"photochrom-{number}", daemon=True).start()
        working = jobs
        failure: Exception | None = None
        while working:
            try:
                # with a timeout, so that an interrupt is seen on every system
                settled = answers.get(timeout=0.2)
                if settled is None:
                    working -= 1
                    continue
                self.settle(settled)
            except queue.Empty:
                pass
            except KeyboardInterrupt:
                if stop.is_set():
                    raise
                stop.set()
            except Exception as exception:  # of on_event: the photos in work are finished before it is passed on
                failure = failure or exception
                stop.set()
        if failure is not None:
            raise failure
        if stop.is_set() and self.stopped is None:
            self.stopped = PhotochromError("batch.interrupted")


def _ignore(event: Event) -> None:
    pass
