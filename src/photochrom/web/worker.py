"""Runs the process that does the jobs: ``photochrom worker``, or the one that ``photochrom serve`` brings with it."""

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
from photochrom.web.config import ServiceConfig
from photochrom.web.jobs.cleanup import StorageSweeper
from photochrom.web.jobs.queue import JobQueue, find_queue_url
from photochrom.web.jobs.repository import JobRepository
from photochrom.web.jobs.runner import JobRunner
from photochrom.web.jobs.webhook_hosts import WebhookHosts
from photochrom.web.jobs.webhooks import WebhookSender
from photochrom.web.limits import Limits
from photochrom.web.storage.photos import PhotoStore
from photochrom.web.storage.store import Storage, find_storage_url

__all__ = ["run_worker"]

#: seconds between sweeps of the storage
_SWEEP = 3.0
#: seconds in which the job in work has to be handed back when the worker is to stop
_HANDING_BACK = 8.0
#: how much others go before: a person waits for a photo, nobody watches a video being made
_NICE = 5


def run_worker(*, device: str = "auto", ready: Callable[[], None] | None = None) -> None:
    """Does jobs until SIGINT or SIGTERM; the one in work then goes back into the queue.

    Args:
        device: that videos and photos are coloured on.
        ready: called when it waits for jobs.

    Raises:
        OptionError: the storage, the queue or the hosts of webhooks cannot be used.
        MissingDependencyError: the ``web`` extra is not installed.
    """
    logging.basicConfig(level=logging.WARNING, format="photochrom: %(message)s", stream=sys.stderr)
    for part in ("Worker", "Scheduler"):
        logging.getLogger(f"huey.consumer.{part}").addFilter(_shorten)
    limits, storage = Limits.from_environment(), Storage(find_storage_url())
    photos = PhotoStore(storage, limits)
    runners: list[JobRunner] = []
    queue = JobQueue(find_queue_url(storage), lambda client, job, turn: runners[0].run(client, job, turn))
    jobs = JobRepository(storage, queue, limits)
    models = ServiceConfig.from_environment().models
    runners.append(JobRunner(jobs, photos, ColorizeService(limits.hints, models, device, lambda: True), limits))
    sweeper = StorageSweeper(storage, photos, jobs, limits)
    webhooks = WebhookSender(jobs, WebhookHosts.from_environment())
    consumer: Any = queue.huey.create_consumer(workers=1, periodic=False, max_delay=1.0, initial_delay=0.1)
    ended = threading.Event()
    consumer.start()

    def end(number: int, frame: FrameType | None) -> None:
        ended.set()

    # the consumer has set its own, which would not wait for a job to be handed back
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    if hasattr(os, "nice"):
        os.nice(_NICE)
    if ready is not None:
        ready()
    watch_parent(ended.set)
    sweeper.start(_SWEEP)
    webhooks.start()
    while not ended.wait(5.0):
        consumer.check_worker_health()
    runners[0].stop.set()
    sweeper.stop()
    webhooks.stop()
    consumer.stop_flag.set()
    for _, thread in consumer.worker_threads:
        thread.join(_HANDING_BACK)


def _shorten(record: logging.LogRecord) -> bool:
    """Logs a queue that does not answer in a line, without the traceback through huey."""
    if record.exc_info is not None:
        record.msg, record.args = f"{record.getMessage()}: {record.exc_info[1]}", ()
        record.exc_info = None
    return True


if __name__ == "__main__":
    run_worker(device=ServiceConfig.from_environment().device)
