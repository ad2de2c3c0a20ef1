"""Keeps two runs from writing into one folder."""

__all__ = ["lock"]


def lock(descriptor: int) -> bool:
    """Keep other processes out until the file is closed, were it by a kill; False where one is in already."""
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        # some network file systems have no locks
        return True
    return True
