"""Starts and ends the processes of the service: those that answer, and a worker beside them."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from photochrom.system.processes import PARENT
from photochrom.web.config import Site
from photochrom.web.jobs.queue import Queue, default_queue, is_shared
from photochrom.web.server_process import GRACE, answer_requests
from photochrom.web.storage.store import Store, default_location

__all__ = ["check_places", "serve"]


def check_places() -> None:
    """See that the store and the queue can be used.

    Raises:
        OptionError: one of them cannot.
    """
    Queue(default_queue(Store(default_location())))


def serve(site: Site, door: socket.socket) -> None:
    """Serve until SIGINT or SIGTERM.

    A worker runs beside it, unless the queue is one that other machines share.

    Args:
        site: how.
        door: the open port.
    """
    site.hand_over()
    os.environ[PARENT] = str(os.getpid())
    with ExitStack() as stack:
        stack.enter_context(_figures())
        if not is_shared(default_queue(Store(default_location()))):
            stack.enter_context(_kept("photochrom.web.worker", []))
        for _ in range(site.processes - 1):
            stack.enter_context(_kept("photochrom.web.server_process", [door.fileno()]))
        answer_requests(door)


@contextmanager
def _figures() -> Iterator[None]:
    """A folder where the counters of all processes add up."""
    folder = tempfile.mkdtemp(prefix="photochrom-figures-")
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _kept(module: str, handed: list[int]) -> Iterator[None]:
    """A process of its own, started anew if it dies.

    Args:
        module: what it runs.
        handed: open files it gets, their numbers being its arguments.
    """
    ended = threading.Event()
    command = [sys.executable, "-m", module, *map(str, handed)]
    running: list[subprocess.Popen[bytes]] = []

    def keep() -> None:
        while not ended.is_set():
            running[:] = [subprocess.Popen(command, pass_fds=handed, start_new_session=True)]
            running[0].wait()
            ended.wait(1.0)

    threading.Thread(target=keep, name="photochrom-keeper", daemon=True).start()
    try:
        yield
    finally:
        ended.set()
        for process in running:
            process.terminate()
            try:
                process.wait(2 * GRACE)
            except subprocess.TimeoutExpired:
                process.kill()
