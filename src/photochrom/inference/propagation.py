"""Spreads what a network left undone of its hints over what belongs to them.

A network that has read hints has moved towards them, on its own terms; between a hint and the answer at its place
stays a residual. It is spread over the picture by kriging, that is Gaussian process regression (Rasmussen & Williams,
*Gaussian Processes for Machine Learning*, 2006, eq. 2.25): exact at the hints, and elsewhere as far as a place is akin
to them. Akin are two places that lie near each other, are of like lightness, and look alike to the network, which has
learned for this what belongs together (:mod:`photochrom.models.affinity`); and the less sure the network was of its
colours, the more they give way. Several hints in several places tell of the light and the print they have in common,
too; one hint alone says nothing of what it is not akin to.

The arithmetic is one text for numpy arrays, in the program, and torch tensors, in training.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photochrom.color.conversion import array_namespace
from photochrom.inference.hint_plane import hint_coverage

__all__ = ["LOOKS", "Cells", "Change", "cells_of", "spread"]

Planes = NDArray[np.float32]

#: three ways to be akin: the distance at which each has fallen to about a half, in short sides, and what it counts
REACH, COUNTS = (0.12, 0.2, 1.7), (0.6, 0.4, 2.0)
#: how many of them there are, each with as many planes of affinity; the last is what several hints have in common
LOOKS = 3
#: what several hints have in common everywhere, beside the last of those
EVERYWHERE = 0.5
#: L* at which lightness alone makes kinship fall to about a half
LIGHT = 20.0
#: how the change a place allows grows with the uncertainty of the network's distribution there, and between which
#: uncertaintys: a person's hint may contradict what the network was surest of
DOUBTFUL, SURE, UNSURE = 0.75, 8.0, 20.0
#: variance of a hint's own error, of the residual's; of a match with another photo, which may be wrong
NOISE, DOUBT = 0.02, 0.5
#: hints' cells used at most, evenly drawn from all; the rest of a large hint follows
MOST = 600
#: cells worked on at once
BLOCK = 1 << 15


@dataclass(frozen=True, eq=False)
class Cells:
    """What is known of P cells of a picture; all numpy arrays or all torch tensors, float32.

    Attributes:
        place: (2,P), row and column in short sides.
        light: (1,P), L* in units of ``LIGHT``.
        look: (LOOKS,D,P), the network's affinity; None to go without.
        give: (P,), how far a colour there may be off, in any unit.
    """

    place: Any
    light: Any
    look: Any
    give: Any

    def at(self, index: Any) -> "Cells":
        """Some of the cells: those of an index array, or of a slice."""
        look = None if self.look is None else self.look[:, :, index]
        return Cells(self.place[:, index], self.light[:, index], look, self.give[index])


def cells_of(lightness: Any, affinity: Any, uncertainty: Any) -> Cells:
    """Describe a grid's cells, row by row.

    Args:
        lightness: (h,w), L* 0..100.
        affinity: (LOOKS*D,h,w), planes whose distances say how little two cells are akin; None to go without.
        uncertainty: (h,w), of the network's distribution, a*b* units; None for the same everywhere.
    """
    xp: Any = array_namespace(lightness)
    height, width = lightness.shape
    flat = lightness.reshape(-1)
    # counted along the arrays themselves, so that the places lie on their device
    row, column = (xp.cumsum(xp.ones_like(lightness), axis=axis).reshape(-1) - 1.0 for axis in (0, 1))
    look = None if affinity is None else affinity.reshape(LOOKS, -1, height * width)
    give = xp.ones_like(flat) if uncertainty is None else xp.clip(uncertainty.reshape(-1), SURE, UNSURE) ** DOUBTFUL
    return Cells(xp.stack([row, column]) / min(height, width), flat[None] / LIGHT, look, give)


class Change:
    """What hints change, made ready for any cells.

    Args:
        residual: (2,n), what is left to do at each hint's cell, Lab units.
        nodes: the hints' n cells.
        noise: (n,), variance of each hint's own error, of the residual's.
        common: 0..1, how far they speak for the whole picture (:func:`photochrom.inference.hint_plane.hint_coverage`).
    """

    def __init__(self, residual: Any, nodes: Cells, noise: Any, common: float) -> None:
        xp: Any = array_namespace(residual)
        self._nodes, self._common = nodes, common
        near, whole = _kinship(nodes, nodes)
        number = xp.cumsum(xp.ones_like(noise), axis=0)
        error = noise * (number[:, None] == number)
        kin = (near + common * whole + error) * (nodes.give[:, None] * nodes.give)
        self._weight = _solve(kin, residual.swapaxes(0, 1)).swapaxes(0, 1)

    def over(self, cells: Cells) -> Any:
        """The change of P cells, (2,P), Lab units."""
        near, whole = _kinship(self._nodes, cells)
        return self._weight @ ((near + self._common * whole) * (self._nodes.give[:, None] * cells.give))


def spread(
    ab: Planes,
    hints: Planes,
    *,
    matches: Planes | None = None,
    lightness: Planes,
    affinity: Planes | None = None,
    uncertainty: Planes | None = None,
) -> Planes:
    """Move an answer to its hints.

    Args:
        ab: (2,h,w), the network's answer, Lab units.
        hints: (3,h,w), a*, b* and the mask, as :func:`photochrom.inference.hint_plane.draw_plane` draws them.
        matches: the same of hints that may be wrong: the answer goes towards them, not all the way; None for none.
        lightness: (h,w), L* 0..100.
        affinity: (LOOKS*D,h,w), what the network says belongs together; None to go by place and lightness alone.
        uncertainty: (h,w), of the network's distribution, a*b* units; None for the same everywhere.

    Returns:
        (2,h,w) float32: at the hints their colours, far from them the answer as it was.
    """
    given = hints[2] > 0
    guessed = (matches[2] > 0) & ~given if matches is not None else np.zeros_like(given)
    sure, doubtful = _some(given), _some(guessed)
    places = np.concatenate([sure, doubtful])
    if not len(places):
        return ab
    wanted = hints[:2].reshape(2, -1)[:, sure]
    if matches is not None:
        wanted = np.concatenate([wanted, matches[:2].reshape(2, -1)[:, doubtful]], axis=1)
    cells, flat = cells_of(lightness, affinity, uncertainty), ab.reshape(2, -1)
    noise = np.repeat(np.array([NOISE, DOUBT], np.float32), [len(sure), len(doubtful)])
    change = Change(wanted - flat[:, places], cells.at(places), noise, hint_coverage(given | guessed))
    moved = [flat[:, block] + change.over(cells.at(block)) for block in _blocks(flat.shape[1])]
    out: Planes = np.concatenate(moved, axis=1).astype(np.float32).reshape(ab.shape)
    return out


def _some(mask: NDArray[np.bool_]) -> NDArray[np.intp]:
    """The indices of a mask's cells, along rows; of too many, evenly drawn."""
    places = np.flatnonzero(mask)
    return places if len(places) <= MOST else places[np.linspace(0, len(places) - 1, MOST).round().astype(int)]


