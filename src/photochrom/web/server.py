"""Starts and ends the processes of the service: those that answer, and a worker beside them."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from photochrom.registry import model_names
from photochrom.system.processes import PARENT
from photochrom.web.config import ServiceConfig
from photochrom.web.jobs.queue import JobQueue, find_queue_url, is_shared
from photochrom.web.jobs.webhook_hosts import WebhookHosts
from photochrom.web.middleware.api_keys import ApiKeys
from photochrom.web.server_process import GRACE, answer_requests
from photochrom.web.storage.signing import find_signer
from photochrom.web.storage.store import Storage, find_storage_url

__all__ = ["check_set_up", "serve"]


def check_set_up(models: Sequence[str] = ()) -> None:
    """Checks that the storage, the queue and the API keys can be used, and what signs results where that is set.

    Args:
        models: names of networks that are offered; none for all that are installed.

    Raises:
        OptionError: one of them cannot.
        MissingDependencyError: results are to be signed, and the library for it is not installed.
    """
    find_signer()
    WebhookHosts.from_environment()
    ApiKeys.from_environment(models or model_names())
    JobQueue(find_queue_url(Storage(find_storage_url())))


def serve(config: ServiceConfig, listener: socket.socket) -> None:
    """Serves until SIGINT or SIGTERM.

    A worker runs beside it, unless the queue is one that other machines share.

    Args:
        config: how.
        listener: the open port.
    """
    config.export()
    os.environ[PARENT] = str(os.getpid())
    with ExitStack() as stack:
        stack.enter_context(_shared_counters())
        if not is_shared(find_queue_url(Storage(find_storage_url()))):
            stack.enter_context(_keep_running("photochrom.web.worker", []))
        for _ in range(config.workers - 1):
            stack.enter_context(_keep_running("photochrom.web.server_process", [listener.fileno()]))
        answer_requests(listener)


@contextmanager
def _shared_counters() -> Iterator[None]:
    """Makes a folder where the counters of all processes add up."""
    folder = tempfile.mkdtemp(prefix="photochrom-metrics-")
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _keep_running(module: str, files: list[int]) -> Iterator[None]:
    """Keeps a process running, started anew if it dies.

    Args:
        module: what it runs.
        files: open files it gets, their numbers being its arguments.
    """
    ended = threading.Event()
    command = [sys.executable, "-m", module, *map(str, files)]
    running: list[subprocess.Popen[bytes]] = []

    def keep() -> None:
        while not ended.is_set():
            running[:] = [subprocess.Popen(command, pass_fds=files, start_new_session=True)]
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
