"""The photos of a plan over addresses coloured: here, or on a cluster; a mark in the output after each.

More photos are read and written at the same time than are coloured, so that the network's waits cost no processor.
"""

import threading
from typing import TYPE_CHECKING

from photochrom.batch.options import BatchOptions
from photochrom.batch.output import PhotoRenderer
from photochrom.batch.sidecars import Settings
from photochrom.batch.stored.cluster import check_for_cluster, color_on_cluster
from photochrom.batch.stored.cluster_stages import ClusterWork
from photochrom.batch.stored.local import StoredRunner
from photochrom.batch.stored.plan import StoredPlan
from photochrom.batch.stored.select import begin_stored_tasks
from photochrom.colorizer import Colorizer, count_processors
from photochrom.errors import OptionError
from photochrom.image_io import Picture

if TYPE_CHECKING:
    from photochrom.batch.runner import Run

__all__ = ["color_stored_photos"]

#: photos read, waiting or being written for each that is coloured
_AHEAD = 3


def color_stored_photos(
    run: "Run",
    plan: StoredPlan,
    *,
    colorizer: Colorizer,
    settings: Settings,
    reference: Picture | None,
    batch_options: BatchOptions,
    stop: threading.Event,
) -> int:
    """Colours the photos of a plan that are not finished.

    Args:
        run: gets the outcomes, as they come.
        plan: what is to be coloured.
        colorizer: the network.
        settings: how photos are coloured.
        reference: the photo that gives colours, open.
        batch_options: how the work is done.
        stop: ends the run after the photos it is working on.

    Returns:
        Photos that were coloured at the same time; 0 where none was left to do, and the number was not asked for.

    Raises:
        OptionError: a project file is asked for, or a cluster cannot do what is planned.
        StoreError: the output cannot be listed or written.
        MissingDependencyError, OutputError: Ray is not installed, or the cluster cannot be reached.
    """
    beside, jobs = batch_options.beside, batch_options.jobs
    if batch_options.backend == "ray":
        check_for_cluster(plan)
    if beside.project:
        raise OptionError("store.unsuitable", what="A project file")
    tasks = begin_stored_tasks(plan, settings, batch_options, settle=run.settle)
    if not tasks:
        return jobs or 0
    if batch_options.backend == "ray":
        shared = ClusterWork.of_plan(plan, colorizer, settings, reference=reference, beside=beside)
        return color_on_cluster(run, shared, tasks, jobs=jobs, stop=stop)
    jobs = jobs or count_processors()
    renderer = PhotoRenderer(colorizer, settings, reference=reference, beside=beside)
    runner = StoredRunner(plan, renderer, model=colorizer.name, jobs=jobs)
    run.carry_out(runner, tasks, min(_AHEAD * jobs, len(tasks)), stop)
    return jobs
