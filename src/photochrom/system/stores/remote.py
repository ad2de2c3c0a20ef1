"""Files of object stores and web servers, through fsspec, with the credentials that its libraries find themselves."""

import filecmp
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from photochrom.errors import MissingDependencyError, OutputExistsError, StoreError
from photochrom.system.stores.address import READABLE
from photochrom.system.stores.base import StoredFile
from photochrom.system.stores.explain import explain_store_error, is_transient
from photochrom.system.stores.retry import Retry

__all__ = ["RemoteStore"]

T = TypeVar("T")

_S3 = ("s3", "s3a")
#: what a listing calls the version of a file, the best first
_VERSIONS = ("ETag", "etag", "md5Hash", "generation", "LastModified", "last_modified", "created")
#: a file up to so many bytes is read by one request, and is not asked for its size before
_ONE_REQUEST = 50 * 2**20


class RemoteStore:
    """The files of one kind of URL; see :class:`~photochrom.system.stores.base.Store` for its methods.

    Args:
        scheme: such as ``s3``.
        retry: how often what fails for a while is tried again.

    Raises:
        MissingDependencyError: the library for it is not installed.
        StoreError: the library cannot be set up.
    """

    def __init__(self, scheme: str, retry: Retry) -> None:
        self._scheme, self._retry = scheme, retry
        self._system = _open_system(scheme)
        # s3fs would look up the size of every file to find those that it reads in parts
        self._whole = {"max_concurrency": 1} if scheme in _S3 else {}

    def __reduce__(self) -> tuple[object, ...]:
        # another process opens connections of its own
        return type(self), (self._scheme, self._retry)

    def find(self, address: str) -> list[StoredFile]:
        """Lists the files below a folder."""
        folder = address.rstrip("/") + "/"

        def find() -> dict[str, dict[str, Any]]:
            try:
                found: dict[str, dict[str, Any]] = self._system.find(folder, detail=True)
            except FileNotFoundError as error:
                if explain_store_error(address, error).code == "store.bucket_missing":
                    raise
                return {}
            return found

        found = self._call(folder, find)
        files = [self._describe(self._address(name), about) for name, about in found.items() if _is_file(name, about)]
        return sorted(files, key=lambda file: file.address)

    def look_up(self, address: str) -> StoredFile | None:
        """Returns one file; None where there is not such a file."""

        def look() -> dict[str, Any] | None:
            try:
                about: dict[str, Any] = self._system.info(address)
            except FileNotFoundError as error:
                if explain_store_error(address, error).code == "store.bucket_missing":
                    raise
                return None
            return about

        about = self._call(address, look)
        return None if about is None or about.get("type") != "file" else self._describe(address, about)

    def read(self, address: str, size: int | None = None) -> bytes:
        """Returns the content of a file; one that arrives cut is asked for again."""

        def read() -> bytes:
            whole = self._whole if size is None or size <= _ONE_REQUEST else {}
            content: bytes = self._system.cat_file(address, **whole)
            if size is not None and len(content) != size:
                raise StoreError("store.incomplete", url=address, read=len(content), size=size)
            return content

        return self._call(address, read)

    def write(self, address: str, content: bytes, *, overwrite: bool) -> None:
        """Writes a file by one request, or by several that the store joins at the end."""

        def write() -> None:
            try:
                self._system.pipe_file(address, content, mode="overwrite" if overwrite else "create")
            except OSError as error:
                if overwrite or not self._is_there(address, error):
                    raise
                # an earlier try may have arrived, and its answer been lost
                if self._system.cat_file(address) != content:
                    raise OutputExistsError("output.exists", path=address) from error

        self._call(address, write)

    @contextmanager
    def open_file(self, address: str, size: int | None = None) -> Iterator[Path]:
        """Gives a copy in a temporary folder; one that arrives cut is asked for again."""
        with tempfile.TemporaryDirectory(prefix="photochrom-") as folder:
            path = Path(folder, "copy")

            def load() -> None:
                self._system.get_file(address, str(path))
                read = path.stat().st_size
                if size is not None and read != size:
                    raise StoreError("store.incomplete", url=address, read=read, size=size)

            self._call(address, load)
            yield path

    @contextmanager
    def create_file(self, address: str, *, overwrite: bool) -> Iterator[Path]:
        """Gives a file in a temporary folder, and sends it when the block ends well."""
        with tempfile.TemporaryDirectory(prefix="photochrom-") as folder:
            path = Path(folder, "made")
            yield path

            def send() -> None:
                try:
                    self._system.put_file(str(path), address, mode="overwrite" if overwrite else "create")
                except OSError as error:
                    if overwrite or not self._is_there(address, error):
                        raise
                    # as above
                    there = Path(folder, "there")
                    self._system.get_file(address, str(there))
                    if not filecmp.cmp(path, there, shallow=False):
                        raise OutputExistsError("output.exists", path=address) from error

            self._call(address, send)

    def remove(self, address: str) -> None:
        """Removes a file, where it is there."""

        def remove() -> None:
            try:
                self._system.rm_file(address)
            except FileNotFoundError:
                return

        self._call(address, remove)

    def _call(self, address: str, action: Callable[[], T]) -> T:
        try:
            return self._retry.call(action, is_transient)
        except OutputExistsError:
            raise
        except Exception as error:  # every library has errors of its own
            raise explain_store_error(address, error) from error

    def _is_there(self, address: str, error: OSError) -> bool:
        """Tells whether a write was refused because a file is there: stores say that in many ways."""
        if is_transient(error) or isinstance(error, PermissionError | FileNotFoundError):
            return False
        return isinstance(error, FileExistsError) or bool(self._system.exists(address))

    def _address(self, name: str) -> str:
        return name if self._scheme in READABLE else f"{self._scheme}://{name.lstrip('/')}"

    def _describe(self, address: str, about: dict[str, Any]) -> StoredFile:
        version = next((str(about[key]) for key in _VERSIONS if about.get(key)), "")
        size = about.get("size")
        return StoredFile(address, None if size is None else int(size), version)


def _is_file(name: str, about: dict[str, Any]) -> bool:
    # some programs put empty files in place of folders
    return about.get("type") == "file" and not name.endswith("/")


def _open_system(scheme: str) -> Any:
    try:
        import fsspec
    except ModuleNotFoundError as error:
        raise MissingDependencyError("Reading and writing object stores", "cloud") from error
    options: dict[str, Any] = {"use_listings_cache": False}
    if scheme in _S3:
        options["config_kwargs"] = {
            # one bound for all, ours, in place of one of each layer times the other
            "retries": {"mode": "standard", "total_max_attempts": 1},
            # botocore puts its own together anew for each request
            "user_agent": "photochrom",
        }
    try:
        system = fsspec.filesystem(scheme, **options)
    except ImportError as error:
        extra = {"gs": "gcsfs", "gcs": "gcsfs", "az": "adlfs", "abfs": "adlfs", "abfss": "adlfs"}.get(scheme)
        if extra is not None:
            raise StoreError("store.dependency_missing", scheme=scheme, library=extra) from error
        raise MissingDependencyError("Reading and writing object stores", "cloud") from error
    except Exception as error:  # every library has errors of its own
        raise explain_store_error(f"{scheme}://", error) from error
    if scheme in _S3:
        system.retries = 1
    return system
