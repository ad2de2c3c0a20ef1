"""A project file: everything a coloured photo was made from, so that the same pixels can be made again.

``NAME.photochrom.json`` names the photo and the network by their SHA-256, and holds every setting, the hints, the
reference and which alternative it is. It holds no pixels. On the same kind of processor the same project gives the same
pixels, bit for bit.
"""

import dataclasses
import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from photochrom.alternatives import Alternative
from photochrom.colorizer import Colorizer
from photochrom.errors import OptionError, ProjectError, UnknownModelError
from photochrom.hints import Hint
from photochrom.options import Options
from photochrom.picture import MAX_PIXELS
from photochrom.placing import write_whole
from photochrom.result import Result

__all__ = ["SUFFIX", "ModelMark", "Origin", "Project", "check_same", "identify", "read_project", "render"]

#: how a project file's name ends
SUFFIX = ".photochrom.json"
VERSION = 1
#: bytes; a hundred thousand hints take less
LARGEST = 16 << 20
_HEX = frozenset("0123456789abcdef")


@dataclass(frozen=True, kw_only=True)
class Origin:
    """A file that a project is made of.

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
    alternative: Alternative | None = None
    vividness: float = 1.0
    strength: float = 1.0
    size: int | None = None
    restore_contrast: bool = False
    version: int = VERSION

    def __post_init__(self) -> None:
        try:
            self.options()
        except OptionError as error:
            raise ProjectError(f"in the project, {error}") from None

    def options(self, *, max_pixels: int = MAX_PIXELS) -> Options:
        """The settings as the other doors have them."""
        return Options(
            vividness=self.vividness,
            strength=self.strength,
            size=self.size,
            palette=self.palette,
            restore_contrast=self.restore_contrast,
            max_pixels=max_pixels,
        )

    def to_json(self) -> str:
        """The project as indented JSON text."""
        return json.dumps({"photochrom_project": self.version, **_entries(self)}, indent=1, default=_plain) + "\n"

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write the project atomically.

        Raises:
            OutputExistsError: a file is there and ``overwrite`` is not set.
            WriteError: it cannot be written.
        """
        return write_whole(Path(path), self.to_json().encode("ascii"), overwrite=overwrite)


def identify(source: Path | bytes, *, name: str | None = None, folder: Path | None = None) -> Origin:
    """What a project says of a file.

    Args:
        source: the file, or its bytes.
        name: its name, where only the bytes are at hand.
        folder: of the project file, which the path is written from; None to write none.

    Raises:
        ProjectError: the file cannot be read.
    """
    data = source if isinstance(source, bytes) else _read(source, "the photo")
    path = None
    if isinstance(source, Path) and folder is not None:
        try:
            path = Path(os.path.relpath(source.resolve(), folder.resolve())).as_posix()
        except ValueError:
            path = None  # on another drive there is no way from here to there
    known = name or (source.name if isinstance(source, Path) else "photo")
    return Origin(name=Path(known).name or "photo", sha256=hashlib.sha256(data).hexdigest(), size=len(data), path=path)


def check_same(origin: Origin, data: bytes, what: str = "photo") -> None:
    """Refuse bytes that are not those of the project's file.

    Raises:
        ProjectError: they are another file's.
    """
    if len(data) != origin.size or hashlib.sha256(data).hexdigest() != origin.sha256:
        raise ProjectError(
            f"this is not the {what} '{origin.name}' that the project was made of, or it has been changed: "
            "give the file as it was"
        )


