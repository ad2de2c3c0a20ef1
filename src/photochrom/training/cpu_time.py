"""Processor time: what a training costs a machine that it shares, and the machine's name."""

import multiprocessing
import os
import platform
import time
from pathlib import Path

__all__ = ["ProcessorTime", "processor_name"]


class ProcessorTime:
    """Seconds of processor time of this process, all its threads, and of the processes that load its data.

    Linux tells the time of a child while it runs. Elsewhere a child's time counts when it has ended.
    """

    def __init__(self) -> None:
        self._own = time.process_time()
        self._ended = _ended()
        self._children = _running()

    def lap(self) -> float:
        """Seconds used since the last lap, or since this was made."""
        own, ended, children = time.process_time(), _ended(), _running()
        used = own - self._own
        if children is None or self._children is None:
            used += ended - self._ended
        else:
            used += sum(max(0.0, seconds - self._children.get(child, 0.0)) for child, seconds in children.items())
        self._own, self._ended, self._children = own, ended, children
        return used


def processor_name() -> str:
    """Returns what the processor calls itself."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _ended() -> float:
    times = os.times()
    return times.children_user + times.children_system


def _running() -> dict[int, float] | None:
    """Seconds by process of the children that run; None where the system does not tell."""
    if not Path("/proc/self/stat").exists():
        return None
    found = {}
    for child in multiprocessing.active_children():
        try:
            # the name in the second field may hold spaces and brackets
            numbers = Path(f"/proc/{child.pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2]
        except OSError:
            continue
        user, system = numbers.split()[11:13]
        found[int(child.pid or 0)] = (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
    return found
