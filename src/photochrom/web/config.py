"""How one service is set up; the command hands it to all its processes."""

import ipaddress
import json
import os
from dataclasses import asdict, dataclass
from typing import Any

from photochrom.colorizer import count_processors

__all__ = ["LOCAL", "VARIABLE", "ServiceConfig", "is_loopback"]

#: how the processes of one service know it
VARIABLE = "PHOTOCHROM_SERVICE_CONFIG"
#: names of a service that only its own machine reaches
LOCAL = ("localhost", "127.0.0.1", "::1")


def is_loopback(host: str) -> bool:
    """Returns whether only this machine reaches an address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, kw_only=True)
class ServiceConfig:
    """How one service is set up.

    Attributes:
        root_path: the path it is reached under, without an end slash; "" for none.
        proxy_headers: a proxy stands before it, whose X-Forwarded headers are true.
        hosts: names it answers to; none for any.
        models: networks offered, the default first; none for all that are installed.
        device: they run on.
        workers: processes that serve.
        access_log: a line for each request goes to standard error, without ids and names.
    """

    root_path: str = ""
    proxy_headers: bool = False
    hosts: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    device: str = "auto"
    workers: int = 1
    access_log: bool = False

    @property
    def concurrency(self) -> int:
        """Photos coloured at the same time by one process."""
        return max(1, count_processors() // self.workers)

    def export(self) -> None:
        """Leaves it in the environment of processes started from here."""
        os.environ[VARIABLE] = json.dumps(asdict(self))

    @classmethod
    def from_environment(cls) -> "ServiceConfig":
        """Returns what the command left in the environment, or the defaults."""
        entries: dict[str, Any] = json.loads(os.environ.get(VARIABLE) or "{}")
        for key in ("hosts", "models"):
            entries[key] = tuple(entries.get(key, ()))
        return cls(**entries)
