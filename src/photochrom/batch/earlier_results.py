"""Which files of a walked folder are results of earlier runs, and no photos of their own."""

import re
from collections.abc import Set
from pathlib import Path

from photochrom.batch.journal import read_stamp, read_targets
from photochrom.image_io import SUFFIXES
from photochrom.image_io.provenance import UNMARKED, find_mark

__all__ = ["EarlierResults", "is_result_of"]

#: how a stem ends that an earlier run wrote: one colouring, or one of several variations
_OUTPUT = re.compile(r"\.color(\.\d{1,2})?$", re.IGNORECASE)
#: and how that of a picture of confidence ends
_CONFIDENCE = re.compile(r"(\.\d{1,2})?\.confidence$", re.IGNORECASE)


class EarlierResults:
    """Tells results from photos, while folders are walked from the top: by our mark, by name, and by journals."""

    def __init__(self) -> None:
        self._targets: dict[Path, list[int] | None] = {}

    def enter(self, folder: Path) -> None:
        """Reads the journal of a folder, if it has one; before what lies in it is asked about."""
        self._targets |= {folder / name: stamp for name, stamp in read_targets(folder).items()}

    def has(self, path: Path, names: Set[str]) -> bool:
        """Tells whether a picture is a result.

        Args:
            path: of the picture.
            names: of all files in its folder.
        """
        stamp = self._targets.get(path)
        if stamp is not None and stamp == read_stamp(path):
            return True
        return is_result_of(path, names) or find_mark(path) is not None


def is_result_of(path: Path, names: Set[str]) -> bool:
    """Tells whether a picture is a result that bears no mark: its name says so, and what it was made of is there.

    Args:
        path: of the picture.
        names: of the files that it may have been made of, in the same folder.
    """
    if _CONFIDENCE.search(path.stem):
        base = _CONFIDENCE.sub("", path.stem)
        return any(_is_photo_of(name, base) or _is_photo_of(name, f"{base}.color") or name == base for name in names)
    if SUFFIXES.get(path.suffix.lower()) not in UNMARKED or not _OUTPUT.search(path.stem):
        return False
    base = _OUTPUT.sub("", path.stem)
    return any(_is_photo_of(name, base) or name == base for name in names)


def _is_photo_of(name: str, stem: str) -> bool:
    whole = Path(name)
    return whole.stem == stem and whole.suffix.lower() in SUFFIXES
