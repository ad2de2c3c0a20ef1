"""Puts a file in place in one step: whoever looks sees the old state or the whole new file, also after a power cut."""

import ctypes
import errno
import hashlib
import os
import re
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

from photochrom.errors import OutputExistsError, PhotochromError, WriteError

__all__ = ["PART_SUFFIX", "is_part_of", "whole_file", "write_whole"]

#: how a file in the making is named: ``.NAME.UNIQUE.photochrom-part``, beside the file it will be
PART_SUFFIX = ".photochrom-part"
#: bytes; a longer name is shortened, so that what is added to it fits where 143 are the limit (eCryptfs) and not 255
_LONGEST_STEM = 100
#: Linux: relative to the working folder, and fail where the target is there (linux/fs.h)
_AT_FDCWD, _RENAME_NOREPLACE = -100, 1


@contextmanager
def whole_file(path: Path, *, overwrite: bool) -> Iterator[Path]:
    """A name beside ``path`` to write to; what lies there when the block ends well is put at ``path`` in one step.

    Raises:
        OutputExistsError: a file is there and ``overwrite`` is not set.
        WriteError: the block or the step met an OSError: disk full, no permission, no such folder.
    """
    if not overwrite and os.path.lexists(path):
        raise _exists(path)
    if "\0" in str(path):
        raise WriteError("A file's name cannot hold a zero byte: choose another name.")
    # two who save to the same path at the same time must not write into one file
    part = path.with_name(f".{_stem(path.name)}.{os.getpid():x}-{secrets.token_hex(4)}{PART_SUFFIX}")
    try:
        try:
            yield part
            with part.open("rb+") as stream:
                os.fsync(stream.fileno())
            _put(part, path, overwrite=overwrite)
        finally:
            # in place already, or left over by whatever went wrong, a keyboard interrupt too
            with suppress(OSError):
                part.unlink(missing_ok=True)
    except OSError as error:
        if isinstance(error, PhotochromError):
            raise
        raise WriteError(_sentence(path, error)) from error
    except MemoryError:
        raise WriteError(f"{path} cannot be written, memory is full: close other programs.") from None


def write_whole(path: Path, content: bytes, *, overwrite: bool, folders: bool = False) -> Path:
    """Write ``content`` to ``path``, if wanted making the folders it lies in; see :func:`whole_file`."""
    with whole_file(path, overwrite=overwrite) as part:
        if folders:
            path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content)
    return path


def is_part_of(part: str, name: str) -> bool:
    """Whether the file named ``part`` is a file in the making, or left of one, that was to be called ``name``."""
    return re.fullmatch(rf"\.{re.escape(_stem(name))}(\.[^.]+)?{re.escape(PART_SUFFIX)}", part) is not None


def _stem(name: str) -> str:
    whole = os.fsencode(name)
    return name if len(whole) <= _LONGEST_STEM else hashlib.sha256(whole).hexdigest()[:32]


def _put(part: Path, path: Path, *, overwrite: bool) -> None:
    if overwrite:
        part.replace(path)
    else:
        try:
            # a link fails where a file has appeared meanwhile; a rename would replace it
            os.link(part, path)
        except FileExistsError:
            raise _exists(path) from None
        except OSError:
            _put_without_links(part, path)
    with suppress(OSError):
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _put_without_links(part: Path, path: Path) -> None:
    try:
        if _rename_only(part, path):
            return
        # reserves the name; a kill before the next line leaves an empty file, which is better than to risk another's
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    except FileExistsError:
        raise _exists(path) from None
    try:
        part.replace(path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _rename_only(part: Path, path: Path) -> bool:
    """Rename in one step where nothing is there yet; False where the system or the file system cannot.

    Raises:
        FileExistsError: something is there.
    """
    if sys.platform == "win32":
        part.rename(path)
        return True
    rename = _renameat2()
    if rename is None:
        return False
    if rename(_AT_FDCWD, os.fsencode(part), _AT_FDCWD, os.fsencode(path), _RENAME_NOREPLACE) == 0:
        return True
    if ctypes.get_errno() == errno.EEXIST:
        raise FileExistsError
    return False


@cache
def _renameat2() -> Any:
    if sys.platform != "linux":
        return None
    return getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)


def _exists(path: Path) -> OutputExistsError:
    return OutputExistsError(f"{path} exists already: choose another name, or allow it with --overwrite.")


def _sentence(path: Path, error: OSError) -> str:
    reasons = {
        errno.ENOSPC: "the disk is full: free some space",
        errno.EFBIG: "it is larger than a file may be here: choose another disk",
        errno.EDQUOT: "your quota is used up: free some space",
        errno.EACCES: "permission is denied: choose another folder or change its permissions",
        errno.EPERM: "permission is denied: choose another folder or change its permissions",
        errno.EROFS: "the disk is read-only: choose another folder",
        errno.ENOENT: "there is no such folder: make it first",
        errno.ENOTDIR: "its folder is a file: choose another folder",
        errno.ENAMETOOLONG: "the name is too long: choose a shorter one",
        errno.EISDIR: "it is a folder: choose another name",
    }
    reason = reasons.get(error.errno or 0, f"{error.strerror or error}: check the folder and the disk")
    return f"{path} cannot be written, {reason}."
