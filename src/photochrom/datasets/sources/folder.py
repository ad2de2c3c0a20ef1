"""Photos as files in a folder, of any nesting."""

from collections.abc import Iterator
from pathlib import Path

from photochrom.datasets.sources.fingerprint import Stamp, stamp_file
from photochrom.errors import DataError

__all__ = ["SUFFIXES", "Folder"]

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".avif"})


class Folder:
    """Photos below a folder, in the order of their paths; a photo's source is the first folder on its way.

    Raises:
        DataError: there are none.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._paths = sorted(path for path in root.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
        if not self._paths:
            raise DataError("dataset.no_photos", path=root)

    def __len__(self) -> int:
        return len(self._paths)

    def name(self, index: int) -> str:
        """Returns the photo's path."""
        return str(self._paths[index])

    def source(self, index: int) -> str:
        """Returns the first folder below the root, or the root's own name."""
        inner = self._paths[index].relative_to(self._root).parts
        return inner[0] if len(inner) > 1 else self._root.resolve().name

    def read(self, index: int) -> bytes:
        """Returns the photo's file.

        Raises:
            DataError: it cannot be read any more.
        """
        try:
            return self._paths[index].read_bytes()
        except OSError as error:
            raise DataError("dataset.unreadable", path=self.name(index), reason=error.strerror) from error

    def stamps(self) -> Iterator[Stamp]:
        """Returns one of each photo."""
        return map(stamp_file, self._paths)
