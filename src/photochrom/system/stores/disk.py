"""Files of this machine, by absolute path."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from photochrom.errors import StoreError
from photochrom.system.atomic import PART_SUFFIX, whole_file, write_whole
from photochrom.system.stores.base import StoredFile

__all__ = ["DiskStore"]


class DiskStore:
    """The file system of this machine; see :class:`~photochrom.system.stores.base.Store` for its methods."""

    def find(self, address: str) -> list[StoredFile]:
        """Lists the files below a folder; unfinished ones of other runs are left out."""
        problems: list[OSError] = []
        found: list[StoredFile] = []
        for folder, _, names in os.walk(address, onerror=problems.append):
            paths = (str(Path(folder, name)) for name in names if not name.endswith(PART_SUFFIX))
            found += [file for path in paths if (file := self.look_up(path)) is not None]
        for error in problems:
            if not isinstance(error, FileNotFoundError | NotADirectoryError):
                raise StoreError("store.permission_denied", url=error.filename, reason=error.strerror) from error
        return sorted(found, key=lambda file: file.address)

    def look_up(self, address: str) -> StoredFile | None:
        """Returns one file; None where there is not such a file, or it is a folder, a device or a pipe."""
        path = Path(address)
        try:
            if not path.is_file():
                return None
            status = path.stat()
        except OSError:
            return None
        return StoredFile(address, status.st_size, str(status.st_mtime_ns))

    def read(self, address: str, size: int | None = None) -> bytes:
        """Returns the content of a file."""
        try:
            content = Path(address).read_bytes()
        except FileNotFoundError as error:
            raise StoreError("store.not_found", url=address) from error
        except OSError as error:
            code = "store.permission_denied" if isinstance(error, PermissionError) else "store.failed"
            raise StoreError(code, url=address, reason=error.strerror) from error
        if size is not None and len(content) != size:
            raise StoreError("store.incomplete", url=address, read=len(content), size=size)
        return content

    def write(self, address: str, content: bytes, *, overwrite: bool) -> None:
        """Writes a file in one step, and its folders."""
        write_whole(_make_folder(address), content, overwrite=overwrite)

    @contextmanager
    def open_file(self, address: str, size: int | None = None) -> Iterator[Path]:
        """Gives the file itself."""
        path = Path(address)
        try:
            found = path.stat().st_size
        except OSError as error:
            raise StoreError("store.not_found", url=address) from error
        if size is not None and found != size:
            raise StoreError("store.incomplete", url=address, read=found, size=size)
        yield path

    @contextmanager
    def create_file(self, address: str, *, overwrite: bool) -> Iterator[Path]:
        """Gives a name beside the file, and renames when the block ends well."""
        with whole_file(_make_folder(address), overwrite=overwrite) as part:
            yield part

    def remove(self, address: str) -> None:
        """Removes a file, where it is there."""
        try:
            Path(address).unlink(missing_ok=True)
        except OSError as error:
            raise StoreError("store.permission_denied", url=address, reason=error.strerror) from error


def _make_folder(address: str) -> Path:
    """Returns a file's path, whose folder is there afterwards."""
    path = Path(address)
    if not path.parent.is_dir():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError("store.permission_denied", url=str(path.parent), reason=error.strerror) from error
    return path
