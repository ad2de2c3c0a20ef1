"""A picture's file, put in place in one step."""

from pathlib import Path

from photochrom.picture.model import Picture
from photochrom.picture.writing import format_for, known_format, write_file
from photochrom.placing import whole_file

__all__ = ["save"]


def save(picture: Picture, path: Path, *, overwrite: bool, format_name: str | None) -> Path:
    """Write ``picture`` to ``path``; see :meth:`photochrom.picture.Picture.save`."""
    chosen = known_format(format_name) if format_name else format_for(path)
    with whole_file(path, overwrite=overwrite) as part:
        write_file(picture, part, chosen)
    return path
