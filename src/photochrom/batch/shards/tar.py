"""WebDataset shards: a tar whose members of one name, up to the first dot, are a sample (``key.jpg``, ``key.json``).

See https://github.com/webdataset/webdataset for the naming. Members of a sample lie side by side.
"""

import io
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path, PurePosixPath

from photochrom.batch.shards.pieces import Colored, Piece, ShardPhoto, WritePiece
from photochrom.errors import UnreadablePictureError
from photochrom.image_io import SUFFIXES

__all__ = ["TarShard"]

#: a tar ends with blocks of zeros
_END = bytes(512)

#: a member and its content; None where it has none, as a folder or a link
_Member = tuple[tarfile.TarInfo, bytes | None]


class TarShard:
    """A tar that is being read; see :class:`~photochrom.batch.shards.pieces.Shard` for its methods.

    A member is a photo if its suffix says so. Of ``1.jpg`` and ``1.mask.png`` in one sample it is the former. A sample
    of which a photo fails is left out, for programs that read it expect all its parts.

    Args:
        path: of the tar.
        place: its name, for messages.

    Raises:
        UnreadablePictureError: it is not a tar, or is damaged or cut.
    """

    def __init__(self, path: Path, place: str) -> None:
        self._path, self._place = path, place
        # headers alone: a shard that is cut is known before a photo is coloured in vain
        self.photos = sum(len(_find_photos([member.name for member in sample])) for sample in self._samples())

    def pieces(self) -> Iterator[Piece]:
        """Yields a sample at a time."""
        try:
            with tarfile.open(self._path, "r:") as archive:
                for _, group in groupby(archive, lambda member: _key(member.name)):
                    members = [(member, _read(archive, member)) for member in group]
                    # tarfile keeps every member it has met
                    archive.members.clear()  # type: ignore[attr-defined]
                    yield _make_piece(members)
        except tarfile.TarError as error:
            raise UnreadablePictureError("shards.damaged", path=self._place) from error

    @contextmanager
    def write(self, path: Path) -> Iterator[WritePiece]:
        """Begins a tar; the same bytes whenever it is done, for members keep their times."""
        with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as archive:

            def write(piece: Piece, results: Sequence[Colored | None]) -> None:
                if None in results:
                    return
                members: list[_Member] = piece.content
                left = {photo.name: result for photo, result in zip(piece.photos, results, strict=True) if result}
                for member, content in members:
                    result = left.get(member.name)
                    if result is not None:
                        member.name, content = result.name, result.content
                        # the name and size of before, where they were too long for the header itself
                        member.pax_headers = {k: v for k, v in member.pax_headers.items() if k not in ("path", "size")}
                    member.size = len(content or b"")
                    archive.addfile(member, None if content is None else io.BytesIO(content))

            yield write

    def _samples(self) -> Iterator[list[tarfile.TarInfo]]:
        try:
            with self._path.open("rb") as stream, tarfile.open(fileobj=stream, mode="r:") as archive:
                for _, group in groupby(archive, lambda member: _key(member.name)):
                    yield [member for member in group if member.isreg()]
                    archive.members.clear()  # type: ignore[attr-defined]
                # where a header is damaged tarfile ends as if the file did
                stream.seek(archive.offset)
                end = stream.read(len(_END))
        except (tarfile.TarError, EOFError, ValueError, OverflowError) as error:
            raise UnreadablePictureError("shards.damaged", path=self._place) from error
        if end != _END:
            raise UnreadablePictureError("shards.damaged", path=self._place)


def _make_piece(members: list[_Member]) -> Piece:
    names = [member.name for member, content in members if content is not None]
    chosen = _find_photos(names)
    photos = [ShardPhoto(member.name, member.name, content) for member, content in members if member.name in chosen]
    return Piece(photos, frozenset(names), members)


def _find_photos(names: Sequence[str]) -> set[str]:
    """Returns those of a sample's members that are photos."""
    # a Mac adds hidden files named like the photos
    found = [
        name
        for name in names
        if PurePosixPath(name).suffix.lower() in SUFFIXES and not PurePosixPath(name).name.startswith(".")
    ]
    plain = {name for name in found if PurePosixPath(name).name.count(".") == 1}
    return plain or set(found)


def _key(name: str) -> str:
    """Returns what WebDataset calls the sample: the name up to the first dot after the folders."""
    folder, _, base = name.rpartition("/")
    return f"{folder}/{base.partition('.')[0]}"


def _read(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes | None:
    if not member.isreg():
        return None
    stream = archive.extractfile(member)
    assert stream is not None
    content = stream.read()
    # a member with holes is written without them
    member.type, member.sparse = tarfile.REGTYPE, None
    return content
