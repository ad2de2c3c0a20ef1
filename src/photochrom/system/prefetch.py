"""Work done ahead by another thread, a bounded way: the stages of a film overlap."""

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TypeVar

from photochrom.system.processes import step_back

__all__ = ["prefetch"]

Item = TypeVar("Item")
_POLL = 0.1


def prefetch(make: Callable[[], Iterator[Item]], size: int) -> Iterator[Item]:
    """Yields the items of ``make()``, which another thread produces at most ``size`` items ahead.

    That thread lets others go first: what is last in a chain has all the processors it can use, and what comes before
    it has the rest, rather than being done early and leaving a processor idle. An error there comes out here. Whoever
    closes this iterator closes that one, in its own thread, and waits for it.
    """
    line: queue.Queue[tuple[bool, Item | BaseException | None]] = queue.Queue(size)
    closed = threading.Event()

    def put(entry: tuple[bool, Item | BaseException | None]) -> bool:
        while not closed.is_set():
            with suppress(queue.Full):
                line.put(entry, timeout=_POLL)
                return True
        return False

    def work() -> None:
        step_back()
        source = make()
        try:
            for item in source:
                if not put((True, item)):
                    return
            put((False, None))
        except BaseException as error:  # handed over, whatever it is
            put((False, error))
        finally:
            close = getattr(source, "close", None)
            if close is not None:
                close()

    thread = threading.Thread(target=work, name="photochrom-ahead", daemon=True)
    thread.start()
    try:
        while True:
            more, item = line.get()
            if more:
                yield item  # type: ignore[misc]
            elif isinstance(item, BaseException):
                raise item
            else:
                return
    finally:
        closed.set()
        thread.join()
