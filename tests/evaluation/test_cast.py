"""The signed cast, colourfulness in percent of the truth's, and the interval of the Fréchet distance: known answers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photochrom.evaluation.inputs.protocol import gray_of
from photochrom.evaluation.inputs.systems import System
from photochrom.evaluation.journal import PhotoOutcome
from photochrom.evaluation.metrics.cast import ColorCast, compute_cast, mask_bands, mask_classes, sum_cast
from photochrom.evaluation.metrics.fid import WeightedFrechetDistance, frechet_distance
from photochrom.evaluation.metrics.registry import list_metrics
from photochrom.evaluation.score_photo import PhotoScore, score_photo
from photochrom.evaluation.statistics.cast_intervals import estimate_casts
from photochrom.evaluation.statistics.summarize import summarize


def test_a_shift_of_every_pixel_is_the_cast_of_every_region() -> None:
    rng = np.random.default_rng(0)
    truth = np.stack([rng.uniform(0, 100, (30, 40)), *rng.normal(0, 20, (2, 30, 40))])
    cast = ColorCast()
    cast.add(truth + np.array([0.0, 3.0, -5.0])[:, None, None], truth)
    assert cast.sums[0, 0] == cast.sums[1:, 0].sum() == 1200
    assert compute_cast(cast.sums) == pytest.approx(np.tile([3.0, -5.0], (4, 1)))


def test_errors_in_every_direction_are_no_cast() -> None:
    angles = np.linspace(0, 2 * np.pi, 360, endpoint=False)
    off = 20 * np.stack([np.cos(angles), np.sin(angles)])[:, None]
    sums = sum_cast(off, np.zeros_like(off), np.ones((1, 1, 360), bool))
    assert np.hypot(*off).mean() == pytest.approx(20)
    assert compute_cast(sums)[0] == pytest.approx([0, 0], abs=1e-9)


def test_bands_are_thirds_of_the_true_lightness() -> None:
    lightness = np.array([[0.0, 33.0, 34.0, 66.0, 67.0, 100.0]])
    assert mask_bands(lightness).astype(int).tolist() == [
        [[1, 1, 0, 0, 0, 0]],
        [[0, 0, 1, 1, 0, 0]],
        [[0, 0, 0, 0, 1, 1]],
    ]
    truth = np.stack([lightness, np.zeros_like(lightness), np.zeros_like(lightness)])
    made = truth.copy()
    made[1, 0, :2], made[2, 0, 4:] = 4.0, -6.0
    cast = ColorCast()
    cast.add(made, truth)
    assert compute_cast(cast.sums) == pytest.approx(np.array([[4 / 3, -2.0], [4.0, 0.0], [0.0, 0.0], [0.0, -6.0]]))


def test_classes_of_things_are_regions_like_any_other() -> None:
    # sky, skin, and a pixel of no class
    classes = np.array([[0, 0, 1], [1, 1, 255]])
    masks = mask_classes(classes, 3)
    assert masks.sum((1, 2)).tolist() == [2, 3, 0]
    made = np.stack([classes * 2.0, np.full((2, 3), 1.0)])
    sums = sum_cast(made, np.zeros_like(made), masks)
    assert sums.tolist() == [[2, 0, 2], [3, 6, 3], [0, 0, 0]]
    assert compute_cast(sums)[:2].tolist() == [[0, 1], [2, 1]]
    assert np.isnan(compute_cast(sums)[2]).all()


@settings(max_examples=25)
@given(cut=st.integers(0, 20), seed=st.integers(0, 99))
def test_strips_add_up(cut: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    made, truth = rng.uniform(0, 100, (2, 3, 20, 11))
    whole, parts = ColorCast(), ColorCast()
    whole.add(made, truth)
    for rows in (slice(None, cut), slice(cut, None)):
        parts.add(made[:, rows], truth[:, rows])
    assert parts.sums == pytest.approx(whole.sums)


def test_the_interval_of_a_cast_is_that_of_theory() -> None:
    rng = np.random.default_rng(1)
    shifts = rng.normal([2.0, -1.0], 3.0, (400, 2))
    # photos of one size, one region, and a region that no photo has
    sums = np.zeros((400, 2, 3))
    sums[:, 0] = np.concatenate([np.full((400, 1), 100.0), 100 * shifts], axis=1)
    (a, b), (nothing, _) = estimate_casts(sums, 0)
    for found, column in ((a, shifts[:, 0]), (b, shifts[:, 1])):
        error = 1.96 * column.std() / 20
        assert found.mean == pytest.approx(column.mean())
        assert (found.low, found.high) == pytest.approx((column.mean() - error, column.mean() + error), abs=0.08)
    assert np.isnan(nothing.mean)
    assert nothing.low is None
    assert estimate_casts(sums[:, :1], 0) == estimate_casts(sums[:, :1], 0)


def outcomes(truths: list[np.ndarray], made: list[np.ndarray]) -> list[PhotoOutcome]:
    found = []
    for number, (truth, answer) in enumerate(zip(truths, made, strict=True)):
        score: PhotoScore = score_photo(answer, truth, gray_of(truth))
        found.append(PhotoOutcome(str(number), (64, 64), score))
    return found


def test_figures_of_an_entry(truth: np.ndarray) -> None:
    truths = [truth[top : top + 64, left : left + 64] for top in (0, 96, 180) for left in (0, 64, 128, 190)]
    gray = [np.stack([gray_of(each)] * 3, -1) for each in truths]
    warm = [np.clip(each.astype(int) + np.array([25, 0, -25]), 0, 255).astype(np.uint8) for each in truths]
    system = System("it", "it", "predictions")
    same, none, tinted = (
        summarize(system, outcomes(truths, made), seed=0, subjects={}).scores for made in (truths, gray, warm)
    )
    assert same["colorfulness_ratio"].mean == pytest.approx(100)
    assert (same["colorfulness_ratio"].low, same["colorfulness_ratio"].high) == pytest.approx((100, 100))
    assert none["colorfulness_ratio"].mean == pytest.approx(0, abs=1e-6)
    pale = tinted["colorfulness"].mean / tinted["colorfulness_truth"].mean
    assert tinted["colorfulness_ratio"].mean == pytest.approx(100 * pale)
    for band in ("", "_dark", "_mid", "_light"):
        assert same[f"cast_a{band}"].mean == same[f"cast_b{band}"].mean == 0
        # redder and yellower everywhere
        assert tinted[f"cast_a{band}"].mean > 2
        assert tinted[f"cast_b{band}"].mean > 2
    for key in ("colorfulness_ratio", "cast_a", "cast_b", "cast_b_mid"):
        assert tinted[key].low is not None
        assert tinted[key].low <= tinted[key].mean <= (tinted[key].high or 0)
    assert {metric.key for metric in list_metrics({})} <= {*same, "ms_ssim"}


@pytest.mark.parametrize(("photos", "size"), [(12, 40), (60, 5)])
def test_weights_are_copies_of_photos(photos: int, size: int) -> None:
    rng = np.random.default_rng(2)
    made, truth = rng.normal(size=(photos, size)) + 30, rng.normal(size=(photos, size)) * 2 + 31
    weights = rng.multinomial(photos, np.full(photos, 1 / photos), 3).astype(float)
    found = WeightedFrechetDistance(made, truth)(np.concatenate([np.ones((1, photos)), weights]))[:, 0]
    assert found[0] == pytest.approx(frechet_distance(made, truth))
    for row, distance in zip(weights.astype(int), found[1:], strict=True):
        copies = np.repeat(np.arange(photos), row)
        assert distance == pytest.approx(frechet_distance(made[copies], truth[copies]))
    assert WeightedFrechetDistance(truth, truth)(weights) == pytest.approx(np.zeros((3, 1)), abs=1e-9)
    assert np.isnan(WeightedFrechetDistance(made, truth)(np.eye(photos)[:1])).all()


def test_the_frechet_distance_has_an_interval(truth: np.ndarray) -> None:
    rng = np.random.default_rng(3)
    scores = outcomes([truth[:64, :64]] * 40, [truth[64:128, :64]] * 40)
    features = rng.normal(size=(40, 2, 6)).astype(np.float32) + np.array([[[1.0], [0.0]]], np.float32)
    for outcome, pair in zip(scores, features, strict=True):
        assert outcome.score is not None
        object.__setattr__(outcome.score, "features", pair)
    found = summarize(System("it", "it", "predictions"), scores, seed=0, subjects={}).scores["frechet"]
    assert found.mean == pytest.approx(frechet_distance(features[:, 0], features[:, 1]))
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.mean < found.high
