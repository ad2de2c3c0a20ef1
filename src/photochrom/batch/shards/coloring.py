"""One shard coloured: its photos side by side, its pieces written in order, and the whole put in place at the end."""

import re
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from photochrom.batch.journal import Record
from photochrom.batch.output import PhotoRenderer
from photochrom.batch.photo_task import to_ours
from photochrom.batch.plan import Job, name_results
from photochrom.batch.saving import Saving
from photochrom.batch.shards.pieces import Colored, Piece, Shard, ShardPhoto
from photochrom.batch.stored.marks import Failure, OutputMarks
from photochrom.batch.stored.plan import StoredJob
from photochrom.batch.stored.select import StoredTask
from photochrom.batch.stored.stage import PhotoBytes, color_bytes
from photochrom.errors import InputError, ModelError, OptionError, PhotochromError
from photochrom.image_io import SUFFIXES
from photochrom.image_io.film_starts import START_BYTES
from photochrom.image_io.formats import sniff
from photochrom.system.admission import PixelGate
from photochrom.system.atomic import explain_os_error
from photochrom.system.stores import StoredFile, StoreSet

__all__ = ["ShardColorist", "StoppedError", "color_shard"]

#: photos in memory at once, read or coloured; a piece may hold as many by itself
_MOST = 200


class StoppedError(Exception):
    """The run was stopped in the middle of a shard, of which nothing is written."""


@dataclass(frozen=True, eq=False)
class ShardColorist:
    """What colours the photos of shards.

    Attributes:
        renderer: colours a photo.
        pool: runs it, ``jobs`` at a time.
        jobs: as there.
        saving: how results are saved.
        suffix: of all results; None for that of each photo.
        gate: bounds the pixels in work; None for any number.
        watch: surrounds the colouring of a photo, by its label; raises where it is not to be coloured.
    """

    renderer: PhotoRenderer
    pool: Executor
    jobs: int
    saving: Saving
    suffix: str | None
    gate: PixelGate | None = None
    watch: Callable[[str], AbstractContextManager[object]] = nullcontext


def color_shard(
    colorist: ShardColorist,
    stores: StoreSet,
    task: StoredTask,
    *,
    output: str | None,
    stop: threading.Event,
    on_photo: Callable[[int, int], None],
) -> tuple[Record, tuple[Failure, ...]]:
    """Colours a shard.

    Args:
        colorist: does it.
        stores: of its source and its result.
        task: names both.
        output: the folder of all results, where a mark says that it is finished; None for no mark.
        stop: ends it.
        on_photo: called with how many photos are done, and how many there are.

    Returns:
        What is known about it, and the photos that are not in the result.

    Raises:
        InputError, StoreError, WriteError: it cannot be read or written.
        StoppedError: it was stopped.
    """
    job, start = task.job, time.perf_counter()
    store = stores.get(job.target)
    marks = None if output is None else OutputMarks(store, output)
    begun, is_ours = None, False
    try:
        with stores.get(job.source.address).open_file(job.source.address, job.source.size) as source:
            shard = _open_shard(source, job.source.address)
            if marks is not None:
                begun, is_ours = marks.begin(job.relative, task.key)
            with store.create_file(job.target, overwrite=task.replace or is_ours) as part:
                try:
                    done = _Progress(shard, on_photo)
                    _copy(colorist, shard, part, job, stop, done)
                    size = part.stat().st_size
                except OSError as error:
                    # of the disk: what is wrong with a photo has a name
                    if isinstance(error, PhotochromError):
                        raise
                    raise explain_os_error(Path(job.target), error) from error
    except BaseException:
        if marks is not None and begun is not None:
            # what may come to lie there is not ours
            with suppress(PhotochromError):
                marks.store.remove(begun)
        raise
    record = Record(
        seconds=time.perf_counter() - start,
        confidence=sum(done.confidences) / len(done.confidences) if done.confidences else None,
        width=None,
        height=None,
        finished=datetime.now(UTC).isoformat(timespec="seconds"),
        photos=done.photos,
    )
    if marks is not None and begun is not None:
        marks.finish(job.relative, task.key, size, record, (*task.old, begun), done.failures)
    return record, tuple(done.failures)


class _Progress:
    """What has become of the photos of a shard so far."""

    def __init__(self, shard: Shard, on_photo: Callable[[int, int], None]) -> None:
        self.photos, self.failures, self.confidences = 0, list[Failure](), list[float]()
        self._total, self._on_photo = shard.photos, on_photo

    def take(self, confidence: float | None, failure: Failure | None) -> None:
        """Counts a photo."""
        if failure is not None:
            self.failures.append(failure)
        else:
            self.photos += 1
            if confidence is not None:
                self.confidences.append(confidence)
        self._on_photo(self.photos + len(self.failures), self._total)


