"""What a person sees of an evaluation: a bar while it runs, a table at its end, and every photo left out."""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import typer

from photochrom.cli._support.console import TerminalBar, printable
from photochrom.errors import OptionError

if TYPE_CHECKING:
    from photochrom.evaluation.results.schema import Evaluation, Interval, LeftOut

__all__ = ["EvaluationBar", "parse_numbers", "print_left_out", "print_scores"]

#: columns of the table at the end
COLUMNS = ("psnr", "ssim", "ciede2000", "auc_raw", "auc_rebalanced", "colorfulness")
#: photos left out that are named one by one; photos.csv has them all
NAMED = 10

Number = TypeVar("Number", int, float)


def parse_numbers(flag: str, text: str, kind: type[Number]) -> list[Number]:
    """Returns a list of numbers, written with commas between.

    Args:
        flag: that the text was given to.
        text: such as ``0,1,10``.
        kind: int or float.

    Raises:
        OptionError: the text is something else.

    >>> parse_numbers("--hints", "0,1,10", int)
    [0, 1, 10]
    """
    try:
        return [kind(part) for part in text.split(",")]
    except ValueError as error:
        raise OptionError("command.not_numbers", flag=flag, text=text) from error


class EvaluationBar(TerminalBar):
    """Shows how far each part of an evaluation is.

    Args:
        quiet: show nothing.
    """

    def __init__(self, *, quiet: bool) -> None:
        super().__init__(quiet=quiet)
        self._what = ""

    def show(self, what: str, done: int, total: int) -> None:
        """Shows that so much of ``what`` is done."""
        if self._bar is None:
            return
        if self._task is None or what != self._what:
            if self._task is not None:
                self._bar.remove_task(self._task)
            # what an earlier run has scored must not make the time left too good
            self._what, self._task = what, self._bar.add_task(what, total=total, completed=done)
        self._bar.update(self._task, completed=done, total=total)

    def count_steps(self, what: str, total: int) -> Callable[[], None]:
        """Returns a function to call after each of ``total`` steps."""
        count = iter(range(1, total + 1))
        return lambda: self.show(what, next(count, total), total)


def print_scores(evaluation: "Evaluation", out: Path) -> None:
    """Prints the table of entries, and where the report is."""
    infos = [metric for metric in evaluation.metrics if metric.key in COLUMNS]
    rows = [("", "photos", *(f"{info.label}{f' {info.unit}' if info.unit else ''}" for info in infos))]
    rows += [
        (
            printable(entry.label),
            str(entry.photos),
            *(_cell(entry.scores.get(info.key), info.decimals) for info in infos),
        )
        for entry in evaluation.entries
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for first, *rest in rows:
        cells = [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
        typer.echo("  ".join([first.ljust(widths[0]), *cells]))
    truth = evaluation.entries[0].scores["colorfulness_truth"].mean
    left = f", {len(evaluation.data.left_out)} left out" if evaluation.data.left_out else ""
    photos = f"{evaluation.data.found} photo{'s' * (evaluation.data.found != 1)}"
    protocol = f"{evaluation.protocol.name} version {evaluation.protocol.version}, split {evaluation.data.split}"
    typer.echo(f"protocol {protocol}; {photos}{left}; colourfulness of the truth {truth:.1f}")
    typer.echo(f"report: {printable(str(out / 'report.html'))}")


def _cell(figure: "Interval | None", decimals: int) -> str:
    # photos of a few pixels have no structure to compare
    return "" if figure is None else f"{figure.mean:.{decimals}f}"


def print_left_out(of: str, left_out: "Sequence[LeftOut]") -> None:
    """Names what was left out, on standard error: how many for which reason, and the first of them one by one."""
    if not left_out:
        return
    counts = Counter(each.kind for each in left_out)
    what = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    typer.echo(f"photochrom: {printable(of)}: {what}", err=True)
    for each in left_out[:NAMED]:
        typer.echo(f"photochrom:   {printable(each.reason)}", err=True)
    if len(left_out) > NAMED:
        typer.echo(f"photochrom:   and {len(left_out) - NAMED} more, see photos.csv in the report", err=True)
