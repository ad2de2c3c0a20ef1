"""Keeps the storage in order: deletes what has expired, and requeues jobs whose worker was lost."""

import logging
import re
import threading
import time
from contextlib import suppress

from photochrom.web.errors import ApiError
from photochrom.web.jobs.queue import QueueUnavailableError
from photochrom.web.jobs.repository import FINAL, ORDER, RECORD, Job, JobRepository
from photochrom.web.limits import Limits
from photochrom.web.storage.photos import PhotoStore
from photochrom.web.storage.store import Storage
from photochrom.web.storage.videos import VideoStore

__all__ = ["StorageSweeper", "list_clients"]

_CLIENT = re.compile("[0-9a-f]{40}")
_log = logging.getLogger("photochrom.web")


def list_clients(storage: Storage) -> list[str]:
    """Returns the keys of the clients that have something in the storage."""
    return [name for name in storage.names() if _CLIENT.fullmatch(name)]


class StorageSweeper:
    """Sweeps one storage; several may, at the same time.

    Args:
        storage: what is swept.
        photos: forgets decoded photos that are gone.
        jobs: requeued where nobody works on them.
        limits: how long things are kept.
    """

    def __init__(self, storage: Storage, photos: PhotoStore, jobs: JobRepository, limits: Limits) -> None:
        self._storage, self._photos, self._jobs, self._limits = storage, photos, jobs, limits
        self._videos = VideoStore(storage, limits)
        self._stop = threading.Event()

    def start(self, every: float) -> None:
        """Sweeps now and every so many seconds, in a thread of its own, until :meth:`stop`."""
        threading.Thread(target=self._run, args=(every,), name="photochrom-sweep", daemon=True).start()

    def stop(self) -> None:
        """Ends sweeping."""
        self._stop.set()

    def sweep(self) -> None:
        """Sweeps once."""
        waiting = self._list_waiting()
        for client in list_clients(self._storage):
            for id_ in self._storage.names(f"{client}/jobs"):
                self._sweep_job(client, id_, waiting)
            for kind in ("photos", "videos"):
                for id_ in self._storage.names(f"{client}/{kind}"):
                    self._sweep_stored(f"{client}/{kind}/{id_}")
            for name in self._storage.names(f"{client}/keys"):
                self._sweep_key(f"{client}/keys/{name}")
        self._photos.sweep()

    def _run(self, every: float) -> None:
        while True:
            try:
                self.sweep()
            except Exception as error:  # of any file system; what could not be swept now is swept later
                _log.warning("the storage could not be swept: %s", error)
            if self._stop.wait(every):
                return

    def _list_waiting(self) -> set[str] | None:
        try:
            return set(self._jobs.queue.waiting())
        except QueueUnavailableError as error:
            _log.warning("the queue does not answer: %s", error)
            return None

    def _sweep_job(self, client: str, id_: str, waiting: set[str] | None) -> None:
        job = self._jobs.read(client, id_)
        now = time.time()
        if job is None:
            self._drop_leftover(f"{client}/jobs/{id_}")
        elif job.status in FINAL:
            if job.expires is None or job.expires < now:
                self._jobs.discard(job)
        else:
            self._keep_sources(job)
            silent = now - job.heard > self._limits.worker_timeout
            forgotten = job.status == "queued" and waiting is not None and id_ not in waiting
            if silent and (job.status == "running" or forgotten):
                try:
                    self._jobs.requeue(job)
                except QueueUnavailableError as error:
                    _log.warning("a job could not be requeued: %s", error)

    def _keep_sources(self, job: Job) -> None:
        """Keeps the photos and the video that a waiting job needs from expiring before it is done."""
        order = self._storage.read_json(f"{job.folder}/{ORDER}") or {}
        references = [each["photo"] for each in order.get("references", ())]
        for id_ in (*order.get("photos", ()), *references):
            # what was deleted by its owner, the job will tell
            with suppress(ApiError):
                self._photos.find(job.client, id_)
        if job.video is not None:
            with suppress(ApiError):
                self._videos.find(job.client, job.video)

    def _sweep_stored(self, place: str) -> None:
        found = self._storage.read_json(f"{place}/{RECORD}")
        if found is None:
            self._drop_leftover(place)
        elif found.get("expires", 0) < time.time():
            self._storage.remove(place)

    def _sweep_key(self, place: str) -> None:
        if self._storage.age(place) > self._limits.job_seconds:
            self._storage.remove(place)

    def _drop_leftover(self, place: str) -> None:
        """Deletes what was being stored when its process ended."""
        if self._storage.age(place) > self._limits.upload_seconds + 60:
            self._storage.remove(place)
