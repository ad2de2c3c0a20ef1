"""The charts of a report, drawn from its results."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from photochrom.color.conversion import fit_gamut, lab_to_srgb
from photochrom.evaluation.fairness.results import FaceGrouping, FaceReport
from photochrom.evaluation.metrics.hue_error import SECTOR
from photochrom.evaluation.report.svg_charts import Axis, Point, Series, draw_dots, draw_lines, draw_ridges
from photochrom.evaluation.results.schema import Entry, Evaluation, MetricInfo
from photochrom.evaluation.statistics.paired_tests import select_vividness

__all__ = [
    "COLORS",
    "Figure",
    "Palette",
    "draw_calibration",
    "draw_distributions",
    "draw_faces",
    "draw_hints",
    "draw_hues",
]

#: metrics whose distributions are drawn, at the vividness each is read at
SPREAD = ("psnr", "ciede2000", "colorfulness")
#: colours of the style sheet
COLORS = 8


@dataclass(frozen=True)
class Figure:
    """A chart under its heading, with the series that need a legend: (label, css class)."""

    title: str
    chart: Markup
    legend: tuple[tuple[str, str], ...] = ()
    note: str = ""


class Palette:
    """One colour a model, the same in every chart of a page; gray is gray and the truth is ink."""

    def __init__(self, evaluation: Evaluation) -> None:
        models = dict.fromkeys(e.model for e in evaluation.entries if e.kind in ("network", "predictions"))
        self._css = {model: f"s{number % COLORS}" for number, model in enumerate(models)}
        self._css |= {entry.model: "sg" for entry in evaluation.entries if entry.kind == "gray"}
        self._css |= {entry.model: "st" for entry in evaluation.entries if entry.kind == "truth"}

    def of(self, entry: Entry) -> str:
        """Returns the class of an entry's model."""
        return self._css[entry.model]


def draw_distributions(evaluation: Evaluation, palette: Palette) -> list[Figure]:
    """Draws how the photos are spread, model by model."""
    found = []
    for info in (info for key in SPREAD for info in evaluation.metrics if info.key == key):
        series = []
        for entry in select_vividness(evaluation.entries, info.vividness):
            values = _finite(row.values.get(info.key) for row in entry.rows)
            # of an image against itself every photo has the same figure; a flat line tells nothing
            if len(values) > 1 and max(values) > min(values):
                points = tuple(Point(0.0, value) for value in values)
                series.append(Series(entry.model, palette.of(entry), points))
        if series:
            axis = Axis.of(_axis_words(info), [point.y for each in series for point in each.points])
            note = "" if info.vividness is None else f"at vividness {info.vividness:g}"
            found.append(
                Figure(
                    info.label[0].upper() + info.label[1:],
                    draw_ridges(f"{info.label} by photo", axis, series),
                    (),
                    note,
                )
            )
    return found


def _axis_words(info: MetricInfo) -> str:
    better = {"higher": "higher is better", "lower": "lower is better", "truth": "as the truth is best"}[info.better]
    return f"{info.label}{f', {info.unit}' if info.unit else ''} ({better})"


def draw_hues(evaluation: Evaluation, palette: Palette) -> Figure | None:
    """Draws the mean a*b* error by the hue of the truth, at vividness 0."""
    entries = [entry for entry in select_vividness(evaluation.entries, 0.0) if entry.kind != "truth"]
    series = [
        Series(
            entry.model,
            palette.of(entry),
            tuple(Point(i, s.ab_error) for i, s in enumerate(entry.by_hue) if s.ab_error is not None),
        )
        for entry in entries
    ]
    series = [each for each in series if each.points]
    if not series:
        return None
    x = Axis("", 0, len(entries[0].by_hue) - 1, ())
    y = Axis.of("mean a*b* error", [point.y for each in series for point in each.points], zero=True)
    # twelve words do not fit beside one another; the colours themselves do, and the table below has the words
    swatches = [(_hue_color(sector.start + SECTOR / 2), sector.name) for sector in entries[0].by_hue]
    chart = draw_lines("Mean a*b* error by true hue", x, y, series, swatches=swatches)
    return Figure("Error by true hue", chart, _legend(series), "at vividness 0; pixels with a true chroma over 10")


