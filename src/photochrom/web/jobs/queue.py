"""The queue of jobs, by huey: a SQLite file, or Redis for workers on several machines.

It holds no more than names of jobs; what a job is and how far it is lies in the store. So a queue that is lost is
filled again from there, and a job that stands in it twice is done once: whoever works on a job claims its turn first.
"""

import json
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from photochrom.errors import MissingDependencyError, OptionError
from photochrom.web.storage.store import Store

__all__ = ["Queue", "QueueLostError", "default_queue", "is_shared"]


class QueueLostError(Exception):
    """The queue does not answer; Redis is down, or the disk full."""


def default_queue(store: Store) -> str:
    """``PHOTOCHROM_QUEUE``, or a SQLite file: in the store, where that is a folder."""
    home = store.folder("") / "queue.sqlite"
    return os.environ.get("PHOTOCHROM_QUEUE") or f"sqlite://{home}"


def is_shared(address: str) -> bool:
    """Whether workers of other machines reach a queue."""
    return address.startswith(("redis://", "rediss://", "unix://"))


class Queue:
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
        """Let a job wait for a worker. Raises QueueLostError."""
        self._asked(lambda: self._task(client, job, turn))

    def claim(self, job: str, turn: int) -> bool:
        """Take a job's turn; True for one caller only, whichever process asks. Raises QueueLostError."""
        return bool(self._asked(lambda: self.huey.storage.put_if_empty(_key(job, turn), b"1")))

    def is_claimed(self, job: str, turn: int) -> bool:
        """Whether somebody took a job's turn. Raises QueueLostError."""
        return bool(self._asked(lambda: self.huey.storage.has_data_for_key(_key(job, turn))))

    def forget(self, job: str, turn: int) -> None:
        """Drop what is known of a job's turns up to this one. Raises QueueLostError."""
        for each in range(turn + 1):
            self._asked(partial(self.huey.storage.delete_data, _key(job, each)))

    def waiting(self) -> list[str]:
        """The ids of jobs that wait. Raises QueueLostError."""
        return [str(task.args[1]) for task in self._asked(self.huey.pending)]

    def length(self) -> int:
        """How many wait. Raises QueueLostError."""
        return int(self._asked(self.huey.pending_count))

    def _asked(self, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except Exception as error:  # of redis or sqlite3, which need not be there to be named
            raise QueueLostError(str(error)) from error


def _open(address: str) -> Any:
    try:
        import huey
        from huey.registry import Message
        from huey.serializer import Serializer
    except ImportError as error:
        raise MissingDependencyError("The web service", "web") from error

    class Plain(Serializer):  # type: ignore[misc]
        """JSON: what is read from a queue must not be able to run anything."""

        def _serialize(self, data: Any) -> bytes:
            return json.dumps(list(data)).encode()

        def _deserialize(self, data: bytes) -> Any:
            return Message(*json.loads(data))

    options: dict[str, Any] = {"results": False, "serializer": Plain()}
    if is_shared(address):
        try:
            # a worker that waits asks anew every second, so that it sees when it is to stop
            return huey.RedisHuey("photochrom", url=address, read_timeout=1, **options)
        except (ValueError, huey.exceptions.ConfigurationError) as error:
            raise OptionError(f"the queue {address} cannot be used ({error}): check PHOTOCHROM_QUEUE") from error
    if not address.startswith("sqlite://"):
        raise OptionError(
            f"the queue {address!r} is of no known kind: give PHOTOCHROM_QUEUE as redis://HOST:PORT/NUMBER"
        )
    path = Path(address.removeprefix("sqlite://"))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return huey.SqliteHuey("photochrom", filename=str(path), **options)
    except Exception as error:  # sqlite3 raises its own
        raise OptionError(f"the queue {path} cannot be made ({error}): check PHOTOCHROM_QUEUE") from error


def _key(job: str, turn: int) -> str:
    return f"claim:{job}:{turn}"
