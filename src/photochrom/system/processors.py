"""How many processors there are to work with."""

import os

__all__ = ["count_processors"]


def count_processors() -> int:
    """Returns the processors this process may use, where the system tells; a container often has fewer."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
