"""The shards of a plan coloured: here, or each on a machine of a Ray cluster."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from photochrom.batch.options import BatchOptions
from photochrom.batch.output import PhotoRenderer
from photochrom.batch.photo_task import Outcome
from photochrom.batch.plan import Job
from photochrom.batch.shards.cluster import color_shards_on_cluster
from photochrom.batch.shards.coloring import ShardColorist, StoppedError, color_shard
from photochrom.batch.shards.plan import ShardPlan
from photochrom.batch.sidecars import Settings, Sidecars
from photochrom.batch.stored.cluster import check_for_cluster
from photochrom.batch.stored.cluster_stages import ClusterWork
from photochrom.batch.stored.outcomes import StoreWatch, fail, succeed
from photochrom.batch.stored.select import StoredTask, begin_stored_tasks
from photochrom.colorizer import Colorizer, count_processors
from photochrom.errors import OptionError
from photochrom.image_io import Picture
from photochrom.system.admission import PixelGate
from photochrom.system.stores import StoreSet

if TYPE_CHECKING:
    from photochrom.batch.runner import Run

__all__ = ["color_shards"]

#: while one comes or goes, the other is coloured
_SHARDS_AT_ONCE = 2


def color_shards(
    run: "Run",
    plan: ShardPlan,
    *,
    colorizer: Colorizer,
    settings: Settings,
    reference: Picture | None,
    batch_options: BatchOptions,
    stop: threading.Event,
    on_page: Callable[[Job, int, int], None] | None,
) -> int:
    """Colours the shards of a plan that are not finished; a shard that is stopped in its middle is not written.

    Args:
        run: gets the outcomes, as they come.
        plan: what is to be coloured.
        colorizer: the network.
        settings: how photos are coloured.
        reference: the photo that gives colours, open.
        batch_options: how the work is done.
        stop: ends the run.
        on_page: called after each photo with how many of its shard are done, and how many it holds; in any thread.

    Returns:
        Photos that were coloured at the same time; 0 where none was left to do, and the number was not asked for.

    Raises:
        OptionError: files beside the results are asked for, or a cluster cannot do what is planned.
        StoreError: the output cannot be listed or written.
        MissingDependencyError, OutputError: Ray is not installed, or the cluster cannot be reached.
    """
    if batch_options.backend == "ray":
        check_for_cluster(plan)
    if batch_options.beside != Sidecars():
        raise OptionError("shards.unsuitable", what="What is written beside each photo")
    tasks = begin_stored_tasks(plan, settings, batch_options, settle=run.settle)
    if not tasks:
        return batch_options.jobs or 0
    if batch_options.backend == "ray":
        work = ClusterWork.of_plan(plan, colorizer, settings, reference=reference, beside=batch_options.beside)
        return color_shards_on_cluster(run, work, plan.suffix, tasks, jobs=batch_options.jobs, stop=stop)
    jobs = batch_options.jobs or count_processors()
    renderer = PhotoRenderer(colorizer, settings, reference=reference, beside=batch_options.beside)
    gate = None if renderer.in_flight is None else PixelGate(renderer.in_flight)
    pool = ThreadPoolExecutor(jobs, thread_name_prefix="photochrom-shards")
    try:
        colorist = ShardColorist(renderer, pool, jobs, plan.saving, plan.suffix, gate)
        runner = _ShardRunner(plan, colorist, model=colorizer.name, on_page=on_page)
        run.carry_out(runner, tasks, min(_SHARDS_AT_ONCE, len(tasks)), stop)
    finally:
        # a second interrupt need not wait
        pool.shutdown(wait=False, cancel_futures=True)
    return jobs


class _ShardRunner:
    """Colours shards here. Its method may run in several threads at once."""

    def __init__(
        self,
        plan: ShardPlan,
        colorist: ShardColorist,
        *,
        model: str,
        on_page: Callable[[Job, int, int], None] | None,
    ) -> None:
        self._output, self._colorist, self._model, self._on_page = plan.output, colorist, model, on_page
        self._stores, self._watch = StoreSet(), StoreWatch()

    def colorize(self, task: StoredTask, stop: threading.Event) -> Outcome | None:
        """Colours one shard; None where the run was stopped before its end."""
        job = task.job
        shown = Job(Path(job.source.address), Path(job.target), job.name, Path())

        def tell(done: int, photos: int) -> None:
            if self._on_page is not None:
                self._on_page(shown, done, photos)

        try:
            record, failures = color_shard(
                self._colorist, self._stores, task, output=self._output, stop=stop, on_photo=tell
            )
        except StoppedError:
            return None
        except Exception as exception:  # one bad shard must not end the run, whatever it does to the libraries
            return self._watch.look(fail(task.index, job, exception, model=self._model))
        return self._watch.look(succeed(task.index, job, record, model=self._model, failures=failures))
