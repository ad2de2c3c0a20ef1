"""What a worker does with a job: claims it, colours, says how far it is, and stops when it is told to."""

import logging
import threading
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from photochrom.errors import PhotochromError
from photochrom.image_io.write import known_format
from photochrom.web.colorize_service import ColorizeService, Order
from photochrom.web.errors import ApiError, refusal_of
from photochrom.web.jobs.repository import FILM, ORDER, RESULT, WORK, Job, Jobs
from photochrom.web.limits import Limits
from photochrom.web.schemas import BatchAsked, Settings
from photochrom.web.storage.downloads import colored_name
from photochrom.web.storage.photos import PhotoStore

__all__ = ["JobRunner"]

#: seconds between looks at whether a job is to end, and between records of how far it is
_LOOK, _WORD = 0.3, 1.0
#: parts of the whole that looking for cuts and writing take, by experience
_SCAN, _WRITE = 0.06, 0.04
_log = logging.getLogger("photochrom.web")


class _EndedError(Exception):
    """The job is to end: cancelled, the worker is told to stop, or another has taken over."""


class JobRunner:
    """Works on jobs, one at a time.

    Args:
        jobs: their records.
        album: photos of batches.
        painter: colours photos.
        limits: of films.
        device: films are coloured on.
    """

    def __init__(self, jobs: Jobs, album: PhotoStore, painter: ColorizeService, limits: Limits) -> None:
        self._jobs, self._album, self._painter, self._limits = jobs, album, painter, limits
        #: set it to hand the job in work back and take no other
        self.stop = threading.Event()

    def work(self, client: str, id_: str, turn: int) -> None:
        """Do a job, if this turn of it is still to be had."""
        jobs = self._jobs
        job = jobs.read(client, id_)
        if job is None or job.is_final or job.turn != turn or self.stop.is_set():
            return
        if not jobs.queue.claim(id_, turn):
            return
        if jobs.cancelled(job):
            jobs.finish(job, "cancelled")
            return
        with _Heartbeat(jobs, replace(job, status="running"), self.stop) as told:
            try:
                notes = (self._color_film if job.kind == "film" else self._color_photos)(job, told)
                size = jobs.store.bytes_of(f"{job.folder}/{RESULT}")
                told.close(lambda last: jobs.finish(replace(last, progress=1.0, bytes=size, notes=notes), "done"))
            except _EndedError:
                told.close(self._let_go)
            except Exception as error:  # whatever it is, the job has failed and says so
                sentence = _sentence(error, jobs.store.folder(job.folder))
                told.close(lambda last: jobs.finish(replace(last, error=sentence), "failed"))

    def _let_go(self, job: Job) -> None:
        if self._jobs.cancelled(job):
            self._jobs.finish(job, "cancelled")
        elif self.stop.is_set():
            # for the next worker, which goes on where this one stopped
            job = self._jobs.write(replace(job, status="queued", turn=job.turn + 1, seconds_left=None))
            self._jobs.queue.put(job.client, job.id, job.turn)

    def _color_film(self, job: Job, told: "_Heartbeat") -> tuple[str, ...]:
        from photochrom.video.api import colorize_video
        from photochrom.video.report import Progress

        store = self._jobs.store
        settings = Settings.model_validate_json(store.read(f"{job.folder}/{ORDER}"))
        begun: list[float] = []

        def tell(progress: Progress) -> None:
            told.check()
            if progress.phase == "scan":
                if progress.done > self._limits.frames:
                    sentence = f"the film has more than {self._limits.frames} frames: send a shorter one"
                    raise ApiError(413, "too_many_frames", sentence)
                told.say(_SCAN * _part(progress.done, progress.total))
            elif progress.phase == "color":
                begun[:] = begun or [time.monotonic()]
                made = progress.done - progress.before
                pace = (time.monotonic() - begun[0]) / made if made else None
                left = None if pace is None else pace * ((progress.total or 0) - progress.done)
                told.say(_SCAN + (1 - _SCAN - _WRITE) * _part(progress.done, progress.total), left)
            else:
                told.say(1 - _WRITE, 0.0)

        folder = store.folder(f"{job.folder}/{WORK}")
        target = folder / f"film{Path(job.name).suffix}"
        report = colorize_video(
            store.local(f"{job.folder}/{FILM}"),
            target,
            model=self._painter.colorizer(settings.model).name,
            device=self._painter.device,
            vividness=settings.vividness,
            strength=settings.strength,
            input_size=settings.size,
            resume=True,
            overwrite=True,
            on_progress=tell,
        )
        with target.open("rb") as file:
            store.write(f"{job.folder}/{RESULT}", file)
        return (*report.notes, *([report.problem] if report.problem else []))

    def _color_photos(self, job: Job, told: "_Heartbeat") -> tuple[str, ...]:
        store, album = self._jobs.store, self._album
        asked = BatchAsked.model_validate_json(store.read(f"{job.folder}/{ORDER}"))
        folder = store.folder(f"{job.folder}/{WORK}")
        begun, notes = time.monotonic(), list[str]()
        members: list[tuple[str, Path]] = []
        for number, id_ in enumerate(asked.photos):
            told.check()
            settings = asked.settings.get(id_, Settings())
            try:
                photo = album.find(job.client, id_)
                name = _free_name(colored_name(photo.name, _format(asked, photo.format), source=photo.format), members)
                path = folder / f"{number}"
                # what an earlier turn has finished is there, whole
                if not path.exists():
                    reference = album.picture(job.client, settings.reference) if settings.reference else None
                    order = Order(album.picture(job.client, id_), settings, reference)
                    self._painter.paint(order).save(path, format=_format(asked, photo.format))
                members.append((name, path))
            except (PhotochromError, ApiError) as error:
                refusal = refusal_of(error)
                if refusal is None or refusal.status_code >= 500:
                    # not this photo's fault, so the next would fare no better
                    raise
                notes.append(f"photo {number + 1} is left out: {refusal.message}")
            done = (number + 1) / len(asked.photos)
            told.say(done, (time.monotonic() - begun) / done * (1 - done))
        if not members:
            raise ApiError(422, "nothing_made", f"none of the photos could be coloured ({notes[0]}): send others")
        packed = folder / "packed.zip"
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as file:
            for name, path in members:
                told.check()
                file.write(path, name)
        with packed.open("rb") as stream:
            store.write(f"{job.folder}/{RESULT}", stream)
        return tuple(notes)


