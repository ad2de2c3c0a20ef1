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
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from photochrom.color.hex import lab_to_hex
from photochrom.errors import OptionError
from photochrom.hints import Hint
from photochrom.image_io import Page
from photochrom.inference.guidance import Guidance
from photochrom.inference.prediction import ColorDistribution, Prediction
from photochrom.inference.predictor import Predictor
from photochrom.inference.views import PageView
from photochrom.options import MAX_VARIATIONS, check_integer
from photochrom.steering.color_suggestions import distinct_colors

__all__ = [
    "check_request",
    "choose_apart",
    "draw_codes",
    "draw_hints",
    "predict_variations",
    "uncertain",
]

Planes = NDArray[np.float32]

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


def check_request(predictor: Predictor, count: int, seed: int) -> None:
    """Refuses what cannot give variations.

    Raises:
        OptionError: ``count`` is not in 1..12, ``seed`` not in 0..2**32-1, or the network has neither latent codes nor
            a distribution that hints can be drawn from.
    """
    check_integer("count", count, 1, MAX_VARIATIONS)
    check_integer("seed", seed, 0, 2**32 - 1)
    card = predictor.card
    if "z" not in card.inputs and not ("hints" in card.inputs and "probability" in card.outputs):
        raise OptionError("option.no_variations", model=card.name)


def predict_variations(
    predictor: Predictor,
    page: Page,
    indexes: Sequence[int],
    *,
    seed: int,
    guidance: Guidance,
    vividness: float,
    input_size: int | None,
) -> list[Prediction]:
    """Predicts other colourings of a page; :func:`check_request` has passed.

    Args:
        predictor: the network.
        page: what to colour.
        indexes: which of the seed's colourings, each 0 to 11.
        seed: of all chance.
        guidance: what steers all of them.
        vividness: as in a call of the predictor.
        input_size: as in a call of the predictor.
    """
    count = max(indexes) + 1
    image = PageView(page)

    def predict(guidance: Guidance, latent: Planes | None = None) -> Prediction:
        return predictor.predict(image, guidance, vividness=vividness, input_size=input_size, latent=latent)

    if predictor.latent_size:
        plain = predict(guidance)
        pool = [predict(guidance, code) for code in draw_codes(predictor.latent_size, seed)]
        chosen = choose_apart(plain.ab, np.array([each.ab for each in pool]), count)
        return [pool[chosen[index]] for index in indexes]
    distribution = predictor.predict_distribution(image, guidance, input_size=input_size)
    drawn = draw_hints(distribution, (page.height, page.width), count, seed)
    # a drawn hint is not knowledge: the picture is as sure as it was without
    return [
        replace(predict(guidance.with_samples(drawn[index])), confidence=distribution.confidence) for index in indexes
    ]


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


def draw_hints(distribution: ColorDistribution, picture: tuple[int, int], n: int, seed: int) -> list[list[Hint]]:
    """Hints that make ``n`` other colourings.

    Args:
        distribution: what the network says without help.
        picture: its height and width in pixels, which the hints' places are in.
        n: how many.
        seed: of all chance.

    Returns:
        One list of hints for each.
    """
    third = uncertain(distribution.confidence, 1 / 3)
    weight = _regions(distribution, third)
    # the tilt is worked out where it counts, and only for the winners everywhere
    probability, near = distribution.probability[:, third], weight[:, third]
    palettes = [distinct_colors(_pooled(probability, own), distribution.bins, COLORS) for own in near]
    middles = [_pooled(probability, own) @ distribution.bins for own in near]
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
        amplitude = _amplitude(probability, distribution.bins, direction.T @ near)
        directions.append((direction * amplitude).astype(np.float32))
        shifts.append(_shift(probability, distribution.bins, directions[-1].T @ near))
    chosen = choose_apart(np.zeros_like(shifts[0]), np.array(shifts), n)
    cells = weight.reshape(len(weight), -1)
    flat = distribution.probability.reshape(len(distribution.bins), -1)
    return [
        _place(
            distribution,
            _shift(flat, distribution.bins, directions[index].T @ cells).reshape(distribution.ab.shape),
            picture,
        )
        for index in chosen
    ]


def _distance(candidates: Planes, other: Planes) -> Planes:
    apart: Planes = np.sqrt(np.square(candidates - other).sum(1)).reshape(len(candidates), -1).mean(1)
    return apart


def _regions(distribution: ColorDistribution, third: NDArray[np.bool_]) -> Planes:
    """How much each cell belongs to each region, (R,h,w), sums to 1: near in place, in lightness and in colour."""
    height, width = distribution.confidence.shape
    side = max(height, width)
    rows, columns = np.indices((height, width), np.float32) / side
    mean = np.tensordot(distribution.bins.T, distribution.probability, 1)
    features = np.stack([1.2 * rows, 1.2 * columns, distribution.lightness / 30, *(mean / 15)])
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


def _place(distribution: ColorDistribution, shift: Planes, picture: tuple[int, int]) -> list[Hint]:
    """A hint in every few cells: moved where the network is unsure, as it is where it is surest."""
    height, width = distribution.confidence.shape
    grid = np.zeros((height, width), bool)
    grid[min(1, height - 1) :: EVERY, min(1, width - 1) :: EVERY] = True
    moved, held = uncertain(distribution.confidence, 0.5), ~uncertain(distribution.confidence, 2 / 3)
    wanted = distribution.ab + shift
    hints = []
    for row, column in np.argwhere(grid & (moved | held)):
        ab = wanted[:, row, column] if moved[row, column] else distribution.ab[:, row, column]
        # of the picture's own lightness, so that sRGB reaches the colour if the picture does
        color = lab_to_hex(float(distribution.lightness[row, column]), ab)
        x, y = (column + 0.5) * picture[1] / width, (row + 0.5) * picture[0] / height
        hints.append(Hint(x=float(x), y=float(y), color=color))
    return hints
