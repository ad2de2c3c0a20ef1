"""Work in several processes: results in order, and never many ahead of who takes them."""

import multiprocessing
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

from photochrom.errors import DataError
from photochrom.system.processes import follow_parent, limit_threads

__all__ = ["map_in_order", "split_chunks"]

Context = TypeVar("Context")
Task = TypeVar("Task")
Result = TypeVar("Result")

#: tasks that are done or under way for each process
AHEAD = 4


def split_chunks(items: Sequence[Task], size: int) -> list[Sequence[Task]]:
    """Cuts a list into lists of at most ``size``.

    >>> split_chunks([1, 2, 3], 2)
    [[1, 2], [3]]
    """
    return [items[first : first + size] for first in range(0, len(items), size)]


def map_in_order(
    work: Callable[[Context, Task], Result], context: Context, tasks: Sequence[Task], *, jobs: int
) -> Iterator[Result]:
    """Does ``work(context, task)`` for each task.

    Args:
        work: a function of a module, so that another process finds it.
        context: what all tasks share, such as a set of photos; each process gets it once.
        tasks: what to do.
        jobs: processes; 1 works in this one.

    Raises:
        DataError: a process was killed.
    """
    if min(jobs, len(tasks)) <= 1:
        yield from (work(context, task) for task in tasks)
        return
    # forking a process that has threads, as those of numpy and torch, may hang it
    start = multiprocessing.get_context("spawn")
    limit_threads()
    pool = ProcessPoolExecutor(min(jobs, len(tasks)), start, initializer=_begin, initargs=(context,))
    try:
        waiting: deque[Future[Result]] = deque()
        for task in tasks:
            waiting.append(pool.submit(_call, work, task))
            if len(waiting) >= jobs * AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool as error:
        raise DataError("system.process_killed") from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


_context: Any = None


def _begin(context: Any) -> None:
    global _context
    _context = context
    follow_parent()
    # what decoders warn of is for developers
    warnings.simplefilter("ignore")


def _call(work: Callable[[Any, Task], Result], task: Task) -> Result:
    return work(_context, task)
