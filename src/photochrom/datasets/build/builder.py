"""A set of photos, filtered and packed into shards: planned first, then written, so that it can be taken up again."""

import io
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from photochrom.datasets.build.deduplicate import drop_near, near_pairs
from photochrom.datasets.build.statistics import COLORLESS, Facts
from photochrom.datasets.build.inspect import Progress, examine_all
from photochrom.datasets.build.manifest import MANIFEST, Manifest, begin, go_on
from photochrom.datasets.build.shard_writer import Packed, write_parquet, write_tar
from photochrom.system.process_pool import split_chunks, map_in_order
from photochrom.datasets.sources.photo_set import Photos, decode, fingerprint
from photochrom.errors import DataError, OptionError
from photochrom.system.atomic import whole_file

__all__ = ["BuildOptions", "Built", "build_set"]

#: photos to a task
CHUNK = 16
WRITERS: dict[str, Callable[[Path, Sequence[Packed]], None]] = {"parquet": write_parquet, "webdataset": write_tar}
SUFFIXES = {"parquet": ".parquet", "webdataset": ".tar"}


@dataclass(frozen=True, kw_only=True)
class BuildOptions:
    """What is kept, and how.

    Args:
        size: short side of the photos in the shards, pixels; smaller ones stay as they are.
        quality: of WebP, 1 to 100.
        shard_mb: a shard is closed when it holds this many MiB.
        min_side: photos with a shorter short side are dropped.
        drop_gray: drop photos that are gray or nearly gray.
        drop_duplicates: of near duplicates keep the largest.
        format: ``parquet`` or ``webdataset``.

    Raises:
        OptionError: a value is out of range.
    """

    size: int = 160
    quality: int = 90
    shard_mb: float = 24.0
    min_side: int = 64
    drop_gray: bool = False
    drop_duplicates: bool = False
    format: str = "parquet"

    def __post_init__(self) -> None:
        ranges = {"size": (32, 4096), "quality": (1, 100), "shard_mb": (0.001, 4096), "min_side": (8, 4096)}
        for name, (low, high) in ranges.items():
            if not low <= getattr(self, name) <= high:
                raise OptionError("dataset.option_out_of_range", name=name, value=getattr(self, name), low=low, high=high)
        if self.format not in WRITERS:
            raise OptionError("dataset.unknown_format", format=self.format, choices=" or ".join(WRITERS))


@dataclass(frozen=True)
class Built:
    """What has become of a set.

    Attributes:
        kept: photos in the shards.
        dropped: names of those that are not, by reason.
        shards: names of the files.
        size: bytes of all of them.
    """

    kept: int
    dropped: dict[str, list[str]]
    shards: list[str]
    size: int


def build_set(
    photos: Photos,
    folder: Path,
    options: BuildOptions,
    *,
    against: Photos | None = None,
    jobs: int = 1,
    on_plan: Progress | None = None,
    on_pack: Progress | None = None,
) -> Built:
    """Filters a set and packs it into shards.

    The photos come in a random order, the same each time, so that every shard is a sample of all. Beside the shards
    lies ``manifest.json``. Called again after an interruption, with the same set and options, it goes on after the
    last whole shard; with another set or other options it refuses.

    Args:
        photos: the set.
        folder: where the shards go: new, empty, or begun before.
        options: what is kept, and how.
        against: near duplicates of these photos are dropped, such as a benchmark's.
        jobs: processes.
        on_plan: told how many photos have been looked at.
        on_pack: told how many photos are in shards.

    Raises:
        DataError: no photo is left, or a photo could be read the first time but not the second.
        OutputExistsError: the folder holds something else, or the finished set.
        WriteError: a file cannot be written.
    """
    marks = {
        "fingerprint": fingerprint(photos),
        "against": fingerprint(against) if against is not None else None,
        "options": asdict(options),
    }
    manifest = go_on(folder, marks)
    if manifest is None:
        kept, dropped = _plan(photos, options, against, jobs=jobs, progress=on_plan)
        if not kept:
            reasons = ", ".join(f"{len(names):,} {reason}" for reason, names in dropped.items())
            raise DataError("dataset.nothing_left", reasons=reasons)
        manifest = begin(folder, marks, kept, dropped)
    _pack(photos, folder, manifest, options, jobs=jobs, progress=on_pack)
    return Built(
        kept=len(manifest.kept),
        dropped=manifest.dropped,
        shards=[shard["file"] for shard in manifest.shards],
        size=sum(shard["bytes"] for shard in manifest.shards),
    )


