"""The process that does the jobs: ``photochrom worker``, or the one that ``photochrom serve`` brings with it."""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from photochrom.system.processes import watch_parent
from photochrom.web.colorize_service import ColorizeService
from photochrom.web.config import Site
from photochrom.web.jobs.cleanup import Sweeper
from photochrom.web.jobs.queue import Queue, default_queue
from photochrom.web.jobs.repository import Jobs
from photochrom.web.jobs.runner import JobRunner
from photochrom.web.limits import Limits
from photochrom.web.storage.photos import PhotoStore
from photochrom.web.storage.store import Store, default_location

__all__ = ["run_worker"]

#: seconds between sweeps of the store
_SWEEP = 3.0
#: seconds the job in work has to be handed back in when the worker is told to stop
_HANDING_BACK = 8.0
#: how much others go before: a person waits for a photo, nobody watches a film being made
_NICE = 5


def run_worker(*, device: str = "auto", ready: Callable[[], None] | None = None) -> None:
    """Do jobs until told to stop by SIGINT or SIGTERM; the one in work then goes back into the queue.

    Args:
        device: films and photos are coloured on.
        ready: called when it waits for jobs.

    Raises:
        OptionError: the store or the queue cannot be used.
        MissingDependencyError: the ``web`` extra is not installed.
    """
    logging.basicConfig(level=logging.WARNING, format="photochrom: %(message)s", stream=sys.stderr)
    for part in ("Worker", "Scheduler"):
        logging.getLogger(f"huey.consumer.{part}").addFilter(_shorten)
    limits, store = Limits.from_environment(), Store(default_location())
    album = PhotoStore(store, limits)
    laborer: list[JobRunner] = []
    queue = Queue(default_queue(store), lambda client, job, turn: laborer[0].work(client, job, turn))
    jobs = Jobs(store, queue, limits)
    models = Site.received().models
    laborer.append(JobRunner(jobs, album, ColorizeService(limits.hints, models, device, lambda: True), limits))
    sweeper = Sweeper(store, album, jobs, limits)
    consumer: Any = queue.huey.create_consumer(workers=1, periodic=False, max_delay=1.0, initial_delay=0.1)
    told = threading.Event()
    consumer.start()

    def stop(number: int, frame: FrameType | None) -> None:
        told.set()

    # the consumer has set its own, which would not wait for a job to be handed back
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    if hasattr(os, "nice"):
        os.nice(_NICE)
    if ready is not None:
        ready()
    watch_parent(told.set)
    sweeper.start(_SWEEP)
    while not told.wait(5.0):
        consumer.check_worker_health()
    laborer[0].stop.set()
    sweeper.stop()
    consumer.stop_flag.set()
    for _, thread in consumer.worker_threads:
        thread.join(_HANDING_BACK)


def _shorten(record: logging.LogRecord) -> bool:
    """A queue that does not answer is told in a line, not with a page of where in huey it was found out."""
    if record.exc_info is not None:
        record.msg, record.args = f"{record.getMessage()}: {record.exc_info[1]}", ()
        record.exc_info = None
    return True


if __name__ == "__main__":
    run_worker(device=Site.received().device)
