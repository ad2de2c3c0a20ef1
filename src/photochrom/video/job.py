"""One film, from the first look at it to the result in its place."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from photochrom.colorizer import count_processors
from photochrom.errors import OptionError, OutputExistsError, PhotochromError, WriteError
from photochrom.provenance.manifest import MEDIA_TYPES, Claim
from photochrom.provenance.signer import Signer, check_signable, hash_file
from photochrom.registry import DEFAULT_MODEL, Model, find_model
from photochrom.system.atomic import whole_file
from photochrom.video.execution.backends import open_ahead, render_shots
from photochrom.video.execution.changed_shots import forget_changed_shots
from photochrom.video.execution.pool import SessionFactory
from photochrom.video.execution.render_task import RenderTask, find_playable, find_remaining_shots
from photochrom.video.execution.workdir import JobFolder
from photochrom.video.guidance.guidance import VideoGuidance
from photochrom.video.media.containers import Container, choose_codec, choose_held_codec, container_for
from photochrom.video.media.encoder import Encoding, choose_encoding
from photochrom.video.media.probe import Video, probe
from photochrom.video.media.scan import Scan, scan_video
from photochrom.video.media.segments import Segment, cut_segments, frame_numbers
from photochrom.video.media.timestamps import constant_rate, mean_rate, timeline_of
from photochrom.video.muxing.assemble import AssemblyPlan, assemble
from photochrom.video.muxing.muxer import MuxPlan, Timeline, mux_video
from photochrom.video.muxing.rehearsal import rehearse
from photochrom.video.muxing.room import describe_lack, estimate_bytes
from photochrom.video.muxing.stills import check_stills, holds_depth, make_folder, write_stills
from photochrom.video.options import RunOptions, VideoOptions
from photochrom.video.report import Progress, VideoReport
from photochrom.video.summary import describe_problem, describe_shots_anew, list_changes, list_shots
from photochrom.video.yuv.colorimetry import colorimetry_of

__all__ = ["run_job"]

#: short side of a preview, pixels
PREVIEW_SIDE = 240


def run_job(
    source: str | Path,
    output: str | Path,
    *,
    model: str | Path = DEFAULT_MODEL,
    device: str = "auto",
    options: VideoOptions | None = None,
    guidance: VideoGuidance | None = None,
    run_options: RunOptions | None = None,
    stop: threading.Event | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> VideoReport:
    """Colours a film; see :func:`photochrom.video.api.colorize_video`."""
    options, run_options = options or VideoOptions(), run_options or RunOptions()
    output = Path(output)
    _check_output(output, overwrite=run_options.overwrite)
    container = container_for(output)
    if run_options.signer is not None:
        check_signable("stills" if container.stills else output.suffix.lower())
    codec = choose_codec(output, options.codec)
    video = probe(source, rate=options.rate)
    if options.codec is None:
        codec = choose_held_codec(output, video.layout, (video.height, video.width), interlaced=video.interlaced)
    if output.exists() and output.samefile(video.path):
        raise OptionError("video.output_is_source", path=output)
    network = find_model(model)
    if container.stills:
        make_folder(output)
    with JobFolder(output) as folder:
        if folder.has_journal and not (run_options.resume or run_options.overwrite):
            raise OptionError("video.run_unfinished", path=output)
        job = _VideoJob(video, output, container, codec, options, network, stop or threading.Event(), on_progress)
        job.overwrite = run_options.overwrite
        try:
            threads = 1 if run_options.backend == "ray" else _count_threads(run_options.jobs or 1)
            return job.run(folder, guidance or VideoGuidance(), SessionFactory(network, device, threads), run_options)
        except OSError as error:
            if isinstance(error, PhotochromError):
                raise
            raise WriteError("video.segments_not_written", path=output, reason=error.strerror) from error


def _check_output(output: Path, *, overwrite: bool) -> None:
    if output.is_dir():
        raise OptionError("video.output_is_folder", path=output)
    if output.exists() and not overwrite:
        raise OutputExistsError("video.output_exists", path=output)


def _count_threads(jobs: int) -> int | None:
    return None if jobs == 1 else max(1, count_processors() // jobs)


class _VideoJob:
    def __init__(
        self,
        video: Video,
        output: Path,
        container: Container,
        codec: str,
        options: VideoOptions,
        model: Model,
        stop: threading.Event,
        on_progress: Callable[[Progress], None] | None,
    ) -> None:
        self._video, self._output, self._container, self._codec = video, output, container, codec
        self._options, self._model = options, model
        self._stop = stop
        self._on_progress = on_progress
        self._begun = time.perf_counter()
        #: whether stills that are there may be replaced
        self.overwrite = False
        #: what came of each reference
        self._matches: list[str] = []
        #: kept shots whose hints are not what they were
        self._shots_anew: tuple[int, ...] = ()
        #: whether there were hints, and references
        self._guided = (False, False)
        #: how the film is put into its container, and what does not go over
        self._plan: MuxPlan | None = None
        self._losses: tuple[str, ...] = ()

    def run(
        self, folder: JobFolder, guidance: VideoGuidance, sessions: SessionFactory, run_options: RunOptions
    ) -> VideoReport:
        guidance.check()
        identity = self._identify()
        earlier = folder.load_earlier(identity) if run_options.resume else None
        # while the film is looked at, a processor is idle now and then
        open_ahead(sessions, run_options)
        if earlier is None:
            folder.clear()
            scan = scan_video(self._video, span=self._options.span, on_frame=self._watch_scan)
            if scan is None:
                return self._make_report(None, 0, None)
            threads = min(16, count_processors())
        else:
            choices, scan = earlier
            threads = int(choices["threads"])
        encoding = self._choose_encoding(scan, threads)
        self._rehearse(folder, scan, encoding, fresh=earlier is None)
        segments = self._choose_segments(scan)
        shots = sorted({segment.shot for segment in segments})
        placed, self._matches = guidance.place(self._video, scan, shots, sessions.open)
        if earlier is None:
            folder.begin(identity, {"threads": threads, "encoding": encoding.to_json()}, scan)
        task = RenderTask(
            video=self._video,
            scan=scan,
            encoding=encoding,
            segments=segments,
            folder=folder.path,
            stabilizer=self._options,
            hints=placed,
        )
        if changed := forget_changed_shots(task):
            self._shots_anew = changed
            self._matches.append(describe_shots_anew(changed))
        before, whole = self._render(task, sessions, run_options)
        self._guided = bool(guidance.hints), bool(guidance.references or guidance.frames)
        report = self._finish(task, before, whole, run_options)
        if whole:
            folder.finish(keep=run_options.keep_shots)
        elif report.target is not None:
            folder.remember_part(Path(report.target))
        return report

    def _identify(self) -> Mapping[str, Any]:
        from photochrom import __version__

        return {
            "film": self._video.fingerprint(),
            "options": asdict(self._options) | {"codec": self._codec},
            "network": self._model.card.sha256,
            "version": __version__,
        }

    def _choose_encoding(self, scan: Scan, threads: int) -> Encoding:
        video, options = self._video, self._options
        height, width = video.height, video.width
        if options.preview_every is not None:
            part = min(1.0, PREVIEW_SIDE / min(height, width))
            height, width = (max(2, round(side * part / 2) * 2) for side in (height, width))
        rate = constant_rate(video, scan)
        if self._container.constant and rate is None:
            raise OptionError("video.uneven_spacing", path=video.path, suffix=self._output.suffix)
        return choose_encoding(
            video,
            colorimetry_of(video),
            container=self._container,
            codec=self._codec,
            quality=options.quality,
            preset=options.preset,
            size=(height, width),
            rate=rate or mean_rate(video, scan),
            interlaced=scan.interlaced > 0 and options.preview_every is None,
            threads=threads,
        )

    def _rehearse(self, folder: JobFolder, scan: Scan, encoding: Encoding, *, fresh: bool) -> None:
        """Tries everything that can fail, and tells what will not be as it was before hours are spent."""
        plan = MuxPlan(
            container=self._container,
            encoding=encoding,
            model=self._model.card.name,
            ways={},
            joins=scan.joins,
            sound=self._options.preview_every is None,
        )
        if self._container.stills:
            check_stills(self._video, self._output, scan, overwrite=self.overwrite)
        found = rehearse(self._video, folder.path, self._output, plan)
        lack = describe_lack(folder.path.parent, estimate_bytes(self._video, scan, encoding)) if fresh else None
        usual = self._container.codecs[0]
        other = None
        if self._options.codec is None and self._codec != usual:
            other = f"the codec is {self._codec}: {usual} does not hold {self._video.pixel_format}"
        shallow = None
        if self._container.stills and not holds_depth(self._output, encoding.depth):
            shallow = f"the picture's {encoding.depth} bits became 8, which {self._output.suffix} holds"
        self._plan, self._losses = found.plan, (*found.notes, *(note for note in (other, shallow, lack) if note))
        notes = (*list_changes(self._video, scan, encoding), *self._losses)
        self._tell(Progress("scan", scan.count, scan.count, notes=notes))

    def _choose_segments(self, scan: Scan) -> tuple[Segment, ...]:
        every = self._options.preview_every or 1
        segments = [segment for segment in cut_segments(scan.shots) if segment.shot % every == 0]
        return tuple(replace(segment, number=number) for number, segment in enumerate(segments))

    def _render(self, task: RenderTask, sessions: SessionFactory, run_options: RunOptions) -> tuple[int, bool]:
        """Returns how many frames an earlier run had made, and whether all are there now."""
        left = find_remaining_shots(task)
        total = sum(segment.stop - segment.first for segment in task.segments)
        before = total - sum(segment.stop - segment.first for shot in left for segment in shot.segments)
        if not left:
            return before, True

        def on_frames(count: int) -> bool:
            self._tell(Progress("color", before + count, total, before))
            return self._stop.is_set()

        return before, render_shots(task, sessions, left, run_options=run_options, on_frames=on_frames)

    def _finish(self, task: RenderTask, before: int, whole: bool, run_options: RunOptions) -> VideoReport:
        paths = find_playable(task)
        if not paths or (self._container.stills and not whole):
            # stills come to their names all at once
            return self._make_report(None, before, task)
        target = self._output
        if not whole:
            target = target.with_name(f"{target.stem}.part{target.suffix}")
        numbers = sorted(number for path in paths for number in frame_numbers(path))
        preview = self._options.preview_every is not None
        timeline = timeline_of(self._video, task.scan, numbers, span=self._options.span, whole=whole, preview=preview)
        self._tell(Progress("write", 0, len(numbers)))
        name = self._model.card.name
        if self._container.stills:
            write_stills(self._video, target, model=name, encoding=task.encoding, segments=paths, scan=task.scan)
        else:
            with whole_file(target, overwrite=run_options.overwrite or not whole) as part:
                self._write(part, task, paths, timeline)
                if run_options.signer is not None:
                    self._sign(part, target, run_options.signer)
        self._tell(Progress("write", len(numbers), len(numbers)))
        played = float(int(timeline.durations[numbers].sum()) * self._video.time_base)
        return self._make_report(target, before, task, frames=len(numbers), played=played, whole=whole)

    def _write(self, part: Path, task: RenderTask, paths: list[Path], timeline: Timeline) -> None:
        if self._container.assembled:
            plan = AssemblyPlan(self._container, task.encoding, self._model.card.name)
            assemble(self._video, part, plan, segments=paths, timeline=timeline)
        elif self._plan is not None:
            mux_video(self._video, part, plan=self._plan, segments=paths, timeline=timeline)

    def _sign(self, part: Path, target: Path, signer: Signer) -> None:
        source = self._video.path
        hints, reference = self._guided
        claim = Claim(
            title=target.name,
            model=self._model.card.name,
            hints=hints,
            reference=reference,
            original=source.name,
            sha256=hash_file(source),
        )
        signer.sign(part, claim, source, media_type=MEDIA_TYPES[self._output.suffix.lower()])

    def _watch_scan(self, count: int) -> bool:
        total = self._video.declared_frames or None
        if total is None and self._video.declared_seconds:
            total = max(count, round(self._video.declared_seconds * self._video.rate))
        self._tell(Progress("scan", count, total))
        return self._stop.is_set()

    def _tell(self, progress: Progress) -> None:
        if self._on_progress is not None:
            self._on_progress(progress)

    def _make_report(
        self,
        target: Path | None,
        before: int,
        task: RenderTask | None,
        *,
        frames: int = 0,
        played: float = 0.0,
        whole: bool = False,
    ) -> VideoReport:
        encoding = task.encoding if task else None
        scan = task.scan if task else None
        return VideoReport(
            source=str(self._video.path),
            target=None if target is None else str(target),
            model=self._model.card.name,
            codec=self._codec,
            pixel_format=encoding.pixel_format if encoding else "",
            width=encoding.width if encoding else self._video.width,
            height=encoding.height if encoding else self._video.height,
            frames=frames,
            shots=list_shots(self._video, scan) if scan else (),
            film_seconds=played,
            seconds=time.perf_counter() - self._begun,
            resumed=before,
            broken=scan.broken if scan else 0,
            notes=(
                *(list_changes(self._video, scan, encoding) if scan and encoding else ()),
                *self._matches,
                *self._losses,
            ),
            problem=describe_problem(self._video, scan) if scan else None,
            stopped=not whole,
            shots_anew=self._shots_anew,
        )
