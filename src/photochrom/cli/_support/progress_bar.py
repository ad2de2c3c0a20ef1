"""The progress bar that commands show on standard error."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

__all__ = ["make_bar"]


def make_bar(*, description: str = "", rate: bool = False) -> Progress:
    """Returns a bar that goes when it is done, and leaves what a program prints alone.

    Args:
        description: how a task's words are set before the bar, such as ``{task.description}``; empty for none.
        rate: show the task's field ``rate``.
    """
    before = (TextColumn(description),) if description else ()
    beside = (TextColumn("{task.fields[rate]}"),) if rate else ()
    columns = (*before, BarColumn(), MofNCompleteColumn(), *beside, TimeRemainingColumn())
    return Progress(
        *columns, console=Console(stderr=True), redirect_stdout=False, redirect_stderr=False, transient=True
    )
