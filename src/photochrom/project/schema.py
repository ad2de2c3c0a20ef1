"""What a project says, and the files it is made from, known by their SHA-256."""

import hashlib
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar

from photochrom.errors import ProjectError
from photochrom.options import ColorizeOptions, Pattern, Range
from photochrom.system.atomic import write_whole

__all__ = ["SUFFIX", "VERSION", "ModelMark", "Origin", "Project", "check_same", "identify", "read_bytes"]

#: how a project file's name ends
SUFFIX = ".photochrom.json"
VERSION = 2

Digest = Annotated[str, Pattern("^[0-9a-f]{64}$")]
Name = Annotated[str, Pattern("^[^\\x00]+$")]


@dataclass(frozen=True, kw_only=True)
class Origin:
    """A file that a project is made from.

    Attributes:
        name: its name, without folders.
        sha256: of its bytes.
        size: bytes.
        path: where it lies, from the project file's folder, with ``/``; None to look beside the project file.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    name: Name
    sha256: Digest
    size: Annotated[int, Range(0, 2**63)]
    path: Name | None = None


@dataclass(frozen=True, kw_only=True)
class ModelMark:
    """A network, by its name and the SHA-256 that its card states."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    name: Name
    sha256: Digest


@dataclass(frozen=True, kw_only=True)
class Project:
    """What a coloured photo was made from.

    Attributes:
        source: the photo.
        model: the network.
        options: how it was coloured; the reference is named apart.
        reference: the photo that colours were taken from.
        version: of this format.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    source: Origin
    model: ModelMark
    options: ColorizeOptions = field(default_factory=ColorizeOptions)
    reference: Origin | None = None
    version: int = VERSION

    def __post_init__(self) -> None:
        if self.options.reference is not None:
            raise ValueError("a project names its reference apart from its options")

    def to_json(self) -> str:
        """Returns the project as indented JSON text."""
        entries = asdict(self)
        del entries["options"]["reference"]
        return json.dumps({"photochrom_project": entries.pop("version"), **entries}, indent=1, default=_plain) + "\n"

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
            path = None  # on another drive no path leads from here to there
    known = name or (source.name if isinstance(source, Path) else "photo")
    # a name that is not UTF-8 cannot be written as JSON
    plain = (Path(known).name or "photo").encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return Origin(name=plain, sha256=hashlib.sha256(data).hexdigest(), size=len(data), path=path)


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
