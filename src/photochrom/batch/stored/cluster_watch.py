"""Ends a run on a cluster that brings no photo forward.

Ray kills processes of a machine whose memory is full and begins them anew, for ever and in silence; where its own
counting actors are among them, Ray Data goes round in circles. So every step of its loop asks how long it has been
since a photo came back.
"""

import logging
import time
from typing import Any

from photochrom.errors import OutputError
from photochrom.system.ray_cluster import RETRIES, explain_ray_error

__all__ = ["OPENING", "ClusterWatch"]

#: in the ledger: a process opens the network
OPENING = "opening"
#: seconds without a photo after which the ledger is looked at, again and again
LOOK_AFTER = 60.0
#: seconds without a photo after which a run is ended: no photo takes so long
SILENCE = 900.0

log = logging.getLogger(__name__)


class ClusterWatch:
    """Knows when the last photo came back, and what it means if that is long ago.

    Args:
        ray: the module.
        ledger: an actor in which processes take down that they open the network.
        workers: processes that were begun at first.
    """

    def __init__(self, ray: Any, ledger: Any, workers: int) -> None:
        self._ray, self._ledger, self._workers = ray, ledger, workers
        self.renew()

    def renew(self) -> None:
        """Takes down that a photo has come back."""
        self._last, self._looks = time.monotonic(), 0

    def check(self) -> None:
        """Asks whether waiting is in vain; cheap until a minute has gone by without a photo.

        Raises:
            OutputError: processes do not live to open the network, or nothing has come back for too long.
        """
        waited = time.monotonic() - self._last
        if waited < LOOK_AFTER * (self._looks + 1):
            return
        self._looks += 1
        try:
            begun = self._ray.get(self._ledger.unfinished.remote(OPENING), timeout=LOOK_AFTER)
        except self._ray.exceptions.RayError as error:
            raise explain_ray_error(self._ray, error, "the photos in work") from error
        if begun > (RETRIES + 1) * self._workers:
            raise OutputError("system.workers_killed", attempts=begun)
        # a cluster without processors waits for its machines
        if waited >= SILENCE and self._ray.cluster_resources().get("CPU", 0):
            raise OutputError("system.cluster_silent", minutes=round(waited / 60))
        if self._looks == 1:
            log.warning("No photo has come back from the cluster for a minute: its machines begin, or lack memory.")

    def as_callback(self) -> type[Any]:
        """Returns a class by which Ray Data has ``check`` called at each step of its loop."""
        from ray.data._internal.execution.execution_callback import ExecutionCallback

        watch = self

        class Callback(ExecutionCallback):
            def on_execution_step(self, executor: Any) -> None:
                watch.check()

        return Callback
