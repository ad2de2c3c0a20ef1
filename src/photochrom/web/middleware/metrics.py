"""Metrics for Prometheus: requests, time spent colouring, what waits, what is refused, what is stored.

Counters of one machine's processes add up through ``PROMETHEUS_MULTIPROC_DIR``, which ``photochrom serve`` sets; what
the storage and the queue tell is read at each request for them. No label holds a name or an id of a photo.
"""

import logging
import os
import time
from collections import Counter as Tally
from collections.abc import Iterator
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from photochrom.web.jobs.cleanup import list_clients
from photochrom.web.jobs.queue import QueueUnavailableError
from photochrom.web.jobs.repository import JobRepository
from photochrom.web.middleware.counters import BUSY, COLORING, REJECTED, REQUESTS, SECONDS, WAITING

__all__ = ["MetricsCollector", "MetricsMiddleware"]

_log = logging.getLogger("photochrom.web.access")


class MetricsMiddleware:
    """Counts and times requests, and writes the access log, in which addresses stand without ids.

    Args:
        app: what answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status = time.perf_counter(), 0

        async def note_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, note_status)
        finally:
            seconds, route = time.perf_counter() - begun, _route(scope)
            REQUESTS.labels(scope["method"] if status != 405 else "other", route, str(status)).inc()
            # an event stream is open as long as a job takes, which says nothing of the service
            if not route.endswith("/events"):
                SECONDS.labels(route).observe(seconds)
            if status in (429, 503, 507):
                REJECTED.labels(str(status)).inc()
            _log.info("%s %s %s %.3f s", scope["method"], route, status, seconds)


class MetricsCollector:
    """Collects the metrics.

    Args:
        jobs: whose states are counted.
    """

    def __init__(self, jobs: JobRepository) -> None:
        self._jobs = jobs

    def render(self) -> bytes:
        """Returns the metrics in Prometheus' text format."""
        registry: Any = CollectorRegistry()
        if _is_shared():
            multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        else:
            for each in (REQUESTS, SECONDS, REJECTED, COLORING, BUSY, WAITING):
                registry.register(each)
        registry.register(self)
        return generate_latest(registry)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yields what the storage and the queue tell."""
        storage, tally = self._jobs.storage, Tally[str]()
        for client in list_clients(storage):
            tally.update(job.status for job in self._jobs.list(client))
        jobs = GaugeMetricFamily("photochrom_jobs", "JobRepository by how they stand.", labels=["status"])
        for status in ("queued", "running", "done", "failed", "cancelled"):
            jobs.add_metric([status], tally[status])
        yield jobs
        yield GaugeMetricFamily("photochrom_stored_bytes", "Bytes of photos, jobs and results.", storage.size())
        try:
            yield GaugeMetricFamily(
                "photochrom_queue_length", "JobRepository that wait in the queue.", self._jobs.queue.length()
            )
        except QueueUnavailableError:
            yield GaugeMetricFamily("photochrom_queue_length", "JobRepository that wait in the queue.", float("nan"))


def _is_shared() -> bool:
    return bool(os.environ.get("PROMETHEUS_MULTIPROC_DIR"))


def _route(scope: Scope) -> str:
    found = getattr(scope.get("route"), "path", None)
    return found if isinstance(found, str) and found else "other"