def _hue_color(angle: float) -> str:
    """Returns a colour of that CIELAB hue angle, plain in light and dark, as #rrggbb."""
    lab = np.array([64.0, 55 * math.cos(math.radians(angle)), 55 * math.sin(math.radians(angle))]).reshape(3, 1, 1)
    red, green, blue = np.rint(np.clip(lab_to_srgb(fit_gamut(lab)), 0, 1) * 255).astype(int).ravel().tolist()
    return f"#{red:02x}{green:02x}{blue:02x}"


def draw_hints(evaluation: Evaluation, palette: Palette) -> Figure | None:
    """Draws PSNR against the number of hints."""
    entries = [entry for entry in select_vividness(evaluation.entries, 0.0) if entry.hints]
    counts = sorted({point.hints for entry in entries for point in entry.hints})
    if len(counts) < 2:
        return None
    place = {count: float(i) for i, count in enumerate(counts)}
    series = [
        Series(
            entry.model,
            palette.of(entry),
            tuple(Point(place[h.hints], h.psnr.mean, h.psnr.low, h.psnr.high) for h in entry.hints),
        )
        for entry in entries
    ]
    x = Axis(
        "hints, each the mean colour of 7x7 pixels of the truth",
        0,
        len(counts) - 1,
        tuple((place[c], str(c)) for c in counts),
    )
    y = Axis.of("PSNR, dB", _finite(v for s in series for p in s.points for v in (p.y, p.low, p.high)))
    return Figure("PSNR with hints", draw_lines("PSNR against hints", x, y, series), _legend(series), "at vividness 0")


def draw_calibration(evaluation: Evaluation, palette: Palette) -> Figure | None:
    """Draws how often a network is right where it says how sure it is."""
    known = {entry.model: entry for entry in reversed(evaluation.entries) if entry.calibration}
    series = [
        Series(
            entry.model,
            palette.of(entry),
            tuple(
                Point(each.confidence, each.correct)
                for each in entry.calibration.bins
                if each.confidence is not None and each.correct is not None
            ),
        )
        for entry in reversed(known.values())
        if entry.calibration
    ]
    if not series:
        return None
    marks = tuple((i / 5, f"{i * 20} %") for i in range(6))
    x, y = Axis("what it says", 0, 1, marks), Axis("share of pixels where that is true", 0, 1, marks)
    chart = draw_lines("Confidence against truth", x, y, series, diagonal=True)
    return Figure("Is its confidence true?", chart, _legend(series), "on the dashed line it is")


def draw_faces(report: FaceReport, grouping: FaceGrouping, css: dict[str, str]) -> Figure | None:
    """Draws the error on skin by group; ``css`` names the colour of each system to draw, by its key."""
    names = [group.name for group in grouping.groups if group.faces]
    series = []
    for system in report.systems:
        groups = {group.name: group for group in system.groups.get(grouping.name, ())}
        points = []
        for row, name in enumerate(names):
            error = groups[name].error if name in groups else None
            if error is not None:
                points.append(Point(float(row), error.mean, error.low, error.high))
        if points and system.key in css:
            series.append(Series(system.label, css[system.key], tuple(points)))
    if not series:
        return None
    ends = _finite(v for s in series for p in s.points for v in (p.y, p.low, p.high))
    x = Axis.of("mean a*b* error on skin (lower is better)", ends)
    return Figure(
        f"By {grouping.name}", draw_dots(f"Error on skin by {grouping.name}", x, names, series), _legend(series)
    )


def _legend(series: Sequence[Series]) -> tuple[tuple[str, str], ...]:
    return tuple((each.label, each.css) for each in series)


def _finite(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None and math.isfinite(value)]
