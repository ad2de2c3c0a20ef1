"""Ctrl-C and a polite kill: the first ends a run after the photos in work, the second at once."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import FrameType
from typing import NoReturn

from photochrom.batch import Plan, sweep

__all__ = ["Stop", "quit_at_once", "stoppable"]


@dataclass
class Stop:
    """Whether a signal has come: the event a run watches, and the exit code the signal stands for."""

    event: threading.Event = field(default_factory=threading.Event)
    code: int | None = None


@contextmanager
def stoppable(work: str = "the photos in work") -> Iterator[Stop]:
    """Catch SIGINT and SIGTERM for the ``with`` block, to finish ``work``; a second one raises KeyboardInterrupt."""
    stop = Stop()

    def handle(number: int, frame: FrameType | None) -> None:
        repeated = stop.code is not None
        stop.code = 128 + number
        if repeated:
            raise KeyboardInterrupt
        stop.event.set()
        if sys.stderr.isatty():
            # not through a buffer: the signal may have come while it is being written
            os.write(2, f"\nfinishing {work}; press Ctrl-C again to quit at once\n".encode())

    # what was started to ignore a signal, as a shell does for jobs in the background, goes on ignoring it
    heard = [n for n in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(n) is not signal.SIG_IGN]
    before = {number: signal.signal(number, handle) for number in heard}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def quit_at_once(plan: Plan, code: int) -> NoReturn:
    """Leave without waiting for the threads; what they had half written is removed."""
    with suppress(OSError):
        sweep(plan)
    with suppress(OSError):
        sys.stdout.flush()
        os.write(2, b"photochrom: interrupted: run the same command with --resume to go on\n")
    os._exit(code)
