"""Puts a file in place in one step: whoever looks sees the old state or the whole new file, also after a power cut."""

import errno
import os
from contextlib import suppress
from pathlib import Path

from photochrom.errors import OutputExistsError, PhotochromError, WriteError
from photochrom.picture.model import Picture
from photochrom.picture.writing import format_for, known_format, write_file

__all__ = ["PART_SUFFIX", "save"]

#: how a file in the making is named: ``.NAME.photochrom-part``, beside the file it will be
PART_SUFFIX = ".photochrom-part"


def save(picture: Picture, path: Path, *, overwrite: bool, format_name: str | None) -> Path:
    """Write ``picture`` to ``path``; see :meth:`photochrom.picture.Picture.save`."""
    chosen = known_format(format_name) if format_name else format_for(path)
    if not overwrite and os.path.lexists(path):
        raise _exists(path)
    part = path.with_name(f".{path.name}{PART_SUFFIX}")
    try:
        try:
            write_file(picture, part, chosen)
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
    return path


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
        # reserves the name on file systems that have no links
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    except FileExistsError:
        raise _exists(path) from None
    part.replace(path)


def _exists(path: Path) -> OutputExistsError:
    return OutputExistsError(f"{path} exists already: ask to overwrite it, or choose another name.")


def _sentence(path: Path, error: OSError) -> str:
    reasons = {
        errno.ENOSPC: "the disk is full: free some space",
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
