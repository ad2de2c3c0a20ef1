"""Writes the kit of a run: all of its files, or none."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from photochrom.batch.archive.iiif import SHOWN_BY_BROWSERS, Addresses, build_manifest
from photochrom.batch.archive.premis import build_premis
from photochrom.batch.archive.run_files import find_report, read_colored_photos
from photochrom.batch.sidecars import write_sidecars
from photochrom.errors import OptionError, OutputExistsError

__all__ = ["ArchiveKit", "write_archive_kit"]

_EVENTS, _MANIFEST = ".premis.xml", "manifest.json"


@dataclass(frozen=True, kw_only=True)
class ArchiveKit:
    """What was written.

    Attributes:
        events: the PREMIS documents.
        manifest: the IIIF manifest; None where no addresses were given.
        originals: the folder that the addresses of originals are counted from.
        not_shown: how many files of the manifest browsers do not show.
    """

    events: tuple[Path, ...]
    manifest: Path | None
    originals: Path
    not_shown: int


def write_archive_kit(
    report: str | Path,
    *,
    addresses: Addresses | None = None,
    template: Mapping[str, Any] | None = None,
    organization: str | None = None,
    overwrite: bool = False,
) -> ArchiveKit:
    """Writes what archives keep of a run: ``NAME.EXT.premis.xml`` beside each result, and ``manifest.json``.

    Files that could not be coloured are left out. The names in the report are those of the run, so they are looked for
    from the same working folder.

    Args:
        report: a run's JSON report, or the folder that ``photochrom-report.json`` lies in.
        addresses: where the files will be on the web; None for no manifest.
        template: what the manifest says besides, from :func:`~photochrom.batch.archive.read_template`.
        organization: who is answerable for the colouring, an agent in PREMIS.
        overwrite: replace files that are there already.

    Raises:
        InputError: the report or a file that it names cannot be read, or no photo was coloured.
        OptionError: results lie outside the report's folder, originals in several folders, or in an object store.
        OutputExistsError: a file is there already.
        WriteError: a file cannot be written.
    """
    path = find_report(Path(report))
    photos = read_colored_photos(path)
    events = [photo.result.path.with_name(photo.result.path.name + _EVENTS) for photo in photos]
    manifest = None if addresses is None else path.parent / _MANIFEST
    for each in (*events, *([] if manifest is None else [manifest])):
        if os.path.lexists(each) and not overwrite:
            raise OutputExistsError("archive.output_exists", path=each)
    files = {
        target: build_premis(photo, organization=organization) for target, photo in zip(events, photos, strict=True)
    }
    originals = {photo.original.root.resolve() for photo in photos}
    if addresses is not None and manifest is not None:
        if len(originals) > 1:
            raise OptionError("archive.originals_scattered", one=min(originals), other=max(originals))
        named = addresses.originals or addresses.image_service
        if named is None and originals != {path.parent.resolve()}:
            raise OptionError("archive.originals_elsewhere", folder=min(originals))
        made = build_manifest(photos, addresses, name=_MANIFEST, events=_EVENTS, template=dict(template or {}))
        files[manifest] = (json.dumps(made, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "replace")
    write_sidecars(files, overwrite=overwrite)
    direct = addresses is not None and addresses.image_service is None
    kinds = [each.media_type for photo in photos for each in (photo.original, photo.result)]
    return ArchiveKit(
        events=tuple(events),
        manifest=manifest,
        originals=photos[0].original.root,
        not_shown=sum(kind not in SHOWN_BY_BROWSERS for kind in kinds) if direct else 0,
    )
