"""What is in a set of photos: counts, sizes, colour, and what does not belong."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ImageOps

from photochrom.color.conversion import ab_bins
from photochrom.datasets.build.deduplicate import find_groups, near_pairs
from photochrom.datasets.build.statistics import COLORLESS, GRAYNESS, Facts, Tallies, examine
from photochrom.color.soft_bins import smooth_counts
from photochrom.system.process_pool import split_chunks, map_in_order
from photochrom.datasets.sources.photo_set import Photos, fingerprint

__all__ = ["Inspection", "Progress", "Row", "examine_all", "inspect_photos", "spread"]

#: side of a photo on the contact sheet, pixels
THUMBNAIL = 96
#: rows and columns of the contact sheet
ROWS, COLUMNS = 14, 12
#: photos to a task
CHUNK = 32

#: (96,96,3)
Thumbnail = NDArray[np.uint8]
#: name, what is said below it, photos
Row = tuple[str, str, list[Thumbnail]]
#: told how many photos are done, and of how many
Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Inspection:
    """What was found.

    Attributes:
        total: photos in the set.
        facts: of each photo looked at, in order.
        fingerprint: of the set.
        hues: (SECTORS,) share of all colour by hue, sums to 1.
        prior: (Q,) how often each colour bin occurs, smoothed, sums to 1.
        duplicates: groups of near duplicates, as places in ``facts``, the largest first.
        sheet: rows of a contact sheet: a source and some of its photos.
        doubtful: likewise: what is gray, and groups of near duplicates.
    """

    total: int
    facts: list[Facts]
    fingerprint: str
    hues: NDArray[np.float64]
    prior: NDArray[np.float64]
    duplicates: list[list[int]]
    sheet: list[Row]
    doubtful: list[Row]

    @property
    def readable(self) -> list[Facts]:
        """Those that could be read."""
        return [facts for facts in self.facts if not facts.error]

    def summary(self) -> dict[str, Any]:
        """Returns all of it as JSON has it; lists name photos, sizes are pixels, chroma is C*."""
        good = self.readable
        short = np.array([min(facts.width, facts.height) for facts in good])
        chroma = np.array([facts.chroma for facts in good])
        return {
            "photos": self.total,
            "looked_at": len(self.facts),
            "fingerprint": self.fingerprint,
            "short_side": _quantiles(short),
            "sizes": {f"{w}x{h}": n for (w, h), n in Counter((f.width, f.height) for f in good).most_common(8)},
            "unreadable": {facts.name: facts.error for facts in self.facts if facts.error},
            "gray": {kind: [facts.name for facts in good if facts.grayness == kind] for kind in GRAYNESS},
            "near_duplicates": [[self.facts[place].name for place in group] for group in self.duplicates],
            "chroma": _quantiles(chroma) | {"mean": round(float(chroma.mean()), 2) if len(good) else None},
            "hues": [round(float(share), 4) for share in self.hues],
            "sources": _by_source(self.facts),
        }


def inspect_photos(
    photos: Photos, *, limit: int | None = None, jobs: int = 1, progress: Progress | None = None
) -> Inspection:
    """Looks at a set.

    Args:
        photos: the set.
        limit: look at this many photos, evenly spread; None for all.
        jobs: processes.
        progress: told how many photos are done, and of how many.

    Raises:
        DataError: the set itself cannot be read any more; photos that cannot are in the result.
    """
    chosen = spread(len(photos), limit)
    rows = _choose_rows(photos, chosen)
    shown = {index for _, indexes in rows for index in indexes}
    facts, tallies, thumbnails = examine_all(photos, chosen, shown=shown, jobs=jobs, progress=progress)
    good = [place for place, found in enumerate(facts) if not found.error]
    pairs = near_pairs(np.array([facts[place].hash for place in good], np.uint64))
    duplicates = [[good[place] for place in group] for group in find_groups(pairs)]
    total = tallies.hues.sum()
    counts = Counter(found.source for found in facts)
    return Inspection(
        total=len(photos),
        facts=facts,
        fingerprint=fingerprint(photos),
        hues=tallies.hues / total if total else tallies.hues,
        prior=smooth_counts(tallies.corners, ab_bins()) if good else np.zeros(len(ab_bins())),
        duplicates=duplicates,
        sheet=[(name, f"{counts[name]:,}", [thumbnails[i] for i in row if i in thumbnails]) for name, row in rows],
        doubtful=_show_doubtful(photos, facts, duplicates),
    )


def _show_doubtful(photos: Photos, facts: Sequence[Facts], duplicates: Sequence[Sequence[int]]) -> list[Row]:
    kinds: dict[str, list[int]] = {}
    for grayness in GRAYNESS:
        kinds[grayness] = [found.index for found in facts if found.grayness == grayness]
    kinds["near duplicates"] = [facts[place].index for group in duplicates for place in group]
    rows = []
    for kind, indexes in kinds.items():
        shown = indexes[: 2 * COLUMNS]
        _, _, thumbnails = examine_all(photos, shown, shown=set(shown))
        rows.append((kind, f"{len(indexes):,}", [thumbnails[index] for index in shown]))
    return [row for row in rows if row[2]]


def examine_all(
    photos: Photos,
    indexes: Sequence[int],
    *,
    shown: set[int] | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
) -> tuple[list[Facts], Tallies, dict[int, Thumbnail]]:
    """Looks at some photos of a set.

    Args:
        photos: the set.
        indexes: which of it.
        shown: those of which a thumbnail is wanted.
        jobs: processes.
        progress: told how many photos are done, and of how many.

    Returns:
        The facts in order, counts over all, and thumbnails of the readable ones among ``shown``.
    """
    tasks = [[(index, index in (shown or ())) for index in chunk] for chunk in split_chunks(indexes, CHUNK)]
    facts: list[Facts] = []
    tallies, thumbnails = Tallies.zero(), {}
    for found, counted, seen in map_in_order(_examine_some, photos, tasks, jobs=jobs):
        facts += found
        tallies.add(counted)
        thumbnails.update(seen)
        if progress is not None:
            progress(len(facts), len(indexes))
    return facts, tallies, thumbnails


def spread(total: int, limit: int | None) -> list[int]:
    """Returns up to ``limit`` numbers below ``total``, evenly spread.

    >>> spread(10, 3), spread(2, None)
    ([0, 4, 9], [0, 1])
    """
    if limit is None or limit >= total:
        return list(range(total))
    return [int(index) for index in np.linspace(0, total - 1, limit, dtype=int)]


def _examine_some(
    photos: Photos, task: Sequence[tuple[int, bool]]
) -> tuple[list[Facts], Tallies, dict[int, Thumbnail]]:
    facts, tallies, thumbnails = [], Tallies.zero(), {}
    for index, shown in task:
        found, image = examine(photos, index, tallies)
        facts.append(found)
        if shown and image is not None:
            thumbnails[index] = np.asarray(ImageOps.fit(image, (THUMBNAIL, THUMBNAIL)))
    return facts, tallies, thumbnails


def _choose_rows(photos: Photos, chosen: Sequence[int]) -> list[tuple[str, list[int]]]:
    """Returns the sources with most photos, each with some of them, evenly spread; several rows where there are few."""
    by_source: dict[str, list[int]] = {}
    for index in chosen:
        by_source.setdefault(photos.source(index), []).append(index)
    largest = sorted(by_source, key=lambda source: (-len(by_source[source]), source))[:ROWS]
    columns = COLUMNS * max(1, ROWS // (2 * len(largest)))
    return [(name, [by_source[name][n] for n in spread(len(by_source[name]), columns)]) for name in largest]


def _quantiles(values: NDArray[Any]) -> dict[str, float | None]:
    names = {"least": 0, "5%": 5, "median": 50, "95%": 95, "most": 100}
    if not len(values):
        return dict.fromkeys(names)
    return {name: round(float(np.percentile(values, share)), 2) for name, share in names.items()}


def _by_source(facts: Sequence[Facts]) -> dict[str, dict[str, Any]]:
    counts = Counter(found.source for found in facts)
    chroma, gray, bad = Counter[str](), Counter[str](), Counter[str]()
    for found in facts:
        chroma[found.source] += found.chroma  # type: ignore[assignment]
        gray[found.source] += found.grayness in COLORLESS
        bad[found.source] += bool(found.error)
    return {
        source: {
            "photos": count,
            "unreadable": bad[source],
            "gray": gray[source],
            "chroma": round(chroma[source] / max(count - bad[source], 1), 2),
        }
        for source, count in counts.most_common()
    }
