"""What every place of files can do, whatever it is made of."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

__all__ = ["Store", "StoredFile"]


@dataclass(frozen=True)
class StoredFile:
    """A file as a listing shows it.

    Attributes:
        address: of the file.
        size: in bytes; None where the place does not say.
        version: changes when the content does: the store's tag, or else the time of the change; "" for neither.
    """

    address: str
    size: int | None
    version: str


class Store(Protocol):
    """A place of files. Its methods may run in several threads at once, and it can be sent to another process."""

    def find(self, address: str) -> list[StoredFile]:
        """Lists the files below a folder, sorted by address; none where there is not such a folder.

        Raises:
            StoreError: it cannot be listed.
        """
        ...

    def look_up(self, address: str) -> StoredFile | None:
        """Returns one file; None where there is not such a file.

        Raises:
            StoreError: it cannot be asked about.
        """
        ...

    def read(self, address: str, size: int | None = None) -> bytes:
        """Returns the content of a file.

        Args:
            address: of the file.
            size: how many bytes it should have; None where that is not known.

        Raises:
            StoreError: it cannot be read, or is of another size.
        """
        ...

    def write(self, address: str, content: bytes, *, overwrite: bool) -> None:
        """Writes a file: whoever looks sees all of it, or what was there before.

        Raises:
            OutputExistsError: another file is there and ``overwrite`` is not set.
            StoreError, WriteError: it cannot be written.
        """
        ...

    def open_file(self, address: str, size: int | None = None) -> AbstractContextManager[Path]:
        """Gives a file of this machine with the content, for files that are too large for memory.

        Args:
            address: of the file.
            size: as for :meth:`read`.

        Raises:
            StoreError: as there.
        """
        ...

    def create_file(self, address: str, *, overwrite: bool) -> AbstractContextManager[Path]:
        """Gives the path of a file to make, and puts it in place, whole, when the ``with`` block ends well.

        Raises:
            OutputExistsError, StoreError, WriteError: as for :meth:`write`.
        """
        ...

    def remove(self, address: str) -> None:
        """Removes a file, where it is there.

        Raises:
            StoreError: it cannot be removed.
        """
        ...
