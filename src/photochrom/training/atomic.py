"""A file that appears whole or not at all, and survives a power cut once it is there."""

import os
import tempfile
from pathlib import Path

from photochrom.errors import OutputExistsError, WriteError

__all__ = ["write_whole"]


def write_whole(path: Path, content: bytes, *, overwrite: bool) -> Path:
    """Write ``content`` to ``path``.

    Raises:
        OutputExistsError: a file is there already and ``overwrite`` is not set.
        WriteError: the file cannot be written.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.chmod(0o644)
            if overwrite:
                temporary.replace(path)
            else:
                path.hardlink_to(temporary)  # unlike a rename, a link never replaces
        finally:
            temporary.unlink(missing_ok=True)
    except FileExistsError as error:
        raise OutputExistsError(
            f"'{path}' exists already: choose another name, or allow it with --overwrite"
        ) from error
    except OSError as error:
        reason = error.strerror or "the system refused"
        raise WriteError(f"'{path}' cannot be written ({reason}): check the folder and the free space") from error
    return path
