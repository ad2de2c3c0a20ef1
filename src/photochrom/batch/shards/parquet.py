"""Parquet with a column of photos, as Hugging Face ``datasets`` writes it: ``image`` of {bytes, path}."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from photochrom.batch.shards.pieces import Colored, Piece, ShardPhoto, WritePiece
from photochrom.errors import InputError, MissingDependencyError, UnreadablePictureError

__all__ = ["ParquetShard"]

#: rows read at once, and of a row group that is written: what ``datasets`` takes for photos
_ROWS = 100


class ParquetShard:
    """A Parquet file that is being read; see :class:`~photochrom.batch.shards.pieces.Shard` for its methods.

    The photos' column is ``image``, or else the only one that ``datasets`` says holds images, or the only one of
    {bytes, path}. A photo that fails becomes an empty value, so that rows stay where they were.

    Args:
        path: of the file.
        place: its name, for messages.

    Raises:
        InputError: it does not have such a column.
        MissingDependencyError: pyarrow is not installed.
        UnreadablePictureError: it is not Parquet, or is damaged.
    """

    def __init__(self, path: Path, place: str) -> None:
        self._arrow, self._place = _import_pyarrow(), place
        self._file = self._guard(lambda: self._arrow.parquet.ParquetFile(path, pre_buffer=False))
        self._schema: Any = self._file.schema_arrow
        self._column = _find_column(self._arrow, self._schema, place)
        self._type = self._schema.field(self._column).type
        footer = self._file.metadata
        self.photos: int = footer.num_rows
        groups = footer.num_row_groups and footer.row_group(0)
        columns = [groups.column(index) for index in range(footer.num_columns)] if groups else []
        self._compression = {each.path_in_schema: each.compression.lower() for each in columns}

    def pieces(self) -> Iterator[Piece]:
        """Yields some rows at a time."""
        batches, start = self._file.iter_batches(batch_size=_ROWS, use_threads=False), 0
        while (batch := self._guard(lambda: next(batches, None))) is not None:
            values = batch.column(self._column).to_pylist()
            photos = [self._take(start + row, value) for row, value in enumerate(values) if value is not None]
            yield Piece(photos, frozenset(), batch)
            start += batch.num_rows

    @contextmanager
    def write(self, path: Path) -> Iterator[WritePiece]:
        """Begins a Parquet file of the same columns, metadata and compression."""
        options = {"compression": {k: "none" if v == "uncompressed" else v for k, v in self._compression.items()}}
        with self._arrow.parquet.ParquetWriter(path, self._schema, **(options if self._compression else {})) as writer:

            def write(piece: Piece, results: Sequence[Colored | None]) -> None:
                batch, left = piece.content, iter(results)
                old = batch.column(self._column).to_pylist()
                values = [None if value is None else self._give(value, next(left)) for value in old]
                index = batch.schema.get_field_index(self._column)
                new = batch.set_column(index, self._schema.field(index), self._arrow.array(values, self._type))
                writer.write_batch(new)

            yield write

    def _take(self, row: int, value: Any) -> ShardPhoto:
        label = f"row {row}"
        if isinstance(value, bytes):
            return ShardPhoto(label, "", value)
        return ShardPhoto(label, value.get("path") or "", value["bytes"])

    def _give(self, value: Any, result: Colored | None) -> Any:
        if result is None:
            return None
        if isinstance(value, bytes):
            return result.content
        return value | {"bytes": result.content} | ({"path": result.name} if result.name else {})

    def _guard(self, action: Any) -> Any:
        try:
            return action()
        except (OSError, self._arrow.ArrowException) as error:
            raise UnreadablePictureError("shards.damaged", path=self._place) from error


def _find_column(arrow: Any, schema: Any, place: str) -> str:
    def holds_photos(name: str) -> bool:
        kind = schema.field(name).type
        if arrow.types.is_struct(kind):
            return bool(kind.get_field_index("bytes") >= 0 and arrow.types.is_binary(kind.field("bytes").type))
        return bool(arrow.types.is_binary(kind) or arrow.types.is_large_binary(kind))

    if "image" in schema.names and holds_photos("image"):
        return "image"
    said = _said_to_be_images(schema.metadata or {})
    structs = [name for name in schema.names if arrow.types.is_struct(schema.field(name).type)]
    for names in (said, structs):
        fitting = [name for name in names if name in schema.names and holds_photos(name)]
        if len(fitting) == 1:
            return fitting[0]
    raise InputError("shards.no_image_column", path=place)


def _said_to_be_images(metadata: dict[bytes, bytes]) -> list[str]:
    try:
        features = json.loads(metadata.get(b"huggingface", b"{}"))["info"]["features"]
        return [name for name, feature in features.items() if feature.get("_type") == "Image"]
    except (ValueError, KeyError, TypeError, AttributeError):
        return []


def _import_pyarrow() -> Any:
    try:
        import pyarrow
        import pyarrow.parquet
    except ModuleNotFoundError as error:
        raise MissingDependencyError("Reading and writing Parquet", "parquet") from error
    return pyarrow
