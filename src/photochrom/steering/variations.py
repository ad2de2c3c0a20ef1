"""Other colourings of one photo, each coherent, clearly different from one another and possible by the network's word.

A network with a distribution and hints is asked again with hints drawn from its own distribution: the picture's
uncertain part falls into a few regions; each region is given one of its own likely colours; every cell's distribution
is tilted towards its region's colour (an exponential tilt, which moves a cell as far as it is uncertain and the
more likely colours first), and the means of the tilted distributions become hints. What the network is sure of is
held by hints of the colour it has. A variational network is asked with other codes.

Of more candidates than wanted, those are taken that lie farthest from each other and from the plain answer. The pool
does not depend on how many are wanted, so the first three of six are those of three.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from photochrom.color.hex import hex_of
from photochrom.errors import OptionError
from photochrom.hints import Hint
from photochrom.image_io import Page
from photochrom.inference.predictor import ColorDistribution, Predictor
from photochrom.inference.session import Prediction
from photochrom.options import WHOLE, Options
from photochrom.steering.color_suggestions import distinct_colors

__all__ = [
    "MAX_ALTERNATIVES",
    "Variation",
    "check_request",
    "choose_apart",
    "draw_codes",
    "draw_hints",
    "uncertain",
    "vary",
]

Planes = NDArray[np.float32]

MAX_ALTERNATIVES = 12
#: candidates drawn, of which the most different are chosen
POOL = 24
#: regions of the uncertain part, and colours tried in each
REGIONS, COLORS = 3, 5
#: how far, a*b* units on average, a candidate moves the uncertain third, and what that may cost there in nats of
#: divergence from the network's own distribution
SHIFT, COST = 9.5, 0.6
#: standard deviation of codes: the farthest of a pool of plain normal ones would be caricatures, tints farther from the
#: photo than from any other
TEMPERATURE = 0.4
#: one hint to this many cells in each direction
EVERY = 4


@dataclass(frozen=True, kw_only=True)
class Variation:
    """One of the alternatives that a seed gives.

    Args:
        seed: of all chance, 0 to 2**32-1.
        index: which of them, 0 for the first, 11 at most.

    Raises:
        OptionError: a value is out of range.
    """

    seed: int = 0
    index: int = 0

    def __post_init__(self) -> None:
        for name, high in (("seed", 2**32 - 1), ("index", MAX_ALTERNATIVES - 1)):
            value = getattr(self, name)
            if not isinstance(value, WHOLE) or isinstance(value, bool) or not 0 <= value <= high:
                raise OptionError(f"the {name} of an alternative is {value!r}: give a whole number from 0 to {high}")


def check_request(predictor: Predictor, n: int, seed: int) -> None:
    """Refuse what cannot give alternatives.

    Raises:
        OptionError: ``n`` is not in 1..12, ``seed`` not in 0..2**32-1, or the network has neither codes nor a
            distribution that hints can be drawn from.
    """
    if not isinstance(n, WHOLE) or isinstance(n, bool) or not 1 <= n <= MAX_ALTERNATIVES:
        raise OptionError(f"alternatives is {n!r}: give a whole number from 1 to {MAX_ALTERNATIVES}")
    if not isinstance(seed, WHOLE) or isinstance(seed, bool) or not 0 <= seed < 2**32:
        raise OptionError(f"seed is {seed!r}: give a whole number from 0 to {2**32 - 1}")
    card = predictor.card
    if "z" not in card.inputs and not ("hints" in card.inputs and "probability" in card.outputs):
        raise OptionError(
            f"{card.name} knows one colouring of a photo only: choose photochrom_fast or vae for alternatives"
        )


def vary(
    predictor: Predictor,
    page: Page,
    wanted: Sequence[int],
    *,
    seed: int,
    hints: Sequence[Hint],
    matches: Sequence[Hint] = (),
    options: Options,
) -> list[Prediction]:
    """Predict other colourings of a page; :func:`check_request` has passed.

    Args:
        predictor: the network.
        page: what to colour.
        wanted: which of the seed's colourings, each 0 to 11.
        seed: of all chance.
        hints: colours that all of them have.
        matches: as :meth:`photochrom.inference.predictor.Predictor.predict` has them.
        options: how to colour.
    """
    n = max(wanted) + 1
    if predictor.latent:
        plain = predictor.predict(page, hints=hints, matches=matches, options=options)
        codes = draw_codes(predictor.latent, seed)
        pool = [predictor.predict(page, hints=hints, matches=matches, options=options, z=code) for code in codes]
        chosen = choose_apart(plain.ab, np.array([each.ab for each in pool]), n)
        return [pool[chosen[index]] for index in wanted]
    field = predictor.field(page, hints=hints, matches=matches, options=options)
    drawn = draw_hints(field, (page.height, page.width), n, seed)
    found = [
        predictor.predict(page, hints=hints, matches=matches, guesses=drawn[index], options=options) for index in wanted
    ]
    # a drawn hint is no knowledge: the picture is as sure as it was without
    return [replace(each, confidence=field.confidence) for each in found]


def draw_codes(latent: int, seed: int, *, temperature: float = TEMPERATURE) -> Planes:
    """Codes (24, latent) of a variational network, normal with this standard deviation."""
    drawn = np.random.default_rng(seed).standard_normal((POOL, latent), np.float32)
    return drawn * np.float32(temperature)


def choose_apart(plain: Planes, candidates: Planes, n: int) -> list[int]:
    """The indices of ``n`` candidates (m,2,...) far from the plain answer (2,...) and from each other.

    One after the other, that is taken whose mean a*b* distance to the nearest of those before it is largest
    (Gonzalez, *Clustering to minimize the maximum intercluster distance*, 1985).
    """
    nearest = _distance(candidates, plain)
    chosen: list[int] = []
    for _ in range(n):
        best = int(nearest.argmax())
        chosen.append(best)
        nearest = np.minimum(nearest, _distance(candidates, candidates[best]))
        nearest[chosen] = -1.0
    return chosen


def uncertain(confidence: Planes, part: float) -> NDArray[np.bool_]:
    """Where the network is least sure: this part of the cells."""
    order = np.argsort(confidence.ravel(), kind="stable")
    found = np.zeros(confidence.size, bool)
    found[order[: max(1, round(part * confidence.size))]] = True
    return found.reshape(confidence.shape)


def draw_hints(field: ColorDistribution, picture: tuple[int, int], n: int, seed: int) -> list[list[Hint]]:
    """Hints that make ``n`` other colourings.

    Args:
        field: what the network says without help.
        picture: its height and width in pixels, which the hints' places are in.
        n: how many.
        seed: of all chance.

    Returns:
        One list of hints for each.
    """
    third = uncertain(field.confidence, 1 / 3)
    weight = _regions(field, third)
    # the tilt is worked out where it counts, and only for the winners everywhere
    probability, near = field.probability[:, third], weight[:, third]
    palettes = [distinct_colors(_pooled(probability, own), field.bins, COLORS) for own in near]
    middles = [_pooled(probability, own) @ field.bins for own in near]
    rng = np.random.default_rng(seed)
    directions: list[Planes] = []
    shifts: list[Planes] = []
    for _ in range(POOL):
        drawn = []
        for (colors, share), middle in zip(palettes, middles, strict=True):
            # the square root: a colour half as likely is drawn seven times for ten
            color = colors[rng.choice(len(colors), p=np.sqrt(share) / np.sqrt(share).sum())]
            drawn.append((color - middle) / max(1.0, float(np.linalg.norm(color - middle))))
        direction = np.array(drawn, np.float32)
        amplitude = _amplitude(probability, field.bins, direction.T @ near)
        directions.append((direction * amplitude).astype(np.float32))
        shifts.append(_shift(probability, field.bins, directions[-1].T @ near))
    chosen = choose_apart(np.zeros_like(shifts[0]), np.array(shifts), n)
    cells = weight.reshape(len(weight), -1)
    flat = field.probability.reshape(len(field.bins), -1)
    return [
        _place(field, _shift(flat, field.bins, directions[index].T @ cells).reshape(field.ab.shape), picture)
        for index in chosen
    ]


def _distance(candidates: Planes, other: Planes) -> Planes:
    apart: Planes = np.sqrt(np.square(candidates - other).sum(1)).reshape(len(candidates), -1).mean(1)
    return apart


def _regions(field: ColorDistribution, third: NDArray[np.bool_]) -> Planes:
    """How much each cell belongs to each region, (R,h,w), sums to 1: near in place, in lightness and in colour."""
    height, width = field.confidence.shape
    side = max(height, width)
    rows, columns = np.indices((height, width), np.float32) / side
    mean = np.tensordot(field.bins.T, field.probability, 1)
    features = np.stack([1.2 * rows, 1.2 * columns, field.lightness / 30, *(mean / 15)])
    flat, open_ = features.reshape(len(features), -1), third.ravel()
    center = flat[:, open_].mean(1)
    # the first is where uncertainty gathers, each other far from those before
    anchors = [flat[:, np.flatnonzero(open_)[np.square(flat[:, open_] - center[:, None]).sum(0).argmin()]]]
    squared = [np.square(flat - anchors[0][:, None]).sum(0)]
    for _ in range(REGIONS - 1):
        farthest = int(np.where(open_, np.min(squared, axis=0), -1.0).argmax())
        anchors.append(flat[:, farthest])
        squared.append(np.square(flat - anchors[-1][:, None]).sum(0))
    near = -np.array(squared) / 0.5
    weight = np.exp(near - near.max(0))
    shared: Planes = (weight / weight.sum(0)).reshape(REGIONS, height, width).astype(np.float32)
    return shared


def _pooled(probability: Planes, weight: Planes) -> Planes:
    """The mean distribution (Q,) of cells (Q,m) weighted by (m,)."""
    pooled: Planes = probability @ weight / max(float(weight.sum()), 1e-6)
    return pooled


def _tilted(probability: Planes, bins: Planes, direction: Planes) -> Planes:
    """Distributions (Q,m) times exp(bin . direction), directions (2,m), brought to sum 1 again."""
    exponent = bins @ direction
    tilted = probability * np.exp(exponent - exponent.max(0))
    whole: Planes = tilted / np.maximum(tilted.sum(0), 1e-20)
    return whole


def _shift(probability: Planes, bins: Planes, direction: Planes) -> Planes:
    """How far a tilt moves the mean colour, (2,m) Lab units."""
    shift: Planes = bins.T @ (_tilted(probability, bins, direction) - probability)
    return shift


def _amplitude(probability: Planes, bins: Planes, direction: Planes) -> float:
    """How strong a tilt (2,m) of the uncertain third (Q,m) is wanted: so far, and no dearer; by halving."""
    low, high = 0.0, 0.3
    step = max(1, probability.shape[1] // 400)
    some, where = probability[:, ::step], direction[:, ::step]
    for _ in range(8):
        middle = (low + high) / 2
        tilted = _tilted(some, bins, middle * where)
        shift = np.linalg.norm(bins.T @ (tilted - some), axis=0).mean()
        cost = (tilted * (np.log(tilted + 1e-12) - np.log(some + 1e-12))).sum(0).mean()
        low, high = (low, middle) if shift > SHIFT or cost > COST else (middle, high)
    return low


def _place(field: ColorDistribution, shift: Planes, picture: tuple[int, int]) -> list[Hint]:
    """A hint in every few cells: moved where the network is unsure, as it is where it is surest."""
    height, width = field.confidence.shape
    grid = np.zeros((height, width), bool)
    grid[min(1, height - 1) :: EVERY, min(1, width - 1) :: EVERY] = True
    moved, held = uncertain(field.confidence, 0.5), ~uncertain(field.confidence, 2 / 3)
    wanted = field.ab + shift
    hints = []
    for row, column in np.argwhere(grid & (moved | held)):
        ab = wanted[:, row, column] if moved[row, column] else field.ab[:, row, column]
        # of the picture's own lightness, so that sRGB reaches the colour if the picture does
        color = hex_of(float(field.lightness[row, column]), ab)
        x, y = (column + 0.5) * picture[1] / width, (row + 0.5) * picture[0] / height
        hints.append(Hint(x=float(x), y=float(y), color=color))
    return hints
