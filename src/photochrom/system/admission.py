"""How many pixels may be in flight at once, so that several giant pictures do not fill the memory together."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["PixelGate"]


class PixelGate:
    """Lets pictures in while their pixels together stay within a limit; one alone may be any size.

    First come, first served: a giant is not kept waiting for ever by small ones.

    Args:
        limit: pixels.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._inside = 0
        self._queue: deque[object] = deque()
        self._changed = threading.Condition()

    @contextmanager
    def admit(self, pixels: int) -> Iterator[None]:
        """Waits until there is room for a picture of so many pixels, and holds it for the ``with`` block."""
        ticket = object()
        with self._changed:
            self._queue.append(ticket)
            self._changed.wait_for(lambda: self._queue[0] is ticket and self._has_room(pixels))
            self._queue.popleft()
            self._inside += pixels
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._inside -= pixels
                self._changed.notify_all()

    def _has_room(self, pixels: int) -> bool:
        return self._inside == 0 or self._inside + pixels <= self._limit
