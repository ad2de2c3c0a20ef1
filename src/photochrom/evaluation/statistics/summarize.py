"""Sums up the outcomes of all photos into an entry of the report."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from photochrom.evaluation.inputs.systems import System
from photochrom.evaluation.journal import PhotoOutcome
from photochrom.evaluation.metrics.auc import compute_areas
from photochrom.evaluation.metrics.calibration import expected_error, fifths, sum_tenths
from photochrom.evaluation.metrics.cast import BANDS
from photochrom.evaluation.metrics.color_error import ACCURACY_RADIUS
from photochrom.evaluation.metrics.fid import WeightedFrechetDistance
from photochrom.evaluation.metrics.histogram import histogram_distance
from photochrom.evaluation.metrics.hue_error import HUE_NAMES, SECTOR
from photochrom.evaluation.results.schema import (
    Calibration,
    CalibrationBin,
    Entry,
    HintPoint,
    HueSector,
    Interval,
    Row,
    Subject,
)
from photochrom.evaluation.score_photo import PhotoScore
from photochrom.evaluation.statistics.bootstrap import Bootstrap
from photochrom.evaluation.statistics.cast_intervals import estimate_casts

__all__ = ["summarize"]

#: resamplings for the interval of the Fréchet distance, each of which takes a decomposition
FRECHET_REPLICATES = 200


def summarize(system: System, scored: Sequence[PhotoOutcome], *, seed: int, subjects: dict[str, str]) -> Entry:
    """Returns an entry, without example images and cost.

    Args:
        system: what was scored.
        scored: the outcome of every photo, in the set's order; those left out for what they are, too.
        seed: of the intervals.
        subjects: photo id to subject; "" for none.
    """
    done = [(found, found.score) for found in scored if found.score is not None]
    scores = [score for _, score in done]
    card = system.card
    return Entry(
        key=system.key,
        model=system.model,
        kind=system.kind,
        vividness=system.vividness,
        sha256=system.sha256 or None,
        version=card.version if card else None,
        license=card.license if card else None,
        parameters=card.parameters if card else None,
        bytes=system.bytes,
        photos=len(done),
        left_out=tuple(found.left_out for found in scored if found.left_out is not None and not found.of_set),
        scores=_compute_figures(scores, seed),
        rows=tuple(Row(found.photo, score.values, found.seconds) for found, score in done),
        by_hue=_sum_by_hue(scores),
        by_subject=_sum_by_subject([(found.photo, score) for found, score in done], seed, subjects),
        hints=_sum_hints([found for found, _ in done], seed),
        calibration=_calibrate(scores),
        examples=(),
        cost=None,
    )


def _compute_figures(scores: Sequence[PhotoScore], seed: int) -> dict[str, Interval]:
    """Computes every metric over these photos."""
    if not scores:
        return {}
    bootstrap = Bootstrap(len(scores), seed)
    keys = list(dict.fromkeys(key for score in scores for key in score.values))
    table = np.array([[score.values.get(key, np.nan) for key in keys] for score in scores])
    figures = dict(zip(keys, bootstrap.means(table), strict=True))
    seen, credit, made = (
        np.stack([getattr(score, name) for score in scores]).astype(np.float64) for name in ("seen", "credit", "made")
    )

    def over_set(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        true = weights @ seen
        return np.stack([*compute_areas(true, weights @ credit), histogram_distance(weights @ made, true)], axis=1)

    figures.update(zip(("auc_raw", "auc_rebalanced", "ab_histogram"), bootstrap.interval(over_set), strict=True))
    colorfulness = np.array([[score.values["colorfulness"], score.values["colorfulness_truth"]] for score in scores])
    figures["colorfulness_ratio"] = bootstrap.interval(lambda weights: _compute_ratio(weights @ colorfulness))[0]
    casts = estimate_casts(np.stack([score.cast[1:] for score in scores]), seed)
    for band, (cast_a, cast_b) in zip(BANDS, casts, strict=True):
        if not np.isnan(cast_a.mean):
            figures[f"cast_a_{band}"], figures[f"cast_b_{band}"] = cast_a, cast_b
    features = [score.features for score in scores if score.features is not None]
    if len(features) > 1:
        result, truth = np.stack(features, axis=1)
        distance = WeightedFrechetDistance(result, truth)
        (figures["frechet"],) = Bootstrap(len(features), seed).interval(distance, replicates=FRECHET_REPLICATES)
    return figures


def _compute_ratio(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns the colourfulness of results (R,1) in percent of that of their truths, from sums of both (R,2)."""
    made, true = sums[:, :1], sums[:, 1:]
    ratio: NDArray[np.float64] = np.divide(100.0 * made, true, out=np.full(made.shape, np.nan), where=true > 0)
    return ratio


def _sum_by_hue(scores: Sequence[PhotoScore]) -> tuple[HueSector, ...]:
    sums = np.sum([score.hues for score in scores], axis=0) if scores else np.zeros((len(HUE_NAMES), 4))
    sectors = []
    for number, (name, (pixels, *rest)) in enumerate(zip(HUE_NAMES, sums.tolist(), strict=True)):
        middle = number * SECTOR
        means = [value / pixels for value in rest] if pixels else [None, None, None]
        sectors.append(HueSector(name, middle - SECTOR / 2, middle + SECTOR / 2, int(pixels), *means))
    return tuple(sectors)


def _sum_by_subject(
    scored: Sequence[tuple[str, PhotoScore]], seed: int, subjects: dict[str, str]
) -> tuple[Subject, ...]:
    groups: dict[str, list[PhotoScore]] = {}
    for photo, score in scored:
        groups.setdefault(subjects.get(photo, ""), []).append(score)
    if set(groups) <= {""}:
        return ()
    return tuple(Subject(name, len(group), _compute_figures(group, seed)) for name, group in sorted(groups.items()))


def _sum_hints(scored: Sequence[PhotoOutcome], seed: int) -> tuple[HintPoint, ...]:
    if not scored or not scored[0].hints:
        return ()
    counts = [count for count, _ in scored[0].hints]
    table = np.array([[psnr for _, psnr in found.hints] for found in scored])
    intervals = Bootstrap(len(scored), seed).means(table)
    return tuple(HintPoint(count, len(scored), psnr) for count, psnr in zip(counts, intervals, strict=True))


def _calibrate(scores: Sequence[PhotoScore]) -> Calibration | None:
    known = [score.reliability for score in scores if score.reliability is not None]
    if not known:
        return None
    counts = np.sum(known, axis=0)
    cells, confidence, correct, _ = counts.sum(0).tolist()
    return Calibration(
        radius=ACCURACY_RADIUS,
        confidence=confidence / cells,
        correct=correct / cells,
        expected_error=expected_error(counts),
        bins=tuple(
            CalibrationBin(sure / count, right / count, int(count)) if count else CalibrationBin(None, None, 0)
            for count, sure, right, _ in sum_tenths(counts).tolist()
        ),
        fifths=fifths(counts),
    )
