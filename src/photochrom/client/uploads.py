"""Files that are sent, and how far they are."""

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

__all__ = ["OnProgress", "Source", "Upload"]

#: a path, the bytes themselves, or a file open for reading
Source = str | os.PathLike[str] | bytes | BinaryIO
#: called with a share, 0 to 1
OnProgress = Callable[[float], None]


class Upload:
    """A file that tells how much of it was read; httpx reads it from its begin for each attempt.

    Args:
        source: what is sent.
        name: as the service calls it; None for the file's own.
        on_progress: told after each piece.
    """

    def __init__(self, source: Source, name: str | None, on_progress: OnProgress | None) -> None:
        self._owned = isinstance(source, str | os.PathLike | bytes)
        self._file: BinaryIO
        if isinstance(source, bytes):
            self._file = io.BytesIO(source)
        elif isinstance(source, str | os.PathLike):
            self._file = Path(source).open("rb")  # noqa: SIM115 - closed by close
        else:
            self._file = source
        own = getattr(self._file, "name", None)
        self.name = name or (Path(own).name if isinstance(own, str) else "photo")
        self._begin = self._file.tell()
        self._size = self._file.seek(0, io.SEEK_END) - self._begin
        self._tell = on_progress
        self.seek(0)

    def read(self, size: int = -1) -> bytes:
        """Returns the next bytes."""
        data = self._file.read(size)
        if self._tell is not None:
            self._tell(1.0 if not self._size else min(1.0, self.tell() / self._size))
        return data

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Moves to a place, counted from where the file was when it was handed over."""
        if whence == io.SEEK_SET:
            offset += self._begin
        return self._file.seek(offset, whence) - self._begin

    def tell(self) -> int:
        """Returns the place."""
        return self._file.tell() - self._begin

    def close(self) -> None:
        """Closes the file where it was opened here."""
        if self._owned:
            self._file.close()
