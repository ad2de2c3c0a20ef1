"""Processes that share the processors with others of their kind."""

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

__all__ = ["PARENT", "follow_parent", "limit_threads", "restore_scheduling", "step_back", "watch_parent"]


def limit_threads() -> None:
    """Lets the linear algebra of processes begun from now on use one thread each, unless the user has said otherwise.

    The threads of several such processes wait for each other in loops, and on few processors take most of their time.
    The libraries read these variables when they are loaded, so this process is as it was.
    """
    for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")


def restore_scheduling() -> None:
    """Takes real-time priority back from the threads of this process, where a library has given it to them.

    SVT-AV1 does so to its own threads and to the caller's when it is opened by root, as in most containers. Such
    threads starve all else on the machine, the service's other requests among them. Does nothing where the system has
    no such policies.
    """
    if sys.platform == "linux":
        for thread in Path("/proc/self/task").iterdir():
            with contextlib.suppress(OSError):  # the thread has ended
                if os.sched_getscheduler(int(thread.name)) in (os.SCHED_FIFO, os.SCHED_RR):
                    os.sched_setscheduler(int(thread.name), os.SCHED_OTHER, os.sched_param(0))


#: steps by which a thread that works ahead is nicer than the process: it gets a third of what others get
_NICER = 5


def step_back() -> None:
    """Lets the other threads of the process go first, where the system knows priorities of threads: on Linux.

    For a thread that works ahead of others; threads that it begins do as it does.
    """
    if sys.platform == "linux":
        usual = os.getpriority(os.PRIO_PROCESS, os.getpid())
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), min(19, usual + _NICER))


def follow_parent() -> None:
    """Leaves Ctrl-C to the process that began this one, and ends when that one does; for a process of a pool."""
    # Ctrl-C reaches every process of a terminal; the first one decides what it means
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        # nobody is left to hear an answer
        os._exit(1)


#: its value is the id of the process whose end ends this one
PARENT = "PHOTOCHROM_PARENT"


def watch_parent(then: Callable[[], object]) -> None:
    """Calls ``then`` when the process named by ``PHOTOCHROM_PARENT`` is not above this one any more."""
    wanted = os.environ.get(PARENT)
    if not wanted or int(wanted) == os.getpid():
        return

    def watch() -> None:
        while os.getppid() == int(wanted):
            time.sleep(1.0)
        then()

    threading.Thread(target=watch, name="photochrom-parent", daemon=True).start()
