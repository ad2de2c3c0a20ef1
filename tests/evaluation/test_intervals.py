"""Bootstrap intervals and the paired test, against theory and SciPy."""

import numpy as np
import pytest
import scipy.stats

from photochrom.evaluation.results.schema import Interval
from photochrom.evaluation.statistics.bootstrap import Bootstrap, flip_test


def test_the_interval_of_a_mean_is_that_of_theory() -> None:
    values = np.random.default_rng(1).normal(20, 3, (400, 1))
    found = Bootstrap(400, 0).means(values)[0]
    error = 1.96 * values.std() / 20
    assert found.mean == pytest.approx(values.mean())
    assert found.low == pytest.approx(values.mean() - error, abs=0.08)
    assert found.high == pytest.approx(values.mean() + error, abs=0.08)


def test_it_holds_the_true_mean_about_as_often_as_it_says() -> None:
    chance = np.random.default_rng(2)
    held = 0
    for seed in range(100):
        found = Bootstrap(60, seed).means(chance.exponential(1.0, (60, 1)))[0]
        held += found.low is not None and found.high is not None and found.low <= 1.0 <= found.high
    assert held >= 86


def test_same_seed_same_interval() -> None:
    values = np.random.default_rng(3).normal(size=(50, 2))
    assert Bootstrap(50, 7).means(values) == Bootstrap(50, 7).means(values)
    assert Bootstrap(50, 7).means(values) != Bootstrap(50, 8).means(values)


def test_missing_and_infinite_values() -> None:
    values = np.array([[1.0, np.inf, np.nan], [3.0, 5.0, 4.0], [5.0, 5.0, np.nan], [7.0, 5.0, 6.0]])
    plain, endless, sparse = Bootstrap(4, 0).means(values)
    assert plain.mean == 4.0
    # a mean with an infinite photo has no interval, and no resample without that photo pretends one
    assert endless == Interval(float("inf"))
    # over the photos that have the figure
    assert sparse.mean == 5.0


def test_one_photo_has_no_interval() -> None:
    assert Bootstrap(1, 0).means(np.array([[3.0]])) == [Interval(3.0)]


def test_a_figure_that_grows_with_variety_is_set_right() -> None:
    # distinct kinds among photos: resamples have fewer, so the plain percentiles would lie below the figure
    kinds = np.arange(40)
    table = (kinds[:, None] == np.arange(40)).astype(float)
    found = Bootstrap(40, 0).interval(lambda weights: (weights @ table > 0).sum(1, keepdims=True).astype(float))[0]
    assert found.mean == 40
    assert found.low is not None
    assert found.high is not None
    assert found.low < 40 < found.high


@pytest.mark.parametrize("shift", [0.0, 0.2, 0.5])
def test_the_paired_test_agrees_with_scipy(shift: float) -> None:
    first = np.random.default_rng(4).normal(size=60)
    second = first + np.random.default_rng(5).normal(shift, 1, 60)
    theirs = scipy.stats.permutation_test(
        (first, second),
        lambda x, y, axis: np.mean(x - y, axis=axis),
        permutation_type="samples",
        n_resamples=9999,
        vectorized=True,
        rng=np.random.default_rng(0),
    )
    assert flip_test(first - second, 0) == pytest.approx(theirs.pvalue, abs=0.02)


def test_p_is_small_where_every_photo_agrees_and_one_where_none_differs() -> None:
    assert flip_test(np.full(40, 0.1), 0) == pytest.approx(1e-4)
    assert flip_test(np.zeros(40), 0) == 1.0
