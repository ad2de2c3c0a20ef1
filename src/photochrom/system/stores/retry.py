"""Trying again what failed for a while: a bounded number of times, with a wait that grows."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

__all__ = ["Retry"]

T = TypeVar("T")


@dataclass(frozen=True)
class Retry:
    """How often something is tried, and how long is waited in between: twice as long each time.

    Attributes:
        attempts: in all, 1 or more.
        first_seconds: the first wait.
        longest_seconds: no wait is longer.
    """

    attempts: int = 7
    first_seconds: float = 0.5
    longest_seconds: float = 8.0

    def call(self, action: Callable[[], T], is_transient: Callable[[Exception], bool]) -> T:
        """Returns what ``action`` returns; raises what it raised last, or what trying again would not mend.

        Args:
            action: is called until it returns.
            is_transient: tells whether an error may pass by itself.
        """
        wait = self.first_seconds
        for attempt in range(1, self.attempts + 1):
            try:
                return action()
            except Exception as error:
                if attempt == self.attempts or not is_transient(error):
                    raise
            # apart, so that many workers do not come back in the same moment
            time.sleep(wait * random.uniform(0.5, 1.0))
            wait = min(2 * wait, self.longest_seconds)
        raise AssertionError("attempts is 1 or more")
