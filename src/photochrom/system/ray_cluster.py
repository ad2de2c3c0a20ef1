"""Joining a Ray cluster, and saying in one sentence what went wrong there."""

import os
import re
import signal
import socket
import threading
from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from typing import Any

from photochrom.errors import MissingDependencyError, OutputError, PhotochromError

__all__ = ["RETRIES", "connect_ray", "explain_ray_error", "open_crash_ledger"]

#: how often a task is begun anew after its machine or its process went away
RETRIES = 3


@contextmanager
def connect_ray(what: str) -> Iterator[Any]:
    """Gives the module ``ray``, connected to the cluster of ``RAY_ADDRESS`` or to a new one on this machine.

    A connection that is there already is used and kept.

    Args:
        what: wants Ray, for the message of who lacks it.

    Raises:
        MissingDependencyError: Ray is not installed.
        OutputError: the cluster cannot be reached.
    """
    # what people colour is nobody else's business
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    # errors of the actors by which Ray counts; those of our own work are asked for
    os.environ.setdefault("RAY_IGNORE_UNHANDLED_ERRORS", "1")
    try:
        import ray
    except ModuleNotFoundError as error:
        if (error.name or "") != "ray":
            raise
        raise MissingDependencyError(what, "ray") from error
    own = _join(ray)
    try:
        yield ray
    finally:
        if own:
            ray.shutdown()


class _CrashLedger:
    """Counts how often a piece of work was begun and not ended, for its process died; an actor that outlives those."""

    def __init__(self) -> None:
        self._begun: Counter[Hashable] = Counter()

    def begin(self, work: Hashable) -> int:
        """Returns how often it was begun before, without an end."""
        self._begun[work] += 1
        return self._begun[work] - 1

    def end(self, work: Hashable) -> None:
        """Takes down that the process has outlived the work."""
        self._begun.pop(work, None)

    def unfinished(self, work: Hashable) -> int:
        """Returns how often it was begun since it last came to an end."""
        return self._begun[work]


def open_crash_ledger(ray: Any) -> Any:
    """Returns an actor with the ledger's methods, on the driver's machine: without that the run is over anyway."""
    here = ray.get_runtime_context().get_node_id()
    affinity = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(here, soft=False)
    return ray.remote(num_cpus=0, scheduling_strategy=affinity)(_CrashLedger).remote()


def explain_ray_error(ray: Any, error: Exception, lost: str, *, attempts: int = RETRIES + 1) -> Exception:
    """Returns the error behind a task's failure: its own, if it is one of ours, or that of the cluster.

    Args:
        ray: the module.
        error: of ``ray.get``.
        lost: what the task did not bring to its end.
        attempts: how often it was begun.
    """
    cause = getattr(error, "cause", None)
    if isinstance(error, ray.exceptions.RayTaskError) and isinstance(cause, PhotochromError | OSError):
        return cause
    if "out of memory" in str(error):  # of Ray's memory monitor: an actor's death has no type of its own for it
        return OutputError("system.cluster_full", task=lost)
    said = str(error).strip().splitlines() or [type(error).__name__]
    return OutputError("system.cluster_lost", task=lost, attempts=attempts, reason=said[-1])


def _join(ray: Any) -> bool:
    """Connects to a cluster; returns whether the connection is ours to end."""
    if ray.is_initialized():
        return False
    address = os.environ.get("RAY_ADDRESS")
    # how a signal ends a run is decided by whoever began it, not by Ray
    on_term = signal.getsignal(signal.SIGTERM)
    try:
        if address:
            _knock(address)
        ray.init(
            address=address or "local",
            log_to_driver=False,
            logging_level="ERROR",
            **({} if address else {"include_dashboard": False}),
        )
    except (OSError, RuntimeError, ValueError) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise OutputError("system.cluster_unreachable", address=address or "on this machine", reason=reason) from error
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, on_term)
    return True


def _knock(address: str) -> None:
    """Refuses at once where nobody listens; Ray would try for minutes. Raises OSError."""
    found = re.fullmatch(r"(?:ray://)?\[?([^/]+?)\]?:(\d+)", address)
    if found:
        with socket.create_connection((found[1], int(found[2])), timeout=10):
            pass