def read_project(source: str | Path | bytes) -> Project:
    """Read a project file, strictly.

    Args:
        source: its path, or its bytes.

    Raises:
        ProjectError: it cannot be read, is no project, of a newer version, or has an unknown key or a wrong value.
    """
    where = "the project" if isinstance(source, bytes) else f"'{source}'"
    data = source if isinstance(source, bytes) else _read(Path(source), "the project")
    if len(data) > LARGEST:
        raise ProjectError(f"{where} is larger than a project can be: give a file that photochrom wrote")
    try:
        entries = json.loads(data.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ProjectError(f"{where} is no readable JSON: give a file that photochrom wrote") from error
    if not isinstance(entries, dict) or "photochrom_project" not in entries:
        raise ProjectError(f"{where} is no photochrom project: give a file that photochrom wrote")
    version = entries.pop("photochrom_project")
    if not _is_whole(version) or version < 1:
        raise ProjectError(f"{where} has no version that photochrom knows: give a file that photochrom wrote")
    if version > VERSION:
        raise ProjectError(
            f"{where} is a project of version {version}, and this photochrom knows {VERSION}: update photochrom"
        )
    try:
        return _build(entries, version)
    except _WrongError as wrong:
        raise ProjectError(f"{where} has {wrong}: take it out, or save the project again") from None
    except OptionError as error:
        raise ProjectError(f"in {where}, {error}") from None


def render(
    project: Project,
    source: Path | bytes | None = None,
    *,
    reference: Path | bytes | None = None,
    folder: Path | None = None,
    colorizer: Colorizer | None = None,
    device: str = "auto",
    max_pixels: int = MAX_PIXELS,
) -> Result:
    """Make a project's pixels again.

    Args:
        project: what they are made from.
        source: the photo; None to look for it from ``folder``.
        reference: the reference, if the project has one; None to look for it from ``folder``.
        folder: of the project file; None for the working folder.
        colorizer: the network, if one is open; None to open the project's.
        device: for a network to be opened.
        max_pixels: refuse pictures with more pixels than this.

    Raises:
        ProjectError: the photo or the reference is missing or changed, or the network is another.
        InputError: the photo cannot be coloured; its subclasses say why.
    """
    data = _bytes_of(project.source, source, folder, "photo")
    other = None
    if project.reference is not None:
        other = _bytes_of(project.reference, reference, folder, "reference")
    try:
        opened = colorizer or Colorizer(project.model.name, device=device)
    except UnknownModelError as error:
        raise ProjectError(f"the project's network cannot be opened, for {error}") from error
    if opened.card.sha256 != project.model.sha256:
        raise ProjectError(
            f"the project was made with another version of {project.model.name} than the one here, so its pixels would "
            "differ: install that version, or colour the photo anew"
        )
    return opened(
        data,
        hints=project.hints,
        reference=other,
        palette=project.palette,
        alternative=project.alternative,
        vividness=project.vividness,
        strength=project.strength,
        size=project.size,
        restore_contrast=project.restore_contrast,
        max_pixels=max_pixels,
    )


class _WrongError(Exception):
    """An entry that a project cannot have; the text says which."""


def _plain(value: Any) -> Any:
    # a number of numpy is a number too
    return value.item()


def _entries(project: Project) -> dict[str, Any]:
    entries = {key: value for key, value in asdict(project).items() if key != "version"}
    return {key: list(value) if isinstance(value, tuple) else value for key, value in entries.items()}


def _build(entries: dict[str, Any], version: int) -> Project:
    readers: dict[str, Callable[[Any, str], Any]] = {
        "source": _origin,
        "model": lambda value, name: ModelMark(**_fields(value, name, {"name": _text, "sha256": _digest})),
        "hints": _hints,
        "reference": lambda value, name: None if value is None else _origin(value, name),
        "palette": lambda value, name: tuple(_list(value, name)),
        "alternative": lambda value, name: (
            None if value is None else Alternative(**_fields(value, name, {"seed": _whole, "index": _whole}))
        ),
        "vividness": _number,
        "strength": _number,
        "size": lambda value, name: None if value is None else _whole(value, name),
        "restore_contrast": _truth,
    }
    unknown = sorted(set(entries) - set(readers))
    if unknown:
        raise _WrongError(f"an unknown key {unknown[0]!r}")
    missing = [name for name in ("source", "model") if name not in entries]
    if missing:
        raise _WrongError(f"no {missing[0]!r}")
    return Project(**{name: readers[name](value, name) for name, value in entries.items()}, version=version)


def _fields(value: Any, name: str, readers: Mapping[str, Callable[[Any, str], Any]]) -> dict[str, Any]:
    if not isinstance(value, dict) or set(value) != set(readers):
        raise _WrongError(f"a wrong {name!r} (it has {', '.join(readers)})")
    return {key: read(value[key], f"{name}.{key}") for key, read in readers.items()}


def _origin(value: Any, name: str) -> Origin:
    readers = {"name": _text, "sha256": _digest, "size": _whole, "path": _place}
    return Origin(**_fields(value, name, readers))


def _hints(value: Any, name: str) -> tuple[Hint, ...]:
    return tuple(_hint(entry, f"{name} {number}") for number, entry in enumerate(_list(value, name), 1))


def _hint(value: Any, name: str) -> Hint:
    known = {field.name for field in dataclasses.fields(Hint)}
    if not isinstance(value, dict) or not {"x", "y", "color"} <= set(value) <= known:
        raise _WrongError(f"a wrong entry {name!r} (it has x, y, color and radius)")
    return Hint(**value)


def _list(value: Any, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise _WrongError(f"a wrong {name!r} (it is a list)")
    return value


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str) or not value or "\0" in value:
        raise _WrongError(f"a wrong {name!r} (it is a name)")
    return value


def _place(value: Any, name: str) -> str | None:
    return None if value is None else _text(value, name)


def _digest(value: Any, name: str) -> str:
    if not isinstance(value, str) or len(value) != 64 or not set(value) <= _HEX:
        raise _WrongError(f"a wrong {name!r} (it is 64 hexadecimal digits)")
    return value


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _whole(value: Any, name: str) -> int:
    if not _is_whole(value) or value < 0:
        raise _WrongError(f"a wrong {name!r} (it is a whole number)")
    return int(value)


def _number(value: Any, name: str) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise _WrongError(f"a wrong {name!r} (it is a number)")
    return value


def _truth(value: Any, name: str) -> bool:
    if not isinstance(value, bool):
        raise _WrongError(f"a wrong {name!r} (it is true or false)")
    return value


def _refuse_constant(text: str) -> None:
    raise ValueError(f"{text} is no number")


def _bytes_of(origin: Origin, given: Path | bytes | None, folder: Path | None, what: str) -> bytes:
    if isinstance(given, bytes):
        data = given
    elif given is not None:
        data = _read(given, f"the {what}")
    else:
        home = folder or Path()
        places = [home / text for text in (origin.path, origin.name) if text is not None]
        found = next((place for place in places if place.is_file()), None)
        if found is None:
            raise ProjectError(
                f"the {what} '{origin.name}' of the project is not at '{places[0]}': put it there or beside it"
            )
        data = _read(found, f"the {what}")
    check_same(origin, data, what)
    return data


def _read(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its name cannot be"
        raise ProjectError(f"{what} '{path}' cannot be read ({reason}): check the path") from error
