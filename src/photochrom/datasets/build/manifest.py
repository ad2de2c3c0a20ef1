"""The list beside built shards: what they hold, what was left out and why, and how far the work has come."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from photochrom.errors import DataError, OutputExistsError, WriteError
from photochrom.system.atomic import is_part_of, whole_file

__all__ = ["MANIFEST", "Manifest", "begin", "go_on"]

MANIFEST = "manifest.json"
VERSION = 1


@dataclass
class Manifest:
    """What is known of a set in the making.

    Attributes:
        marks: fingerprints of the sets it is made from, and the options.
        kept: indexes of the photos that go into the shards, in order.
        dropped: names of those that do not, by reason.
        shards: of each finished shard ``file``, ``photos``, ``bytes``, ``sha256`` and ``sources``.
    """

    marks: dict[str, Any]
    kept: list[int]
    dropped: dict[str, list[str]]
    shards: list[dict[str, Any]]

    @property
    def packed(self) -> int:
        """Photos in finished shards."""
        return sum(shard["photos"] for shard in self.shards)

    @property
    def complete(self) -> bool:
        """Whether all shards are there."""
        return self.packed == len(self.kept)

    def add(self, path: Path, sources: Counter[str]) -> None:
        """Enters a finished shard."""
        content = path.read_bytes()
        self.shards.append(
            {
                "file": path.name,
                "photos": sources.total(),
                "bytes": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
                "sources": dict(sources.most_common()),
            }
        )

    def save(self, path: Path) -> None:
        """Writes it, counts first.

        Raises:
            WriteError: it cannot be written.
        """
        counts = {
            "version": VERSION,
            "complete": self.complete,
            "photos": self.packed,
            "dropped_counts": {reason: len(names) for reason, names in self.dropped.items()},
        }
        with whole_file(path, overwrite=True) as part:
            part.write_text(json.dumps(counts | asdict(self), indent=1), encoding="utf-8")


def begin(folder: Path, marks: dict[str, Any], kept: list[int], dropped: dict[str, list[str]]) -> Manifest:
    """Makes the folder, and a manifest of no shards in it.

    Raises:
        WriteError: they cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError("dataset.folder_unwritable", path=folder, reason=error.strerror) from error
    manifest = Manifest(marks, kept, dropped, [])
    manifest.save(folder / MANIFEST)
    return manifest


def go_on(folder: Path, marks: Mapping[str, Any]) -> Manifest | None:
    """Returns the manifest of work that was interrupted; None where nothing was begun.

    Raises:
        DataError: the manifest or a shard has been changed.
        OutputExistsError: the folder holds something else, other work, or finished work.
    """
    if not (folder / MANIFEST).exists():
        if folder.exists() and not folder.is_dir():
            raise OutputExistsError("dataset.not_a_folder", path=folder)
        if folder.exists() and any(not is_part_of(path.name, MANIFEST) for path in folder.iterdir()):
            raise OutputExistsError("dataset.folder_not_empty", path=folder)
        return None
    manifest = _read(folder / MANIFEST)
    if manifest.marks != marks:
        what = next(key for key in marks if manifest.marks.get(key) != marks[key])
        names = {"fingerprint": "from other photos", "against": "against other photos", "options": "with other options"}
        raise OutputExistsError("dataset.begun_otherwise", path=folder, difference=names[what])
    for shard in manifest.shards:
        path = folder / shard["file"]
        if not path.is_file() or path.stat().st_size != shard["bytes"]:
            raise DataError("dataset.shard_changed", path=path, folder=folder)
    if manifest.complete:
        raise OutputExistsError("dataset.built_already", path=folder)
    return manifest


def _read(path: Path) -> Manifest:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        if values["version"] != VERSION:
            raise DataError("dataset.manifest_version", path=path)
        manifest = Manifest(**{name: values[name] for name in ("marks", "kept", "dropped", "shards")})
        kinds = {"file": str, "photos": int, "bytes": int}
        whole = all(isinstance(shard[key], kind) for shard in manifest.shards for key, kind in kinds.items())
        if not (whole and all(type(index) is int for index in manifest.kept) and manifest.packed <= len(manifest.kept)):
            raise TypeError
        return manifest
    except OSError as error:
        raise DataError("dataset.unreadable", path=path, reason=error.strerror) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DataError("dataset.manifest_damaged", path=path) from error
