"""Runs jobs: claims one, colours, reports how far it is, and stops when it is to end."""

import logging
import threading
import time
import zipfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from photochrom.errors import PhotochromError
from photochrom.hints import Hint
from photochrom.image_io.write import parse_format
from photochrom.web.colorize_service import ColorizeService, ColorizeTask, to_options
from photochrom.web.errors import ApiError, ErrorAnswer, answer_error, find_answer, finish_sentence, hide_folders
from photochrom.web.jobs.kept_shots import KeptShots
from photochrom.web.jobs.pace import PaceBook
from photochrom.web.jobs.repository import ORDER, RESULT, VIDEO, WORK, Job, JobRepository
from photochrom.web.jobs.video_order import VideoOrder, read_order
from photochrom.web.limits import Limits
from photochrom.web.schemas.jobs import BatchRequest
from photochrom.web.schemas.options import ColorizeOptions
from photochrom.web.storage.downloads import LOSSY, apply_quality, colored_name
from photochrom.web.storage.photos import PhotoStore
from photochrom.web.storage.signing import find_signer, save_signed
from photochrom.web.storage.videos import VideoStore

if TYPE_CHECKING:
    from photochrom.video.guidance.references import VideoReference

__all__ = ["JobRunner"]

#: seconds between looks at whether a job is to end, and between records of its progress
_LOOK, _REPORT = 0.3, 1.0
#: shares of the whole that looking for cuts and writing take, by experience
_SCAN, _WRITE = 0.06, 0.04
#: the file in a zip that says which photos it lacks
_LACKING = "left out.txt"
_log = logging.getLogger("photochrom.web")


@dataclass(frozen=True)
class _Outcome:
    """What is said of a result; see :class:`~photochrom.web.jobs.repository.Job`."""

    notes: tuple[str, ...] = ()
    left_out: tuple[tuple[str, str, str], ...] = ()
    kept_frames: int = 0


class _EndedError(Exception):
    """The job is to end: cancelled, the worker is to stop, or another has taken over."""


