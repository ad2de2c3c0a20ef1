"""What a project file holds, and the files it names, known by their SHA-256."""

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from photochrom.errors import OptionError, ProjectError
from photochrom.hints import Hint
from photochrom.image_io import MAX_PIXELS
from photochrom.options import Options
from photochrom.steering.variations import Variation
from photochrom.system.atomic import write_whole

__all__ = ["SUFFIX", "VERSION", "ModelMark", "Origin", "Project", "check_same", "identify", "read_bytes"]

#: how a project file's name ends
SUFFIX = ".photochrom.json"
VERSION = 1


@dataclass(frozen=True, kw_only=True)
class Origin:
    """A file that a project names.

    Attributes:
        name: its name, without folders.
        sha256: of its bytes.
        size: bytes.
        path: where it lies, from the project file's folder, with ``/``; None to look beside the project file.
    """

    name: str
    sha256: str
    size: int
    path: str | None = None


@dataclass(frozen=True, kw_only=True)
class ModelMark:
    """A network, by its name and the SHA-256 that its card states."""

    name: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Project:
    """What a coloured photo was made from; settings as in a call of :class:`photochrom.Colorizer`.

    Attributes:
        source: the photo.
        model: the network.
        hints: colours at places of the photo.
        reference: the photo that colours were taken from.
        palette: colours the picture was pulled towards.
        alternative: which colouring it is; None for the most likely one.
        vividness: 0..2.
        strength: 0..1.5.
        size: short side the network saw, pixels; None for its own.
        restore_contrast: whether lightness was stretched.
        version: of this format.

    Raises:
        ProjectError: a value is out of range.
    """

    source: Origin
    model: ModelMark
    hints: tuple[Hint, ...] = ()
    reference: Origin | None = None
    palette: tuple[str, ...] = ()
    alternative: Variation | None = None
    vividness: float = 1.0
    strength: float = 1.0
    size: int | None = None
    restore_contrast: bool = False
    version: int = VERSION

    def __post_init__(self) -> None:
        try:
            self.options()
        except OptionError as error:
            reason = str(error).rstrip(".")
            raise ProjectError("project.value_out_of_range", project="The project", reason=reason) from None

    def options(self, *, max_pixels: int = MAX_PIXELS) -> Options:
        """Returns the settings as options of a call."""
        return Options(
            vividness=self.vividness,
            strength=self.strength,
            size=self.size,
            palette=self.palette,
            restore_contrast=self.restore_contrast,
            max_pixels=max_pixels,
        )

    def to_json(self) -> str:
        """Returns the project as indented JSON text."""
        return json.dumps({"photochrom_project": self.version, **_entries(self)}, indent=1, default=_plain) + "\n"

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Writes the project atomically.

        Raises:
            OutputExistsError: a file is there and ``overwrite`` is not set.
            WriteError: it cannot be written.
        """
        return write_whole(Path(path), self.to_json().encode("ascii"), overwrite=overwrite)


def identify(source: Path | bytes, *, name: str | None = None, folder: Path | None = None) -> Origin:
    """Returns what a project says of a file.

    Args:
        source: the file, or its bytes.
        name: its name, where only the bytes are at hand.
        folder: of the project file, which the path is written from; None to write none.

    Raises:
        ProjectError: the file cannot be read.
    """
    data = source if isinstance(source, bytes) else read_bytes(source, "photo")
    path = None
    if isinstance(source, Path) and folder is not None:
        try:
            path = Path(os.path.relpath(source.resolve(), folder.resolve())).as_posix()
        except ValueError:
            path = None  # on another drive there is no way from here to there
    known = name or (source.name if isinstance(source, Path) else "photo")
    return Origin(name=Path(known).name or "photo", sha256=hashlib.sha256(data).hexdigest(), size=len(data), path=path)


def check_same(origin: Origin, data: bytes, what: str = "photo") -> None:
    """Refuses bytes that are not those of the project's file.

    Raises:
        ProjectError: they are another file's.
    """
    if len(data) != origin.size or hashlib.sha256(data).hexdigest() != origin.sha256:
        raise ProjectError("project.file_changed", what=what, name=origin.name)


def _plain(value: Any) -> Any:
    # a number of numpy is a number too
    return value.item()


def _entries(project: Project) -> dict[str, Any]:
    entries = {key: value for key, value in asdict(project).items() if key != "version"}
    return {key: list(value) if isinstance(value, tuple) else value for key, value in entries.items()}


def read_bytes(path: Path, what: str) -> bytes:
    """Returns all of a file; ``what`` names it in the message.

    Raises:
        ProjectError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "such a name cannot be"
        raise ProjectError("project.file_unreadable", what=what, path=path, reason=reason) from error
