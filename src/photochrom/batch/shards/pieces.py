"""What the kinds of shards have in common: they are read and written a piece at a time."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

__all__ = ["Colored", "Piece", "Shard", "ShardPhoto", "WritePiece"]


@dataclass(frozen=True)
class ShardPhoto:
    """A photo in a shard.

    Attributes:
        label: what names it in a report, after the shard's name: a member's name, or ``row 17``.
        name: of its file, perhaps with folders; "" where the shard does not say.
        content: of its file; None where the shard does not hold it.
    """

    label: str
    name: str
    content: bytes | None


@dataclass(frozen=True)
class Colored:
    """A photo's result: its name in the shard ("" for none), and its file."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Piece:
    """Some of a shard: a sample of a tar, or rows of Parquet.

    Attributes:
        photos: what is to be coloured, in order.
        names: all that have a name in it, which results must not take.
        content: the rest, for the shard that gave it.
    """

    photos: Sequence[ShardPhoto]
    names: frozenset[str]
    content: Any


#: writes a piece, with the results of its photos in order; None for one that failed
WritePiece = Callable[[Piece, Sequence[Colored | None]], None]


class Shard(Protocol):
    """A shard that is being read."""

    @property
    def photos(self) -> int:
        """How many photos it holds."""

    def pieces(self) -> Iterator[Piece]:
        """Yields all of it in order, a bounded number of photos at a time.

        Raises:
            InputError: it is damaged.
        """

    def write(self, path: Path) -> AbstractContextManager[WritePiece]:
        """Begins a shard of the same kind at ``path``; its end is written when the ``with`` block ends well."""
