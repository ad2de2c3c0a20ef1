"""What a run has finished, in its output: a small object for each result, whose name says what it was made from.

``OUTPUT/.photochrom/NAME~KEY-SIZE.json`` stands for the result ``OUTPUT/NAME``. It is written after the result, so what
it says is there. One listing of the output tells what is finished; its content is what the report says of it.
"""

import json
import re
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from photochrom.batch.journal import Record
from photochrom.image_io.provenance import find_mark
from photochrom.system.stores import Store, StoredFile, join_address

__all__ = ["MARKS", "Failure", "Finished", "OutputMarks"]

#: the folder of the objects, in the output
MARKS = ".photochrom"
_NAME = re.compile(r"(?P<relative>.+)~(?P<key>[0-9a-f]{32})-(?P<size>\d+)\.json", re.DOTALL)
#: requests at the same time, where many small objects are read
_READERS = 16


@dataclass(frozen=True)
class Finished:
    """A mark: what its result was made from, how large it was, and where the mark is."""

    key: str
    size: int
    address: str


@dataclass(frozen=True)
class Failure:
    """A photo of a shard that could not be coloured: its name, and why, in words and as a code."""

    source: str
    error: str
    error_code: str


class OutputMarks:
    """The results and marks of an output. Its methods may run in several threads at once, and in other processes.

    Args:
        store: of the output.
        output: its folder.
    """

    def __init__(self, store: Store, output: str) -> None:
        self.store, self.output = store, output

    def look(self) -> tuple[dict[str, StoredFile], dict[str, list[Finished]]]:
        """Returns the files below the output, and the marks, both by name below it.

        Raises:
            StoreError: it cannot be listed.
        """
        files: dict[str, StoredFile] = {}
        marks: dict[str, list[Finished]] = {}
        start = len(join_address(self.output, "x")) - 1
        for file in self.store.find(self.output):
            relative = file.address[start:].replace("\\", "/")
            if not relative.startswith(f"{MARKS}/"):
                files[relative] = file
            elif (found := _NAME.fullmatch(relative[len(MARKS) + 1 :])) is not None:
                mark = Finished(found["key"], int(found["size"]), file.address)
                marks.setdefault(found["relative"], []).append(mark)
        return files, marks

    def check_writable(self) -> None:
        """Writes what every run writes, before a photo is coloured in vain.

        Raises:
            StoreError, WriteError: nothing can be written.
        """
        note = b"What photochrom has finished here. Without this folder it cannot resume.\n"
        self.store.write(join_address(self.output, f"{MARKS}/README.txt"), note, overwrite=True)

    def begin(self, relative: str, key: str) -> tuple[str, bool]:
        """Writes down that a result is about to be put in place, which is then known to be ours without being read.

        Returns:
            The address of the mark, for :meth:`finish`; its size is 0, which no result has. And whether it was there,
            for a worker that was lost may have put the result in place.

        Raises:
            StoreError, WriteError: it cannot be written.
        """
        address = self._address(relative, key, 0)
        there = self.store.look_up(address) is not None
        if not there:
            self.store.write(address, b"{}", overwrite=True)
        return address, there

    def finish(
        self,
        relative: str,
        key: str,
        size: int,
        record: Record,
        old: Iterable[str] = (),
        failures: Sequence[Failure] = (),
    ) -> None:
        """Writes down that a result is in place, in place of what was written down before.

        Args:
            relative: where the result is.
            key: stands for what it was made from.
            size: of the result, in bytes.
            record: what is known about it.
            old: marks to remove.
            failures: photos of a shard that are not in it.

        Raises:
            StoreError, WriteError: it cannot be written.
        """
        address = self._address(relative, key, size)
        content = asdict(record) | ({"failures": [asdict(failure) for failure in failures]} if failures else {})
        self.store.write(address, json.dumps(content).encode("ascii"), overwrite=True)
        for other in old:
            if other != address:
                self.store.remove(other)

    def read(self, marks: Iterable[Finished]) -> list[tuple[Record, tuple[Failure, ...]]]:
        """Returns what marks say of their results, and which photos of a shard failed.

        One that says nothing stands for an empty record.
        """
        with ThreadPoolExecutor(_READERS) as pool:
            return list(pool.map(self._read, marks))

    def is_ours(self, file: StoredFile) -> bool:
        """Tells whether a result bears our mark in its metadata.

        Raises:
            StoreError: it cannot be read.
        """
        with tempfile.TemporaryDirectory(prefix="photochrom-") as folder:
            path = Path(folder, f"result{Path(file.address).suffix}")
            path.write_bytes(self.store.read(file.address, file.size))
            return find_mark(path) is not None

    def _address(self, relative: str, key: str, size: int) -> str:
        return join_address(self.output, f"{MARKS}/{relative}~{key}-{size}.json")

    def _read(self, mark: Finished) -> tuple[Record, tuple[Failure, ...]]:
        try:
            entry = json.loads(self.store.read(mark.address))
            failures = tuple(Failure(**each) for each in entry.pop("failures", ()))
            return Record(**{**entry, "notes": tuple(map(str, entry.get("notes", ())))}), failures
        except (ValueError, TypeError, AttributeError, RecursionError):
            return Record(0.0, None, 0, 0), ()
