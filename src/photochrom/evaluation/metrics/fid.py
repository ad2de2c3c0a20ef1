"""Fréchet distance of two sets of features."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["WeightedFrechetDistance", "frechet_distance"]


def frechet_distance(result: NDArray[np.floating], truth: NDArray[np.floating]) -> float:
    """Returns the distance of the Gaussians that fit two sets of features, (N,D) and (M,D).

    |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)): Heusel et al., *GANs trained by a two time-scale update rule* (2017);
    Dowson & Landau (1982). The root's trace is found as the nuclear norm of a product of the covariances' factors,
    which stays real where there are fewer images than features. Fewer images give a larger figure: compare only
    sets of the same size, and the same network.
    """
    x, y = np.asarray(result, np.float64), np.asarray(truth, np.float64)
    shift = x.mean(0) - y.mean(0)
    first, second = _factor(x), _factor(y)
    root = np.linalg.norm(first @ second.T, "nuc")
    return float(max(0.0, shift @ shift + (first**2).sum() + (second**2).sum() - 2 * root))


def _factor(features: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns A with A^T A the covariance."""
    centred: NDArray[np.float64] = (features - features.mean(0)) / np.sqrt(max(len(features) - 1, 1))
    if len(centred) <= centred.shape[1]:
        return centred
    return np.asarray(np.linalg.qr(centred, mode="r"))


class WeightedFrechetDistance:
    """Computes :func:`frechet_distance` of paired features for many weights of the photos, as a bootstrap needs it.

    A photo of weight 2 counts as two photos. Products of features are taken once for all weights.

    Args:
        result: (N,D) features of the results.
        truth: (N,D) of their truths, in the same order.
    """

    def __init__(self, result: NDArray[np.floating], truth: NDArray[np.floating]) -> None:
        x, y = np.asarray(result, np.float64), np.asarray(truth, np.float64)
        # less the mean, which changes no distance, so that little is lost in the differences of large sums
        y, x = y - y.mean(0), x - y.mean(0)
        self._x, self._y = x, y
        self._cross = x @ y.T
        self._squares = np.stack([(x * x).sum(1), (y * y).sum(1)])

    def __call__(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Returns the distances (R,1) for weights (R,N); NaN where the weights sum to one photo or less."""
        return np.array([[self._measure(row)] for row in weights])

    def _measure(self, weights: NDArray[np.float64]) -> float:
        used = np.flatnonzero(weights)
        counts = weights[used]
        total = float(counts.sum())
        if total <= 1:
            return float("nan")
        share = counts / total
        means = share @ self._x[used], share @ self._y[used]
        norms = sum(float(mean @ mean) for mean in means)
        spread = (float((share @ self._squares[:, used].T).sum()) - norms) * total / (total - 1)
        cross = self._cross[np.ix_(used, used)]
        # products of features less their weighted means, from those of the features themselves
        cross = cross - (share @ cross)[None] - (cross @ share)[:, None] + share @ cross @ share
        scale = np.sqrt(counts / (total - 1))
        root = float(np.linalg.norm(cross * scale[:, None] * scale, "nuc"))
        shift = means[0] - means[1]
        return max(0.0, float(shift @ shift) + spread - 2 * root)
