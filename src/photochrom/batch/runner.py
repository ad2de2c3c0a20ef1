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
from typing import TYPE_CHECKING, Protocol, TypeVar, Unpack

from photochrom.batch.options import BatchKeywords, BatchOptions, resolve_batch_options
from photochrom.batch.output import PhotoRenderer
from photochrom.batch.photo_task import JobRunner, Outcome
from photochrom.batch.plan import Job, Plan, plan_jobs
from photochrom.batch.ray_backend import open_cluster_renderer
from photochrom.batch.report import Event, FileReport, Report, build_report, check_report_path
from photochrom.batch.resume import select_tasks
from photochrom.batch.shards.plan import ShardPlan, is_shard, plan_shards
from photochrom.batch.shards.runner import color_shards
from photochrom.batch.sidecars import Settings, Sidecars
from photochrom.batch.stored.plan import StoredPlan, plan_stored_jobs
from photochrom.batch.stored.runner import color_stored_photos
from photochrom.deprecations import renamed_keywords
from photochrom.errors import OptionError, PhotochromError
from photochrom.image_io import Picture, read_picture
from photochrom.options import ColorizeOptions
from photochrom.steering.reference_matching import check_reference
from photochrom.system.stores import is_url, open_store

if TYPE_CHECKING:
    from photochrom.colorizer import Colorizer

__all__ = ["Run", "Worker", "colorize_files", "run_plan", "save_report"]

AnyTask = TypeVar("AnyTask", contravariant=True)


