"""Fréchet distance of two sets of features."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["frechet_distance"]


def frechet_distance(result: NDArray[np.floating], truth: NDArray[np.floating]) -> float:
    """Distance of the Gaussians that fit two sets of features, (N,D) and (M,D).

    |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)): Heusel et al., *GANs trained by a two time-scale update rule* (2017);
    Dowson & Landau (1982). The root's trace is found as the nuclear norm of a product of the covariances' factors,
    which stays real where there are fewer pictures than features. Fewer pictures give a larger figure: compare only
    sets of the same size, and the same network.
    """
    x, y = np.asarray(result, np.float64), np.asarray(truth, np.float64)
    shift = x.mean(0) - y.mean(0)
    first, second = _factor(x), _factor(y)
    root = np.linalg.norm(first @ second.T, "nuc")
    return float(max(0.0, shift @ shift + (first**2).sum() + (second**2).sum() - 2 * root))


def _factor(features: NDArray[np.float64]) -> NDArray[np.float64]:
    """A with A^T A the covariance."""
    centred: NDArray[np.float64] = (features - features.mean(0)) / np.sqrt(max(len(features) - 1, 1))
    if len(centred) <= centred.shape[1]:
        return centred
    return np.asarray(np.linalg.qr(centred, mode="r"))
