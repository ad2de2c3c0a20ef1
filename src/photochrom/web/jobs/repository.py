"""Jobs: what is known of each, kept in the store, so that it outlives every process.

The process that has claimed a job's turn writes its record while it runs; nobody else does. A record of a running job
that nobody has written for a while tells that its worker is lost.
"""

import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from typing import Literal

from photochrom.web.errors import ApiError, unknown
from photochrom.web.jobs.queue import Queue, QueueLostError
from photochrom.web.limits import Limits
from photochrom.web.schemas import JobFacts
from photochrom.web.storage.photos import make_id, stated
from photochrom.web.storage.store import Store

__all__ = ["FINAL", "Job", "Jobs"]

FINAL = ("done", "failed", "cancelled")
RECORD, CANCEL, FILM, ORDER, RESULT, WORK = "record.json", "cancel", "film", "order.json", "result", "work"


@dataclass(frozen=True, kw_only=True)
class Job:
    """What is known of a job; times in seconds since 1970.

    Attributes:
        id: its name.
        client: whose it is.
        kind: a film, or photos into a zip file.
        name: of the result, as it is saved.
        status: how it stands.
        created: when it was taken.
        heard: when its record was last written.
        turn: counts the times it was put into the queue; the number that is claimed.
        lost: how often its worker was lost.
        progress: 0..1.
        seconds_left: None where that is not known.
        error: why it failed, a sentence.
        expires: when it is deleted; None while it waits or runs.
        bytes: of the result.
        notes: what was changed or left out, a sentence each.
    """

    id: str
    client: str
    kind: Literal["film", "photos"]
    name: str
    status: Literal["queued", "running", "done", "failed", "cancelled"] = "queued"
    created: float
    heard: float
    turn: int = 0
    lost: int = 0
    progress: float = 0.0
    seconds_left: float | None = None
    error: str | None = None
    expires: float | None = None
    bytes: int | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def folder(self) -> str:
        """Where its files lie in the store."""
        return f"{self.client}/jobs/{self.id}"

    @property
    def is_final(self) -> bool:
        """Nothing will change any more."""
        return self.status in FINAL

    def facts(self) -> JobFacts:
        """As it is told."""
        return JobFacts(
            id=self.id,
            kind=self.kind,
            name=self.name,
            status=self.status,
            progress=round(self.progress, 4),
            seconds_left=None if self.seconds_left is None else round(self.seconds_left, 1),
            error=self.error,
            created=stated(self.created),
            expires=None if self.expires is None else stated(self.expires),
            result=f"jobs/{self.id}/result" if self.status == "done" else None,
            bytes=self.bytes,
            notes=list(self.notes),
        )


