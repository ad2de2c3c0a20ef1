"""The queue of jobs, by huey: a SQLite file, or Redis for workers on several machines.

It holds no more than names of jobs; what a job is and how far it is lies in the storage. So a queue that is lost is
filled again from there, and a job that stands in it twice is done once: whoever works on a job claims its turn first.
"""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from photochrom.deprecations import read_environment
from photochrom.errors import MissingDependencyError, OptionError
from photochrom.web.storage.store import Storage

__all__ = ["JobQueue", "QueueUnavailableError", "find_queue_url", "is_shared"]


class QueueUnavailableError(Exception):
    """The queue does not answer; Redis is down, or the disk full."""


def find_queue_url(storage: Storage) -> str:
    """Returns ``PHOTOCHROM_QUEUE_URL``, or a SQLite file: in the storage, where that is a folder."""
    home = storage.folder("") / "queue.sqlite"
    return read_environment("PHOTOCHROM_QUEUE_URL") or f"sqlite://{home}"


def is_shared(address: str) -> bool:
    """Returns whether workers of other machines reach a queue."""
    return address.startswith(("redis://", "rediss://", "unix://"))


class JobQueue:
    """Names of jobs that wait for a worker.

    Args:
        address: ``sqlite://PATH`` or ``redis://HOST:PORT/NUMBER``.
        work: done by a worker with a job's client, id and turn; None for a process that only puts jobs in.

    Raises:
        OptionError: the address is of neither kind, or the file cannot be made.
        MissingDependencyError: huey or redis is not installed.
    """

    def __init__(self, address: str, work: Callable[[str, str, int], None] | None = None) -> None:
        self.huey = _open(address)

        # huey knows a task by its module too, so all processes make it here
        def color_job(client: str, job: str, turn: int) -> None:
            assert work is not None, "this process takes no work"
            work(client, job, turn)

        self._task = self.huey.task()(color_job)

    def put(self, client: str, job: str, turn: int) -> None:
        """Lets a job wait for a worker. Raises QueueUnavailableError."""
        self._ask(lambda: self._task(client, job, turn))

    def claim(self, job: str, turn: int) -> bool:
        """Takes a job's turn; True for one caller only, whichever process asks. Raises QueueUnavailableError."""
        return bool(self._ask(lambda: self.huey.storage.put_if_empty(_key(job, turn), b"1")))

    def is_claimed(self, job: str, turn: int) -> bool:
        """Returns whether somebody took a job's turn. Raises QueueUnavailableError."""
        return bool(self._ask(lambda: self.huey.storage.has_data_for_key(_key(job, turn))))

    def forget(self, job: str, turn: int) -> None:
        """Drops what is known of a job's turns up to this one. Raises QueueUnavailableError."""
        for each in range(turn + 1):
            self._ask(partial(self.huey.storage.delete_data, _key(job, each)))

    def waiting(self) -> list[str]:
        """Returns the ids of jobs that wait. Raises QueueUnavailableError."""
        return [str(task.args[1]) for task in self._ask(self.huey.pending)]

    def length(self) -> int:
        """Returns how many wait. Raises QueueUnavailableError."""
        return int(self._ask(self.huey.pending_count))

    def _ask(self, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except Exception as error:  # of redis or sqlite3, which need not be there to be named
            raise QueueUnavailableError(str(error)) from error


def _open(address: str) -> Any:
    try:
        import huey
        from huey.registry import Message
        from huey.serializer import Serializer
    except ImportError as error:
        raise MissingDependencyError("The web service", "web") from error

    class JsonSerializer(Serializer):  # type: ignore[misc]
        """Writes JSON: what is read from a queue must not be able to run anything."""

        def _serialize(self, data: Any) -> bytes:
            return json.dumps(list(data)).encode()

        def _deserialize(self, data: bytes) -> Any:
            return Message(*json.loads(data))

    options: dict[str, Any] = {"results": False, "serializer": JsonSerializer()}
    if is_shared(address):
        try:
            # a worker that waits asks anew every second, so that it sees when it is to stop
            return huey.RedisHuey("photochrom", url=address, read_timeout=1, **options)
        except (ValueError, huey.exceptions.ConfigurationError) as error:
            raise OptionError("service.queue_unusable", address=address, reason=str(error)) from error
    if not address.startswith("sqlite://"):
        raise OptionError("service.queue_unsupported", address=address)
    path = Path(address.removeprefix("sqlite://"))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return huey.SqliteHuey("photochrom", filename=str(path), **options)
    except Exception as error:  # sqlite3 raises its own
        raise OptionError("service.queue_unusable", address=address, reason=str(error)) from error


def _key(job: str, turn: int) -> str:
    return f"claim:{job}:{turn}"
