"""Colours photos by their addresses on the machines of a Ray cluster, as one stream of Ray Data.

Three stages work at the same time: actors read photos, others that hold the network colour them, others write results.
Ray Data keeps as much between them as its memory allows, brings back what a lost machine had, and begins its work
anew elsewhere. A photo that takes its process down with it is tried a bounded number of times, then reported; the
counting is done by an actor of its own, which outlives the others. No folder is shared: photos and results go between
the machines and the stores, and the driver sees one small row a photo.
"""

import logging
import pickle
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from photochrom.batch.output import PhotoRenderer
from photochrom.batch.photo_task import Outcome, to_ours
from photochrom.batch.saving import Saving
from photochrom.batch.sidecars import Settings, Sidecars
from photochrom.batch.stored.marks import OutputMarks
from photochrom.batch.stored.outcomes import StoreWatch, fail, succeed
from photochrom.batch.stored.plan import StoredPlan
from photochrom.batch.stored.select import StoredTask
from photochrom.batch.stored.stage import PhotoBytes, ResultBytes, color_bytes, deliver, fetch
from photochrom.colorizer import Colorizer
from photochrom.errors import MissingDependencyError, OptionError, OutputError, PhotochromError
from photochrom.image_io import Picture
from photochrom.registry import Model, find_model
from photochrom.system.ray_cluster import RETRIES, connect_ray, explain_ray_error, open_crash_ledger
from photochrom.system.stores import StoreSet, get_scheme

if TYPE_CHECKING:
    from photochrom.batch.runner import Run

__all__ = ["ClusterWork", "check_for_cluster", "color_on_cluster"]

#: photos in a block of Ray Data, at most: what goes from stage to stage at once
_BLOCK = 8
#: photos that one task reads or writes at the same time
_THREADS = 4
#: in a process of the cluster
_stores = StoreSet()


@dataclass(frozen=True, eq=False, kw_only=True)
class ClusterWork:
    """What all photos of a run have in common; sent to each machine once.

    Attributes:
        model: the network.
        device: where it runs.
        settings: how photos are coloured.
        reference: the photo that gives colours, open.
        beside: what is written beside each result.
        saving: how results are saved.
        output: the folder of all results; None for a single photo.
    """

    model: Model
    device: str
    settings: Settings
    reference: Picture | None
    beside: Sidecars
    saving: Saving
    output: str | None

    @classmethod
    def of_plan(
        cls, plan: StoredPlan, colorizer: Colorizer, settings: Settings, *, reference: Picture | None, beside: Sidecars
    ) -> "ClusterWork":
        """Returns the work of a plan with a network that is open here and is opened anew on each machine."""
        return cls(
            model=find_model(colorizer.path),
            device=colorizer.wanted_device,
            settings=settings,
            reference=reference,
            beside=beside,
            saving=plan.saving,
            output=plan.output,
        )


@dataclass(frozen=True, eq=False)
class _Passed:
    """What goes from stage to stage: a photo, its result, or why there is none; and the seconds taken so far."""

    content: PhotoBytes | ResultBytes | PhotochromError
    seconds: float


def check_for_cluster(plan: StoredPlan) -> None:
    """Refuses what machines cannot do for each other: a disk is that of one of them, and so is its memory.

    Raises:
        OptionError: an address means another place on each machine, or results are to be signed.
    """
    for address in (plan.jobs[0].target, *(job.source.address for job in plan.jobs)):
        if get_scheme(address) in (None, "memory"):
            raise OptionError("store.not_shared", path=address)
    if plan.saving.signer is not None:
        # the key would have to travel
        raise OptionError("store.unsuitable", what="Signing on a cluster")


