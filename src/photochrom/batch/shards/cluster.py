"""Colours shards on the machines of a Ray cluster: each is a task, from reading to writing.

A shard is large enough to be a unit by itself, so photos do not travel between machines. One whose machine is lost is
begun again elsewhere. A photo that takes its process down with it is known by an actor that outlives it, and is left
out when the shard is begun again.
"""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from photochrom.batch.output import PhotoRenderer
from photochrom.batch.photo_task import Outcome, to_ours
from photochrom.batch.shards.coloring import ShardColorist, color_shard
from photochrom.batch.stored.cluster_stages import ClusterWork
from photochrom.batch.stored.outcomes import StoreWatch, fail, succeed
from photochrom.batch.stored.select import StoredTask
from photochrom.colorizer import Colorizer
from photochrom.errors import OutputError, PhotochromError
from photochrom.system.ray_cluster import connect_ray, explain_ray_error, open_crash_ledger
from photochrom.system.stores import StoreSet

if TYPE_CHECKING:
    from photochrom.batch.runner import Run

__all__ = ["color_shards_on_cluster"]

#: in a process of the cluster: the network it has open, by checksum and device
_opened: dict[tuple[str, str], Colorizer] = {}
#: how often a shard is begun, which leaves room for several photos that kill, and a photo in it
_SHARD_TRIES, _PHOTO_TRIES = 12, 2
_stores = StoreSet()


def color_shards_on_cluster(
    run: "Run",
    work: ClusterWork,
    suffix: str | None,
    tasks: Sequence[StoredTask],
    *,
    jobs: int | None,
    stop: threading.Event,
) -> int:
    """Colours shards on the cluster of ``RAY_ADDRESS``, or on one begun here.

    Args:
        run: gets the outcomes, as they come.
        work: what the photos have in common.
        suffix: of all results in the shards; None for that of each photo.
        tasks: what is to be coloured.
        jobs: shards coloured at the same time, at most; None for all the cluster can.
        stop: ends the run; shards in work then are left to the next.

    Returns:
        Shards that were coloured at the same time when the run began.

    Raises:
        MissingDependencyError: Ray is not installed.
        OutputError: the cluster cannot be reached.
    """
    with connect_ray("Sharing shards among machines") as ray:
        processors = max(1, int(ray.cluster_resources().get("CPU", 1)))
        at_once = min(jobs or processors, processors, len(tasks))
        gpus = 1 if work.device == "cuda" else None
        remote = ray.remote(num_cpus=1, num_gpus=gpus, max_retries=_SHARD_TRIES - 1)(_color)
        ledger = open_crash_ledger(ray)
        shared, watch, waiting = ray.put(work), StoreWatch(), iter(tasks)
        running: dict[Any, StoredTask] = {}
        try:
            while run.stopped is None and not stop.is_set():
                # the places first: a task that is taken from the list is begun
                places = range(at_once - len(running))
                begun = [task for _, task in zip(places, waiting, strict=False)]
                running |= {remote.remote(shared, ledger, suffix, task): task for task in begun}
                if not running:
                    break
                ready, _ = ray.wait(list(running), num_returns=1, timeout=0.2)
                for reference in ready:
                    run.settle(watch.look(_collect(ray, reference, running.pop(reference), work)))
        except KeyboardInterrupt:
            if stop.is_set():
                raise
            stop.set()
        finally:
            for reference in running:
                ray.cancel(reference, force=True)
        if stop.is_set() and run.stopped is None:
            run.stopped = PhotochromError("batch.interrupted")
        return at_once


def _collect(ray: Any, reference: Any, task: StoredTask, work: ClusterWork) -> Outcome:
    try:
        outcome: Outcome = ray.get(reference)
    except ray.exceptions.RayError as error:
        lost = to_ours(explain_ray_error(ray, error, f"'{task.job.source.address}'", attempts=_SHARD_TRIES))
        return fail(task.index, task.job, lost, model=work.settings.card.name)
    return outcome


def _color(work: ClusterWork, ledger: Any, suffix: str | None, task: StoredTask) -> Outcome:
    """Colours a shard in a process of the cluster."""
    import ray

    @contextmanager
    def watch(label: str) -> Iterator[None]:
        photo = task.index, label
        lost = ray.get(ledger.begin.remote(photo))
        if lost >= _PHOTO_TRIES:
            raise OutputError("system.worker_killed", attempts=lost)
        try:
            yield
        finally:
            ray.get(ledger.end.remote(photo))

    model = work.settings.card.name
    key = (work.settings.card.sha256, work.device)
    try:
        if key not in _opened:
            _opened[key] = Colorizer(work.model, device=work.device, threads=1)
        renderer = PhotoRenderer(_opened[key], work.settings, reference=work.reference, beside=work.beside)
        with ThreadPoolExecutor(1) as pool:
            colorist = ShardColorist(renderer, pool, 1, work.saving, suffix, watch=watch)
            record, failures = color_shard(
                colorist, _stores, task, output=work.output, stop=threading.Event(), on_photo=_ignore
            )
    except Exception as error:  # one bad shard must not end the run, whatever it does to the libraries
        return fail(task.index, task.job, error, model=model)
    return succeed(task.index, task.job, record, model=model, failures=failures)


def _ignore(done: int, photos: int) -> None:
    pass
