"""Things kept in memory while they fit, the longest unused dropped first."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

__all__ = ["ByteCache"]

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class ByteCache(Generic[Key, Value]):
    """Values by key, bounded by their bytes together; safe between threads.

    Args:
        limit: bytes; a value larger than that alone is not kept.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept: OrderedDict[Key, tuple[Value, int]] = OrderedDict()
        self._making: dict[Key, threading.Lock] = {}
        self._lock = threading.Lock()
        self.bytes = 0

    def get(self, key: Key, make: Callable[[], Value], weigh: Callable[[Value], int]) -> Value:
        """The value of a key, made by one thread while others that want it wait.

        Args:
            key: what it is known by.
            make: makes it; an error it raises passes through, and nothing is kept.
            weigh: its bytes.
        """
        with self._lock:
            if (found := self._kept.get(key)) is not None:
                self._kept.move_to_end(key)
                return found[0]
            own = self._making.setdefault(key, threading.Lock())
        with own:
            with self._lock:
                if (found := self._kept.get(key)) is not None:
                    return found[0]
            try:
                value = make()
            finally:
                with self._lock:
                    self._making.pop(key, None)
            self._keep(key, value, weigh(value))
        return value

    def drop(self, chosen: Callable[[Key], bool]) -> None:
        """Forget what has a chosen key."""
        with self._lock:
            for key in [key for key in self._kept if chosen(key)]:
                self.bytes -= self._kept.pop(key)[1]

    def _keep(self, key: Key, value: Value, size: int) -> None:
        with self._lock:
            if size > self._limit or key in self._kept:
                return
            self._kept[key] = (value, size)
            self.bytes += size
            while self.bytes > self._limit:
                _, (_, dropped) = self._kept.popitem(last=False)
                self.bytes -= dropped