#: a photo's result and confidence, or why there is none
_Result = tuple[Colored, float | None] | PhotochromError


def _copy(
    colorist: ShardColorist, shard: Shard, part: Path, job: StoredJob, stop: threading.Event, done: _Progress
) -> None:
    """Writes the shard anew; a piece waits until all its photos are done."""
    waiting: deque[tuple[Piece, list[Future[_Result]]]] = deque()
    try:
        with shard.write(part) as write:

            def write_first() -> None:
                piece, futures = waiting.popleft()
                results = [
                    _settle(future.result(), photo, job, done)
                    for photo, future in zip(piece.photos, futures, strict=True)
                ]
                write(piece, results)

            for piece in shard.pieces():
                while waiting and _is_full(waiting, colorist.jobs):
                    write_first()
                if stop.is_set():
                    raise StoppedError
                futures = [colorist.pool.submit(_color, colorist, photo, piece.names, stop) for photo in piece.photos]
                waiting.append((piece, futures))
            while waiting:
                write_first()
    finally:
        for _, futures in waiting:
            for future in futures:
                future.cancel()


def _is_full(waiting: Sequence[tuple[Piece, Sequence[Future[_Result]]]], jobs: int) -> bool:
    futures = [future for _, each in waiting for future in each]
    # one that waits for each that is coloured, so that nobody waits for the reader
    return len(waiting) > _MOST or len(futures) > _MOST or sum(not future.done() for future in futures) > 2 * jobs


def _settle(result: _Result, photo: ShardPhoto, job: StoredJob, done: _Progress) -> Colored | None:
    if isinstance(result, PhotochromError):
        said = " ".join(str(result).split())
        done.take(None, Failure(f"{job.source.address}, {photo.label}", said, result.code))
        return None
    colored, confidence = result
    done.take(confidence, None)
    return colored


def _color(colorist: ShardColorist, photo: ShardPhoto, names: frozenset[str], stop: threading.Event) -> _Result:
    """Colours a photo of a shard.

    Raises:
        ModelError, OptionError: what will be wrong for every photo.
        OSError: the disk cannot take the photo's temporary file.
        StoppedError: the run was stopped before.
    """
    if stop.is_set():
        raise StoppedError
    try:
        if photo.content is None:
            raise InputError("shards.row_external", path=photo.name)
        own = PurePosixPath(photo.name).suffix.lower()
        if own not in SUFFIXES:
            own = _suffix_of_format(sniff(photo.content[:START_BYTES], photo.label))
        # in the folder of its own that the photo gets; what else its name holds is the shard's business
        base = re.sub(r"[^\w.-]", "_", PurePosixPath(photo.name).stem)[-80:].strip(".") or "photo"
        target = name_results([Job(Path(base + own), Path(base + own), base, Path())], colorist.suffix)[0].target.name
        task = StoredTask(0, StoredJob(StoredFile(base + own, None, ""), target, target, base), "", False)
        with colorist.watch(photo.label):
            made = color_bytes(colorist.renderer, task, PhotoBytes(photo.content, None), colorist.saving, colorist.gate)
    except (ModelError, OptionError, StoppedError):
        raise
    except Exception as error:  # one bad photo must not end the run, whatever it does to the libraries
        if isinstance(error, OSError) and not isinstance(error, PhotochromError):
            raise
        return to_ours(error)
    name = _rename(photo.name, own, PurePosixPath(target).suffix, names)
    return Colored(name, made.content), made.record.confidence


def _rename(name: str, own: str, suffix: str, names: frozenset[str]) -> str:
    """Returns a result's name in its shard: that of the photo, but for the suffix of another format."""
    if not name or suffix == own or PurePosixPath(name).suffix.lower() != own:
        return name
    renamed = name[: -len(own)] + suffix
    return name + suffix if renamed in names else renamed


def _suffix_of_format(name: str) -> str:
    return next(suffix for suffix, format_name in SUFFIXES.items() if format_name == name)


def _open_shard(path: Path, place: str) -> Shard:
    if place.lower().endswith(".parquet"):
        from photochrom.batch.shards.parquet import ParquetShard

        return ParquetShard(path, place)
    from photochrom.batch.shards.tar import TarShard

    return TarShard(path, place)