class JobRunner:
    """Runs jobs, one at a time.

    Args:
        jobs: their records.
        photos: photos of batches.
        colorize_service: colours photos.
        limits: of videos.
    """

    def __init__(
        self, jobs: JobRepository, photos: PhotoStore, colorize_service: ColorizeService, limits: Limits
    ) -> None:
        self._jobs, self._photos, self._colorize_service, self._limits = jobs, photos, colorize_service, limits
        self._paces = PaceBook(jobs.storage)
        #: set it to hand the job in work back and take no other
        self.stop = threading.Event()

    def run(self, client: str, id_: str, turn: int) -> None:
        """Does a job, if this turn of it was not claimed yet."""
        jobs = self._jobs
        job = jobs.read(client, id_)
        if job is None or job.is_final or job.turn != turn or self.stop.is_set():
            return
        if not jobs.queue.claim(id_, turn):
            return
        if jobs.read_cancel_mark(job):
            jobs.finish(job, "cancelled")
            return
        with _Heartbeat(jobs, replace(job, status="running"), self.stop) as heartbeat:
            try:
                found = (self._color_video if job.type == "video" else self._color_photos)(job, heartbeat)
                size = jobs.storage.file_size(f"{job.folder}/{RESULT}")

                def finish(last: Job) -> None:
                    jobs.finish(replace(last, progress=1.0, size_bytes=size, **asdict(found)), "done")

                heartbeat.close(finish)
            except _EndedError:
                heartbeat.close(self._release)
            except Exception as error:  # whatever it is, the job has failed and its record tells why
                reason = _explain(error)
                heartbeat.close(lambda last: jobs.fail(last, reason))

    def _release(self, job: Job) -> None:
        if self._jobs.read_cancel_mark(job):
            self._jobs.finish(job, "cancelled")
        elif self.stop.is_set():
            # for the next worker, which goes on where this one stopped
            job = self._jobs.write(replace(job, status="queued", turn=job.turn + 1, seconds_left=None))
            self._jobs.queue.put(job.client, job.id, job.turn)

    def _color_video(self, job: Job, heartbeat: "_Heartbeat") -> "_Outcome":
        from photochrom.video.api import colorize_video
        from photochrom.video.guidance.hints import VideoHint
        from photochrom.video.report import Progress
        from photochrom.video.summary import describe_shots_anew

        storage = self._jobs.storage
        order = read_order(storage.read(f"{job.folder}/{ORDER}"))
        options = order.options
        model = self._colorize_service.open_colorizer(options.model).name
        source = storage.local(f"{job.folder}/{VIDEO}") if job.video is None else self._find_video(job)
        whole = self._estimate(source, model)
        started, begun = time.monotonic(), list[float]()
        heartbeat.report(0.0, whole)

        def report(progress: Progress) -> None:
            heartbeat.check()
            if progress.phase == "scan":
                if progress.done > self._limits.frames:
                    raise ApiError("service.too_many_frames", limit=self._limits.frames)
                heartbeat.report(_SCAN * _share(progress.done, progress.total), max(1.0, whole - _since(started)))
            elif progress.phase == "color":
                begun[:] = begun or [time.monotonic()]
                made = progress.done - progress.before
                pace = (time.monotonic() - begun[0]) / made if made else None
                left = (
                    max(1.0, whole - _since(started))
                    if pace is None
                    else pace * ((progress.total or 0) - progress.done)
                )
                heartbeat.report(_SCAN + (1 - _SCAN - _WRITE) * _share(progress.done, progress.total), left)
            else:
                heartbeat.report(1 - _WRITE, 0.0)

        folder = storage.folder(f"{job.folder}/{WORK}")
        target = folder / f"film{Path(job.name).suffix}"
        kept = None if job.video is None else self._find_kept(job, order, model, target.name)
        if kept is not None:
            kept.take(folder)
        summary = colorize_video(
            source,
            target,
            model=model,
            device=self._colorize_service.device,
            hints=[VideoHint(Hint(hint.x, hint.y, hint.color, hint.radius), time=hint.time) for hint in order.hints],
            references=self._find_references(job, order),
            codec=order.codec,
            **to_options(options).common(),
            resume=True,
            overwrite=True,
            keep_shots=kept is not None,
            signer=find_signer(),
            on_progress=report,
        )
        if not summary.resumed:
            self._paces.note(model, summary.frames, summary.width * summary.height, summary.seconds)
        with target.open("rb") as file:
            storage.write(f"{job.folder}/{RESULT}", file)
        if kept is not None:
            kept.give(folder, target)
        # that a shot with another hint is coloured anew is what was asked for
        usual = describe_shots_anew(summary.shots_anew)
        notes = (*(note for note in summary.notes if note != usual), *([summary.problem] if summary.problem else []))
        # the library names files of the storage, which the client does not know
        names: dict[PurePath, str] = {target: job.name, folder: "", source: "the video", source.parent: ""}
        told = tuple(finish_sentence(hide_folders(note, names)) for note in notes)
        return _Outcome(told, kept_frames=summary.resumed if kept is not None else 0)

    def _find_kept(self, job: Job, order: VideoOrder, model: str, name: str) -> KeptShots:
        from photochrom import __version__
        from photochrom.registry import find_model

        options = order.options.model_dump(mode="json", exclude={"model", "hints", "reference"})
        way = {"options": options, "codec": order.codec, "file": name, "version": __version__}
        network = {"network": find_model(model).card.sha256}
        return KeptShots(self._jobs.storage, job.client, job.video or "", way | network)

    def _find_video(self, job: Job) -> Path:
        videos = VideoStore(self._jobs.storage, self._limits)
        videos.find(job.client, job.video or "")
        return videos.path(job.client, job.video or "")

    def _estimate(self, source: Path, model: str) -> float:
        from photochrom.video.media.probe import probe

        video = probe(source)
        frames = video.declared_frames or round((video.declared_seconds or 0.0) * video.rate)
        return self._paces.estimate(model, frames, video.width * video.height)

    def _find_references(self, job: Job, order: "VideoOrder") -> list["VideoReference"]:
        from photochrom.video.guidance.references import VideoReference

        found = [(each.photo, each.time) for each in order.references]
        if order.options.reference is not None:
            found.append((order.options.reference, None))
        for id_, _ in found:
            self._photos.find(job.client, id_)
        return [VideoReference(self._photos.path(job.client, id_), time) for id_, time in found]

    def _color_photos(self, job: Job, heartbeat: "_Heartbeat") -> "_Outcome":
        storage, photos = self._jobs.storage, self._photos
        asked = BatchRequest.model_validate_json(storage.read(f"{job.folder}/{ORDER}"))
        folder = storage.folder(f"{job.folder}/{WORK}")
        begun, lacking = time.monotonic(), list[tuple[str, str, str]]()
        members: list[tuple[str, Path]] = []
        for number, id_ in enumerate(asked.photos):
            heartbeat.check()
            options = asked.options.get(id_, ColorizeOptions())
            # one that was deleted meanwhile has no name any more
            called = f"photo {number + 1}"
            try:
                photo = photos.find(job.client, id_)
                called = photo.name
                format_ = _choose_format(asked, photo.format)
                name = _make_unique(colored_name(photo.name, format_, source=photo.format), members)
                path = folder / f"{number}"
                # what an earlier turn has finished is there, whole
                if not path.exists():
                    reference = photos.picture(job.client, options.reference) if options.reference else None
                    task = ColorizeTask(photos.picture(job.client, id_), options, reference)
                    result = self._colorize_service.colorize(task)
                    result = apply_quality(result, format_, asked.quality if format_ in LOSSY else None)
                    original = photos.path(job.client, id_)
                    save_signed(result, path, format_, title=name, original=original, name=photo.name, options=options)
                members.append((name, path))
            except PhotochromError as error:
                answer = find_answer(error)
                if answer is None or answer.status >= 500:
                    # not this photo's fault, so the next would fare no better
                    raise
                lacking.append((called, answer.code, str(answer.message)))
            done = (number + 1) / len(asked.photos)
            heartbeat.report(done, (time.monotonic() - begun) / done * (1 - done))
        if not members:
            raise ApiError("service.batch_failed", reason=lacking[0][2].rstrip("."))
        packed = folder / "packed.zip"
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as file:
            for name, path in members:
                heartbeat.check()
                file.write(path, name)
            if lacking:
                file.writestr(_make_unique(_LACKING, members), "\r\n".join((*map(_tell_lacking, lacking), "")))
        with packed.open("rb") as stream:
            storage.write(f"{job.folder}/{RESULT}", stream)
        return _Outcome(tuple(map(_tell_lacking, lacking)), tuple(lacking))


