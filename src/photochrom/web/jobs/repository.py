"""The records of jobs, kept in the storage, so that they outlive every process.

The process that has claimed a job's turn writes its record while it runs; nobody else does. A record of a running job
that nobody has written for a while tells that its worker is lost.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from photochrom.web.deprecated_names import rename_fields
from photochrom.web.errors import ApiError, ErrorAnswer, answer_error
from photochrom.web.jobs.kept_shots import TAKEN, put_back
from photochrom.web.jobs.queue import JobQueue, QueueUnavailableError
from photochrom.web.limits import Limits
from photochrom.web.schemas.jobs import JobInfo, LeftOutInfo
from photochrom.web.storage.photos import format_time, make_id
from photochrom.web.storage.store import Storage

__all__ = ["FINAL", "OUTBOX", "Job", "JobRepository", "locate_job"]

FINAL = ("done", "failed", "cancelled")
RECORD, CANCEL, VIDEO, ORDER, RESULT, WORK, COMING, WEBHOOK = (
    *("record.json", "cancel", "film", "order.json", "result", "work", "coming", "webhook.json"),
)
#: the folder of webhooks that are to be sent, named after their jobs
OUTBOX = "webhooks"
#: ends that kept shots may be the cause of, which the next run must not meet again
_UNKNOWN_CAUSE = ("service.failed", "service.worker_lost")


@dataclass(frozen=True, kw_only=True)
class Job:
    """What is known of a job; times in seconds since 1970.

    Attributes:
        id: its name.
        client: whose it is.
        type: a video, or a batch of photos into a zip file.
        name: of the result, as it is saved.
        status: how it stands.
        created: when it was taken.
        heard: when its record was last written.
        turn: counts the times it was put into the queue; the number that is claimed.
        lost: how often its worker was lost.
        progress: 0..1.
        seconds_left: None where that is not known.
        error: why it failed and what to do, in words.
        error_code: why it failed, for programs.
        expires: when it is deleted; None while it waits or runs.
        size_bytes: of the result.
        notes: what was changed or left out, a sentence each.
        left_out: photos of a batch that are not in its result: name, code of the reason, reason.
        video: id of the stored video that is coloured; None for one that came with the job, and for photos.
        webhook: how telling its end stands; None where nobody wants to be told.
        kept_frames: of a stored video: those that an earlier run had coloured the same way.
    """

    id: str
    client: str
    type: Literal["video", "batch"]
    name: str
    status: Literal["queued", "running", "done", "failed", "cancelled"] = "queued"
    created: float
    heard: float
    turn: int = 0
    lost: int = 0
    progress: float = 0.0
    seconds_left: float | None = None
    error: str | None = None
    error_code: str | None = None
    expires: float | None = None
    size_bytes: int | None = None
    notes: tuple[str, ...] = field(default=())
    left_out: tuple[tuple[str, str, str], ...] = field(default=())
    webhook: Literal["waiting", "delivered", "failed"] | None = None
    video: str | None = None
    kept_frames: int = 0

    @property
    def folder(self) -> str:
        """Where its files lie in the storage."""
        return f"{self.client}/jobs/{self.id}"

    @property
    def is_final(self) -> bool:
        """Nothing will change any more."""
        return self.status in FINAL

    def to_info(self) -> JobInfo:
        """Returns what its client is told of it."""
        return JobInfo(
            id=self.id,
            type=self.type,
            name=self.name,
            status=self.status,
            progress=round(self.progress, 4),
            seconds_left=None if self.seconds_left is None else round(self.seconds_left, 1),
            error=self.error,
            error_code=self.error_code,
            created=format_time(self.created),
            expires=None if self.expires is None else format_time(self.expires),
            result=f"jobs/{self.id}/result" if self.status == "done" else None,
            size_bytes=self.size_bytes,
            notes=list(self.notes),
            webhook=self.webhook,
            video=self.video,
            kept_frames=self.kept_frames,
            left_out=[LeftOutInfo(name=name, code=code, reason=reason) for name, code, reason in self.left_out],
        )


def locate_job(info: JobInfo, base: str) -> JobInfo:
    """Returns what is told of a job with its addresses.

    Args:
        info: without them.
        base: the address of the API as the client knows it.
    """
    url = f"{base}/jobs/{info.id}"
    return info.model_copy(update={"url": url, "result_url": f"{url}/result" if info.status == "done" else None})


class JobRepository:
    """The jobs of all clients.

    Args:
        storage: where their records lie.
        queue: where they wait.
        limits: how many, how long.
        limits_of: those of a client; None where all have the same.
    """

    def __init__(
        self, storage: Storage, queue: JobQueue, limits: Limits, limits_of: Callable[[str], Limits] | None = None
    ) -> None:
        self.storage, self.queue, self._limits = storage, queue, limits
        self._limits_of = limits_of or (lambda _: limits)

    def check_quota(self, client: str) -> None:
        """Refuses a client that has as many jobs as it may, and everybody while too many wait.

        Raises:
            ApiError: 429 or 503.
        """
        jobs, limits = self.list(client), self._limits_of(client)
        # those that are on their way have no record yet
        coming = sum(self._is_coming(f"{client}/jobs/{id_}") for id_ in self.storage.names(f"{client}/jobs"))
        if len(jobs) + coming >= limits.jobs:
            raise ApiError("service.too_many_jobs", count=len(jobs) + coming)
        active = sum(not job.is_final for job in jobs) + coming
        if active >= limits.active_jobs:
            raise ApiError("service.too_many_active_jobs", count=active)
        self._check_queue()

    def _is_coming(self, folder: str) -> bool:
        return self.storage.exists(f"{folder}/{COMING}") and not self.storage.exists(f"{folder}/{RECORD}")

    def _check_queue(self) -> None:
        try:
            full = self.queue.length() >= self._limits.queue
        except QueueUnavailableError:
            raise ApiError("service.queue_unavailable") from None
        if full:
            raise ApiError("service.queue_full")

    def create(self, client: str, type: Literal["video", "batch"]) -> Job:  # noqa: A002
        """Returns a new job's record, which counts from now on though it is not stored yet.

        Its files go into its folder before :meth:`submit`; where they do not come, :meth:`drop` takes it back.

        Raises:
            ApiError: see :meth:`check_quota`.
        """
        now = time.time()
        job = Job(id=make_id(), client=client, type=type, name="", created=now, heard=now)
        with self.storage.lock(client):
            self.check_quota(client)
            self.storage.write(f"{job.folder}/{COMING}", b"")
        return job

    def drop(self, job: Job) -> None:
        """Deletes what there is of a job that was not submitted."""
        self.storage.remove(job.folder)

    def submit(self, job: Job) -> None:
        """Stores a new job's record and lets it wait for a worker.

        Raises:
            ApiError: the queue does not answer; nothing is stored.
        """
        try:
            with self.storage.lock("queue"):
                self._check_queue()
                self.write(job)
                self.queue.put(job.client, job.id, job.turn)
        except QueueUnavailableError:
            self.drop(job)
            raise ApiError("service.queue_unavailable") from None
        except ApiError:
            self.drop(job)
            raise
        self.storage.remove(f"{job.folder}/{COMING}")

    def find(self, client: str, id_: str) -> Job:
        """Returns a client's job. Raises ApiError where there is none of this id, or it is another client's."""
        job = self.read(client, id_)
        if job is None or (job.expires is not None and job.expires < time.time()):
            raise ApiError("service.not_found", thing="job")
        return job

    def list(self, client: str) -> list[Job]:
        """Returns a client's jobs, the oldest first."""
        found = [self.read(client, id_) for id_ in self.storage.names(f"{client}/jobs")]
        known = [job for job in found if job and not (job.expires is not None and job.expires < time.time())]
        return sorted(known, key=lambda job: job.created)

    def cancel(self, client: str, id_: str) -> Job:
        """Ends a job that waits now, and one that runs as soon as its worker looks up, which is within a second."""
        job = self.find(client, id_)
        if job.is_final:
            return job
        self.storage.write(f"{job.folder}/{CANCEL}", b"")
        try:
            if job.status == "queued" and self.queue.claim(job.id, job.turn):
                # the claim keeps it from ever being worked on
                job = self.finish(job, "cancelled")
        except QueueUnavailableError:
            # the next worker that comes by finds the mark
            pass
        return job

    def remove(self, client: str, id_: str) -> None:
        """Deletes a job and its result; one that runs is cancelled, and its worker cleans up after it."""
        job = self.cancel(client, id_)
        if job.is_final:
            self.discard(job)
        else:
            self.storage.write(f"{job.folder}/{CANCEL}", b"delete")

    def discard(self, job: Job) -> None:
        """Deletes a job's files."""
        with self.storage.lock(job.client):
            self.storage.remove(job.folder)
        # a claim that nobody asks for any more does no harm
        with suppress(QueueUnavailableError):
            self.queue.forget(job.id, job.turn)

    def finish(self, job: Job, status: Literal["done", "failed", "cancelled"]) -> Job:
        """Writes a job's last record; what it was made from is deleted."""
        expires = time.time() + self._limits.job_seconds
        job = replace(job, status=status, expires=expires, seconds_left=None)
        if (wanted := self.storage.read_json(f"{job.folder}/{WEBHOOK}")) is not None:
            # before the record: killed in between, the job ends once more, but its end is told
            entry = wanted | {"client": job.client, "attempts": 0, "due": time.time()}
            self.storage.write_json(f"{OUTBOX}/{job.id}", entry)
        if status == "done":
            # killed in between, it must not be found without the video it would have to be made from again
            job = self.write(job)
        elif job.video is not None and job.error_code not in _UNKNOWN_CAUSE:
            put_back(self.storage, job.client, job.video, self.storage.folder(f"{job.folder}/{WORK}"))
        for name in (VIDEO, ORDER, WORK, TAKEN, WEBHOOK, *(() if status == "done" else (RESULT,))):
            self.storage.remove(f"{job.folder}/{name}")
        if status != "done":
            # on a full disk the record needs the room that was freed
            job = self.write(job)
        if self.read_cancel_mark(job) == "delete":
            self.discard(job)
        return job

    def fail(self, job: Job, reason: ErrorAnswer) -> Job:
        """Writes the last record of a job that failed."""
        return self.finish(replace(job, error=str(reason.message), error_code=reason.code), "failed")

    def note_webhook(self, job: Job, how: Literal["delivered", "failed"]) -> None:
        """Notes in a finished job's record what became of its webhook."""
        with self.storage.lock(job.client):
            found = self.read(job.client, job.id)
            if found is not None:
                self.write(replace(found, webhook=how))

    def read_cancel_mark(self, job: Job) -> Literal["", "cancel", "delete"]:
        """Returns whether a job is to be ended, or deleted too."""
        try:
            mark = self.storage.read(f"{job.folder}/{CANCEL}")
        except FileNotFoundError:
            return ""
        return "delete" if mark == b"delete" else "cancel"

    def read(self, client: str, id_: str) -> Job | None:
        """Returns a job's record; None where there is none."""
        stored = self.storage.read_json(f"{client}/jobs/{id_}/{RECORD}")
        entries: Any = rename_fields(stored, Job.__dataclass_fields__)
        try:
            left_out = tuple(tuple(each) for each in (entries or {}).get("left_out", ()))
            notes = tuple((entries or {}).get("notes", ()))
            return Job(**(entries | {"notes": notes, "left_out": left_out})) if entries else None
        except TypeError:
            return None

    def write(self, job: Job) -> Job:
        """Stores a job's record."""
        job = replace(job, heard=time.time())
        self.storage.write_json(f"{job.folder}/{RECORD}", asdict(job))
        return job

    def requeue(self, job: Job) -> None:
        """Lets a job wait anew that nobody works on, because its worker was lost or the queue forgot it.

        Raises:
            QueueUnavailableError: the queue does not answer.
        """
        lost = job.lost + (job.status == "running")
        if lost >= self._limits.attempts:
            self.fail(job, answer_error(ApiError("service.worker_lost", count=lost, name=job.name)))
            return
        if job.status == "queued" and not self.queue.is_claimed(job.id, job.turn):
            job = self.write(job)
        else:
            job = self.write(replace(job, status="queued", turn=job.turn + 1, lost=lost, seconds_left=None))
        self.queue.put(job.client, job.id, job.turn)
