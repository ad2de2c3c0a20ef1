"""Colours one film for a person at a terminal: progress, Ctrl-C, and what to say at the end."""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from photochrom.batch import is_folder
from photochrom.cli._support.console import printable
from photochrom.cli._support.signals import stoppable
from photochrom.system.atomic import whole_file
from photochrom.video.guidance.guidance import VideoGuidance
from photochrom.video.guidance.hints import VideoHint
from photochrom.video.guidance.references import VideoReference
from photochrom.video.job import run_job
from photochrom.video.media.containers import CONTAINERS
from photochrom.video.media.scan import Span
from photochrom.video.options import RunOptions, VideoOptions
from photochrom.video.report import Progress, VideoReport
from photochrom.video.summary import find_shots
from photochrom.video.timecode import show_time

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

__all__ = ["color_film", "list_shots"]

_PHASES = {"scan": "looking for cuts", "color": "colouring", "write": "writing"}


def color_film(
    source: Path,
    output: str | None,
    *,
    model: str,
    device: str,
    options: VideoOptions,
    hints: Sequence[VideoHint],
    references: Sequence[VideoReference] = (),
    jobs: int | None,
    engine: str = "local",
    resume: bool,
    overwrite: bool,
    json_report: str | None,
    quiet: bool,
) -> int:
    """Colour a film and tell of it; the exit code."""
    target = _target(source, output)
    with stoppable("the frames in work") as stop:
        try:
            with _bar(quiet) as show:
                report = run_job(
                    source,
                    target,
                    model=model,
                    device=device,
                    options=options,
                    guidance=VideoGuidance(hints, references),
                    run_options=RunOptions(jobs=jobs, backend=engine, resume=resume, overwrite=overwrite),
                    stop=stop.event,
                    on_progress=show,
                )
        except KeyboardInterrupt:
            _quit_at_once(stop.code or 130)
    if json_report is not None:
        report.save(json_report)
    _sum_up(report, quiet=quiet)
    if stop.code is not None and report.stopped:
        return stop.code
    return 1 if report.problem is not None else 0


def list_shots(source: Path, span: Span, json_report: str | None) -> None:
    """Print the shots of a film, a line each: number, from, to, frames."""
    found = find_shots(source, span=span)
    for number, shot in enumerate(found, 1):
        begin, end = show_time(shot.start), show_time(shot.start + shot.seconds)
        print(f"{number:4}  {begin}  {end}  {shot.frames:6} frames from {shot.first}")  # noqa: T201
    if json_report is not None:
        with whole_file(Path(json_report), overwrite=True) as part:
            part.write_text(json.dumps([asdict(shot) for shot in found], indent=1) + "\n", encoding="utf-8")


def _target(source: Path, output: str | None) -> Path:
    suffix = source.suffix if source.suffix.lower() in CONTAINERS else ".mp4"
    if output is None:
        return source.with_name(f"{source.stem}.color{suffix}")
    if output.endswith(("/", os.sep)) or is_folder(Path(output)):
        return Path(output) / f"{source.stem}{suffix}"
    return Path(output)


def _sum_up(report: VideoReport, *, quiet: bool) -> None:
    for note in () if quiet else report.notes:
        _say(f"note: {note}")
    if report.broken and not quiet:
        frames = "frames were" if report.broken > 1 else "frame was"
        _say(f"note: {report.broken} broken {frames} left out or mended by the decoder")
    if report.problem is not None:
        _say(f"photochrom: {report.problem}")
    if report.stopped:
        part = f"{report.target} holds what is done; " if report.target else ""
        _say(f"photochrom: interrupted: {part}run the same command with --resume to go on")
    elif not quiet:
        made = report.frames - report.resumed
        rate = f"  {made / report.seconds:.1f} frames/s" if made > 0 else ""
        length = f"{report.frames} frames  {len(report.shots)} shots  {report.seconds:.1f} s{rate}"
        sys.stdout.write(printable(f"{report.source} -> {report.target}  {length}") + "\n")
        sys.stdout.flush()


def _say(text: str) -> None:
    sys.stderr.write(printable(text) + "\n")


@contextmanager
def _bar(quiet: bool) -> "Iterator[_Show]":
    if quiet or not sys.stderr.isatty():
        yield _Show(None)
        return
    from photochrom.cli._support.progress_bar import make_bar

    with make_bar(description="{task.description:>16}", rate=True) as bar:
        yield _Show(bar)


class _Show:
    """Moves the bar."""

    def __init__(self, bar: "Bar | None") -> None:
        self._bar = bar
        self._phase = ""

    def __call__(self, progress: Progress) -> None:
        if self._bar is None:
            return
        # what an earlier run had finished would make the rate and the time left too good
        done = progress.done - progress.before
        total = None if progress.total is None else progress.total - progress.before
        if progress.phase != self._phase:
            self._phase = progress.phase
            for task in self._bar.task_ids:
                self._bar.remove_task(task)
            self._bar.add_task(_PHASES[progress.phase], total=total, rate="")
        shown = self._bar.tasks[0]
        rate = f"{shown.speed:.1f} frames/s" if shown.speed and progress.phase == "color" else ""
        self._bar.update(shown.id, completed=done, total=total, rate=rate)


def _quit_at_once(code: int) -> NoReturn:
    """Leave without waiting for the threads; finished segments stay for --resume."""
    with suppress(OSError):
        sys.stdout.flush()
        os.write(2, b"photochrom: interrupted: run the same command with --resume to go on\n")
    os._exit(code)