def color_on_cluster(
    run: "Run", work: ClusterWork, tasks: Sequence[StoredTask], *, jobs: int | None, stop: threading.Event
) -> int:
    """Colours photos on the cluster of ``RAY_ADDRESS``, or on one begun here.

    Args:
        run: gets the outcomes, as they come.
        work: what the photos have in common.
        tasks: what is to be coloured.
        jobs: photos coloured at the same time, at most; None for all the cluster can.
        stop: ends the run; what is in work then is left to the next.

    Returns:
        Photos that were coloured at the same time when the run began.

    Raises:
        MissingDependencyError: Ray, or what its data part needs, is not installed.
        OutputError: the cluster cannot be reached.
    """
    with connect_ray("Sharing photos among machines") as ray, _quiet_data() as data:
        processors = max(1, int(ray.cluster_resources().get("CPU", 1)))
        at_once = min(jobs or processors, processors, len(tasks))
        rows = _stream(ray, data, work, tasks, at_once, jobs)
        watch = StoreWatch()
        try:
            for row in rows:
                run.settle(watch.look(pickle.loads(row["outcome"])))
                if stop.is_set() or run.stopped is not None:
                    break
        except KeyboardInterrupt:
            if stop.is_set():
                raise
            stop.set()
        except ray.exceptions.RayError as error:
            explained = explain_ray_error(ray, error, "the photos in work")
            run.stopped = (
                explained
                if isinstance(explained, PhotochromError)
                else OutputError(
                    "system.cluster_lost", task="the photos in work", attempts=RETRIES + 1, reason=str(explained)
                )
            )
        finally:
            rows.close()
        if stop.is_set() and run.stopped is None:
            run.stopped = PhotochromError("batch.interrupted")
        return at_once


