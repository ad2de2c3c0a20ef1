"""Keeps two runs from writing to one output."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from filelock import BaseFileLock

__all__ = ["hold_lock", "try_lock"]

#: what a file system without locks says, as some network file systems
_UNSUPPORTED = {errno.EINVAL, errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}


def try_lock(path: Path) -> "BaseFileLock | None":
    """Keeps others away until the lock is released or this process ends, were it by a kill.

    Where the file system has no locks, nobody is kept away.

    Args:
        path: the file that stands for the lock. It is created, and on most systems stays when the lock is released.
            Nothing is written to it.

    Returns:
        The lock, whose ``release()`` any thread may call; None where another process, or another part of this one, has
        it.

    Raises:
        OSError: the file cannot be created.
    """
    # takes a while, and colouring one photo needs no lock
    import filelock

    lock = filelock.FileLock(path, timeout=0, thread_local=False)
    try:
        lock.acquire()
    except filelock.Timeout:
        return None
    except NotImplementedError:
        pass
    except OSError as error:
        if error.errno not in _UNSUPPORTED:
            raise
    return lock


@contextmanager
def hold_lock(path: Path) -> Iterator[None]:
    """Waits for a lock and keeps others away for the time of a ``with`` block; see :func:`try_lock`.

    Raises:
        OSError: the file cannot be created.
    """
    import filelock

    lock = filelock.FileLock(path)
    try:
        lock.acquire()
    except NotImplementedError:
        pass
    except OSError as error:
        if error.errno not in _UNSUPPORTED:
            raise
    try:
        yield
    finally:
        lock.release()