@renamed_keywords("colorize_files")
def colorize_files(
    inputs: Sequence[str | Path],
    output: str | Path | None = None,
    *,
    colorizer: "Colorizer",
    options: ColorizeOptions | None = None,
    report: str | Path | None = None,
    on_event: Callable[[Event], None] | None = None,
    **changes: Unpack[BatchKeywords],
) -> Report:
    """Colours many files; a file that cannot be coloured is recorded, and the rest goes on.

    Args:
        inputs: files, folders and patterns; see :func:`~photochrom.batch.plan.plan_jobs`. Where one of them or the
            output is a URL, see :func:`~photochrom.batch.stored.plan.plan_stored_jobs`; where they are shards, see
            :func:`~photochrom.batch.shards.plan.plan_shards`.
        output: a file for one picture, else a folder; None for ``NAME.color.EXT`` beside each picture.
        colorizer: the network, shared by all threads; made with ``threads=1`` it leaves the processors to the jobs.
        options: how to colour. Hints are for a single photo; the reference is a path.
        report: where the JSON report goes, on this machine; None for ``photochrom-report.json`` in the output folder,
            if there is one.
        on_event: called in this thread after each file.
        changes: fields of :class:`~photochrom.batch.options.BatchOptions`.

    Raises:
        NoInputError: the inputs hold no picture.
        OptionError: an option, or the inputs and the output together, make no sense.
        WriteError: the output folder or the report cannot be written.
        StoreError: an input cannot be listed, or the output cannot be written.
        MissingDependencyError, OutputError: Ray, or a library for the addresses, is not installed, or the cluster
            cannot be reached.
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
    home = None if report is None else check_report_path(report)
    plan: Plan | StoredPlan
    if any(is_shard(str(text)) for text in (*inputs, output or "")):
        plan = plan_shards([str(text) for text in inputs], None if output is None else str(output))
    elif any(is_url(str(text)) for text in (*inputs, output or "")):
        plan = plan_stored_jobs([str(text) for text in inputs], None if output is None else str(output))
    else:
        plan = plan_jobs(inputs, output)
    result = run_plan(plan, colorizer=colorizer, options=options, on_event=on_event, **changes)
    save_report(result, plan, home)
    if result.stopped is not None and result.stopped.code == "batch.interrupted":
        raise KeyboardInterrupt
    return result


def save_report(result: Report, plan: Plan | StoredPlan, home: Path | None) -> str | None:
    """Writes a run's report to ``home``, or else where its plan says; returns where it is.

    Raises:
        StoreError, WriteError: it cannot be written.
    """
    place = home or plan.report
    if isinstance(place, str):
        open_store(place).write(place, result.to_json().encode("ascii"), overwrite=True)
    elif place is not None:
        result.save(place)
    return None if place is None else str(place)


@renamed_keywords("run_plan")
def run_plan(
    plan: Plan | StoredPlan,
    *,
    colorizer: "Colorizer",
    options: ColorizeOptions | None = None,
    batch_options: BatchOptions | None = None,
    stop: threading.Event | None = None,
    on_event: Callable[[Event], None] | None = None,
    on_page: Callable[[Job, int, int], None] | None = None,
    **changes: Unpack[BatchKeywords],
) -> Report:
    """Carries out a plan; see :func:`colorize_files`.

    Args:
        plan: from :func:`~photochrom.batch.plan.plan_jobs`, :func:`~photochrom.batch.stored.plan.plan_stored_jobs` or
            :func:`~photochrom.batch.shards.plan.plan_shards`.
        colorizer: as there.
        options: as there.
        batch_options: how the work is done; None for the defaults.
        stop: set it, from a signal handler or another thread, to end the run after the photos it is working on.
        on_event: as there.
        on_page: called before each page of a file that is coloured here, with how many are done, and how many there
            are; in any thread. For shards, with their photos in place of pages; not for photos by their addresses.
        changes: fields of ``batch_options`` that are otherwise.

    Returns:
        What was done. Its ``stopped`` says why the run ended early, if it did. A first KeyboardInterrupt ends the run
        the same way as ``stop``; a second one is passed on at once.

    Raises:
        OptionError: an option is out of range, there are hints for more than one picture, the reference has no colours,
            or the network, or what the photos lie in, cannot do what is asked.
        InputError: the reference cannot be read; its subclasses say why.
        WriteError, StoreError: the output folder cannot be written.
        MissingDependencyError, OutputError: Ray is not installed, or the cluster cannot be reached.
    """
    chosen = resolve_batch_options(batch_options, changes)
    options = options or ColorizeOptions()
    if options.hints and plan.many:
        raise OptionError("batch.hints_for_many")
    if chosen.beside.confidence and "confidence" not in colorizer.card.outputs:
        raise OptionError("batch.no_confidence", model=colorizer.name)
    reference = None if options.reference is None else _open_reference(options.reference, colorizer)
    settings = Settings(card=colorizer.card, options=options, max_pixels=chosen.max_pixels)
    start = time.perf_counter()
    run = Run(len(plan.jobs), on_event or _ignore)
    stop = stop or threading.Event()
    if isinstance(plan, ShardPlan):
        jobs = color_shards(
            run,
            plan,
            colorizer=colorizer,
            settings=settings,
            reference=reference,
            batch_options=chosen,
            stop=stop,
            on_page=on_page,
        )
    elif isinstance(plan, StoredPlan):
        jobs = color_stored_photos(
            run, plan, colorizer=colorizer, settings=settings, reference=reference, batch_options=chosen, stop=stop
        )
    else:
        open_renderer = partial(_open_local_renderer, on_page=on_page, ahead=plan.ahead)
        opened = open_cluster_renderer if chosen.backend == "ray" else open_renderer
        with (
            opened(colorizer, settings, reference=reference, beside=chosen.beside) as renderer,
            JobRunner(
                plan, settings=settings, beside=chosen.beside, render=renderer.render, in_flight=renderer.in_flight
            ) as runner,
        ):
            tasks = select_tasks(runner, plan, resume=chosen.resume, overwrite=chosen.overwrite, settle=run.settle)
            jobs = min(chosen.jobs or renderer.processors, max(1, len(tasks)))
            run.carry_out(runner, tasks, jobs, stop)
    seconds = time.perf_counter() - start
    return build_report(plan, settings, run.files, jobs=jobs, seconds=seconds, stopped=run.stopped, inside=run.inside)


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


def _open_reference(path: str | Path, colorizer: "Colorizer") -> Picture:
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
        #: photos of shards that failed, by the shard's job
        self.inside: dict[int, list[FileReport]] = {}
        self.stopped: PhotochromError | None = None
        self._total = total
        self._on_event = on_event

    def settle(self, settled: Outcome) -> None:
        """Takes down that one more job is over."""
        self.files[settled.index] = settled.file
        if settled.fatal is not None and self.stopped is None:
            self.stopped = settled.fatal
        self._on_event(Event(settled.file, len(self.files), self._total, settled.error))
        for inner in settled.inside:
            self.inside.setdefault(settled.index, []).append(inner.file)
            self._on_event(Event(inner.file, len(self.files), self._total, inner.error, inside=True))

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
