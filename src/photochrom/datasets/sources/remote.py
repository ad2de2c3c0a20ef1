"""Files that are read in pieces, here or far away (through fsspec)."""

import os
import re
import time
from collections.abc import Sequence
from io import BufferedReader
from pathlib import Path
from typing import Any, Protocol, cast

from photochrom.datasets.sources.fingerprint import HEAD, Stamp, stamp_file
from photochrom.errors import DataError, MissingDependencyError

__all__ = ["LocalFile", "PiecewiseFile", "RemoteFile", "expand_braces", "expand_pattern", "is_remote"]

#: seconds to wait before a piece is asked for again; a network that fails for a moment should not end a night's work
PAUSES = (0.5, 2.0, 8.0)


class PiecewiseFile(Protocol):
    """A file of which any piece can be had."""

    @property
    def place(self) -> str:
        """Where it lies, for messages."""

    def open(self) -> BufferedReader:
        """Opens it for reading and seeking."""

    def read(self, start: int, size: int) -> bytes:
        """Bytes from ``start`` on, exactly ``size``."""

    def version(self) -> str:
        """Returns a text that changes when the file does."""

    def stamp(self) -> Stamp:
        """Returns what it is known by in a set's fingerprint."""


class LocalFile:
    """A file on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def place(self) -> str:
        """Its path."""
        return str(self.path)

    def open(self) -> BufferedReader:
        """Opens it."""
        return self.path.open("rb")

    def read(self, start: int, size: int) -> bytes:
        """Returns a piece of it.

        Raises:
            DataError: it is gone, or shorter than that.
        """
        try:
            with self.path.open("rb", buffering=0) as file:
                file.seek(start)
                content = file.read(size)
        except OSError as error:
            raise DataError("dataset.unreadable", path=self.path, reason=error.strerror) from error
        if len(content) != size:
            raise DataError("dataset.file_shortened", path=self.path)
        return content

    def version(self) -> str:
        """Returns its size and time of change."""
        status = self.path.stat()
        return f"{status.st_size} {status.st_mtime_ns}"

    def stamp(self) -> Stamp:
        """Returns its name, size and head."""
        return stamp_file(self.path)


class RemoteFile:
    """A file that fsspec reaches: ``https://``, ``s3://``, ``gs://``, ``simplecache::https://`` ...

    Raises:
        MissingDependencyError: fsspec is not installed.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        #: file system and path, by process
        self._opened: dict[int, tuple[Any, str]] = {}
        _import_fsspec()

    @property
    def place(self) -> str:
        """Its address."""
        return self.url

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_opened": {}}

    def _system(self) -> tuple[Any, str]:
        # an asynchronous file system does not survive a fork, so every process has its own; the one that came with
        # the fork is kept, for to be freed it waits for its loop, which runs in the other process
        if os.getpid() not in self._opened:
            self._opened[os.getpid()] = _import_fsspec().core.url_to_fs(self.url)
        return self._opened[os.getpid()]

    def _ask(self, question: str, **options: Any) -> Any:
        for pause in (*PAUSES, None):
            try:
                system, path = self._system()
                return getattr(system, question)(path, **options)
            except FileNotFoundError as error:
                raise DataError("dataset.url_missing", url=self.url) from error
            except ImportError as error:
                raise DataError("dataset.url_driver_missing", url=self.url, reason=str(error)) from error
            except Exception as error:  # every file system has errors of its own
                if pause is None or isinstance(error, ValueError | PermissionError):
                    raise _unreachable(self.url, error) from error
                time.sleep(pause)
        raise AssertionError

    def open(self) -> BufferedReader:
        """Opens it; what is read one after the other arrives in large pieces.

        Raises:
            DataError: it cannot be reached.
        """
        return cast(BufferedReader, self._ask("open", mode="rb"))

    def read(self, start: int, size: int) -> bytes:
        """Returns a piece of it, by one request.

        Raises:
            DataError: it cannot be reached, or its server does not serve pieces.
        """
        content: bytes = self._ask("cat_file", start=start, end=start + size)
        if len(content) != size:
            raise DataError("dataset.url_without_ranges", url=self.url)
        return content

    def version(self) -> str:
        """Returns what its server says about it."""
        info = self._ask("info")
        return " ".join(f"{key}={info[key]}" for key in sorted(info) if key not in {"created", "url", "name"})

    def stamp(self) -> Stamp:
        """Returns its name, size and head."""
        size = self._ask("info").get("size")
        if not isinstance(size, int):
            raise DataError("dataset.url_without_ranges", url=self.url)
        return Stamp(self.url.rsplit("/", 1)[-1], size, self.read(0, min(size, HEAD)))


def is_remote(place: str) -> bool:
    """Returns whether a place is an address and not a path.

    >>> is_remote("s3://bucket/a.tar"), is_remote("C:/a.tar")
    (True, False)
    """
    return "://" in place


def expand_braces(text: str) -> list[str]:
    """Writes out ``{000..004}`` and ``{a,b}``, as a shell does and WebDataset's addresses have it.

    >>> expand_braces("{0..1}/{08..10}.tar")
    ['0/08.tar', '0/09.tar', '0/10.tar', '1/08.tar', '1/09.tar', '1/10.tar']
    >>> expand_braces("train-{a,b}.tar")
    ['train-a.tar', 'train-b.tar']
    """
    found = re.search(r"\{(?:(\d+)\.\.(\d+)|([^{}]*,[^{}]*))\}", text)
    if found is None:
        return [text]
    first, last, names = found.groups()
    if names is None and int(last) - int(first) > 1_000_000:
        raise DataError("dataset.too_many_files", pattern=text)
    inner = names.split(",") if names else [f"{n:0{len(first)}d}" for n in range(int(first), int(last) + 1)]
    tails = expand_braces(text[found.end() :])
    return [text[: found.start()] + item + tail for item in inner for tail in tails]


def expand_pattern(url: str) -> Sequence[str]:
    """Returns the addresses that an address with ``*`` stands for, sorted; any other address itself.

    Raises:
        DataError: there are none, or the server cannot be reached.
    """
    if "*" not in url:
        return [url]
    fsspec = _import_fsspec()
    try:
        system, path = fsspec.core.url_to_fs(url)
        found = sorted(system.unstrip_protocol(name) for name in system.glob(path))
    except Exception as error:  # every file system has errors of its own
        raise _unreachable(url, error) from error
    if not found:
        raise DataError("dataset.url_pattern_empty", url=url)
    return found


def _import_fsspec() -> Any:
    try:
        import fsspec
        import fsspec.core
    except ModuleNotFoundError as error:
        raise MissingDependencyError("Reading from the network", "train") from error
    return fsspec


def _unreachable(url: str, error: Exception) -> DataError:
    reason = str(error).strip().splitlines() or [type(error).__name__]
    return DataError("dataset.url_unreachable", url=url, reason=reason[0])
