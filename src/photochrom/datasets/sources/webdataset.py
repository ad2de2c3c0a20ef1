"""WebDataset shards: photos in plain tar files, here or behind an address.

The ``webdataset`` library streams shards through a shuffling buffer: the order depends on workers and on how far the
buffer had been filled, a resumed training cannot take up the photo it stopped at, and photo number i cannot be asked
for. Training here is planned by photo number (see :mod:`photochrom.training.data.batch_plan`), so the members are
listed once, kept in the cache folder, and each photo is read from its place. The files themselves are what that library
reads and writes.
"""

import hashlib
import os
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from photochrom.datasets.sources.cache_dir import cache_folder
from photochrom.datasets.sources.fingerprint import Stamp
from photochrom.datasets.sources.folder import SUFFIXES
from photochrom.datasets.sources.remote import PiecewiseFile
from photochrom.errors import DataError

__all__ = ["Tars"]

#: a tar ends with blocks of zeros
BLOCK = 512


class Tars:
    """Photos in tar files, in the order in which they lie there.

    A member is a photo if its suffix says so; of ``1.jpg`` and ``1.mask.png``, which WebDataset takes for one sample,
    it is the former. A photo's source is the first folder of its name in the tar.

    Raises:
        DataError: a file is not a tar archive, or is damaged, or none holds a photo.
    """

    def __init__(self, files: Sequence[PiecewiseFile]) -> None:
        self._files = list(files)
        self._members = [_members(file) for file in self._files]
        self._starts = np.cumsum([0] + [len(names) for names, _ in self._members])
        if not len(self):
            raise DataError("dataset.tar_without_photos", place=self._files[0].place)

    def __len__(self) -> int:
        return int(self._starts[-1])

    def _place(self, index: int) -> tuple[int, int]:
        shard = int(np.searchsorted(self._starts, index, "right")) - 1
        return shard, index - int(self._starts[shard])

    def name(self, index: int) -> str:
        """Returns the tar and the member's name in it."""
        shard, member = self._place(index)
        return f"{self._files[shard].place}, {self._members[shard][0][member]}"

    def source(self, index: int) -> str:
        """Returns the first folder of the member's name; that of the tar's folder where it has none."""
        shard, member = self._place(index)
        inner = PurePosixPath(self._members[shard][0][member]).parts
        return inner[0] if len(inner) > 1 else PurePosixPath(self._files[shard].place.replace("\\", "/")).parent.name

    def read(self, index: int) -> bytes:
        """Returns the photo's file.

        Raises:
            DataError: the tar cannot be read any more.
        """
        shard, member = self._place(index)
        start, size = self._members[shard][1][member].tolist()
        return self._files[shard].read(start, size)

    def stamps(self) -> Iterator[Stamp]:
        """Returns one of each tar."""
        return (file.stamp() for file in self._files)


#: names, and (N,2) int64 of first byte and length
Members = tuple[list[str], NDArray[np.int64]]


def _members(file: PiecewiseFile) -> Members:
    """Returns the photos of a tar, from the list kept of it if it has not changed since."""
    try:
        version = file.version()
    except OSError as error:
        raise DataError("dataset.unreadable", path=file.place, reason=error.strerror) from error
    # the first figure is this list's own format
    mark = hashlib.sha256(f"1\n{file.place}\n{version}".encode()).hexdigest()[:32]
    kept = cache_folder() / f"tar-{mark}.npz"
    if (known := _read_list(kept)) is not None:
        return known
    found = _scan(file)
    _write_list(kept, found)
    return found


def _scan(file: PiecewiseFile) -> Members:
    photos: list[tuple[str, int, int]] = []
    try:
        with file.open() as stream, tarfile.open(fileobj=stream, mode="r:") as archive:
            for member in archive:
                path = PurePosixPath(member.name)
                # a Mac adds hidden files named like the photos
                if member.isreg() and path.suffix.lower() in SUFFIXES and not path.name.startswith("."):
                    photos.append((member.name, member.offset_data, member.size))
                # tarfile keeps every member it has met
                archive.members.clear()  # type: ignore[attr-defined]
            # where a header is damaged tarfile ends as if the file did
            stream.seek(archive.offset)
            end = stream.read(BLOCK)
    except DataError:
        raise
    except (Exception, MemoryError) as error:  # damaged headers raise every kind of error
        raise DataError("dataset.tar_damaged", place=file.place) from error
    if end != bytes(BLOCK):
        raise DataError("dataset.tar_damaged", place=file.place)
    plain = {_key(name) for name, *_ in photos if _is_plain(name)}
    kept = [photo for photo in photos if _is_plain(photo[0]) or _key(photo[0]) not in plain]
    return [name for name, *_ in kept], np.array([place for _, *place in kept], np.int64).reshape(-1, 2)


def _key(name: str) -> str:
    """Returns what WebDataset calls the sample: the name up to the first dot after the folders."""
    folder, _, base = name.rpartition("/")
    return f"{folder}/{base.partition('.')[0]}"


def _is_plain(name: str) -> bool:
    return name.rpartition("/")[2].count(".") == 1


def _read_list(path: Path) -> Members | None:
    """Returns a list kept before; None where there is none, or no whole one."""
    try:
        # numpy leaves a file open that it cannot read
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as kept:
            places, text = kept["places"], kept["names"].tobytes()
    except (Exception, MemoryError):  # whatever is wrong with it, the tar itself can be read again
        return None
    names = text.decode("utf-8", "surrogateescape").split("\0")[:-1]
    if places.dtype != np.int64 or places.shape != (len(names), 2):
        return None
    return names, places


def _write_list(path: Path, members: Members) -> None:
    names, places = members
    text = "".join(f"{name}\0" for name in names).encode("utf-8", "surrogateescape")
    temporary = path.with_suffix(f".{os.getpid()}.npz")
    # where it cannot be kept it is made again the next time
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(temporary, names=np.frombuffer(text, np.uint8), places=places)
        temporary.replace(path)
