"""Photos in Parquet files, as Hugging Face ``datasets`` writes them."""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photochrom.datasets.sources.fingerprint import Stamp, stamp_file
from photochrom.errors import DataError, MissingDependencyError

__all__ = ["Shards", "import_pyarrow"]

#: encoded row groups kept open by one reader, bytes
OPEN_BYTES = 256 << 20


def import_pyarrow() -> Any:
    """Returns the library for Parquet.

    Raises:
        MissingDependencyError: it is not installed.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ModuleNotFoundError as error:
        raise MissingDependencyError("Parquet", "train") from error
    return pyarrow


class Shards:
    """Photos in Parquet files with a column ``image`` of {bytes, path}, and perhaps one named ``source``.

    Row groups are read as they are needed and a bounded number of bytes is kept, so a set may exceed memory. A set of
    more than that reads best when its row groups are small.

    Raises:
        DataError: a file is not Parquet, or has no such column.
        MissingDependencyError: pyarrow is not installed.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = list(paths)
        self._kept: OrderedDict[tuple[int, int], Any] = OrderedDict()
        self._kept_bytes = 0
        #: to parse a footer for each photo takes as long as to decode two
        self._footers: dict[int, Any] = {}
        self._sources: tuple[list[str], NDArray[np.int32]] | None = None
        self._groups: list[tuple[int, int]] = []
        starts = [0]
        for number, path in enumerate(self._paths):
            footer = self._open(path).metadata
            if "image.bytes" not in [footer.schema.column(i).path for i in range(footer.num_columns)]:
                raise DataError("dataset.parquet_without_images", path=path)
            self._footers[number] = footer
            for group in range(footer.num_row_groups):
                self._groups.append((number, group))
                starts.append(starts[-1] + footer.row_group(group).num_rows)
        self._starts = np.array(starts)
        if not len(self):
            raise DataError("dataset.parquet_empty", path=self._paths[0])

    def _open(self, path: Path, footer: Any = None) -> Any:
        pyarrow = import_pyarrow()
        try:
            return pyarrow.parquet.ParquetFile(path, metadata=footer)
        except (OSError, pyarrow.ArrowException) as error:
            raise DataError("dataset.not_parquet", path=path) from error

    def __len__(self) -> int:
        return int(self._starts[-1])

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_kept": OrderedDict(), "_kept_bytes": 0, "_footers": {}, "_sources": None}

    def _place(self, index: int) -> tuple[int, int]:
        group = int(np.searchsorted(self._starts, index, "right")) - 1
        return group, index - int(self._starts[group])

    def name(self, index: int) -> str:
        """Returns the shard's path and the photo's row in it."""
        group, row = self._place(index)
        number, _ = self._groups[group]
        first = next(i for i, (file, _) in enumerate(self._groups) if file == number)
        return f"{self._paths[number]}, row {int(self._starts[group] - self._starts[first]) + row}"

    def source(self, index: int) -> str:
        """Returns the row's ``source``; the name of the shard's folder where that column does not exist.

        Raises:
            DataError: the column is not text, or is damaged.
        """
        if self._sources is None:
            self._sources = self._read_sources()
        names, codes = self._sources
        return names[int(codes[index])]

    def _read_sources(self) -> tuple[list[str], NDArray[np.int32]]:
        pyarrow = import_pyarrow()
        found: dict[str, int] = {}
        codes = []
        for path in self._paths:
            file = self._open(path)
            if "source" not in file.schema_arrow.names:
                values = [path.resolve().parent.name] * file.metadata.num_rows
            else:
                try:
                    values = file.read(columns=["source"]).column("source").cast(pyarrow.string()).to_pylist()
                except (OSError, pyarrow.ArrowException) as error:
                    raise DataError("dataset.source_column", path=path) from error
            codes += [found.setdefault(value or "", len(found)) for value in values]
        return list(found), np.array(codes, np.int32)

    def read(self, index: int) -> bytes:
        """Returns the photo's bytes.

        Raises:
            DataError: the shard is damaged there, or the row is empty.
        """
        group, row = self._place(index)
        place = self._groups[group]
        if place not in self._kept:
            self._kept[place] = self._read_group(*place)
            self._kept_bytes += self._kept[place].nbytes
            while len(self._kept) > 1 and self._kept_bytes > OPEN_BYTES:
                self._kept_bytes -= self._kept.popitem(last=False)[1].nbytes
        self._kept.move_to_end(place)
        content = self._kept[place][row]["bytes"].as_py()
        if not isinstance(content, bytes):
            raise DataError("dataset.row_empty", photo=self.name(index))
        return content

    def _read_group(self, number: int, group: int) -> Any:
        pyarrow = import_pyarrow()
        path = self._paths[number]
        file = self._open(path, self._footers.get(number))
        self._footers[number] = file.metadata
        try:
            column = file.read_row_group(group, columns=["image.bytes"], use_threads=False)
        except (OSError, pyarrow.ArrowException) as error:
            raise DataError("dataset.parquet_damaged", path=path) from error
        return column.column("image").combine_chunks()

    def stamps(self) -> Iterator[Stamp]:
        """Returns one of each Parquet file."""
        return map(stamp_file, self._paths)
