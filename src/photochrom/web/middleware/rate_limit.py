"""Counts requests by the generic cell rate algorithm (ITU-T I.371), for all processes of a machine together."""

import struct
import time

from photochrom.system.locks import hold_lock
from photochrom.web.storage.store import Storage

__all__ = ["RateLimiter"]

_MINUTE = 60.0


class RateLimiter:
    """Lets so many requests a minute through, on average; as many may come at once.

    Args:
        storage: where the counts lie. Machines that share a folder count together; others each for itself.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def take(self, client: str, per_minute: int) -> float:
        """Counts a request.

        Args:
            client: who sends it.
            per_minute: how many it may send.

        Returns:
            0 where it goes through; else the seconds after which one would, and nothing is counted.
        """
        path, now = self._storage.folder("rates") / client, time.time()
        with hold_lock(path.with_suffix(".lock")):
            try:
                free = float(struct.unpack("<d", path.read_bytes())[0])
            except (OSError, struct.error):
                free = 0.0
            # when all requests so far would be over, had they come evenly; a clock that was put back ends no service
            free = max(now, min(free, now + _MINUTE)) + _MINUTE / per_minute
            if free - now > _MINUTE:
                return free - now - _MINUTE
            path.write_bytes(struct.pack("<d", free))
        return 0.0
