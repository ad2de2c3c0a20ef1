"""A leaderboard in Markdown over the models of one or more evaluations."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from photochrom.evaluation.report.markdown import escape, headline_rows, table
from photochrom.evaluation.report.tables import Line, describe_split, summarize_models
from photochrom.evaluation.results.io import load
from photochrom.evaluation.results.schema import Entry, Evaluation
from photochrom.system.atomic import write_whole

__all__ = ["make_leaderboard", "write_leaderboard"]


def make_leaderboard(evaluations: Sequence[Evaluation]) -> str:
    """Ranks the models of evaluations, the best PSNR first and the truth last.

    Only figures of the same photos under the same protocol are put side by side: each set of photos, split and
    protocol gets a table of its own. A model that stands in several evaluations of these is taken from the last.

    Args:
        evaluations: one or more.
    """
    groups: dict[tuple[str, int, str, str, tuple[str, ...]], list[Evaluation]] = {}
    for evaluation in evaluations:
        protocol, photos = evaluation.protocol, tuple(photo.id for photo in evaluation.data.photos)
        key = (protocol.name, protocol.version, evaluation.data.fingerprint, evaluation.data.split, photos)
        groups.setdefault(key, []).append(evaluation)
    return "\n\n".join(_table(group) for group in groups.values()) + "\n"


def write_leaderboard(results: Sequence[Path], out: Path) -> None:
    """Writes the leaderboard of several ``results.json``, in place of an earlier one.

    Raises:
        ResultsError: one of them cannot be read.
        WriteError: ``out`` cannot be written.
    """
    write_whole(
        out,
        make_leaderboard([load(path) for path in results]).encode("utf-8", errors="backslashreplace"),
        overwrite=True,
    )


def _table(evaluations: Sequence[Evaluation]) -> str:
    latest: dict[str, list[Entry]] = {}
    for evaluation in evaluations:
        for model in dict.fromkeys(entry.model for entry in evaluation.entries):
            latest[model] = [entry for entry in evaluation.entries if entry.model == model]
    metrics = {info.key: info for evaluation in evaluations for info in evaluation.metrics}
    last = evaluations[-1]
    joined = replace(
        last, entries=tuple(e for entries in latest.values() for e in entries), metrics=tuple(metrics.values())
    )
    found = summarize_models(joined)
    head, rows = headline_rows(replace(found, lines=tuple(sorted(found.lines, key=_rank))))
    protocol = last.protocol
    words = (
        f"{len(last.data.photos)} photos of {escape(last.data.name)}, {describe_split(last.data.split)}, protocol "
        f"`{protocol.name}` version {protocol.version}. The best figure of a column is bold; gray and the truth only "
        "show what a figure is worth."
    )
    return f"{words}\n\n{table(head, rows)}"


def _rank(line: Line) -> tuple[bool, float, str]:
    score = line.entry.scores.get("psnr")
    return line.entry.kind == "truth", -(score.mean if score else float("-inf")), line.label