class Jobs:
    """The jobs of all clients.

    Args:
        store: where their records lie.
        queue: where they wait.
        limits: how many, how long.
    """

    def __init__(self, store: Store, queue: Queue, limits: Limits) -> None:
        self.store, self.queue, self._limits = store, queue, limits

    def check_room(self, client: str) -> None:
        """Refuse a client that has as many jobs as it may, and everybody while too many wait.

        Raises:
            ApiError: 429 or 503.
        """
        jobs = self.list(client)
        if len(jobs) >= self._limits.jobs:
            raise ApiError(429, "too_many_jobs", f"{len(jobs)} jobs are here already: delete one, or wait")
        active = sum(not job.is_final for job in jobs)
        if active >= self._limits.active_jobs:
            raise ApiError(429, "too_many_jobs", f"{active} of your jobs wait or run: try again when one is done")
        try:
            full = self.queue.length() >= self._limits.queue
        except QueueLostError:
            raise _lost() from None
        if full:
            raise ApiError(503, "busy", "too many jobs wait: try again later", retry_after=60)

    def begin(self, client: str, kind: Literal["film", "photos"]) -> Job:
        """A new job's record, not stored yet; its files go into its folder before :meth:`submit`."""
        now = time.time()
        return Job(id=make_id(), client=client, kind=kind, name="", created=now, heard=now)

    def submit(self, job: Job) -> None:
        """Store a new job's record and let it wait for a worker.

        Raises:
            ApiError: the queue does not answer; nothing is stored.
        """
        self.write(job)
        try:
            self.queue.put(job.client, job.id, job.turn)
        except QueueLostError:
            self.store.remove(job.folder)
            raise _lost() from None

    def find(self, client: str, id_: str) -> Job:
        """A client's job. Raises ApiError where there is none of this id, or it is another client's."""
        job = self.read(client, id_)
        if job is None or (job.expires is not None and job.expires < time.time()):
            raise unknown("job")
        return job

    def list(self, client: str) -> list[Job]:
        """A client's jobs, the oldest first."""
        found = [self.read(client, id_) for id_ in self.store.names(f"{client}/jobs")]
        known = [job for job in found if job and not (job.expires is not None and job.expires < time.time())]
        return sorted(known, key=lambda job: job.created)

    def cancel(self, client: str, id_: str) -> Job:
        """End a job that waits now, and one that runs as soon as its worker looks up, which is within a second."""
        job = self.find(client, id_)
        if job.is_final:
            return job
        self.store.write(f"{job.folder}/{CANCEL}", b"")
        try:
            if job.status == "queued" and self.queue.claim(job.id, job.turn):
                # the claim keeps it from ever being worked on
                job = self.finish(job, "cancelled")
        except QueueLostError:
            # the next worker that comes by finds the mark
            pass
        return job

    def remove(self, client: str, id_: str) -> None:
        """Delete a job and its result; one that runs is cancelled, and its worker cleans up after it."""
        job = self.cancel(client, id_)
        if job.is_final:
            self.discard(job)
        else:
            self.store.write(f"{job.folder}/{CANCEL}", b"delete")

    def discard(self, job: Job) -> None:
        """Take a job's files away."""
        self.store.remove(job.folder)
        # a claim that nobody asks for any more does no harm
        with suppress(QueueLostError):
            self.queue.forget(job.id, job.turn)

    def finish(self, job: Job, status: Literal["done", "failed", "cancelled"]) -> Job:
        """Write a job's last record; what it was made from is deleted."""
        expires = time.time() + self._limits.job_seconds
        job = replace(job, status=status, expires=expires, seconds_left=None)
        if status == "done":
            # killed in between, it must not be found without the film it would have to be made from again
            job = self.write(job)
        for name in (FILM, ORDER, WORK, *(() if status == "done" else (RESULT,))):
            self.store.remove(f"{job.folder}/{name}")
        if status != "done":
            # on a full disk the record needs the room that was freed
            job = self.write(job)
        if self.cancelled(job) == "delete":
            self.discard(job)
        return job

    def cancelled(self, job: Job) -> Literal["", "cancel", "delete"]:
        """Whether a job is to be ended, or deleted too."""
        try:
            mark = self.store.read(f"{job.folder}/{CANCEL}")
        except FileNotFoundError:
            return ""
        return "delete" if mark == b"delete" else "cancel"

    def read(self, client: str, id_: str) -> Job | None:
        """A job's record; None where there is none."""
        entries = self.store.read_json(f"{client}/jobs/{id_}/{RECORD}")
        try:
            return Job(**(entries | {"notes": tuple(entries.get("notes", ()))})) if entries else None
        except TypeError:
            return None

    def write(self, job: Job) -> Job:
        """Store a job's record."""
        job = replace(job, heard=time.time())
        self.store.write_json(f"{job.folder}/{RECORD}", asdict(job))
        return job

    def take_up(self, job: Job) -> None:
        """Let a job wait anew that nobody works on, because its worker was lost or the queue forgot it.

        Raises:
            QueueLostError: the queue does not answer.
        """
        lost = job.lost + (job.status == "running")
        if lost >= self._limits.attempts:
            sentence = f"the worker was lost {lost} times while it made {job.name}: try a smaller part of it"
            self.finish(replace(job, error=sentence), "failed")
            return
        if job.status == "queued" and not self.queue.is_claimed(job.id, job.turn):
            job = self.write(job)
        else:
            job = self.write(replace(job, status="queued", turn=job.turn + 1, lost=lost, seconds_left=None))
        self.queue.put(job.client, job.id, job.turn)


def _lost() -> ApiError:
    return ApiError(503, "no_queue", "jobs cannot be taken at the moment: try again in a minute", retry_after=30)
