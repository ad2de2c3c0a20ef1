"""Writes the report of an evaluation: ``report.html``, ``report.md``, ``scores.csv`` and ``leaderboard.md``."""

from pathlib import Path

from photochrom.errors import MissingDependencyError
from photochrom.evaluation.report.csv import to_csv
from photochrom.evaluation.report.leaderboard import make_leaderboard
from photochrom.evaluation.report.markdown import to_markdown
from photochrom.evaluation.results.schema import Evaluation
from photochrom.system.atomic import write_whole

__all__ = ["write_report"]


def write_report(evaluation: Evaluation, out: Path) -> None:
    """Writes the report's files, each whole or not at all, in place of earlier ones.

    ``report.html`` is one page that needs nothing else: images, charts, style and script are inside, and it may load
    nothing from anywhere.

    Args:
        evaluation: the results.
        out: the report's folder, where the example images are.

    Raises:
        MissingDependencyError: jinja2 is not installed.
        ResultsError: an example image is missing or damaged, or the results of faces are.
        WriteError: a file cannot be written.
    """
    try:
        from photochrom.evaluation.report.html import to_html
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("photochrom"):
            raise
        raise MissingDependencyError("Writing a report", "evaluate") from error
    page = to_html(evaluation, out)
    for name, text in (
        ("report.html", page),
        ("report.md", to_markdown(evaluation)),
        ("scores.csv", to_csv(evaluation)),
        ("leaderboard.md", make_leaderboard([evaluation])),
    ):
        # a file's name may hold bytes that are not UTF-8
        write_whole(out / name, text.encode("utf-8", errors="backslashreplace"), overwrite=True, folders=True)
