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
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from photochrom.batch.stored.cluster_stages import ClusterWork, Colorist, Reader, Writer
from photochrom.batch.stored.cluster_watch import ClusterWatch
from photochrom.batch.stored.outcomes import StoreWatch
from photochrom.batch.stored.plan import StoredPlan
from photochrom.batch.stored.select import StoredTask
from photochrom.errors import MissingDependencyError, OptionError, OutputError, PhotochromError
from photochrom.system.ray_cluster import RETRIES, connect_ray, explain_ray_error, open_crash_ledger
from photochrom.system.stores import get_scheme

if TYPE_CHECKING:
    from photochrom.batch.runner import Run

__all__ = ["check_for_cluster", "color_on_cluster"]

#: photos in a block of Ray Data, at most: what goes from stage to stage at once
_BLOCK = 8


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
        ledger = open_crash_ledger(ray)
        store, cluster = StoreWatch(), ClusterWatch(ray, ledger, at_once)
        data.DataContext.get_current().custom_execution_callback_classes = [cluster.as_callback()]
        rows = _stream(ray, data, work, tasks, ledger, at_once, jobs)
        try:
            for row in rows:
                cluster.renew()
                run.settle(store.look(pickle.loads(row["outcome"])))
                if stop.is_set() or run.stopped is not None:
                    break
        except KeyboardInterrupt:
            if stop.is_set():
                raise
            stop.set()
        except OutputError as error:
            run.stopped = error
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
    ray: Any, data: Any, work: ClusterWork, tasks: Sequence[StoredTask], ledger: Any, at_once: int, most: int | None
) -> Generator[Any, None, None]:
    """Yields a row a photo as photos are done, in any order."""
    shared = ray.put(work)
    size = max(1, min(_BLOCK, len(tasks) // (4 * at_once)))
    rows = [{"task": pickle.dumps(task)} for task in tasks]
    # never fewer than at first: Ray Data ends actors that have waited, and an actor takes seconds to open the network
    pool = data.ActorPoolStrategy(min_size=at_once, max_size=most)
    # actors, too: Ray ends processes of tasks after a second without work, and a new one imports for seconds
    carriers = data.ActorPoolStrategy(size=max(1, (at_once + 1) // 2))
    dataset = (
        data.from_items(rows, override_num_blocks=-(-len(rows) // size))
        # carriers wait for the network and need no processor of their own
        .map_batches(Reader, batch_format="pyarrow", batch_size=None, num_cpus=0, compute=carriers)
        .map_batches(
            Colorist,
            batch_format="pyarrow",
            batch_size=None,
            num_cpus=1,
            num_gpus=1 if work.device == "cuda" else None,
            compute=pool,
            fn_constructor_args=[[shared, ledger]],
        )
        .map_batches(
            Writer,
            batch_format="pyarrow",
            batch_size=None,
            num_cpus=0,
            compute=carriers,
            fn_constructor_args=[[shared]],
        )
    )
    yield from dataset.iter_rows()


@contextmanager
def _quiet_data() -> Iterator[Any]:
    """Gives the module ``ray.data``, which says nothing by itself meanwhile."""
    try:
        import pyarrow  # noqa: F401 (Ray says so only in the middle of a run)
        import ray.data as data
    except ImportError as error:
        raise MissingDependencyError("Sharing photos among machines", "ray") from error
    context = data.DataContext.get_current()
    before = context.enable_progress_bars, context.custom_execution_callback_classes
    logger = logging.getLogger("ray.data")
    level = logger.level
    context.enable_progress_bars = False
    # what goes wrong is raised, too
    logger.setLevel(logging.CRITICAL)
    try:
        yield data
    finally:
        context.enable_progress_bars, context.custom_execution_callback_classes = before
        logger.setLevel(level)