def _plan(
    photos: Photos, options: BuildOptions, against: Photos | None, *, jobs: int, progress: Progress | None
) -> tuple[list[int], dict[str, list[str]]]:
    """Returns which photos go into the shards, in their order, and the names of those that do not, by reason."""
    facts, _, _ = examine_all(photos, range(len(photos)), jobs=jobs, progress=progress)
    reasons = [_reason(found, options) for found in facts]
    if against is not None:
        theirs, _, _ = examine_all(against, range(len(against)), jobs=jobs)
        left = [place for place, reason in enumerate(reasons) if not reason]
        readable = [found for found in theirs if not found.error]
        for place in set(near_pairs(_hashes(facts, left), _hashes(readable, range(len(readable))))[:, 0].tolist()):
            reasons[left[place]] = "near the photos to keep apart from"
    if options.drop_duplicates:
        left = [place for place, reason in enumerate(reasons) if not reason]
        largest = sorted(range(len(left)), key=lambda n: -facts[left[n]].width * facts[left[n]].height)
        for place in drop_near(_hashes(facts, left), largest):
            reasons[left[place]] = "near duplicate"
    dropped: dict[str, list[str]] = {}
    for found, reason in zip(facts, reasons, strict=True):
        if reason:
            dropped.setdefault(reason, []).append(found.name)
    kept = np.array([found.index for found, reason in zip(facts, reasons, strict=True) if not reason], np.int64)
    return np.random.default_rng(0).permutation(kept).tolist(), dropped


def _reason(found: Facts, options: BuildOptions) -> str:
    if found.error:
        return "unreadable"
    if min(found.width, found.height) < options.min_side:
        return "too small"
    return found.grayness if options.drop_gray and found.grayness in COLORLESS else ""


def _hashes(facts: Sequence[Facts], places: Sequence[int]) -> Any:
    return np.array([facts[place].hash for place in places], np.uint64)


def _pack(
    photos: Photos, folder: Path, manifest: Manifest, options: BuildOptions, *, jobs: int, progress: Progress | None
) -> None:
    first = manifest.packed
    tasks = split_chunks(list(enumerate(manifest.kept))[first:], CHUNK)
    work = partial(_encode_some, size=options.size, quality=options.quality)
    packed = (photo for some in map_in_order(work, photos, tasks, jobs=jobs) for photo in some)
    for shard in _fill(packed, int(options.shard_mb * 2**20)):
        path = folder / f"photos-{len(manifest.shards):05}{SUFFIXES[options.format]}"
        # one that was written just before an interruption is not in the manifest yet, and is made again
        with whole_file(path, overwrite=True) as part:
            WRITERS[options.format](part, shard)
        manifest.add(path, Counter(photo.source for photo in shard))
        manifest.save(folder / MANIFEST)
        if progress is not None:
            progress(manifest.packed, len(manifest.kept))


def _fill(photos: Iterator[Packed], limit: int) -> Iterator[list[Packed]]:
    shard: list[Packed] = []
    size = 0
    for photo in photos:
        if shard and size + len(photo.content) > limit:
            yield shard
            shard, size = [], 0
        shard.append(photo)
        size += len(photo.content)
    if shard:
        yield shard


def _encode_some(photos: Photos, task: Sequence[tuple[int, int]], *, size: int, quality: int) -> list[Packed]:
    packed = []
    for number, index in task:
        content = _encode(decode(photos, index, at_least=size), size, quality)
        packed.append(Packed(number, photos.name(index), photos.source(index), content))
    return packed


def _encode(image: Image.Image, size: int, quality: int) -> bytes:
    scale = size / min(image.size)
    if scale < 1:
        width, height = (max(1, round(side * scale)) for side in image.size)
        image = image.resize((width, height), Image.Resampling.LANCZOS)
    content = io.BytesIO()
    image.save(content, "WEBP", quality=quality, method=4)
    return content.getvalue()