class _Heartbeat:
    """Writes a running job's record now and then, so that its worker is known to live, and watches for its end."""

    def __init__(self, jobs: JobRepository, job: Job, stop: threading.Event) -> None:
        self._jobs, self._job, self._stop = jobs, job, stop
        self._end, self._closed, self._lock = threading.Event(), threading.Event(), threading.Lock()
        self._thread = threading.Thread(target=self._watch, name="photochrom-heartbeat", daemon=True)

    def __enter__(self) -> "_Heartbeat":
        self._job = self._jobs.write(self._job)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        self._thread.join()

    def check(self) -> None:
        """Raises what ends the job, if it is to end."""
        if self._end.is_set():
            raise _EndedError

    def report(self, progress: float, left: float | None = None) -> None:
        """Takes the progress, 0..1, and the seconds left for the next record."""
        with self._lock:
            self._job = replace(self._job, progress=min(progress, 1.0), seconds_left=left)

    def close(self, last: Callable[[Job], object]) -> None:
        """Ends, and does the last thing with the record as it stands, unless another worker has taken over."""
        self._closed.set()
        self._thread.join()
        found = self._jobs.read(self._job.client, self._job.id)
        if found is not None and found.turn == self._job.turn:
            last(self._job)

    def _watch(self) -> None:
        reported = time.monotonic()
        while not self._closed.wait(_LOOK):
            try:
                if self._stop.is_set() or self._jobs.read_cancel_mark(self._job):
                    self._end.set()
                if time.monotonic() - reported < _REPORT:
                    continue
                reported = time.monotonic()
                found = self._jobs.read(self._job.client, self._job.id)
                if found is None or found.turn != self._job.turn:
                    # this worker counted as lost, and another has the job
                    self._end.set()
                    return
                with self._lock:
                    self._job = self._jobs.write(self._job)
            except OSError as error:
                # a full disk need not be full at the next record
                _log.warning("a job's record cannot be written: %s", error)


def _since(moment: float) -> float:
    return time.monotonic() - moment


def _tell_lacking(entry: tuple[str, str, str]) -> str:
    name, _, reason = entry
    return f"{name} is left out. {reason}"


def _share(done: int, total: int | None) -> float:
    return min(1.0, done / total) if total else 0.0


def _choose_format(asked: BatchRequest, own: str) -> str:
    return parse_format(asked.format or own)


def _make_unique(name: str, members: list[tuple[str, Path]]) -> str:
    taken = {each.lower() for each, _ in members}
    stem, dot, suffix = name.rpartition(".")
    number = 2
    chosen = name
    while chosen.lower() in taken:
        chosen, number = f"{stem} {number}{dot}{suffix}", number + 1
    return chosen


def _explain(error: Exception) -> ErrorAnswer:
    """Returns what a client is told of an error."""
    answer = find_answer(error)
    if answer is None:
        _log.error("a job failed", exc_info=error)
        return answer_error(ApiError("service.failed"))
    return answer
