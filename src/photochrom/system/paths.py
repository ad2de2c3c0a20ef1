"""What the names that users give stand for."""

import os
from pathlib import Path

__all__ = ["is_folder", "names_folder"]


def is_folder(path: Path) -> bool:
    """Returns whether a folder is there; False too where one may not look, for then opening the file tells why."""
    try:
        return path.is_dir()
    except OSError:
        return False


def names_folder(text: str | Path) -> bool:
    """Returns whether an output is meant as a folder: one is there, or the text ends with a separator."""
    # a Path forgets a trailing separator, so the text is asked
    return str(text).endswith(("/", os.sep)) or is_folder(Path(text))
