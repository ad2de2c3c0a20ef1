"""Keeps the store in order: deletes what has expired, and takes up jobs whose worker was lost."""

import logging
import re
import threading
import time

from photochrom.web.errors import ApiError
from photochrom.web.jobs.queue import QueueLostError
from photochrom.web.jobs.repository import FINAL, ORDER, RECORD, Job, Jobs
from photochrom.web.limits import Limits
from photochrom.web.storage.photos import PhotoStore
from photochrom.web.storage.store import Store

__all__ = ["Sweeper", "client_folders"]

_CLIENT = re.compile("[0-9a-f]{40}")
_log = logging.getLogger("photochrom.web")


def client_folders(store: Store) -> list[str]:
    """The keys of the clients that have something in the store."""
    return [name for name in store.names() if _CLIENT.fullmatch(name)]


class Sweeper:
    """Sweeps one store; several may, at the same time.

    Args:
        store: what is swept.
        album: forgets decoded photos that are gone.
        jobs: taken up where nobody works on them.
        limits: how long things are kept.
    """

    def __init__(self, store: Store, album: PhotoStore, jobs: Jobs, limits: Limits) -> None:
        self._store, self._album, self._jobs, self._limits = store, album, jobs, limits
        self._stop = threading.Event()

    def start(self, every: float) -> None:
        """Sweep now and every so many seconds, in a thread of its own, until :meth:`stop`."""
        threading.Thread(target=self._go_on, args=(every,), name="photochrom-sweep", daemon=True).start()

    def stop(self) -> None:
        """Sweep no more."""
        self._stop.set()

    def sweep(self) -> None:
        """Sweep once."""
        waiting = self._waiting()
        for client in client_folders(self._store):
            for id_ in self._store.names(f"{client}/jobs"):
                self._look_at_job(client, id_, waiting)
            for id_ in self._store.names(f"{client}/photos"):
                self._look_at_photo(client, id_)
        self._album.sweep()

    def _go_on(self, every: float) -> None:
        while True:
            try:
                self.sweep()
            except Exception as error:  # of any file system; what could not be swept now is swept later
                _log.warning("the store could not be swept: %s", error)
            if self._stop.wait(every):
                return

    def _waiting(self) -> set[str] | None:
        try:
            return set(self._jobs.queue.waiting())
        except QueueLostError as error:
            _log.warning("the queue does not answer: %s", error)
            return None

    def _look_at_job(self, client: str, id_: str, waiting: set[str] | None) -> None:
        job = self._jobs.read(client, id_)
        now = time.time()
        if job is None:
            self._drop_leftover(f"{client}/jobs/{id_}")
        elif job.status in FINAL:
            if job.expires is None or job.expires < now:
                self._jobs.discard(job)
        else:
            self._keep_photos(job)
            silent = now - job.heard > self._limits.silence
            forgotten = job.status == "queued" and waiting is not None and id_ not in waiting
            if silent and (job.status == "running" or forgotten):
                try:
                    self._jobs.take_up(job)
                except QueueLostError as error:
                    _log.warning("a job could not be taken up: %s", error)

    def _keep_photos(self, job: Job) -> None:
        """Photos that a waiting batch needs do not expire before it is done."""
        order = self._store.read_json(f"{job.folder}/{ORDER}") if job.kind == "photos" else None
        for id_ in (order or {}).get("photos", ()):
            try:
                self._album.find(job.client, id_)
            except ApiError:
                # deleted by its owner; the batch will say so
                continue

    def _look_at_photo(self, client: str, id_: str) -> None:
        place = f"{client}/photos/{id_}"
        found = self._store.read_json(f"{place}/{RECORD}")
        if found is None:
            self._drop_leftover(place)
        elif found.get("expires", 0) < time.time():
            self._store.remove(place)

    def _drop_leftover(self, place: str) -> None:
        """Of what was being stored when its process ended, nothing is kept."""
        if self._store.age(place) > self._limits.upload_seconds + 60:
            self._store.remove(place)
