"""Keeps two runs from writing to one output."""

import errno
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from photochrom.errors import OutputError
from photochrom.system.atomic import explain_os_error

if TYPE_CHECKING:
    from filelock import BaseFileLock

__all__ = ["acquire_lock", "lock"]

#: what a file system without locks says, as some network file systems
_UNSUPPORTED = {errno.EINVAL, errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}


def acquire_lock(path: Path, *, output: Path) -> "BaseFileLock":
    """Keeps other processes away from an output until the lock is released or this process ends, were it by a kill.

    Where the file system has no locks, nobody is kept away.

    Args:
        path: the file that stands for the lock, which is created and, on most systems, stays when the lock is released.
            Nothing else may write to it.
        output: what is locked, as the user knows it, for errors.

    Returns:
        The lock; whoever asked for it calls ``release()``, in any thread.

    Raises:
        OutputError: another process, or another part of this one, has the lock.
        WriteError: the file cannot be created.
    """
    # takes a while, and colouring one photo needs no lock
    import filelock

    lock = filelock.FileLock(path, timeout=0, thread_local=False)
    try:
        lock.acquire()
    except filelock.Timeout:
        raise OutputError("output.locked", path=output) from None
    except NotImplementedError:
        pass
    except OSError as error:
        if error.errno not in _UNSUPPORTED:
            raise explain_os_error(path, error) from error
    return lock


def lock(descriptor: int) -> bool:
    """Keeps other processes out until the file is closed, were it by a kill; False where one is in already."""
    if sys.platform == "win32":
        return True
    else:  # noqa: RET505
        import fcntl

        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            # some network file systems have no locks
            return True
        return True
