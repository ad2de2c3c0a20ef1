"""The figures of a report as words in cells: one line a model for people, one line an entry for all of it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from photochrom.evaluation.metrics.cast import BANDS
from photochrom.evaluation.results.schema import Entry, Evaluation, Interval, MetricInfo
from photochrom.evaluation.statistics.paired_tests import select_vividness

__all__ = [
    "CastRow",
    "Casts",
    "Cell",
    "Column",
    "Line",
    "Table",
    "describe_split",
    "find_casts",
    "list_entries",
    "show_bytes",
    "show_figure",
    "show_interval",
    "show_share",
    "summarize_models",
]

#: metrics of the table with one line a model, where they were measured
HEADLINE = (
    "psnr",
    "ssim",
    "lpips",
    "ciede2000",
    "auc_raw",
    "auc_rebalanced",
    "colorfulness",
    "colorfulness_ratio",
    "cast_a",
    "cast_b",
    "class_agreement",
    "frechet",
)


@dataclass(frozen=True)
class Column:
    """A metric as a column: ``at`` says at which vividness it is read, where that is one."""

    info: MetricInfo
    title: str
    at: str
    arrow: str


@dataclass(frozen=True)
class Cell:
    """A figure: its words, its interval, half that interval, a remark, and whether it is the best of its column."""

    text: str
    interval: str = ""
    spread: str = ""
    note: str = ""
    best: bool = False


@dataclass(frozen=True)
class Line:
    """A model, or an entry, and its cells in the order of the columns."""

    entry: Entry
    label: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """Columns and lines."""

    columns: tuple[Column, ...]
    lines: tuple[Line, ...]


def summarize_models(evaluation: Evaluation) -> Table:
    """Returns one line a model, each metric at the vividness it is read at."""
    infos = [info for key in HEADLINE for info in evaluation.metrics if info.key == key]
    read = {
        info.key: {entry.model: entry for entry in select_vividness(evaluation.entries, info.vividness)}
        for info in infos
    }
    models = select_vividness(evaluation.entries, None)
    found = [[read[info.key][entry.model] for info in infos] for entry in models]
    lines = tuple(
        Line(model, model.model, tuple(_cells(chosen, infos, found, evaluation)))
        for model, chosen in zip(models, found, strict=True)
    )
    return Table(tuple(_column(info) for info in infos), lines)


def list_entries(evaluation: Evaluation) -> Table:
    """Returns every entry with every metric, whatever vividness it is read at."""
    infos = tuple(replace(info, vividness=None) for info in evaluation.metrics)
    found = [[entry] * len(infos) for entry in evaluation.entries]
    lines = tuple(
        Line(entry, entry.label, tuple(_cells(chosen, infos, found, evaluation)))
        for entry, chosen in zip(evaluation.entries, found, strict=True)
    )
    return Table(tuple(_column(info) for info in infos), lines)


@dataclass(frozen=True)
class CastRow:
    """The cast of some pixels: a* and b* of each entry in words."""

    name: str
    cells: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Casts:
    """The signed cast of each model, over all pixels and by band of lightness."""

    entries: tuple[Entry, ...]
    rows: tuple[CastRow, ...]


def find_casts(evaluation: Evaluation) -> Casts | None:
    """Returns the casts of all models but the truth at vividness 1; None where they were not measured."""
    entries = [
        entry
        for entry in select_vividness(evaluation.entries, 1.0)
        if entry.kind != "truth" and "cast_a" in entry.scores
    ]
    regions = {"all": "", **{band: f"_{band}" for band in BANDS}}
    rows = []
    for name, suffix in regions.items():
        cells = tuple(
            tuple(f"{axis}* {show_interval(entry.scores.get(f'cast_{axis}{suffix}'), 1)}" for axis in "ab")
            for entry in entries
        )
        rows.append(CastRow(name, cells))
    return Casts(tuple(entries), tuple(rows)) if entries else None


def describe_split(split: str) -> str:
    """Returns in words which photos of a set a figure is of.

    >>> describe_split("report")
    'split report (the half for reporting)'
    """
    words = {"select": "the half for choosing", "report": "the half for reporting", "all": "both halves"}
    return f"split {split} ({words.get(split, split)})"


def _column(info: MetricInfo) -> Column:
    unit = f", {info.unit}" if info.unit else ""
    at = "" if info.vividness is None else f"vividness {info.vividness:g}"
    return Column(info, info.label + unit, at, {"higher": "↑", "lower": "↓", "truth": ""}[info.better])


def _cells(
    chosen: Sequence[Entry], infos: Sequence[MetricInfo], found: Sequence[Sequence[Entry]], evaluation: Evaluation
) -> list[Cell]:
    cells = []
    for column, (entry, info) in enumerate(zip(chosen, infos, strict=True)):
        score = entry.scores.get(info.key)
        if score is None:
            cells.append(Cell("–"))
            continue
        note = ""
        # results of format 1 have no ratio of their own
        if (
            info.key == "colorfulness"
            and "colorfulness_ratio" not in entry.scores
            and entry.kind not in ("truth", "gray")
        ):
            truth = entry.scores.get("colorfulness_truth")
            note = f"{show_share(score.mean / truth.mean)} of the truth" if truth is not None and truth.mean else ""
        if info.vividness is not None and entry.vividness not in (None, info.vividness):
            note = f"at vividness {entry.vividness:g}"
        best = entry.kind in ("network", "predictions") and _is_best(
            score.mean, info, [row[column] for row in found if row[column].kind in ("network", "predictions")]
        )
        cells.append(
            Cell(
                show_figure(score.mean, info.decimals),
                _ends(score, info.decimals),
                _spread(score, info.decimals),
                note,
                best,
            )
        )
    return cells


def _is_best(value: float, info: MetricInfo, entries: Sequence[Entry]) -> bool:
    """Whether no other system has a better figure; of one system alone nothing is best."""
    scores = [(entry.scores[info.key].mean, entry) for entry in entries if info.key in entry.scores]
    aimless = info.better == "truth" and info.target is None and info.key != "colorfulness"
    if len({entry.key for _, entry in scores}) < 2 or aimless:
        return False
    if info.better == "truth":
        targets = [
            entry.scores["colorfulness_truth"].mean if info.target is None else info.target for _, entry in scores
        ]
        aims = [abs(score - target) for (score, _), target in zip(scores, targets, strict=True)]
        aim = next(aim for aim, (score, _) in zip(aims, scores, strict=True) if score == value)
        return aim == min(aims)
    values = [score for score, _ in scores]
    return value == (max(values) if info.better == "higher" else min(values))


def show_figure(value: float | None, decimals: int) -> str:
    """Returns a figure in words.

    >>> show_figure(23.456, 2), show_figure(-0.001, 2), show_figure(float("inf"), 2), show_figure(None, 1)
    ('23.46', '0.00', '∞', '–')
    """
    if value is None or math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    text = f"{value:.{decimals}f}"
    # neither minus zero nor the hyphen for a minus
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "−")


def _ends(interval: Interval, decimals: int) -> str:
    if interval.low is None or interval.high is None:
        return ""
    return f"{show_figure(interval.low, decimals)} to {show_figure(interval.high, decimals)}"


def _spread(interval: Interval, decimals: int) -> str:
    if interval.low is None or interval.high is None:
        return ""
    return f"±{(interval.high - interval.low) / 2:.{decimals}f}"


def show_interval(interval: Interval | None, decimals: int) -> str:
    """Returns a figure and its interval in words."""
    if interval is None:
        return "–"
    ends = _ends(interval, decimals)
    return show_figure(interval.mean, decimals) + (f" ({ends})" if ends else "")


def show_share(value: float, decimals: int = 0) -> str:
    """Returns a share in words.

    >>> show_share(0.123)
    '12 %'
    """
    return f"{value * 100:.{decimals}f} %"


def show_bytes(count: int | None) -> str:
    """Returns a number of bytes in words."""
    return "–" if count is None else f"{count / 1e6:.1f} MB" if count < 1e9 else f"{count / 1e9:.2f} GB"
