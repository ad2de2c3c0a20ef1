"""``report.html``: one page with everything inside. Opened only by those who write it, since it needs jinja2."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2
from markupsafe import Markup

from photochrom.evaluation.fairness.results import FaceReport
from photochrom.evaluation.report.caveats import CAST_WORDS, CAVEATS, FACES_CAVEATS
from photochrom.evaluation.report.example_cards import (
    EmbeddedImages,
    ExampleCard,
    list_best_and_worst,
    list_random_cards,
)
from photochrom.evaluation.report.figures import (
    COLORS,
    Figure,
    Palette,
    draw_calibration,
    draw_distributions,
    draw_faces,
    draw_hints,
    draw_hues,
)
from photochrom.evaluation.report.tables import (
    describe_split,
    find_casts,
    list_entries,
    show_bytes,
    show_figure,
    show_interval,
    show_share,
    summarize_models,
)
from photochrom.evaluation.results.schema import Comparison, Entry, Evaluation, MetricInfo
from photochrom.evaluation.statistics.paired_tests import select_vividness

__all__ = ["to_html"]

TEMPLATE = Path(__file__).with_name("template")
#: photos left out that are named one by one
NAMED = 100


@dataclass(frozen=True)
class _MetricComparisons:
    """The comparisons by one metric."""

    info: MetricInfo
    rows: tuple[Comparison, ...]


@dataclass(frozen=True)
class _Gallery:
    """What a system did best and worst."""

    label: str
    cards: tuple[ExampleCard, ...]


def to_html(evaluation: Evaluation, folder: Path) -> str:
    """Returns the page of an evaluation.

    Args:
        evaluation: the results.
        folder: where its example images are.

    Raises:
        ResultsError: an image is missing or damaged, or the results of faces are.
    """
    style, script = ((TEMPLATE / name).read_text(encoding="utf-8") for name in ("report.css", "report.js"))
    palette, images = Palette(evaluation), EmbeddedImages(folder)
    systems = [entry for entry in evaluation.entries if entry.kind in ("network", "predictions")]
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(figure=show_figure, interval=show_interval, size=show_bytes, share=show_share, p=_show_p)
    return environment.get_template("report.html").render(
        evaluation=evaluation,
        # the whole path stands at the end of the page
        title=Path(evaluation.data.name).name or evaluation.data.name,
        style=Markup(style),
        script=Markup(script),
        # the page may run this script and no other, whatever a file's name holds
        script_hash=_hash(script),
        split=describe_split(evaluation.data.split),
        cast_words=CAST_WORDS,
        palette=palette,
        headline=summarize_models(evaluation),
        every=list_entries(evaluation),
        truth=next((e.scores["colorfulness_truth"] for e in systems if "colorfulness_truth" in e.scores), None),
        distributions=draw_distributions(evaluation, palette),
        random=list_random_cards(evaluation, images),
        galleries=[
            _Gallery(entry.label, cards)
            for entry in select_vividness(systems, 1.0)
            if (cards := list_best_and_worst(entry, images))
        ],
        casts=find_casts(evaluation),
        hues=draw_hues(evaluation, palette),
        hued=[entry for entry in select_vividness(evaluation.entries, 0.0) if entry.kind != "truth" and entry.by_hue],
        subjects=_list_subjects([e for e in select_vividness(evaluation.entries, 0.0) if e.kind != "truth"]),
        hints=draw_hints(evaluation, palette),
        calibration=draw_calibration(evaluation, palette),
        calibrated=[entry for entry in evaluation.entries if entry.calibration],
        costs=[entry for entry in select_vividness(evaluation.entries, None) if entry.cost],
        compared=_group_comparisons(evaluation),
        faces=_describe_faces(evaluation),
        left_out=_list_left_out(evaluation),
        caveats=CAVEATS,
        faces_caveats=FACES_CAVEATS,
    )


def _hash(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _show_p(value: float) -> str:
    """Returns a p-value in words; the least that a permutation test can give is an upper bound."""
    return f"{value:.4f}" if value > 0.00011 else "< 0.0002"


@dataclass(frozen=True)
class _Subject:
    """A subject: CIEDE2000 of each entry in words, and its share of the highest, 0..1."""

    name: str
    photos: int
    cells: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class _Subjects:
    entries: tuple[Entry, ...]
    rows: tuple[_Subject, ...]


def _list_subjects(entries: Sequence[Entry]) -> _Subjects | None:
    known = [entry for entry in entries if entry.by_subject]
    if not known:
        return None
    tables = [{s.name: s.scores["ciede2000"] for s in entry.by_subject if "ciede2000" in s.scores} for entry in known]
    most = max((score.mean for found in tables for score in found.values()), default=1.0) or 1.0
    rows = []
    for subject in known[0].by_subject:
        scores = [found.get(subject.name) for found in tables]
        cells = tuple((show_interval(s, 1), s.mean / most if s else 0.0) for s in scores)
        rows.append(_Subject(subject.name, subject.photos, cells))
    return _Subjects(tuple(known), tuple(rows))


def _group_comparisons(evaluation: Evaluation) -> list[_MetricComparisons]:
    infos = {info.key: info for info in evaluation.metrics}
    by_metric = dict.fromkeys(found.metric for found in evaluation.comparisons)
    return [
        _MetricComparisons(infos[key], tuple(found for found in evaluation.comparisons if found.metric == key))
        for key in by_metric
    ]


@dataclass(frozen=True)
class _Faces:
    """The section of faces: what was found, its charts by grouping, and the colour of each system."""

    report: FaceReport
    figures: dict[str, Figure | None]
    css: dict[str, str]


def _describe_faces(evaluation: Evaluation) -> _Faces | None:
    if evaluation.faces is None:
        return None
    report = FaceReport.from_plain(evaluation.faces)
    # one colour an entry here: vividness 0 and 1 of a network stand side by side
    css = {system.key: f"s{(number - 1) % COLORS}" if number else "sg" for number, system in enumerate(report.systems)}
    # gray is so far off that the rest would stand on one spot; its figures are in the tables
    drawn = {key: value for key, value in css.items() if value != "sg"} or css
    figures = {grouping.name: draw_faces(report, grouping, drawn) for grouping in report.groupings}
    return _Faces(report, figures, css)


@dataclass(frozen=True)
class _LeftOut:
    """Photos left out: (of what, kind, reason), as many as are named, and how many more there are."""

    rows: tuple[tuple[str, str, str], ...]
    more: int


def _list_left_out(evaluation: Evaluation) -> _LeftOut:
    rows = [("the set", left.kind, left.reason) for left in evaluation.data.left_out]
    rows += [(entry.label, left.kind, left.reason) for entry in evaluation.entries for left in entry.left_out]
    return _LeftOut(tuple(rows[:NAMED]), max(0, len(rows) - NAMED))
