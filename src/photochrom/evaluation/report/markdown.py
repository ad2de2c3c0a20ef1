"""``report.md``: the tables of a report in Markdown."""

from collections.abc import Iterator, Sequence

from photochrom.evaluation.fairness.results import FaceReport
from photochrom.evaluation.report.caveats import CAST_WORDS, CAVEATS, FACES_CAVEATS
from photochrom.evaluation.report.tables import (
    Table,
    describe_split,
    find_casts,
    list_entries,
    show_bytes,
    show_figure,
    show_interval,
    show_share,
    summarize_models,
)
from photochrom.evaluation.results.schema import Evaluation

__all__ = ["escape", "headline_rows", "table", "to_markdown"]

_SPECIAL = str.maketrans({char: f"\\{char}" for char in "\\`*_[]<>|#~"})


def escape(text: str) -> str:
    r"""Returns a text that Markdown shows as it is, on one line.

    >>> print(escape("a|b_<i>"))
    a\|b\_\<i\>
    """
    line = "".join(char if char.isprintable() else " " for char in text)
    return line.replace("&", "&amp;").translate(_SPECIAL)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Returns a Markdown table of escaped cells; the first column to the left, the others to the right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def headline_rows(found: Table) -> tuple[list[str], list[list[str]]]:
    """Returns head and rows of the table with one line a model; the best of a column is bold."""
    head = ["", *(escape(f"{c.title} {c.arrow}".strip()) + (f" ({c.at})" if c.at else "") for c in found.columns)]
    head += ["parameters", "size", "s/photo"]
    rows = []
    for line in found.lines:
        cells = [
            " ".join(
                filter(
                    None, (f"**{cell.text}**" if cell.best else cell.text, cell.spread, cell.note and f"({cell.note})")
                )
            )
            for cell in line.cells
        ]
        entry = line.entry
        size = "–" if entry.parameters is None else f"{entry.parameters / 1e6:.1f} M"
        seconds = "–" if entry.cost is None else f"{entry.cost.seconds:.3f}"
        rows.append([escape(line.label), *cells, size, show_bytes(entry.bytes), seconds])
    return head, rows


def to_markdown(evaluation: Evaluation) -> str:
    """Returns all tables of a report; the images and charts are in the page."""
    data, protocol = evaluation.data, evaluation.protocol
    parts = [
        f"# {escape(data.name)}",
        (
            f"{len(data.photos)} photos scored of {data.found}, {describe_split(data.split)}; protocol "
            f"`{protocol.name}` version {protocol.version}: {escape(protocol.description)}. Measured by photochrom "
            f"{evaluation.photochrom}, seed {evaluation.seed}. Intervals are 95 %, by bootstrap over photos."
        ),
        "## Systems",
        table(*headline_rows(summarize_models(evaluation))),
        "## Every figure",
        _every_figure(list_entries(evaluation)),
        *_by_subject(evaluation),
        *_by_hue(evaluation),
        *_casts(evaluation),
        *_hints(evaluation),
        *_confidence(evaluation),
        *_comparisons(evaluation),
        *_faces(evaluation),
        *_left_out(evaluation),
        "## What these figures cannot tell",
        "\n".join(f"- {text}" for text in CAVEATS),
    ]
    return "\n\n".join(parts) + "\n"


def _every_figure(found: Table) -> str:
    head = ["metric", *(escape(line.label) for line in found.lines)]
    rows = []
    for number, column in enumerate(found.columns):
        cells = [line.cells[number] for line in found.lines]
        rows.append([escape(column.title), *(f"{c.text} ({c.interval})" if c.interval else c.text for c in cells)])
    return table(head, rows)


def _by_subject(evaluation: Evaluation) -> Iterator[str]:
    entries = [entry for entry in evaluation.entries if entry.by_subject and entry.kind != "truth"]
    if not entries:
        return
    yield "## CIEDE2000 by subject"
    rows = []
    for place, subject in enumerate(entries[0].by_subject):
        # a system that left photos out may lack a subject
        found = [next((s for s in entry.by_subject if s.name == subject.name), None) for entry in entries]
        scores = [show_interval(s.scores.get("ciede2000"), 2) if s else "–" for s in found]
        rows.append([escape(subject.name) or "–", str(entries[0].by_subject[place].photos), *scores])
    yield table(["subject", "photos", *(escape(entry.label) for entry in entries)], rows)


def _by_hue(evaluation: Evaluation) -> Iterator[str]:
    entries = [entry for entry in evaluation.entries if entry.by_hue and entry.kind != "truth"]
    if not entries:
        return
    yield "## Mean a\\*b\\* error by true hue"
    rows = [
        [sector.name, f"{sector.pixels:,}", *(show_figure(entry.by_hue[i].ab_error, 1) for entry in entries)]
        for i, sector in enumerate(entries[0].by_hue)
    ]
    yield table(["hue", "pixels", *(escape(entry.label) for entry in entries)], rows)


