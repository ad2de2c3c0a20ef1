"""What a person sees of a run: a line a file, a progress bar on a terminal, the totals at the end."""

import os
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from photochrom.batch import Event, Job, Plan, Report, ShardPlan, StoredPlan
from photochrom.cli._support.advice import explain
from photochrom.image_io.formats import RAW_SUFFIXES
from photochrom.messages import render

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

__all__ = ["RunConsole", "TerminalBar", "describe_left_out", "printable"]

#: kinds of files that are named one by one
_MOST_KINDS = 8
#: pages from which on they are counted
_MANY_PAGES = 3


def printable(text: str) -> str:
    r"""Returns a text on one line, whatever a file's name holds.

    >>> printable("a\nb")
    'a\\nb'
    """
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def describe_left_out(report: Report) -> list[str]:
    """Returns the lines that say what else the folders of a run hold; none where there is nothing else."""
    lines = []
    count = sum(report.left_out.values())
    if count:
        kinds = [f"{number} {kind or 'without a suffix'}" for kind, number in report.left_out.items()]
        more = ", ..." if len(kinds) > _MOST_KINDS else ""
        lines.append(f"{count} other file{'s' * (count > 1)} left out ({', '.join(kinds[:_MOST_KINDS])}{more})")
    if report.results_left_out:
        lines.append(f"results of earlier runs left out: {report.results_left_out}")
    raw = {kind: number for kind, number in report.left_out.items() if f".{kind.lower()}" in RAW_SUFFIXES}
    if raw:
        named = ", ".join(f"{number} {kind}" for kind, number in raw.items())
        note = render("note.raw_left_out", {"kinds": named})
        lines.append(f"note: {note}")
    return lines


class TerminalBar:
    """A progress bar on standard error while the ``with`` block runs, where that is a terminal.

    Args:
        quiet: show none.
        rate: show its field ``rate``.
    """

    def __init__(self, *, quiet: bool, rate: bool = False) -> None:
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        if not quiet and sys.stderr.isatty():
            from photochrom.cli._support.progress_bar import make_bar

            self._bar = make_bar(description="{task.description}", rate=rate)

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()


class RunConsole(TerminalBar):
    """Shows a run to a person: results on standard output, errors and the bar on standard error.

    Args:
        plan: what is going to be done.
        quiet: show nothing but errors.
    """

    def __init__(self, plan: Plan | StoredPlan, *, quiet: bool) -> None:
        super().__init__(quiet=quiet, rate=True)
        self._quiet = quiet
        self._left = len(plan.jobs)
        self._pages: dict[Path, TaskID] = {}
        #: what jobs, and parts of a job, are called
        self._unit, self._parts = ("shards", "photos") if isinstance(plan, ShardPlan) else ("photos", "pages")
        self._lock = threading.Lock()
        if self._bar is not None and plan.many:
            self._task = self._bar.add_task("", total=self._left, rate="")

    def show_event(self, event: Event) -> None:
        """Shows that one more file is over."""
        file = event.file
        with self._lock:
            counter = self._pages.pop(Path(file.target), None)
        if counter is not None and self._bar is not None:
            self._bar.remove_task(counter)
        if event.error is not None:
            self._write(f"photochrom: {_with_subject(explain(event.error), file.source)}", error=True)
            if os.environ.get("PHOTOCHROM_DEBUG"):
                import traceback

                traceback.print_exception(event.error)
        elif file.status == "done" and not self._quiet:
            sure = "" if file.confidence is None else f"  confidence {file.confidence:.2f}"
            held = f"  {file.photos} photos" if file.photos != 1 else ""
            self._write(f"{file.source} -> {file.target}{held}  {file.seconds:.2f} s{sure}")
            for note in file.notes:
                self._write(f"note: {note}")
        if not event.inside:
            self._advance(worked=file.status != "skipped")

    def show_page(self, job: Job, done: int, pages: int) -> None:
        """Shows how many pages of a photo, or photos of a shard, are done, on a terminal; called in any thread."""
        if self._bar is None or pages < _MANY_PAGES:
            return
        with self._lock:
            if job.target not in self._pages:
                name = printable(job.source.name)
                self._pages[job.target] = self._bar.add_task(name, total=pages, rate=self._parts)
            self._bar.update(self._pages[job.target], completed=done)

    def show_totals(self, report: Report, home: Path | str | None, *, many: bool) -> None:
        """Shows the last lines: how many, how fast, and how to go on where the run was stopped."""
        if many and not self._quiet:
            parts = [f"{report.done} coloured"]
            parts += [f"{report.skipped} finished before"] if report.skipped else []
            parts += [f"{report.failed} failed"] if report.failed else []
            parts += [f"{report.remaining} not begun"] if report.remaining else []
            where = f"  report: {home}" if home is not None else ""
            self._write(f"{', '.join(parts)}  {report.seconds:.1f} s  {report.rate:.2f} photos/s{where}")
            for line in describe_left_out(report):
                self._write(line)
        if report.stopped and (many or not report.failed):
            self._write(f"photochrom: {explain(report.stopped)}", error=True)

    def _write(self, line: str, *, error: bool = False) -> None:
        line = printable(line)
        stream = sys.stderr if error else sys.stdout
        if self._bar is not None and stream.isatty():
            self._bar.console.print(line, markup=False, highlight=False, soft_wrap=True)
        else:
            stream.write(line + "\n")
            stream.flush()

    def _advance(self, *, worked: bool) -> None:
        if self._bar is None or self._task is None:
            return
        if worked:
            self._bar.advance(self._task)
            speed = self._bar.tasks[0].speed
            self._bar.update(self._task, rate=f"{speed:.1f} {self._unit}/s" if speed else "")
        else:
            # what was finished before would make the rate and the time left too good
            self._left -= 1
            self._bar.update(self._task, total=self._left)


def _with_subject(error: str, source: str) -> str:
    """Returns an error that says which file it is about, folder and all, and only once."""
    if f"'{source}'" in error:
        return error
    for name in (source, Path(source).name):
        for shown in (name, f"'{name}'"):
            if error.startswith(f"{shown} "):
                return f"'{source}'{error[len(shown) :]}"
    return f"'{source}': {error}"
