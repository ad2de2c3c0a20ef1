"""Compares entries in pairs, photo by photo."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from photochrom.evaluation.results.schema import Comparison, Entry, MetricInfo
from photochrom.evaluation.statistics.bootstrap import FLIPS, Bootstrap, flip_test

__all__ = ["compare_all", "compare_pair", "select_vividness"]


def select_vividness(entries: Sequence[Entry], vividness: float | None) -> list[Entry]:
    """Returns one entry a model: the one nearest to that vividness."""
    models: dict[str, Entry] = {}
    for entry in entries:
        best = models.get(entry.model)
        if best is None or _distance(entry, vividness) < _distance(best, vividness):
            models[entry.model] = entry
    return list(models.values())


def _distance(entry: Entry, vividness: float | None) -> float:
    return 0.0 if vividness is None or entry.vividness is None else abs(entry.vividness - vividness)


def compare_all(entries: Sequence[Entry], metrics: Sequence[MetricInfo], seed: int) -> tuple[Comparison, ...]:
    """Compares every pair of models but the truth, for every metric, at the vividness the metric is read at."""
    found = []
    for metric in metrics:
        lined_up = [entry for entry in select_vividness(entries, metric.vividness) if entry.kind != "truth"]
        for first, second in combinations(lined_up, 2):
            comparison = compare_pair(first, second, metric.key, seed)
            if comparison is not None:
                found.append(comparison)
    return tuple(found)


def compare_pair(first: Entry, second: Entry, metric: str, seed: int) -> Comparison | None:
    """Compares two entries on the photos both have a finite figure for; None where there are fewer than two."""
    ours, theirs = (
        {row.photo: row.values[metric] for row in entry.rows if np.isfinite(row.values.get(metric, np.nan))}
        for entry in (first, second)
    )
    shared = [photo for photo in ours if photo in theirs]
    if len(shared) < 2:
        return None
    differences = np.array([ours[photo] - theirs[photo] for photo in shared])
    return Comparison(
        first=first.key,
        second=second.key,
        metric=metric,
        photos=len(shared),
        difference=Bootstrap(len(shared), seed).means(differences[:, None])[0],
        p_value=flip_test(differences, seed),
        test=f"paired, {FLIPS} random flips of sign, two-sided",
    )
