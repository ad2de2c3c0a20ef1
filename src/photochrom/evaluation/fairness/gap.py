"""How far the worst of several groups stands above the best, and above what chance would do."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photochrom.evaluation.results.schema import Interval
from photochrom.evaluation.statistics.bootstrap import Bootstrap

__all__ = ["SMALLEST", "Gap", "measure_gap"]

#: a group of fewer is shown but takes no part in the gap
SMALLEST = 20
SHUFFLES = 1999

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Gap:
    """How far groups lie apart.

    Attributes:
        worst: the group with the highest mean.
        best: the group with the lowest.
        ratio: worst over best, with the 95 % interval of these two groups.
        chance: the ratio of highest to lowest mean that 95 % of random regroupings of the same photos stay under.
        p_value: share of random regroupings with a ratio at least as high.
    """

    worst: str
    best: str
    ratio: Interval
    chance: float
    p_value: float


def measure_gap(values: Values, groups: Sequence[str], seed: int) -> Gap | None:
    """Compares the means of groups.

    The highest of several noisy means stands above the lowest even where no group differs, so the ratio is set beside
    what shuffled labels give (a permutation test).

    Args:
        values: (N,) one figure a photo, not negative.
        groups: N names; groups of fewer than :data:`SMALLEST` are left aside.
        seed: of chance.

    Returns:
        None where fewer than two groups are large enough, or where the lowest mean is zero.
    """
    names, index, counts = np.unique(np.array(groups, np.str_), return_inverse=True, return_counts=True)
    large = counts >= SMALLEST
    if large.sum() < 2:
        return None
    kept = large[index]
    names, index, values = names[large], (np.cumsum(large) - 1)[index[kept]], values[kept]
    means = np.bincount(index, values) / np.bincount(index)
    if means.min() <= 0:
        return None
    worst, best = int(means.argmax()), int(means.argmin())
    chance = np.random.default_rng([seed, 0x6A9])
    shuffled = np.array([_spread(values, chance.permutation(index)) for _ in range(SHUFFLES)])

    def ratio_of(weights: Values) -> Values:
        upper, lower = (
            (weights @ (values * (index == group))) / (weights @ (index == group)) for group in (worst, best)
        )
        quotient: Values = (upper / lower)[:, None]
        return quotient

    (ratio,) = Bootstrap(len(values), seed).interval(ratio_of)
    return Gap(
        worst=str(names[worst]),
        best=str(names[best]),
        ratio=ratio,
        chance=float(np.percentile(shuffled, 95)),
        # the tolerance: sums taken in another order
        p_value=float((1 + (shuffled >= ratio.mean * (1 - 1e-12)).sum()) / (1 + SHUFFLES)),
    )


def _spread(values: Values, index: NDArray[np.intp]) -> float:
    means = np.bincount(index, values) / np.bincount(index)
    return float(means.max() / means.min())
