"""What runs in the processes of a cluster: photos are read, coloured and written, each by actors of their own.

A table of Apache Arrow goes from stage to stage, with a row a photo: its task, and what has become of it so far.
"""

import pickle
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from photochrom.batch.output import PhotoRenderer
from photochrom.batch.photo_task import Outcome, to_ours
from photochrom.batch.saving import Saving
from photochrom.batch.sidecars import Settings, Sidecars
from photochrom.batch.stored.cluster_watch import OPENING
from photochrom.batch.stored.marks import OutputMarks
from photochrom.batch.stored.outcomes import fail, succeed
from photochrom.batch.stored.plan import StoredPlan
from photochrom.batch.stored.select import StoredTask
from photochrom.batch.stored.stage import PhotoBytes, ResultBytes, color_bytes, deliver, fetch
from photochrom.colorizer import Colorizer
from photochrom.errors import OutputError, PhotochromError
from photochrom.image_io import Picture
from photochrom.registry import Model, find_model
from photochrom.system.ray_cluster import RETRIES
from photochrom.system.stores import StoreSet

__all__ = ["ClusterWork", "Colorist", "Reader", "Writer"]

#: photos that one process reads or writes at the same time
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


class Reader:
    """Reads photos in a process of the cluster."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(_THREADS)

    def __call__(self, table: Any) -> Any:
        """Returns the photos, or what is wrong with them."""
        return _pack(list(self._pool.map(self._read, table["task"])))

    def _read(self, packed: Any) -> tuple[StoredTask, _Passed]:
        task: StoredTask = pickle.loads(packed.as_buffer())
        return task, _timed(lambda: fetch(_stores, task), 0.0)


class Colorist:
    """Colours photos in a process of the cluster, which opens the network once."""

    def __init__(self, handed: list[Any]) -> None:
        import ray

        self._work: ClusterWork = ray.get(handed[0])
        self._ledger = handed[1]
        ray.get(self._ledger.begin.remote(OPENING))
        colorizer = Colorizer(self._work.model, device=self._work.device, threads=1)
        ray.get(self._ledger.end.remote(OPENING))
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


class Writer:
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
