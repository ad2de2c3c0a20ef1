"""What a file is known by: changes when the set changes, without reading all of it."""

from pathlib import Path
from typing import NamedTuple

__all__ = ["HEAD", "Stamp", "stamp_file"]

#: bytes of a file's beginning that are looked at
HEAD = 4096


class Stamp(NamedTuple):
    """One file of a set.

    Attributes:
        name: its name without the folders.
        size: bytes.
        head: its first :data:`HEAD` bytes.
    """

    name: str
    size: int
    head: bytes


def stamp_file(path: Path) -> Stamp:
    """Returns the stamp of a file on disk."""
    with path.open("rb") as file:
        return Stamp(path.name, path.stat().st_size, file.read(HEAD))
