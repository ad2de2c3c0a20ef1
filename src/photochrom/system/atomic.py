"""Puts a file in place in one step: whoever looks sees the old state or the whole new file, also after a power cut."""

import ctypes
import errno
import hashlib
import os
import re
import secrets
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

from photochrom.errors import OutputExistsError, PhotochromError, WriteError

__all__ = ["PART_SUFFIX", "explain_os_error", "is_part_of", "whole_file", "write_whole"]

#: how an unfinished file is named: ``.NAME.UNIQUE.photochrom-part``, beside the file it will be
PART_SUFFIX = ".photochrom-part"
#: bytes; a longer name is shortened, so that what is added to it fits where 143 are the limit (eCryptfs) and not 255
_MAX_NAME_BYTES = 100
#: Linux: relative to the working folder, and fail where the target is there (linux/fs.h)
_AT_FDCWD, _RENAME_NOREPLACE = -100, 1


@contextmanager
def whole_file(path: Path, *, overwrite: bool, like: Path | None = None, keep_times: bool = False) -> Iterator[Path]:
    """Gives a name beside ``path`` to write to, and puts the file at ``path`` in one step when the block ends well.

    Args:
        path: where to.
        overwrite: whether an existing file may be replaced.
        like: a file that group and others get no more rights than on.
        keep_times: give the file the times of ``like``.

    Raises:
        OutputExistsError: a file is there and ``overwrite`` is not set.
        WriteError: the block or the step met an OSError: disk full, no permission, no such folder.
    """
    if not overwrite and os.path.lexists(path):
        raise _exists_error(path)
    if "\0" in str(path):
        raise WriteError("output.invalid_name")
    # two who save to the same path at the same time must not write into one file
    part = path.with_name(f".{_shorten_name(path.name)}.{os.getpid():x}-{secrets.token_hex(4)}{PART_SUFFIX}")
    try:
        try:
            if os.path.lexists(path) and not path.is_file() and not path.is_dir() and path.exists():
                raise WriteError("output.is_device", path=path)
            if like is not None:
                _reserve(part, like)
            yield part
            if like is not None and keep_times:
                found = like.stat()
                os.utime(part, ns=(found.st_atime_ns, found.st_mtime_ns))
            with part.open("rb+") as stream:
                os.fsync(stream.fileno())
            _place(part, path, overwrite=overwrite)
        finally:
            # in place already, or left over by whatever went wrong, a keyboard interrupt too
            with suppress(OSError):
                part.unlink(missing_ok=True)
    except OSError as error:
        if isinstance(error, PhotochromError):
            raise
        raise explain_os_error(path, error) from error
    except MemoryError:
        raise WriteError("output.out_of_memory", path=path) from None


def _reserve(part: Path, like: Path) -> None:
    """Makes the empty file with the rights it will have, so that it never has more of them."""
    try:
        mode = stat.S_IMODE(like.stat().st_mode)
    except OSError:
        return
    # its owner must be able to write it
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, (mode & 0o666) | 0o600))


def write_whole(
    path: Path,
    content: bytes,
    *,
    overwrite: bool,
    folders: bool = False,
    like: Path | None = None,
    keep_times: bool = False,
    finish: Callable[[Path], None] | None = None,
) -> Path:
    """Writes a file in one step; see :func:`whole_file` for the errors.

    Args:
        path: where to.
        content: of the file.
        overwrite: whether an existing file may be replaced.
        folders: create the folders it lies in.
        like: as there.
        keep_times: as there.
        finish: gets the complete file before it is put in place.

    Returns:
        The path.
    """
    with whole_file(path, overwrite=overwrite, like=like, keep_times=keep_times) as part:
        if folders:
            path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content)
        if finish is not None:
            finish(part)
    return path


def is_part_of(part: str, name: str) -> bool:
    """Tells whether ``part`` names an unfinished file that was to be called ``name``."""
    return re.fullmatch(rf"\.{re.escape(_shorten_name(name))}(\.[^.]+)?{re.escape(PART_SUFFIX)}", part) is not None


def _shorten_name(name: str) -> str:
    whole = os.fsencode(name)
    return name if len(whole) <= _MAX_NAME_BYTES else hashlib.sha256(whole).hexdigest()[:32]


def _place(part: Path, path: Path, *, overwrite: bool) -> None:
    if overwrite:
        part.replace(path)
    else:
        try:
            # a link fails where a file has appeared meanwhile; a rename would replace it
            os.link(part, path)
        except FileExistsError:
            raise _exists_error(path) from None
        except OSError:
            _place_without_links(part, path)
    with suppress(OSError):
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _place_without_links(part: Path, path: Path) -> None:
    try:
        if _rename_if_absent(part, path):
            return
        # reserves the name; a kill before the next line leaves an empty file, which is better than to risk another's
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    except FileExistsError:
        raise _exists_error(path) from None
    try:
        part.replace(path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


if sys.platform == "win32":

    def _rename_if_absent(part: Path, path: Path) -> bool:
        # fails where something is there
        part.rename(path)
        return True

else:

    def _rename_if_absent(part: Path, path: Path) -> bool:
        """Renames in one step where nothing is there yet; False where the system or the file system cannot.

        Raises:
            FileExistsError: something is there.
        """
        rename = _load_renameat2()
        if rename is None:
            return False
        if rename(_AT_FDCWD, os.fsencode(part), _AT_FDCWD, os.fsencode(path), _RENAME_NOREPLACE) == 0:
            return True
        if ctypes.get_errno() == errno.EEXIST:
            raise FileExistsError
        return False

    @cache
    def _load_renameat2() -> Any:
        if sys.platform == "linux":
            return getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
        else:  # noqa: RET505 (so that mypy knows this branch by platform)
            return None


def _exists_error(path: Path) -> OutputExistsError:
    return OutputExistsError("output.exists", path=path)


_CODES = {
    errno.EACCES: "output.permission_denied",
    # a folder is to be made, and a file has its name
    errno.EEXIST: "output.not_a_folder",
    errno.EFBIG: "output.file_too_large",
    errno.EISDIR: "output.is_folder",
    errno.ENAMETOOLONG: "output.name_too_long",
    errno.ENOENT: "output.folder_missing",
    errno.ENOSPC: "output.disk_full",
    errno.ENOTDIR: "output.parent_not_a_folder",
    errno.EPERM: "output.permission_denied",
    errno.EROFS: "output.read_only",
}
if sys.platform != "win32":
    _CODES[errno.EDQUOT] = "output.quota_exceeded"


def explain_os_error(path: Path, error: OSError) -> WriteError:
    """Returns the error to raise where a file or folder could not be written.

    Args:
        path: what could not be written.
        error: what the system said.
    """
    code = _CODES.get(error.errno or 0)
    if code is not None:
        return WriteError(code, path=path)
    return WriteError("output.unwritable", path=path, reason=error.strerror or str(error))
