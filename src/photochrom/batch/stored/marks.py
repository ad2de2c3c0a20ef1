"""What a run has finished, in its output: a small object for each result, whose name says what it was made from.

``OUTPUT/.photochrom/NAME~KEY-SIZE.json`` stands for the result ``OUTPUT/NAME``. It is written after the result, so what
it says is there. One listing of the output tells what is finished; its content is what the report says of it.
"""

import json
import re
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from photochrom.batch.journal import Record
from photochrom.image_io.provenance import find_mark
from photochrom.system.stores import Store, StoredFile, join_address

__all__ = ["MARKS", "Finished", "OutputMarks"]

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

    def finish(self, relative: str, key: str, size: int, record: Record, old: Iterable[str] = ()) -> None:
        """Writes down that a result is in place, in place of what was written down before.

        Raises:
            StoreError, WriteError: it cannot be written.
        """
        address = join_address(self.output, f"{MARKS}/{relative}~{key}-{size}.json")
        self.store.write(address, json.dumps(asdict(record)).encode("ascii"), overwrite=True)
        for other in old:
            if other != address:
                self.store.remove(other)

    def read(self, marks: Iterable[Finished]) -> list[Record]:
        """Returns what marks say of their results; one that says nothing stands for an empty record."""
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

    def _read(self, mark: Finished) -> Record:
        try:
            entry = json.loads(self.store.read(mark.address))
            return Record(**{**entry, "notes": tuple(map(str, entry.get("notes", ())))})
        except (ValueError, TypeError, AttributeError, RecursionError):
            return Record(0.0, None, 0, 0)
