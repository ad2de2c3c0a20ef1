"""A service in processes of its own, and a Redis server, for the benchmarks that kill and restart them."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

__all__ = ["Redis", "Served", "serve", "start_worker"]


@dataclass(frozen=True)
class Served:
    """A running ``photochrom serve``: where it answers, the process that was started, and its environment."""

    url: str
    process: "subprocess.Popen[str]"
    environment: dict[str, str]

    def children(self) -> list[int]:
        """Returns the ids of the processes that it keeps running."""
        command = ["ps", "-o", "pid=", "--ppid", str(self.process.pid)]
        found = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()
        return [int(each) for each in found]

    def kill_children(self) -> int:
        """Kills its worker and its further answering processes; how many these were."""
        killed = 0
        for each in self.children():
            try:
                os.kill(each, signal.SIGKILL)
                killed += 1
            except ProcessLookupError:
                continue
        return killed


@contextmanager
def serve(folder: Path, *arguments: str, **variables: str) -> Iterator[Served]:
    """Runs the service over a storage in a folder until the block ends."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PHOTOCHROM_")}
    environment |= {"PHOTOCHROM_STORAGE_URL": str(folder / "store"), **variables}
    command = [sys.executable, "-m", "photochrom", "serve", "--port", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"http://[\w.:]+", process.stdout.readline())
            assert found, "the service did not start"
            while httpx.get(f"{found[0]}/api/v1/ready", timeout=60).status_code != 200:
                time.sleep(0.2)
            yield Served(found[0], process, environment)
        finally:
            process.terminate()


def start_worker(served: Served) -> "subprocess.Popen[str]":
    """Starts a worker as on another machine, and waits until it takes jobs."""
    command = [sys.executable, "-m", "photochrom", "worker"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=served.environment)
    assert process.stdout is not None
    assert "waiting for jobs" in process.stdout.readline()
    return process


class Redis:
    """A redis-server on a free port that keeps nothing when it ends."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self.start()

    @property
    def address(self) -> str:
        """Returns its address for ``PHOTOCHROM_QUEUE_URL``."""
        return f"redis://127.0.0.1:{self._port}/0"

    def start(self) -> None:
        """Starts it."""
        command = ["redis-server", "--port", str(self._port), "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen([*command, "--dir", str(self._folder)], stdout=subprocess.DEVNULL)

    def stop(self) -> None:
        """Kills it; what it knew is gone."""
        self._process.kill()
        self._process.wait()
