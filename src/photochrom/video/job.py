"""One film, from the first look at it to the result in its place."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from photochrom.colorizer import count_processors
from photochrom.errors import OptionError, OutputExistsError, PhotochromError, WriteError
from photochrom.registry import DEFAULT_MODEL, Model, find_model
from photochrom.system.atomic import whole_file
from photochrom.video.execution.pool import Network, paint_shared
from photochrom.video.execution.ray_backend import paint_on_ray
from photochrom.video.execution.shot_renderer import ShotRenderer, Work, remaining_work
from photochrom.video.execution.workdir import JobFolder
from photochrom.video.guidance.guidance import VideoGuidance
from photochrom.video.guidance.hints import VideoHint
from photochrom.video.guidance.references import FilmReference
from photochrom.video.media.containers import Container, choose_codec, container_for
from photochrom.video.media.encoder import Encoding, choose_encoding
from photochrom.video.media.muxer import Timeline, mux
from photochrom.video.media.probe import Film, probe
from photochrom.video.media.scan import Scan, scan_film
from photochrom.video.media.segments import Segment, cut_segments, frame_numbers, partial_path, segment_path
from photochrom.video.media.timestamps import constant_rate, mean_rate, timeline_of
from photochrom.video.options import FilmOptions
from photochrom.video.report import Progress, Shot, VideoReport
from photochrom.video.summary import changes_of, problem_of, shots_of
from photochrom.video.temporal.stabilizer import SteadyOptions
from photochrom.video.yuv.colorimetry import light_of

__all__ = ["run_job"]

#: where the work is done: by processes here, or by a Ray cluster
ENGINES = ("local", "ray")
#: short side of a preview, pixels
PREVIEW_SIDE = 240


def run_job(
    source: str | Path,
    output: str | Path,
    *,
    model: str | Path = DEFAULT_MODEL,
    device: str = "auto",
    options: FilmOptions | None = None,
    hints: Sequence[VideoHint] = (),
    references: Sequence[FilmReference] = (),
    jobs: int | None = None,
    engine: str = "local",
    resume: bool = False,
    overwrite: bool = False,
    stop: threading.Event | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> VideoReport:
    """Colour a film; see :func:`photochrom.video.colorize_video`."""
    options = options or FilmOptions()
    output = Path(output)
    _check(output, jobs, engine, resume=resume, overwrite=overwrite)
    container = container_for(output)
    codec = choose_codec(output, options.codec)
    film = probe(source)
    if output.exists() and output.samefile(film.path):
        raise OptionError(f"the output '{output}' is the film itself: choose another name with -o")
    network = find_model(model)
    with JobFolder(output) as folder:
        if folder.begun and not (resume or overwrite):
            raise OptionError(
                f"an unfinished run of '{output}' is there: go on with --resume, or start over with --overwrite"
            )
        job = _Job(film, output, container, codec, options, network, stop or threading.Event(), on_progress)
        try:
            threads = 1 if engine == "ray" else _threads(jobs or 1)
            opened = Network(network, device, threads)
            return job.run(folder, VideoGuidance(hints, references), opened, jobs, engine, resume, overwrite)
        except OSError as error:
            if isinstance(error, PhotochromError):
                raise
            raise WriteError(
                f"the segments of '{output}' cannot be written ({error.strerror}): free some space, then run the same "
                "command with --resume"
            ) from error


def _check(output: Path, jobs: int | None, engine: str, *, resume: bool, overwrite: bool) -> None:
    if jobs is not None and jobs < 1:
        raise OptionError(f"jobs is {jobs}: give 1 or more")
    if engine not in ENGINES:
        raise OptionError(f"there is no engine {engine!r}: give {' or '.join(ENGINES)}")
    if output.is_dir():
        raise OptionError(f"the output '{output}' is a folder: name a file in it")
    if output.exists() and not overwrite:
        done = " (a finished run needs no --resume)" if resume else ""
        raise OutputExistsError(f"'{output}' is there already{done}: use --overwrite to replace it, or name another")


def _threads(jobs: int) -> int | None:
    return None if jobs == 1 else max(1, count_processors() // jobs)


class _Job:
    def __init__(
        self,
        film: Film,
        output: Path,
        container: Container,
        codec: str,
        options: FilmOptions,
        model: Model,
        stop: threading.Event,
        on_progress: Callable[[Progress], None] | None,
    ) -> None:
        self._film, self._output, self._container, self._codec = film, output, container, codec
        self._options, self._model = options, model
        self._stop = stop
        self._on_progress = on_progress
        self._begun = time.perf_counter()
        #: what came of each reference
        self._matches: list[str] = []

    def run(
        self,
        folder: JobFolder,
        guides: VideoGuidance,
        network: Network,
        jobs: int | None,
        engine: str,
        resume: bool,
        overwrite: bool,
    ) -> VideoReport:
        identity = self._identity(guides)
        earlier = folder.go_on(identity) if resume else None
        if earlier is None:
            folder.clear()
            scan = scan_film(self._film, span=self._options.span, on_frame=self._scanned)
            if scan is None:
                return self._report(None, (), 0, 0, (), None)
            threads = min(16, count_processors())
        else:
            choices, scan = earlier
            threads = int(choices["threads"])
        encoding = self._encoding(scan, threads)
        shots = self._wanted(scan)
        made = sorted({segment.shot for segment in shots})
        placed, self._matches = guides.place(self._film, scan, made, network.open)
        if earlier is None:
            folder.begin(identity, {"threads": threads, "encoding": encoding.to_json()}, scan)
        work = Work(
            film=self._film,
            scan=scan,
            encoding=encoding,
            segments=shots,
            folder=folder.path,
            steady=SteadyOptions(
                vividness=self._options.vividness, steady=self._options.steady, size=self._options.size
            ),
            strength=self._options.strength,
            hints=placed,
        )
        before, whole = self._paint(work, network, jobs, engine)
        report = self._finish(work, before, whole, overwrite=overwrite)
        if whole:
            folder.finish()
        elif report.target is not None:
            folder.remember(Path(report.target))
        return report

    def _identity(self, guides: VideoGuidance) -> Mapping[str, Any]:
        from photochrom import __version__

        found = self._film.path.stat()
        return {
            "film": [str(self._film.path.resolve()), found.st_size, found.st_mtime_ns],
            "options": asdict(self._options) | {"codec": self._codec},
            "network": self._model.card.sha256,
            "version": __version__,
        } | guides.identity()

    def _encoding(self, scan: Scan, threads: int) -> Encoding:
        film, options = self._film, self._options
        height, width = film.height, film.width
        if options.preview is not None:
            part = min(1.0, PREVIEW_SIDE / min(height, width))
            height, width = (max(2, round(side * part / 2) * 2) for side in (height, width))
        rate = constant_rate(film, scan)
        if self._container.constant and rate is None:
            raise OptionError(
                f"the frames of {film.path} are not evenly spaced, and {self._output.suffix} keeps only a rate: write "
                "MP4 or MKV"
            )
        return choose_encoding(
            film,
            light_of(film),
            container=self._container,
            codec=self._codec,
            quality=options.quality,
            preset=options.preset,
            size=(height, width),
            rate=rate or mean_rate(film, scan),
            interlaced=scan.interlaced > 0 and options.preview is None,
            threads=threads,
        )

    def _wanted(self, scan: Scan) -> tuple[Segment, ...]:
        every = self._options.preview or 1
        segments = [segment for segment in cut_segments(scan.shots) if segment.shot % every == 0]
        return tuple(replace(segment, number=number) for number, segment in enumerate(segments))

    def _paint(self, work: Work, network: Network, jobs: int | None, engine: str) -> tuple[int, bool]:
        """How many frames an earlier run had made, and whether all are there now."""
        left = remaining_work(work)
        total = sum(segment.stop - segment.first for segment in work.segments)
        before = total - sum(segment.stop - segment.first for shot in left for segment in shot.segments)
        made = 0

        def on_frames(count: int) -> bool:
            self._tell(Progress("color", before + count, total, before))
            return self._stop.is_set()

        def on_frame(number: int) -> bool:
            nonlocal made
            made += 1
            return on_frames(made)

        if not left:
            return before, True
        if engine == "ray":
            return before, paint_on_ray(work, network, left, tasks=jobs, on_frames=on_frames)
        if jobs is not None and jobs > 1 and len(left) > 1:
            processes = min(jobs, len(left))
            return before, paint_shared(work, network, left, processes=processes, on_frames=on_frames)
        return before, ShotRenderer(work, network.open(), on_frame).paint(left)

    def _finish(self, work: Work, before: int, whole: bool, *, overwrite: bool) -> VideoReport:
        paths = _playable(work)
        if not paths:
            return self._report(None, shots_of(self._film, work.scan), 0, before, (), work)
        target = self._output
        if not whole:
            target = target.with_name(f"{target.stem}.part{target.suffix}")
        numbers = sorted(number for path in paths for number in frame_numbers(path))
        timeline = timeline_of(
            self._film, work.scan, numbers, span=self._options.span, whole=whole, preview=bool(self._options.preview)
        )
        self._tell(Progress("write", 0, len(numbers)))
        with whole_file(target, overwrite=overwrite or not whole) as part:
            notes = self._write(part, work, paths, timeline)
        self._tell(Progress("write", len(numbers), len(numbers)))
        played = float(int(timeline.durations[numbers].sum()) * self._film.time_base)
        shots = shots_of(self._film, work.scan)
        return self._report(target, shots, len(numbers), before, tuple(notes), work, played=played, whole=whole)

    def _write(self, part: Path, work: Work, paths: list[Path], timeline: Timeline) -> list[str]:
        if self._container.muxer == "gif":
            from photochrom.video.media.gif import write_gif

            return write_gif(self._film, part, encoding=work.encoding, segments=paths, timeline=timeline)
        return mux(
            self._film,
            part,
            container=self._container,
            encoding=work.encoding,
            segments=paths,
            timeline=timeline,
            model=self._model.card.name,
        )

    def _scanned(self, count: int) -> bool:
        total = self._film.declared_frames or None
        if total is None and self._film.declared_seconds:
            total = max(count, round(self._film.declared_seconds * self._film.rate))
        self._tell(Progress("scan", count, total))
        return self._stop.is_set()

    def _tell(self, progress: Progress) -> None:
        if self._on_progress is not None:
            self._on_progress(progress)

    def _report(
        self,
        target: Path | None,
        shots: tuple[Shot, ...],
        frames: int,
        before: int,
        notes: tuple[str, ...],
        work: Work | None,
        *,
        played: float = 0.0,
        whole: bool = False,
    ) -> VideoReport:
        encoding = work.encoding if work else None
        scan = work.scan if work else None
        return VideoReport(
            source=str(self._film.path),
            target=None if target is None else str(target),
            model=self._model.card.name,
            codec=self._codec,
            pixel_format=encoding.pixel_format if encoding else "",
            width=encoding.width if encoding else self._film.width,
            height=encoding.height if encoding else self._film.height,
            frames=frames,
            shots=shots,
            film_seconds=played,
            seconds=time.perf_counter() - self._begun,
            resumed=before,
            broken=scan.broken if scan else 0,
            notes=(*(changes_of(self._film, encoding) if encoding else ()), *self._matches, *notes),
            problem=problem_of(self._film, scan) if scan else None,
            stopped=not whole,
        )


def _playable(work: Work) -> list[Path]:
    """The segments from the first on as far as they are there, the last perhaps in part."""
    paths: list[Path] = []
    for segment in work.segments:
        path = segment_path(work.folder, segment)
        if not path.exists():
            part = partial_path(work.folder, segment)
            return [*paths, part] if part.exists() and frame_numbers(part) else paths
        paths.append(path)
    return paths