def _casts(evaluation: Evaluation) -> Iterator[str]:
    casts = find_casts(evaluation)
    if casts is None:
        return
    yield "## Colour cast"
    yield f"{escape(CAST_WORDS)} At vividness 1; dark, mid and light are thirds of the true L\\*."
    rows = [[row.name, *(escape(", ".join(words)) for words in row.cells)] for row in casts.rows]
    yield table(["pixels", *(escape(entry.model) for entry in casts.entries)], rows)


def _hints(evaluation: Evaluation) -> Iterator[str]:
    entries = [entry for entry in evaluation.entries if entry.hints]
    if not entries:
        return
    yield "## PSNR with hints, dB"
    counts = sorted({point.hints for entry in entries for point in entry.hints})
    rows = []
    for entry in entries:
        found = {point.hints: point.psnr for point in entry.hints}
        rows.append([escape(entry.label), *(show_interval(found.get(count), 2) for count in counts)])
    yield table(["hints", *map(str, counts)], rows)


def _confidence(evaluation: Evaluation) -> Iterator[str]:
    known = [(entry, entry.calibration) for entry in evaluation.entries if entry.calibration]
    if not known:
        return
    yield "## Confidence"
    rows = [
        [
            escape(entry.model),
            show_share(found.confidence, 1),
            show_share(found.correct, 1),
            f"{found.expected_error:.3f}",
            ", ".join(f"{error:.1f}" for error in found.fifths),
        ]
        for entry, found in known
    ]
    yield table(["", "says", "is true", "expected calibration error", "a\\*b\\* error, least to most sure fifth"], rows)


def _comparisons(evaluation: Evaluation) -> Iterator[str]:
    if not evaluation.comparisons:
        return
    yield "## Pairs, photo by photo"
    labels = {entry.key: escape(entry.label) for entry in evaluation.entries}
    infos = {info.key: info for info in evaluation.metrics}
    rows = [
        [
            infos[found.metric].label.replace("*", "\\*"),
            labels[found.first],
            labels[found.second],
            show_interval(found.difference, infos[found.metric].decimals),
            f"{found.p_value:.2g}",
            str(found.photos),
        ]
        for found in evaluation.comparisons
    ]
    yield table(["metric", "first", "second", "first − second", "p", "photos"], rows)


def _faces(evaluation: Evaluation) -> Iterator[str]:
    if evaluation.faces is None:
        return
    report = FaceReport.from_plain(evaluation.faces)
    yield "## Faces"
    yield f"{report.measured} of {report.found} faces measured. {escape(report.rule)}"
    for system in report.systems:
        yield f"### {escape(system.label)}"
        overall = system.overall
        rows = [
            [
                "**all**",
                str(report.measured),
                "",
                "",
                *(show_interval(i, 1) for i in (overall.error, overall.chroma, overall.hue)),
            ]
        ]
        for grouping in report.groupings:
            for group, scores in zip(grouping.groups, system.groups[grouping.name], strict=True):
                rows.append(
                    [
                        f"{escape(grouping.name)}: {escape(group.name)}",
                        str(group.faces),
                        show_share(group.coverage),
                        show_figure(group.tone_angle, 0),
                        *(show_interval(i, 1) for i in (scores.error, scores.chroma, scores.hue)),
                    ]
                )
        yield table(["", "faces", "skin found", "ITA", "a\\*b\\* error", "chroma shift", "hue shift, degrees"], rows)
        for name, gap in system.gaps.items():
            if gap is not None:
                yield (
                    f"By {escape(name)}, {escape(gap.worst)} stands above {escape(gap.best)} by a factor of "
                    f"{show_interval(gap.ratio, 2)}; by chance it would be up to {gap.chance:.2f} "
                    f"(p = {gap.p_value:.2g})."
                )
    yield "\n".join(f"- {text}" for text in FACES_CAVEATS)


def _left_out(evaluation: Evaluation) -> Iterator[str]:
    rows = [["the set", left.kind, escape(left.reason)] for left in evaluation.data.left_out]
    rows += [[escape(e.label), left.kind, escape(left.reason)] for e in evaluation.entries for left in e.left_out]
    if rows:
        yield "## Left out"
        yield table(["of", "what", "why"], rows)
    if evaluation.skipped:
        yield "## Not measured"
        yield "\n".join(f"- {escape(skipped.what)}: {escape(skipped.reason)}" for skipped in evaluation.skipped)
