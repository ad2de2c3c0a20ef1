"""``scores.csv``: a line for each entry, each metric with its interval."""

import csv
from io import StringIO

from photochrom.evaluation.results.schema import Evaluation

__all__ = ["to_csv"]


def to_csv(evaluation: Evaluation) -> str:
    """Returns every entry's figures at full precision; empty where there is none, ``inf`` where it is infinite."""
    keys = [info.key for info in evaluation.metrics]
    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    ends = [f"{key}{end}" for key in keys for end in ("", "_low", "_high")]
    facts = ["parameters", "bytes", "seconds_per_photo", "peak_memory_bytes", "sha256"]
    writer.writerow(["entry", "model", "kind", "vividness", "split", "photos", "left_out", *facts, *ends])
    for entry in evaluation.entries:
        cost = entry.cost
        figures: list[float | None] = []
        for key in keys:
            score = entry.scores.get(key)
            figures += [None] * 3 if score is None else [score.mean, score.low, score.high]
        writer.writerow(
            [
                entry.key,
                # a spreadsheet would take such a name for a formula
                f"'{entry.model}" if entry.model[:1] in ("=", "+", "-", "@") else entry.model,
                entry.kind,
                _word(entry.vividness),
                evaluation.data.split,
                entry.photos,
                len(entry.left_out),
                _word(entry.parameters),
                _word(entry.bytes),
                _word(cost.seconds if cost else None),
                _word(cost.peak_memory if cost else None),
                entry.sha256 or "",
                *map(_word, figures),
            ]
        )
    return stream.getvalue()


def _word(value: float | None) -> str:
    return "" if value is None else str(value) if isinstance(value, int) else f"{value:.8g}"
