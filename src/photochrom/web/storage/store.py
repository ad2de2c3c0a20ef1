"""The storage of photos, jobs and results: files under one fsspec location, which all processes and workers see.

::

    CLIENT/photos/ID/record.json, photo
    CLIENT/videos/ID/record.json, film, shots.json, shots, kept
    CLIENT/jobs/ID/record.json, cancel, film, order.json, webhook.json, result
    webhooks/ID

A client's folder is named after a hash of its secret, so a path from one client cannot name another's file, and the
storage holds no secret of a client. That of a webhook lies in it until its message is delivered. A file is written
under another name and then moved: whoever looks sees it whole or not at all.
"""

import hashlib
import json
import math
import os
import secrets
import shutil
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, BinaryIO

from photochrom.deprecations import read_environment
from photochrom.errors import MissingDependencyError, OptionError
from photochrom.system.locks import hold_lock

__all__ = ["Storage", "find_storage_url"]

_PIECE = 1 << 20
PART = ".part"
#: seconds after which all bytes are counted again
_KNOWN = 5.0
#: what :meth:`Storage.check` writes, bytes
_TRIED = 1_000_000


def find_storage_url() -> str:
    """Returns ``PHOTOCHROM_STORAGE_URL``, or a folder in the user's state folder."""
    state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return read_environment("PHOTOCHROM_STORAGE_URL") or str(Path(state) / "photochrom" / "store")


class Storage:
    """Files under one location.

    Args:
        location: a folder, or any address that fsspec knows (``s3://bucket/photochrom``).

    Raises:
        OptionError: the location cannot be used.
        MissingDependencyError: fsspec is not installed.
    """

    def __init__(self, location: str) -> None:
        try:
            import fsspec
        except ImportError as error:
            raise MissingDependencyError("The web service", "web") from error
        try:
            self._fs, self._root = fsspec.core.url_to_fs(location)
            self._fs.makedirs(self._root, exist_ok=True)
        except (OSError, ValueError, ImportError) as error:
            raise OptionError("service.storage_unusable", location=location, reason=str(error)) from error
        #: whether its files are plain ones of this machine
        self.is_local = "file" in (self._fs.protocol if isinstance(self._fs.protocol, tuple) else (self._fs.protocol,))
        self._bytes, self._sized, self._sizing = 0, -math.inf, threading.Lock()
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._copies = Path(tempfile.gettempdir()) / f"photochrom-{hashlib.sha256(location.encode()).hexdigest()[:16]}"

    def write(self, path: str, content: bytes | BinaryIO) -> None:
        """Puts a file in place in one step.

        Raises:
            OSError: it cannot be written; nothing is left of it.
        """
        whole, part = self._at(path), f"{self._at(path)}.{secrets.token_hex(4)}{PART}"
        self._fs.makedirs(whole.rpartition("/")[0], exist_ok=True)
        try:
            with self._fs.open(part, "wb") as file:
                if isinstance(content, bytes):
                    file.write(content)
                else:
                    shutil.copyfileobj(content, file, _PIECE)
            if self.is_local:
                Path(part).replace(whole)
            else:
                self._fs.mv(part, whole)
        except BaseException:
            with suppress(OSError):
                self._fs.rm_file(part)
            raise

    def read(self, path: str) -> bytes:
        """Returns a file's bytes. Raises FileNotFoundError."""
        data: bytes = self._fs.cat_file(self._at(path))
        return data

    def write_json(self, path: str, entries: Mapping[str, Any]) -> None:
        """Puts a record in place in one step."""
        self.write(path, json.dumps(entries).encode())

    def read_json(self, path: str) -> dict[str, Any] | None:
        """Returns a record; None where there is none."""
        try:
            found = json.loads(self.read(path))
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def exists(self, path: str) -> bool:
        """Returns whether there is such a file."""
        return bool(self._fs.exists(self._at(path)))

    def names(self, folder: str = "") -> list[str]:
        """Returns what lies in a folder, by name; none where that folder does not exist."""
        try:
            found = self._fs.ls(self._at(folder), detail=False, refresh=True)
        except (FileNotFoundError, NotADirectoryError):
            return []
        return sorted(str(name).rstrip("/").rpartition("/")[2] for name in found)

    def remove(self, path: str) -> None:
        """Deletes a file or a folder, if it is there."""
        with suppress(FileNotFoundError):
            self._fs.rm(self._at(path), recursive=True)
        if not self.is_local:
            self._copy(path).unlink(missing_ok=True)

    def size(self) -> int:
        """Returns the bytes of all files together, as they were a few seconds ago at most."""
        if time.monotonic() - self._sized > _KNOWN:
            # where something was taken away while it was counted, the last count is as good
            with suppress(FileNotFoundError):
                self._bytes = int(self._fs.du(self._root))
            self._sized = time.monotonic()
        return self._bytes

    def claim(self, size: int, limit: int) -> bool:
        """Counts bytes that are to be stored; False, and nothing is counted, where they do not fit under the limit."""
        with self._sizing:
            if self.size() + size > limit:
                return False
            self._bytes += size
            return True

    def check(self) -> None:
        """Writes a megabyte and deletes it. Raises OSError where that cannot be done."""
        self.write("ready", bytes(_TRIED))
        self.remove("ready")

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Keeps others out of a block that counts and then adds: threads, and processes that share a folder.

        Other locations have no locks: there, each process keeps its own threads apart.
        """
        # all names together share 256 files at most
        shared = hashlib.sha256(name.encode()).hexdigest()[:2]
        others = hold_lock(self.folder("locks") / f"{shared}.lock") if self.is_local else nullcontext()
        with self._locks[shared], others:
            yield

    def file_size(self, path: str) -> int:
        """Returns a file's size, bytes. Raises FileNotFoundError."""
        return int(self._fs.size(self._at(path)))

    def age(self, path: str) -> float:
        """Returns seconds since a file or folder was last changed; 0 where that is not known."""
        try:
            changed = self._fs.modified(self._at(path))
        except (OSError, NotImplementedError):
            return 0.0
        return max(0.0, time.time() - float(changed.timestamp()))

    def local(self, path: str) -> Path:
        """Returns a file of this machine with the content: the stored one, or a copy kept until that is removed.

        Raises:
            FileNotFoundError: the file does not exist.
        """
        if self.is_local:
            found = Path(self._at(path))
            if not found.exists():
                raise FileNotFoundError(path)
            return found
        copy = self._copy(path)
        if not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            part = copy.with_name(f"{copy.name}.{secrets.token_hex(4)}{PART}")
            try:
                self._fs.get_file(self._at(path), str(part))
                part.replace(copy)
            finally:
                part.unlink(missing_ok=True)
        return copy

    def folder(self, path: str) -> Path:
        """Returns a folder of this machine to work in: beside the stored files, where those are plain ones."""
        found = Path(self._at(path)) if self.is_local else self._copies / "work" / path
        found.mkdir(parents=True, exist_ok=True)
        return found

    def _copy(self, path: str) -> Path:
        return self._copies / hashlib.sha256(path.encode()).hexdigest()

    def _at(self, path: str) -> str:
        parts = [part for part in path.split("/") if part]
        assert not any(part.startswith("..") for part in parts), path
        return "/".join([str(self._root), *parts])
