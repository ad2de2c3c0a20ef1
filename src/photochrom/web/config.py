"""How one service is set up, handed from the command to all its processes."""

import json
import os
from dataclasses import asdict, dataclass
from typing import Any

from photochrom.colorizer import count_processors

__all__ = ["VARIABLE", "Site"]

VARIABLE = "PHOTOCHROM_SITE"


@dataclass(frozen=True, kw_only=True)
class Site:
    """How one service is set up.

    Attributes:
        root_path: the path it is reached under, without an end slash; "" for none.
        proxy: a proxy stands before it, whose X-Forwarded headers are true.
        hosts: names it answers to; none for any.
        models: networks offered, the default first; none for all that are installed.
        device: they run on.
        processes: that serve.
        access_log: a line for each request goes to standard error, without ids and names.
    """

    root_path: str = ""
    proxy: bool = False
    hosts: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    device: str = "auto"
    processes: int = 1
    access_log: bool = False

    @property
    def places(self) -> int:
        """Pictures coloured at the same time by one process."""
        return max(1, count_processors() // self.processes)

    def hand_over(self) -> None:
        """Leave it for processes started from here."""
        os.environ[VARIABLE] = json.dumps(asdict(self))

    @classmethod
    def received(cls) -> "Site":
        """What the command left, or the defaults."""
        entries: dict[str, Any] = json.loads(os.environ.get(VARIABLE) or "{}")
        for key in ("hosts", "models"):
            entries[key] = tuple(entries.get(key, ()))
        return cls(**entries)
