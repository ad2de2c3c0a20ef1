"""Processes that do not outlive the one that started them, even if that was killed."""

import os
import threading
import time
from collections.abc import Callable

__all__ = ["PARENT", "watch_parent"]

#: its value is the id of the process whose end ends this one
PARENT = "PHOTOCHROM_PARENT"


def watch_parent(then: Callable[[], object]) -> None:
    """Call ``then`` when the process named by ``PHOTOCHROM_PARENT`` is not above this one any more."""
    wanted = os.environ.get(PARENT)
    if not wanted or int(wanted) == os.getpid():
        return

    def watch() -> None:
        while os.getppid() == int(wanted):
            time.sleep(1.0)
        then()

    threading.Thread(target=watch, name="photochrom-parent", daemon=True).start()
