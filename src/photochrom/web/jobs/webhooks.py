"""Tells other programs of the ends of jobs: an outbox in the storage, and a thread that works it off.

An entry is put down before the job's last record, so that none is lost when a process is killed in between. Each
attempt is claimed in the queue, and the next one noted, before it is made: several workers send a message once.
"""

import http.client
import json
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, Literal

from photochrom.web.errors import ApiError
from photochrom.web.jobs.queue import QueueUnavailableError
from photochrom.web.jobs.repository import OUTBOX, Job, JobRepository, locate_job
from photochrom.web.jobs.webhook_hosts import WebhookHosts
from photochrom.web.jobs.webhook_signature import sign_webhook

__all__ = ["DELAYS", "WebhookSender"]

#: seconds between one attempt and the next; there is none after the last
DELAYS = (5, 30, 120, 600, 1800, 3600, 7200, 14400)
#: seconds between looks at the outbox
_LOOK = 0.5
#: calls at the same time
_AT_ONCE = 8
#: the receiver wants no more of them
_GONE = 410
_log = logging.getLogger("photochrom.web")


class WebhookSender:
    """Sends what lies in the outbox; several may, at the same time.

    Args:
        jobs: whose ends are told.
        hosts: that may be called.
        delays: seconds between attempts.
    """

    def __init__(self, jobs: JobRepository, hosts: WebhookHosts, delays: tuple[float, ...] = DELAYS) -> None:
        self._jobs, self._hosts, self._delays = jobs, hosts, delays
        self._stop = threading.Event()

    def start(self) -> None:
        """Sends in a thread of its own, until :meth:`stop`."""
        threading.Thread(target=self._run, name="photochrom-webhooks", daemon=True).start()

    def stop(self) -> None:
        """Ends sending."""
        self._stop.set()

    def send_due(self) -> None:
        """Makes the attempts that are due."""
        entries = {id_: self._jobs.storage.read_json(f"{OUTBOX}/{id_}") for id_ in self._jobs.storage.names(OUTBOX)}
        due = {id_: entry for id_, entry in entries.items() if entry is not None and entry["due"] <= time.time()}
        if due:
            # a receiver that is slow must not keep all others waiting
            with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="photochrom-webhook") as pool:
                list(pool.map(self._attempt, due.keys(), due.values()))

    def _run(self) -> None:
        while not self._stop.wait(_LOOK):
            try:
                self.send_due()
            except QueueUnavailableError as error:
                _log.warning("webhooks wait, because the queue does not answer: %s", error)
                self._stop.wait(10 * _LOOK)
            except Exception as error:  # of any file system; what could not be sent now is sent later
                _log.warning("webhooks could not be sent: %s", error)
                self._stop.wait(10 * _LOOK)

    def _attempt(self, id_: str, entry: dict[str, Any]) -> None:
        if self._stop.is_set():
            return
        storage, number = self._jobs.storage, int(entry["attempts"])
        job = self._jobs.read(entry["client"], id_)
        if job is None:
            # deleted by its client, who then knows
            storage.remove(f"{OUTBOX}/{id_}")
            return
        if not job.is_final or not self._jobs.queue.claim(f"webhook-{id_}", number):
            return
        if storage.read_json(f"{OUTBOX}/{id_}") != entry:
            # another has delivered it since it was looked at, and the claim was free again
            self._jobs.queue.forget(f"webhook-{id_}", number)
            return
        delay = self._delays[number] if number < len(self._delays) else None
        if delay is not None:
            storage.write_json(f"{OUTBOX}/{id_}", entry | {"attempts": number + 1, "due": time.time() + delay})
        status = self._post(job, entry)
        if status is not None and 200 <= status < 300:
            self._end(job, number, "delivered")
        elif delay is None or status == _GONE:
            _log.warning("a webhook is given up after %d attempts: %s", number + 1, status or "no answer")
            self._end(job, number, "failed")

    def _post(self, job: Job, entry: dict[str, Any]) -> int | None:
        """Returns the status of the answer; None where there was none."""
        now = time.time()
        message = {
            "type": f"job.{job.status}",
            "timestamp": datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds"),
            "data": locate_job(job.to_info(), entry["base"]).model_dump(),
        }
        body = json.dumps(message).encode()
        headers = {"Content-Type": "application/json", "User-Agent": "photochrom"}
        headers |= sign_webhook(entry["secret"], f"msg_{job.id}", int(now), body)
        try:
            return self._hosts.post(entry["url"], body, headers)
        except (OSError, http.client.HTTPException, ApiError) as error:
            _log.warning("a webhook was not taken: %s", error)
            return None

    def _end(self, job: Job, number: int, how: Literal["delivered", "failed"]) -> None:
        self._jobs.storage.remove(f"{OUTBOX}/{job.id}")
        self._jobs.queue.forget(f"webhook-{job.id}", number)
        self._jobs.note_webhook(job, how)