def _blocks(cells: int) -> Iterator[slice]:
    return (slice(start, start + BLOCK) for start in range(0, cells, BLOCK))


def _kinship(one: Cells, other: Cells) -> tuple[Any, Any]:
    """How akin n cells are to m others, (n,m) each: by themselves, and by what they have in common with all."""
    place, light = _squared(one.place, other.place), _squared(one.light, other.light)
    parts = []
    for index, (reach, counts) in enumerate(zip(REACH, COUNTS, strict=True)):
        squared = place / reach**2 + light
        if one.look is not None:
            squared = squared + _squared(one.look[index], other.look[index])
        parts.append(counts * _matern(squared))
    *near, common = parts
    return sum(near[1:], start=near[0]), common + EVERYWHERE


def _solve(matrix: Any, right: Any) -> Any:
    """Linear equations in double precision: many hints close together leave little of single's."""
    if isinstance(matrix, np.ndarray):
        return np.linalg.solve(matrix.astype(np.float64), right).astype(np.float32)
    return array_namespace(matrix).linalg.solve(matrix.double(), right.double()).float()


def _squared(one: Any, other: Any) -> Any:
    """Squared distances (n,m) of points (D,n) and (D,m)."""
    return (one * one).sum(0)[:, None] + (other * other).sum(0) - 2.0 * (one.swapaxes(0, 1) @ other)


def _matern(squared: Any) -> Any:
    """1 at distance 0, falling to 0: the Matern kernel of smoothness 3/2."""
    xp: Any = array_namespace(squared)
    # a root's slope at 0 is infinite, and rounding leaves some squares a little below 0
    far = xp.sqrt(3.0 * xp.clip(squared, 0.0, None) + 1e-6)
    return (1.0 + far) * xp.exp(-far)
