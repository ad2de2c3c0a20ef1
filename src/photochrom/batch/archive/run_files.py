"""The photos of a run as its report and the files tell: what was coloured, what became of it, by what, and when."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from photochrom.batch.discover import REPORT_NAME
from photochrom.errors import InputError, OptionError
from photochrom.image_io.film_starts import START_BYTES
from photochrom.image_io.formats import sniff
from photochrom.image_io.provenance import read_mark
from photochrom.provenance.manifest import MEDIA_TYPES
from photochrom.provenance.signer import hash_file
from photochrom.system.paths import is_folder
from photochrom.system.stores import is_url

__all__ = ["ColoredPhoto", "StoredPhoto", "find_report", "read_colored_photos"]

_MEDIA_TYPES = MEDIA_TYPES | {
    "BMP": "image/bmp",
    "JPEG2000": "image/jp2",
    "PNM": "image/x-portable-anymap",
    "TGA": "image/x-tga",
}


@dataclass(frozen=True, kw_only=True)
class StoredPhoto:
    """A file as it lies on the disk.

    Attributes:
        path: where it is.
        root: the folder that originals or results are counted from.
        sha256: of its bytes, hexadecimal.
        size: bytes.
        media_type: such as ``image/jpeg``.
    """

    path: Path
    root: Path
    sha256: str
    size: int
    media_type: str

    @property
    def relative(self) -> PurePosixPath:
        """Its path below ``root``."""
        return PurePosixPath(Path(os.path.relpath(self.path, self.root)).as_posix())

    @property
    def name(self) -> str:
        """Its path with the name of ``root`` before it."""
        # bytes of a name that are not UTF-8 have no place in XML or JSON
        return os.fsencode(f"{self.root.resolve().name}/{self.relative}").decode("utf-8", "replace")


@dataclass(frozen=True, kw_only=True)
class ColoredPhoto:
    """One photo of a run.

    Attributes:
        original, result: the files.
        model: the network's name.
        model_sha256: of the network's file, hexadecimal.
        version: of photochrom.
        finished: when it was coloured.
        options: how, as a report has them.
        width, height: of the first page, pixels.
        confidence: mean 0..1; None where it is not known.
        notes: what was left out or mended, a sentence each.
    """

    original: StoredPhoto
    result: StoredPhoto
    model: str
    model_sha256: str
    version: str
    finished: datetime
    options: Mapping[str, Any]
    width: int
    height: int
    confidence: float | None
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Entry:
    """What is read of a file's entry in a report."""

    source: str
    target: str
    status: str
    model: str
    confidence: float | None = None
    width: int | None = None
    height: int | None = None
    finished: datetime | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Report:
    photochrom: str
    model_sha256: str
    options: dict[str, Any]
    files: tuple[_Entry, ...]


def find_report(path: Path) -> Path:
    """Returns the report that is meant by its name, or by that of the folder that it lies in."""
    return path / REPORT_NAME if is_folder(path) else path


def read_colored_photos(report: Path) -> list[ColoredPhoto]:
    """Returns the photos that a run has coloured, or an earlier run that it went on with.

    Raises:
        InputError: the report or a file that it names cannot be read, or no photo was coloured.
        OptionError: results lie outside the report's folder, or files are in an object store.
    """
    run = _read_report(report)
    done = [entry for entry in run.files if entry.status in ("done", "skipped")]
    if not done:
        raise InputError("archive.nothing_done", report=report)
    return [_describe(entry, run, report) for entry in done]


def _read_report(path: Path) -> _Report:
    from pydantic import ValidationError

    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError("archive.report_unreadable", report=path, reason=error.strerror or str(error)) from None
    try:
        return _adapter().validate_python(json.loads(content))  # type: ignore[no-any-return]
    except (ValidationError, ValueError, RecursionError) as error:
        raise InputError("archive.not_a_report", report=path) from error


@cache
def _adapter() -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(_Report)


def _describe(entry: _Entry, run: _Report, report: Path) -> ColoredPhoto:
    if not entry.width or not entry.height:
        raise InputError("archive.not_a_report", report=report)
    if is_url(entry.source) or is_url(entry.target):
        raise OptionError("archive.stored", name=entry.target)
    source, target = Path(entry.source), Path(entry.target)
    root = report.parent
    below = Path(os.path.relpath(target, root))
    if ".." in below.parts:
        raise OptionError("archive.result_elsewhere", path=target, folder=root)
    result = _look_at(target, root, report)
    mark = read_mark(target)
    return ColoredPhoto(
        original=_look_at(source, _find_root(source, below), report),
        result=result,
        model=entry.model,
        model_sha256=run.model_sha256,
        version=(mark.version if mark else None) or run.photochrom,
        # reports of earlier versions did not say it
        finished=entry.finished or datetime.fromtimestamp(target.stat().st_mtime, UTC).replace(microsecond=0),
        options=run.options,
        width=entry.width,
        height=entry.height,
        confidence=entry.confidence,
        notes=entry.notes,
    )


def _find_root(source: Path, below: Path) -> Path:
    """Returns the folder whose tree the results mirror: that of the source, without the folders that both have."""
    folder = source.parent
    for part in reversed(below.parent.parts):
        if folder.name != part:
            return source.parent
        folder = folder.parent
    return folder


def _look_at(path: Path, root: Path, report: Path) -> StoredPhoto:
    try:
        with path.open("rb") as stream:
            kind = sniff(stream.read(START_BYTES), path.name)
        return StoredPhoto(
            path=path, root=root, sha256=hash_file(path), size=path.stat().st_size, media_type=_MEDIA_TYPES[kind]
        )
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError("archive.file_unreadable", path=path, report=report, reason=reason) from None
