"""Which shards are to be coloured, and where each result goes."""

import glob
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from photochrom.batch.plan import parse_suffix
from photochrom.batch.saving import Saving
from photochrom.batch.stored.plan import StoredJob, StoredPlan
from photochrom.datasets.sources.remote import expand_braces
from photochrom.errors import NoInputError, OptionError
from photochrom.system.stores import StoredFile, is_url, join_address, name_of, open_store, parse_address

__all__ = ["SHARD_SUFFIXES", "ShardPlan", "is_shard", "plan_shards"]

#: what the names of shards end with, lower case
SHARD_SUFFIXES = (".tar", ".parquet")
_COMPRESSED = (".tar.gz", ".tgz", ".tar.zst", ".tar.bz2", ".tar.xz")


@dataclass(frozen=True)
class ShardPlan(StoredPlan):
    """The shards of a run, each a job; see :class:`~photochrom.batch.stored.plan.StoredPlan`.

    Attributes:
        suffix: of all results in the shards, with its dot; None for that of each photo.
    """

    suffix: str | None = None

    @property
    def many(self) -> bool:
        """Always: a shard holds many photos."""
        return True


def is_shard(text: str) -> bool:
    """Tells whether an input or output means shards, by its name. A folder of such a name is a folder.

    >>> is_shard("photos.tar"), is_shard("s3://scans/*.parquet"), is_shard("photos.zip")
    (True, True, False)
    """
    name = text.lower()
    return name.endswith((*SHARD_SUFFIXES, *_COMPRESSED)) and (is_url(text) or not Path(text).is_dir())


def plan_shards(
    inputs: Sequence[str],
    output: str | None,
    *,
    format: str | None = None,  # noqa: A002
    saving: Saving | None = None,
) -> ShardPlan:
    """Turns names of shards into jobs; no shard is opened.

    Args:
        inputs: shards as URLs or paths, patterns with ``*``, and sequences such as ``{000..015}.tar``.
        output: a shard's name for a single shard, else a folder; a URL or a path.
        format: the suffix of all results in the shards, without its dot; None for the suffix of each photo.
        saving: what else is done to results as they are saved; None for nothing.

    Raises:
        NoInputError: a pattern matches nothing, or a shard is not there.
        OptionError: an input is not a shard, or the output cannot be one of its kind.
        StoreError: an input cannot be listed.
    """
    if not output:
        raise OptionError("shards.output_needed")
    suffix = None if format is None else parse_suffix(format)
    files = list(dict.fromkeys(file for text in inputs for file in _find(text)))
    target = parse_address(output, write=True)
    if is_shard(output):
        return ShardPlan((_plan_single(files, target),), None, {}, saving or Saving(), suffix)
    root = target.rstrip("/") or "/"
    jobs: dict[str, StoredJob] = {}
    for file in files:
        name = name_of(file.address)
        place = join_address(root, name)
        if name in jobs:
            first = jobs[name].source.address
            raise OptionError("batch.output_shared", first=first, second=file.address, path=place)
        jobs[name] = StoredJob(file, name, _check_target(file, place, files), name)
    return ShardPlan(tuple(jobs.values()), root, {}, saving or Saving(), suffix)


def _plan_single(files: Sequence[StoredFile], target: str) -> StoredJob:
    if len(files) > 1:
        raise OptionError("batch.output_is_file", path=target)
    kind = PurePosixPath(name_of(files[0].address)).suffix
    if kind.lower() != PurePosixPath(name_of(target)).suffix.lower():
        raise OptionError("shards.format_differs", path=target, source=files[0].address, suffix=kind)
    name = name_of(target)
    return StoredJob(files[0], name, _check_target(files[0], target, files), name_of(files[0].address))


def _check_target(file: StoredFile, target: str, files: Sequence[StoredFile]) -> str:
    same = (
        not is_url(target) and not is_url(file.address) and os.path.realpath(target) == os.path.realpath(file.address)
    )
    if same or any(target == other.address for other in files):
        raise OptionError("batch.output_is_input", path=target)
    return target


def _find(text: str) -> Iterator[StoredFile]:
    if not text:
        raise OptionError("batch.name_empty")
    for one in expand_braces(text):
        if not is_url(one) and not os.path.lexists(one) and glob.has_magic(one):
            found = sorted(glob.glob(one, recursive=True))  # noqa: PTH207 (absolute patterns)
            addresses = [parse_address(path) for path in found if is_shard(path)]
            files = [open_store(address).look_up(address) for address in addresses]
            matches = [file for file in files if file is not None]
        elif is_url(one) and "*" in one:
            matches = _match_remote(one)
        else:
            matches = [_look_up(one)]
        if not matches:
            raise NoInputError("shards.no_match", pattern=one)
        yield from matches


def _look_up(text: str) -> StoredFile:
    name = text.lower()
    if name.endswith(_COMPRESSED):
        raise OptionError("shards.compressed", path=text)
    if not is_shard(text):
        raise OptionError("shards.inputs_mixed", path=text)
    address = parse_address(text)
    file = open_store(address).look_up(address)
    if file is None:
        raise NoInputError("batch.not_found", path=text)
    return file


def _match_remote(pattern: str) -> list[StoredFile]:
    """Lists the files of a store that a pattern means; ``*`` stands for part of one name."""
    parts = parse_address(pattern).split("/")
    first = next(index for index, part in enumerate(parts) if re.search(r"[*?\[]", part))
    folder = "/".join(parts[:first])
    files = open_store(folder).find(folder)

    def fits(address: str) -> bool:
        names = address.split("/")
        return len(names) == len(parts) and all(map(fnmatchcase, names, parts)) and is_shard(address)

    return [file for file in files if fits(file.address)]
