"""Processes that share the processors with others of their kind."""

import os

__all__ = ["one_thread_each"]


def one_thread_each() -> None:
    """Let the linear algebra of processes begun from now on use one thread each, unless the user has said otherwise.

    The threads of several such processes wait for each other in loops, and on few processors take most of their time.
    The libraries read these variables when they are loaded, so this process is as it was.
    """
    for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
