"""How certain a figure over photos is: bootstrap intervals and paired tests, the same for the same seed."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from photochrom.evaluation.results.schema import Interval

__all__ = ["FLIPS", "REPLICATES", "Bootstrap", "flip_test"]

#: resamplings of the photos
REPLICATES = 1000
#: random sign flips of a paired test
FLIPS = 9999
#: per cent cut off at either end
_TAIL = 2.5
#: resamplings worked on at once
_BLOCK = 50

Statistic = Callable[[NDArray[np.float64]], NDArray[np.float64]]


class Bootstrap:
    """Resamples photos with replacement; 95 % percentile intervals, less the bias that the resamples show.

    Efron & Tibshirani, *An Introduction to the Bootstrap* (1993), chapters 10 and 13.

    Args:
        photos: how many there are.
        seed: the same seed and number draw the same photos, so entries of one report share their luck.
    """

    def __init__(self, photos: int, seed: int) -> None:
        self._photos, self._seed = photos, seed

    def _weights(self, replicates: int) -> Iterator[NDArray[np.float64]]:
        chance = np.random.default_rng([self._seed, 0xB007])
        share = np.full(self._photos, 1.0 / self._photos)
        for _ in range(0, replicates, _BLOCK):
            yield chance.multinomial(self._photos, share, _BLOCK).astype(np.float64)

    def interval(self, statistic: Statistic, *, replicates: int = REPLICATES) -> list[Interval]:
        """Returns the intervals of figures that are computed from weights of photos.

        Args:
            statistic: weights (R,N) to figures (R,K); NaN or infinite where a resample has none.
            replicates: resamplings, a multiple of 50; fewer for a figure that takes long.

        Returns:
            K intervals; without ends where there are fewer than two photos or a resample has no finite figure.
        """
        whole = statistic(np.ones((1, self._photos)))[0]
        if self._photos < 2:
            return [Interval(float(value)) for value in whole]
        drawn = np.concatenate([statistic(weights) for weights in self._weights(replicates)])
        finite = np.isfinite(drawn).all(0) & np.isfinite(whole)
        known = np.where(finite, drawn, 0.0)
        # a resample has fewer colours than the set, which moves what is counted over colours; the ends move back
        bias = known.mean(0) - np.where(finite, whole, 0.0)
        low, high = np.percentile(known, (_TAIL, 100.0 - _TAIL), axis=0) - bias
        return [
            Interval(float(value), float(low[k]), float(high[k])) if finite[k] else Interval(float(value))
            for k, value in enumerate(whole)
        ]

    def means(self, values: NDArray[np.float64]) -> list[Interval]:
        """Returns the means over photos of (N,K) values, NaN where a photo has none."""
        present = ~np.isnan(values)
        known = np.where(present, values, 0.0)
        endless = np.isinf(known).any(0)
        finite = np.where(np.isinf(known), 0.0, known)

        def mean(weights: NDArray[np.float64]) -> NDArray[np.float64]:
            count = weights @ present
            sums: NDArray[np.float64] = np.divide(
                weights @ finite, count, out=np.full(count.shape, np.nan), where=count > 0
            )
            # a mean with one infinite photo is infinite; a resample without that photo must not look like an interval
            sums[:, endless] = known[:, endless].sum(0)
            return sums

        return self.interval(mean)


def flip_test(differences: NDArray[np.float64], seed: int) -> float:
    """Returns the two-sided p-value of a mean of paired differences, by random flips of their signs.

    Under the null hypothesis each photo could have come out the other way round (Fisher's randomization test; see Good,
    *Permutation, Parametric and Bootstrap Tests of Hypotheses*, 2005). 9999 flips, so p is 0.0001 at least.
    """
    chance = np.random.default_rng([seed, 0xF11B])
    stated = abs(differences.sum()) * (1 - 1e-12)
    reached = 0
    for start in range(0, FLIPS, 1000):
        signs = chance.integers(0, 2, (min(1000, FLIPS - start), len(differences)), dtype=np.int8) * 2 - 1
        reached += int(np.count_nonzero(np.abs(signs @ differences) >= stated))
    return (1 + reached) / (1 + FLIPS)
