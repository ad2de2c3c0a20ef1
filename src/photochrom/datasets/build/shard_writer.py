"""Encoded photos into a shard: Parquet as Hugging Face ``datasets`` has it, or a WebDataset tar."""

import io
import json
import re
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from photochrom.datasets.sources.parquet import import_pyarrow

__all__ = ["Packed", "write_parquet", "write_tar"]

#: photos to a row group: what has to be read to get at one of them
ROWS = 100


class Packed(NamedTuple):
    """A photo as it goes into a shard.

    Attributes:
        number: its place among all photos of the new set.
        name: where it came from.
        source: its folder, or what its shard said.
        content: a WebP file.
    """

    number: int
    name: str
    source: str
    content: bytes


def write_parquet(path: Path, photos: Sequence[Packed]) -> None:
    """Writes columns ``image`` of {bytes, path} and ``source``.

    Raises:
        MissingDependencyError: pyarrow is not installed.
        OSError: the file cannot be written.
    """
    pyarrow = import_pyarrow()
    images = [{"bytes": photo.content, "path": _printable(photo.name)} for photo in photos]
    sources = pyarrow.array([_printable(photo.source) for photo in photos], pyarrow.string())
    image = pyarrow.struct([("bytes", pyarrow.binary()), ("path", pyarrow.string())])
    features = {"image": {"_type": "Image"}, "source": {"dtype": "string", "_type": "Value"}}
    table = pyarrow.table({"image": pyarrow.array(images, image), "source": sources}).replace_schema_metadata(
        {"huggingface": json.dumps({"info": {"features": features}})}
    )
    # photos do not get smaller by another compression
    pyarrow.parquet.write_table(table, path, row_group_size=ROWS, compression="none", use_dictionary=["source"])


def write_tar(path: Path, photos: Sequence[Packed]) -> None:
    """Writes members ``SOURCE/NUMBER.webp``, the same bytes whenever it is done.

    Raises:
        OSError: the file cannot be written.
    """
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as archive:
        for photo in photos:
            # WebDataset takes what follows the first dot for the kind of file
            folder = re.sub(r"[^\w-]+", "_", _printable(photo.source)) or "_"
            member = tarfile.TarInfo(f"{folder}/{photo.number:08}.webp")
            member.size = len(photo.content)
            archive.addfile(member, io.BytesIO(photo.content))


def _printable(text: str) -> str:
    # names on disk may hold bytes that are not text
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