def _stream(
    ray: Any, data: Any, work: ClusterWork, tasks: Sequence[StoredTask], at_once: int, most: int | None
) -> Generator[Any, None, None]:
    """Yields a row a photo as photos are done, in any order."""
    shared = ray.put(work)
    ledger = open_crash_ledger(ray)
    size = max(1, min(_BLOCK, len(tasks) // (4 * at_once)))
    rows = [{"task": pickle.dumps(task)} for task in tasks]
    # never fewer than at first: Ray Data ends actors that have waited, and an actor takes seconds to open the network
    pool = data.ActorPoolStrategy(min_size=at_once, max_size=most)
    # actors, too: Ray ends processes of tasks after a second without work, and a new one imports for seconds
    carriers = data.ActorPoolStrategy(size=max(1, (at_once + 1) // 2))
    dataset = (
        data.from_items(rows, override_num_blocks=-(-len(rows) // size))
        # carriers wait for the network and need no processor of their own
        .map_batches(_Reader, batch_format="pyarrow", batch_size=None, num_cpus=0, compute=carriers)
        .map_batches(
            _Colorist,
            batch_format="pyarrow",
            batch_size=None,
            num_cpus=1,
            num_gpus=1 if work.device == "cuda" else None,
            compute=pool,
            fn_constructor_args=[[shared, ledger]],
        )
        .map_batches(
            _Writer,
            batch_format="pyarrow",
            batch_size=None,
            num_cpus=0,
            compute=carriers,
            fn_constructor_args=[[shared]],
        )
    )
    yield from dataset.iter_rows()


class _Colorist:
    """Colours photos in a process of the cluster, which opens the network once."""

    def __init__(self, handed: list[Any]) -> None:
        import ray

        self._work: ClusterWork = ray.get(handed[0])
        self._ledger = handed[1]
        colorizer = Colorizer(self._work.model, device=self._work.device, threads=1)
        self._renderer = PhotoRenderer(
            colorizer, self._work.settings, reference=self._work.reference, beside=self._work.beside
        )

    def __call__(self, table: Any) -> Iterator[Any]:
        """Yields a photo's result, or what is wrong with it, at a time."""
        for task, passed in _unpack(table):
            yield _pack([(task, self._colorize(task, passed))])

    def _colorize(self, task: StoredTask, passed: _Passed) -> _Passed:
        import ray

        if not isinstance(passed.content, PhotoBytes):
            return passed
        lost = ray.get(self._ledger.begin.remote(task.index))
        if lost > RETRIES:
            error = OutputError("system.worker_killed", attempts=lost)
            return _Passed(error, passed.seconds)
        photo = passed.content
        done = _timed(lambda: color_bytes(self._renderer, task, photo, self._work.saving), passed.seconds)
        ray.get(self._ledger.end.remote(task.index))
        return done


class _Reader:
    """Reads photos in a process of the cluster."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(_THREADS)

    def __call__(self, table: Any) -> Any:
        """Returns the photos, or what is wrong with them."""
        return _pack(list(self._pool.map(self._read, table["task"])))

    def _read(self, packed: Any) -> tuple[StoredTask, _Passed]:
        task: StoredTask = pickle.loads(packed.as_buffer())
        return task, _timed(lambda: fetch(_stores, task), 0.0)


class _Writer:
    """Writes results in a process of the cluster."""

    def __init__(self, handed: list[Any]) -> None:
        import ray

        self._work: ClusterWork = ray.get(handed[0])
        self._pool = ThreadPoolExecutor(_THREADS)

    def __call__(self, table: Any) -> Any:
        """Returns what became of each photo."""
        import pyarrow

        outcomes = [pickle.dumps(outcome) for outcome in self._pool.map(self._write, _unpack(table))]
        return pyarrow.table({"outcome": pyarrow.array(outcomes, pyarrow.large_binary())})

    def _write(self, row: tuple[StoredTask, _Passed]) -> Outcome:
        task, passed = row
        model = self._work.settings.card.name
        if isinstance(passed.content, PhotochromError):
            return fail(task.index, task.job, passed.content, model=model, seconds=passed.seconds)
        assert isinstance(passed.content, ResultBytes)
        record = replace(passed.content.record, seconds=passed.seconds)
        store = _stores.get(task.job.target)
        marks = None if self._work.output is None else OutputMarks(store, self._work.output)
        try:
            deliver(store, marks, task, passed.content, record)
        except Exception as error:  # one bad file must not end the run, whatever it does to the libraries
            return fail(task.index, task.job, error, model=model, seconds=passed.seconds)
        return succeed(task.index, task.job, record, model=model)


def _timed(work: Callable[[], PhotoBytes | ResultBytes], before: float) -> _Passed:
    start = time.perf_counter()
    content: PhotoBytes | ResultBytes | PhotochromError
    try:
        content = work()
    except Exception as error:  # as above
        content = to_ours(error)
    return _Passed(content, before + time.perf_counter() - start)


def _pack(rows: Sequence[tuple[StoredTask, _Passed]]) -> Any:
    import pyarrow

    columns = {
        "task": [pickle.dumps(task) for task, _ in rows],
        "passed": [pickle.dumps(passed, protocol=5) for _, passed in rows],
    }
    return pyarrow.table({name: pyarrow.array(column, pyarrow.large_binary()) for name, column in columns.items()})


def _unpack(table: Any) -> Iterator[tuple[StoredTask, _Passed]]:
    for task, passed in zip(table["task"], table["passed"], strict=True):
        yield pickle.loads(task.as_buffer()), pickle.loads(passed.as_buffer())


@contextmanager
def _quiet_data() -> Iterator[Any]:
    """Gives the module ``ray.data``, which says nothing by itself meanwhile."""
    try:
        import pyarrow  # noqa: F401 (Ray says so only in the middle of a run)
        import ray.data as data
    except ImportError as error:
        raise MissingDependencyError("Sharing photos among machines", "ray") from error
    context = data.DataContext.get_current()
    before = context.enable_progress_bars
    logger = logging.getLogger("ray.data")
    level = logger.level
    context.enable_progress_bars = False
    logger.setLevel(logging.ERROR)
    try:
        yield data
    finally:
        context.enable_progress_bars = before
        logger.setLevel(level)
