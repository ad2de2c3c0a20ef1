"""Tells whether a process that began something in a storage still runs; one that was killed cannot say so itself.

Each process holds a lock of its own beside the storage's others for as long as it lives. Its name goes with what it
begins; whoever gets that lock knows that nobody will end it.
"""

import secrets
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from photochrom.system.locks import try_lock
from photochrom.web.storage.store import Storage

if TYPE_CHECKING:
    from filelock import BaseFileLock

__all__ = ["find_own_name", "has_ended"]

_PREFIX, _SUFFIX = "process-", ".lock"
#: by the folder of a storage: this process's name there, and its lock
_held: dict[str, tuple[str, "BaseFileLock | None"]] = {}
_holding = threading.Lock()


def find_own_name(storage: Storage) -> str:
    """Returns this process's name among those of a storage; empty where the storage has no locks."""
    if not storage.is_local:
        return ""
    folder = storage.folder("locks")
    with _holding:
        if str(folder) not in _held:
            for path in folder.glob(f"{_PREFIX}*{_SUFFIX}"):
                if (lock := try_lock(path)) is not None:
                    lock.release()
                    with suppress(OSError):
                        path.unlink()
            name = secrets.token_hex(8)
            path = folder / f"{_PREFIX}{name}{_SUFFIX}"
            own = try_lock(path)
            # where locks keep nobody away, they tell nothing
            works = own is not None and try_lock(path) is None
            _held[str(folder)] = (name if works else "", own)
        return _held[str(folder)][0]


def has_ended(storage: Storage, name: str) -> bool:
    """Returns whether a process is known to have ended.

    Args:
        storage: where it began something.
        name: as its :func:`find_own_name` gave it; of an empty one nothing is known.
    """
    if not name or not storage.is_local or not find_own_name(storage):
        return False
    path = storage.folder("locks") / f"{_PREFIX}{name}{_SUFFIX}"
    if not path.exists():
        return True
    lock = try_lock(path)
    if lock is None:
        return False
    lock.release()
    return True
