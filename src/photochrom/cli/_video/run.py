"""Colours one film for a person at a terminal: progress, Ctrl-C, and what to say at the end."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from photochrom.cli._support.advice import explain
from photochrom.cli._support.console import printable
from photochrom.cli._support.signals import leave_interrupted, stoppable
from photochrom.errors import PhotochromError
from photochrom.options import ColorizeOptions
from photochrom.system.atomic import whole_file
from photochrom.system.paths import names_folder
from photochrom.video.contact_sheet import write_contact_sheet
from photochrom.video.guidance.guidance import VideoGuidance
from photochrom.video.guidance.hints import load_video_hints
from photochrom.video.guidance.references import parse_reference
from photochrom.video.job import run_job
from photochrom.video.media.containers import CONTAINERS
from photochrom.video.media.scan import Span
from photochrom.video.media.stills import find_still_suffix, is_stills
from photochrom.video.options import RunOptions, VideoOptions
from photochrom.video.report import Progress, VideoReport
from photochrom.video.summary import find_shots
from photochrom.video.timecode import show_time

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

__all__ = [
    "colorize_film",
    "hand_over_film",
    "list_shots",
    "print_line",
    "print_notes",
    "progress_bar",
    "write_shots",
]

_PHASES = {"scan": "looking for cuts", "color": "colouring", "write": "writing"}


def colorize_film(
    source: Path,
    output: str | None,
    *,
    model: str,
    device: str,
    options: VideoOptions,
    guidance: VideoGuidance,
    run_options: RunOptions,
    report: str | None,
    quiet: bool,
) -> int:
    """Colours a film and shows how it goes; returns the exit code."""
    target = _choose_target(source, output)
    with stoppable("the frames in work") as stop:
        try:
            with progress_bar(quiet) as show:
                result = run_job(
                    source,
                    target,
                    model=model,
                    device=device,
                    options=options,
                    guidance=guidance,
                    run_options=run_options,
                    stop=stop.event,
                    on_progress=show,
                )
        except KeyboardInterrupt:
            # finished segments stay for --resume
            leave_interrupted(stop.code or 130)
    if report is not None:
        result.save(report)
    _print_totals(result, told=show.told, quiet=quiet)
    if stop.code is not None and result.stopped:
        return stop.code
    return 1 if result.problem is not None else 0


def hand_over_film(
    source: str,
    output: str | None,
    *,
    model: str,
    device: str,
    options: ColorizeOptions,
    hints: str | None,
    run_options: RunOptions,
    report: str | None,
    quiet: bool,
) -> NoReturn:
    """Colours a film as ``photochrom video`` does, with the flags that ``photochrom colorize`` has too, and exits."""
    code = colorize_film(
        Path(source),
        output,
        model=model,
        device=device,
        options=VideoOptions(**options.common()),
        guidance=VideoGuidance(
            load_video_hints(hints) if hints is not None else [],
            [parse_reference(options.reference)] if options.reference is not None else [],
        ),
        run_options=run_options,
        report=report,
        quiet=quiet,
    )
    sys.exit(code)


def list_shots(source: Path, span: Span, report: str | None) -> None:
    """Prints the shots of a film, a line each: number, from, to, frames."""
    found = find_shots(source, span=span)
    for number, shot in enumerate(found, 1):
        begin, end = show_time(shot.start), show_time(shot.start + shot.seconds)
        print(f"{number:4}  {begin}  {end}  {shot.frames:6} frames from {shot.first}")  # noqa: T201
    if report is not None:
        with whole_file(Path(report), overwrite=True) as part:
            part.write_text(json.dumps([asdict(shot) for shot in found], indent=1) + "\n", encoding="utf-8")


def write_shots(
    source: Path,
    folder: Path,
    *,
    model: str,
    device: str,
    options: VideoOptions,
    guidance: VideoGuidance,
    overwrite: bool,
    quiet: bool,
) -> None:
    """Writes the page of shots, shows how it goes, and says where it is."""
    with progress_bar(quiet) as show:
        shots = write_contact_sheet(
            source,
            folder,
            model=model,
            device=device,
            options=options,
            guidance=guidance,
            overwrite=overwrite,
            on_progress=show,
        )
    if not quiet:
        sys.stdout.write(printable(f"{source} -> {folder / 'index.html'}  {len(shots)} shots") + "\n")


def _choose_target(source: Path, output: str | None) -> Path:
    if is_stills(source):
        folder = source if source.is_dir() else source.parent
        if output is None:
            return folder.with_name(f"{folder.resolve().name}.color.mp4")
        if names_folder(output):
            # a picture for each, with its own name
            return Path(output) / f"*{find_still_suffix(source)}"
    suffix = source.suffix if source.suffix.lower() in CONTAINERS else ".mp4"
    if output is None:
        return source.with_name(f"{source.stem}.color{suffix}")
    if names_folder(output):
        return Path(output) / f"{source.stem}{suffix}"
    return Path(output)


def print_notes(report: VideoReport, *, told: tuple[str, ...], quiet: bool) -> None:
    """Prints on standard error what is to be known of a run and has not been told yet."""
    for note in () if quiet else report.notes:
        if note not in told:
            print_line(f"note: {note}")
    if report.broken and not quiet:
        frames = "frames were" if report.broken > 1 else "frame was"
        print_line(f"note: {report.broken} broken {frames} left out or mended by the decoder")
    if report.problem is not None:
        print_line(f"photochrom: {report.problem}")


def _print_totals(report: VideoReport, *, told: tuple[str, ...], quiet: bool) -> None:
    print_notes(report, told=told, quiet=quiet)
    if report.stopped:
        part = f" '{report.target}' holds what is done." if report.target else ""
        print_line(f"photochrom: {explain(PhotochromError('batch.interrupted'))}{part}")
    elif not quiet:
        made = report.frames - report.resumed
        rate = f"  {made / report.seconds:.1f} frames/s" if made > 0 else ""
        length = f"{report.frames} frames  {len(report.shots)} shots  {report.seconds:.1f} s{rate}"
        sys.stdout.write(printable(f"{report.source} -> {report.target}  {length}") + "\n")
        sys.stdout.flush()


def print_line(text: str) -> None:
    """Prints a line on standard error."""
    sys.stderr.write(printable(text) + "\n")


@contextmanager
def progress_bar(quiet: bool) -> "Iterator[_BarMover]":
    """Shows how far a run is, where standard error is a terminal."""
    if quiet or not sys.stderr.isatty():
        yield _BarMover(None, quiet=quiet)
        return
    from photochrom.cli._support.progress_bar import make_bar

    with make_bar(description="{task.description:>16}", rate=True) as bar:
        yield _BarMover(bar, quiet=quiet)


class _BarMover:
    """Moves the progress bar, and tells what there is to know before a long run; ``told`` is what it has told."""

    def __init__(self, bar: "Bar | None", *, quiet: bool) -> None:
        self._bar = bar
        self._quiet = quiet
        self._phase = ""
        self.told: tuple[str, ...] = ()

    def __call__(self, progress: Progress) -> None:
        if not self._quiet:
            self._tell(progress.notes)
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

    def _tell(self, notes: tuple[str, ...]) -> None:
        self.told += notes
        for note in notes:
            if self._bar is None:
                print_line(f"note: {note}")
            else:
                self._bar.console.print(printable(f"note: {note}"), markup=False, highlight=False)
