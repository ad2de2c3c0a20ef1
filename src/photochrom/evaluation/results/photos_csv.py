"""``photos.csv``: one line for each photo and entry."""

import csv
from io import StringIO

from photochrom.evaluation.results.schema import Evaluation

__all__ = ["to_csv"]


def to_csv(evaluation: Evaluation) -> str:
    """Returns every photo's figures with every entry; empty where there is none; left out photos with their reason."""
    photos = {photo.id: photo for photo in evaluation.data.photos}
    keys = [metric.key for metric in evaluation.metrics if metric.over == "photo"]
    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["entry", "model", "vividness", "photo", "subject", "seconds", *keys, "left_out"])
    for left_out in evaluation.data.left_out:
        writer.writerow(["", "", "", _plain(left_out.photo), "", "", *[""] * len(keys), left_out.kind])
    for entry in evaluation.entries:
        head = [entry.key, entry.model, "" if entry.vividness is None else f"{entry.vividness:g}"]
        for row in entry.rows:
            figures = [f"{row.values[key]:.6g}" if key in row.values else "" for key in keys]
            seconds = "" if row.seconds is None else f"{row.seconds:.4f}"
            subject = photos[row.photo].subject
            writer.writerow([*head, _plain(row.photo), _plain(subject), seconds, *figures, ""])
        for left_out in entry.left_out:
            writer.writerow([*head, _plain(left_out.photo), "", "", *[""] * len(keys), left_out.kind])
    return stream.getvalue()


def _plain(name: str) -> str:
    """Returns a name that a spreadsheet does not take for a formula."""
    return f"'{name}" if name[:1] in ("=", "+", "-", "@") else name
