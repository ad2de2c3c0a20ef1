"""Spreads what a network left undone of its hints over what belongs to them.

A network that has read hints has moved towards them, on its own terms; between a hint and the answer at its place
stays a residual. It is spread over the picture by kriging, that is Gaussian process regression (Rasmussen & Williams,
*Gaussian Processes for Machine Learning*, 2006, eq. 2.25): exact at the hints, and elsewhere as far as a place is akin
to them. Akin are two places that lie near each other, are of like lightness and look alike to the network's encoder.
Nothing is learned.
"""

import numpy as np
from numpy.typing import NDArray

from photochrom.chroma import resize

__all__ = ["spread"]

Planes = NDArray[np.float32]

#: distances at which kinship has fallen to about a half: in short sides, and in L*
REACH, LIGHT = 0.2, 12.0
#: how much the encoder's features count beside them: of two without likeness the distance is sqrt(2) times this
LOOK = 1.2
#: variance of a hint's own error, of the residual's; of a match with another photo, which may be wrong
NOISE, DOUBT = 0.02, 0.5
#: hints' cells used at most, evenly drawn from all; the rest of a large hint follows
MOST = 600
#: directions kept of the features
DIRECTIONS = 32
#: cells worked on at once
BLOCK = 1 << 15


def spread(
    ab: Planes, hints: Planes, *, matches: Planes | None = None, lightness: Planes, features: Planes | None
) -> Planes:
    """Move an answer to its hints.

    Args:
        ab: (2,h,w), the network's answer, Lab units.
        hints: (3,h,w), a*, b* and the mask, as :func:`photochrom.hints.plane` draws them.
        matches: the same of hints that may be wrong: the answer goes towards them, not all the way; None for none.
        lightness: (h,w), L* 0..100.
        features: (C,h',w') of any size, what the encoder sees, edge to edge; None to go without.

    Returns:
        (2,h,w) float32: at the hints their colours, far from them the answer as it was.
    """
    sure = _some(hints[2] > 0)
    doubtful = _some((matches[2] > 0) & (hints[2] <= 0)) if matches is not None else sure[:0]
    places = np.concatenate([sure, doubtful])
    if not len(places):
        return ab
    wanted = hints[:2].reshape(2, -1)[:, sure]
    if matches is not None:
        wanted = np.concatenate([wanted, matches[:2].reshape(2, -1)[:, doubtful]], axis=1)
    looks = _embed(lightness, features)
    flat = ab.reshape(2, -1)
    nodes = looks[:, places]
    residual = wanted - flat[:, places]
    own = _kinship(nodes, nodes)
    own[np.diag_indices_from(own)] += np.repeat([NOISE, DOUBT], [len(sure), len(doubtful)])
    weight = np.linalg.solve(own.astype(np.float64), residual.T).T.astype(np.float32)
    out = flat.copy()
    for start in range(0, flat.shape[1], BLOCK):
        cells = slice(start, start + BLOCK)
        out[:, cells] += weight @ _kinship(nodes, looks[:, cells])
    return out.reshape(ab.shape)


def _some(mask: NDArray[np.bool_]) -> NDArray[np.intp]:
    """The indices of a mask's cells, along rows; of too many, evenly drawn."""
    places = np.flatnonzero(mask)
    return places if len(places) <= MOST else places[np.linspace(0, len(places) - 1, MOST).round().astype(int)]


def _embed(lightness: Planes, features: Planes | None) -> Planes:
    """Every cell as a point (D, h*w) whose distances to others say how little they are akin."""
    height, width = lightness.shape
    rows, columns = np.indices((height, width), np.float32) / np.float32(min(height, width))
    parts = [rows[None] / REACH, columns[None] / REACH, lightness[None] / LIGHT]
    if features is not None:
        large = np.stack([resize(plane, (width, height)) for plane in _summary(features)])
        parts.append(large * (LOOK / np.maximum(np.linalg.norm(large, axis=0), 1e-6)))
    points: Planes = np.concatenate(parts).reshape(-1, height * width).astype(np.float32)
    return points


def _summary(features: Planes) -> Planes:
    """The few directions in which features (C,h,w), each brought to mean 0 and deviation 1, differ most: (c,h,w).

    By one pass of random projections (Halko, Martinsson & Tropp, *Finding structure with randomness*, 2011).
    """
    flat = features.reshape(len(features), -1)
    centred = flat - flat.mean(1, keepdims=True)
    centred /= centred.std(1, keepdims=True) + 1e-6
    if len(features) <= DIRECTIONS:
        whole: Planes = centred.reshape(features.shape)
        return whole
    chance = np.random.default_rng(0).standard_normal((flat.shape[1], DIRECTIONS), np.float32)
    basis, _ = np.linalg.qr(centred @ (centred.T @ (centred @ chance)))
    few: Planes = (basis.T @ centred).reshape(DIRECTIONS, *features.shape[1:])
    return few


def _kinship(one: Planes, other: Planes) -> Planes:
    """1 at distance 0, falling to 0: the Matern kernel of smoothness 3/2 between points (D,n) and (D,m)."""
    far: Planes = one.T @ other
    far *= -2
    far += np.square(one).sum(0)[:, None]
    far += np.square(other).sum(0)
    np.sqrt(np.maximum(far, 0.0, out=far), out=far)
    far *= np.float32(np.sqrt(3))
    kin: Planes = np.exp(-far)
    far += 1
    kin *= far
    return kin