class _Heartbeat:
    """Writes a running job's record now and then, so that its worker is known to live, and watches for its end."""

    def __init__(self, jobs: Jobs, job: Job, stop: threading.Event) -> None:
        self._jobs, self._job, self._stop = jobs, job, stop
        self._end, self._closed, self._lock = threading.Event(), threading.Event(), threading.Lock()
        self._thread = threading.Thread(target=self._watch, name="photochrom-word", daemon=True)

    def __enter__(self) -> "_Heartbeat":
        self._job = self._jobs.write(self._job)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        self._thread.join()

    def check(self) -> None:
        """Raise what ends the job, if it is to end."""
        if self._end.is_set():
            raise _EndedError

    def say(self, progress: float, left: float | None = None) -> None:
        """How far it is, 0..1, and seconds left."""
        with self._lock:
            self._job = replace(self._job, progress=min(progress, 1.0), seconds_left=left)

    def close(self, last: Callable[[Job], object]) -> None:
        """Write no more, and do the last thing with the record as it stands, unless another worker has taken over."""
        self._closed.set()
        self._thread.join()
        found = self._jobs.read(self._job.client, self._job.id)
        if found is not None and found.turn == self._job.turn:
            last(self._job)

    def _watch(self) -> None:
        spoken = time.monotonic()
        while not self._closed.wait(_LOOK):
            try:
                if self._stop.is_set() or self._jobs.cancelled(self._job):
                    self._end.set()
                if time.monotonic() - spoken < _WORD:
                    continue
                spoken = time.monotonic()
                found = self._jobs.read(self._job.client, self._job.id)
                if found is None or found.turn != self._job.turn:
                    # this worker was held for lost, and another has it
                    self._end.set()
                    return
                with self._lock:
                    self._job = self._jobs.write(self._job)
            except OSError as error:
                # a full disk now need not be full at the next word
                _log.warning("a job's record cannot be written: %s", error)


def _part(done: int, total: int | None) -> float:
    return min(1.0, done / total) if total else 0.0


def _format(asked: BatchAsked, own: str) -> str:
    return known_format(asked.format or own)


def _free_name(name: str, members: list[tuple[str, Path]]) -> str:
    taken = {each.lower() for each, _ in members}
    stem, dot, suffix = name.rpartition(".")
    number = 2
    chosen = name
    while chosen.lower() in taken:
        chosen, number = f"{stem} {number}{dot}{suffix}", number + 1
    return chosen


def _sentence(error: Exception, folder: Path) -> str:
    refusal = refusal_of(error, folder=folder)
    if refusal is None:
        _log.error("a job failed", exc_info=error)
        return "something went wrong here: try again, and tell whoever runs this service"
    return refusal.message
