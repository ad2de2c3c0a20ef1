"""Colours of another photo: things that look alike in both become hints.

Both photos are cut into cells that the network's encoder describes. A cell is matched with the cell of the other
photo that is most like it (cosine of the features, each brought to mean 0 and deviation 1 over both photos). The match
is kept where it is one both ways, to within a cell; where it is a likeness at all, and of like lightness; and where
neighbouring cells are matched with neighbouring cells, which chance does not do. (Rocco et al., *Neighbourhood
Consensus Networks*, NeurIPS 2018, learn that agreement; here it is counted.) A handful of matches is chance too. What
is kept becomes hints, with the median of the other photo's colours around each match.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photochrom.color.hex import lab_to_hexes
from photochrom.errors import OptionError
from photochrom.hints import Hint
from photochrom.image_io import Page
from photochrom.inference.predictor import Predictor
from photochrom.inference.views import PageView
from photochrom.recolor import shrink_colors

__all__ = ["FeatureGrid", "check_reference", "extract_features", "match_reference"]

Planes = NDArray[np.float32]

#: short side both photos are looked at, pixels
SIDE = 384
#: cosine below which two cells are not alike
ALIKE = 0.4
#: difference in L*, beyond what the whole photos differ by, at which two cells are not the same thing
LIGHT = 25.0
#: of the eight neighbours, how many must be matched with neighbours of the match
AGREE = 5
#: cells that still count as neighbours of a match
NEAR = 2
#: chroma that a twentieth of the reference must exceed, to be called a photo in colour
COLORLESS = 4.0
#: fewer matches than this are none; of more than this, so many are drawn evenly
FEWEST, MOST = 24, 400


@dataclass(frozen=True, eq=False)
class FeatureGrid:
    """A photo as it is matched, on a grid of h x w cells.

    Attributes:
        features: (C,h,w) float32.
        lightness: (h,w) float32, L* 0..100.
    """

    features: Planes
    lightness: Planes


def extract_features(predictor: Predictor, page: Page) -> FeatureGrid:
    """Returns a page as it is matched.

    Raises:
        OptionError: the network does not give its features.
    """
    image = PageView(page)
    features, view = predictor.features(image, SIDE), predictor.view(image, SIDE)
    height, width = features.shape[1:]
    return FeatureGrid(features, _cells(view.lightness[None, : view.height, : view.width], (height, width))[0])


def check_reference(page: Page) -> None:
    """Refuse a reference without colours.

    Raises:
        OptionError: it is gray.
    """
    small = (min(page.height, 128), min(page.width, 128))
    chroma = np.hypot(*shrink_colors(page, small))
    if np.quantile(chroma, 0.95) < COLORLESS:
        raise OptionError("option.gray_reference")


def match_reference(predictor: Predictor, page: Page, reference: Page) -> list[Hint]:
    """Hints for a page, with the colours that matching things have in another photo.

    Args:
        predictor: the network's view of both.
        page: what to colour.
        reference: a photo in colour.

    Returns:
        A few hundred hints at the most, in pixels of ``page``; none where nothing matches.

    Raises:
        OptionError: the reference has no colours, or the network does not give its features.
    """
    check_reference(reference)
    own, other = extract_features(predictor, page), extract_features(predictor, reference)
    colors = _colors(reference, other.lightness.shape)
    target = find_matches(own, other)
    places = np.argwhere(target >= 0)
    if len(places) < FEWEST:
        return []
    if len(places) > MOST:
        places = places[np.linspace(0, len(places) - 1, MOST).round().astype(int)]
    height, width = target.shape
    seen = np.empty((2, len(places)), np.float32)
    for number, (row, column) in enumerate(places):
        near = target[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2]
        # the neighbours' matches see the same thing: their median forgives one that is off
        seen[:, number] = np.median(colors.reshape(2, -1)[:, near[near >= 0]], axis=1)
    # of the picture's own lightness, so that sRGB reaches the colour if the picture does
    written = lab_to_hexes(own.lightness[tuple(places.T)], seen)
    centres = ((places + 0.5) * [page.height / height, page.width / width]).tolist()
    return [Hint(x=x, y=y, color=color) for (y, x), color in zip(centres, written, strict=True)]


def find_matches(own: FeatureGrid, other: FeatureGrid) -> NDArray[np.intp]:
    """For each cell of one photo the index of its match in the other, counted along rows, or -1: (h,w)."""
    one, two = _comparable(own.features, other.features)
    alike = one.T @ two
    forth, back = alike.argmax(1), alike.argmax(0)
    height, width = own.lightness.shape
    wide = other.lightness.shape[1]
    cells = np.arange(height * width)
    home = back[forth]
    returns = np.maximum(abs(home // width - cells // width), abs(home % width - cells % width)) <= 1
    lighter = other.lightness.ravel()[forth] - own.lightness.ravel()
    usual = np.clip(np.median(other.lightness) - np.median(own.lightness), -LIGHT, LIGHT)
    kept = returns & (alike[cells, forth] >= ALIKE) & (abs(lighter - usual) <= LIGHT)
    kept &= _agreement(forth.reshape(height, width), kept.reshape(height, width), wide).ravel() >= AGREE
    return np.where(kept, forth, -1).reshape(height, width)


def _agreement(target: NDArray[np.intp], kept: NDArray[np.bool_], wide: int) -> NDArray[np.intp]:
    """How many of a cell's eight neighbours are matched near its own match: (h,w)."""
    height, width = target.shape
    rows, columns = np.pad(target // wide, 1), np.pad(target % wide, 1)
    there = np.pad(kept, 1)
    count = np.zeros((height, width), np.intp)
    for down in (0, 1, 2):
        for right in (0, 1, 2):
            if (down, right) != (1, 1):
                part = np.s_[down : down + height, right : right + width]
                apart = np.maximum(abs(rows[part] - target // wide), abs(columns[part] - target % wide))
                count += there[part] & (apart <= NEAR)
    return count


def _comparable(one: Planes, two: Planes) -> tuple[Planes, Planes]:
    """Features of two photos, (C,n) and (C,m), whose products are cosines."""
    flat = [each.reshape(len(each), -1) for each in (one, two)]
    both = np.concatenate(flat, axis=1)
    mean, deviation = both.mean(1, keepdims=True), both.std(1, keepdims=True) + 1e-6
    first, second = ((each - mean) / deviation for each in flat)
    return _unit(first), _unit(second)


def _unit(points: Planes) -> Planes:
    unit: Planes = points / np.maximum(np.linalg.norm(points, axis=0), 1e-6)
    return unit


def _colors(page: Page, grid: tuple[int, int]) -> Planes:
    """A page's a*b* in cells, (2,h,w)."""
    fine = shrink_colors(page, (4 * grid[0], 4 * grid[1]))
    mean: Planes = fine.reshape(2, grid[0], 4, grid[1], 4).mean((2, 4))
    return mean


def _cells(planes: Planes, grid: tuple[int, int]) -> Planes:
    """Means of (n,H,W) over a grid: (n,h,w); the last cells may be smaller."""
    height, width = planes.shape[1:]
    rows = np.arange(grid[0]) * -(-height // grid[0])
    columns = np.arange(grid[1]) * -(-width // grid[1])
    total = np.add.reduceat(np.add.reduceat(planes, rows, 1), columns, 2)
    tall, across = np.diff(rows, append=height), np.diff(columns, append=width)
    mean: Planes = (total / np.outer(tall, across)).astype(np.float32)
    return mean
