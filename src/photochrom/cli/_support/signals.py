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

from photochrom.batch import Plan, StoredPlan, remove_leftovers
from photochrom.cli._support.advice import explain
from photochrom.errors import PhotochromError

__all__ = ["Stop", "leave_interrupted", "quit_at_once", "stoppable"]


@dataclass
class Stop:
    """Whether a signal has come: the event a run watches, and the exit code the signal stands for."""

    event: threading.Event = field(default_factory=threading.Event)
    code: int | None = None


@contextmanager
def stoppable(work: str = "the photos in work") -> Iterator[Stop]:
    """Catches SIGINT and SIGTERM for the ``with`` block, to finish ``work``; a second one raises KeyboardInterrupt."""
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


def quit_at_once(plan: Plan | StoredPlan, code: int) -> NoReturn:
    """Leaves without waiting for the threads; what they had half written is removed."""
    # an object of a store is there as a whole or not at all
    if isinstance(plan, Plan):
        with suppress(OSError):
            remove_leftovers(plan)
    leave_interrupted(code)


def leave_interrupted(code: int, message: str = "batch.interrupted") -> NoReturn:
    """Leaves without waiting for anything, with a line, the text of a code, that says how to go on."""
    line = f"photochrom: {explain(PhotochromError(message))}\n"
    with suppress(OSError):
        sys.stdout.flush()
        os.write(2, line.encode())
    os._exit(code)
