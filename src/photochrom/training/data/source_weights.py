"""Which photos are seen how often: the weights of a recipe, by source."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
from numpy.typing import NDArray

from photochrom.datasets.sources.photo_set import Photos
from photochrom.errors import RecipeError

__all__ = ["Share", "weigh"]


@dataclass(frozen=True, eq=False)
class Share:
    """Photos that are seen equally often.

    Attributes:
        indexes: (n,) int64, which photos.
        weight: how often each is seen in an epoch, on average.
    """

    indexes: NDArray[np.int64]
    weight: float


def weigh(photos: Photos, weights: Mapping[str, float]) -> list[Share]:
    """Divides photos into shares, one of each named source, in order of name, and one of all the rest.

    Raises:
        DataError: the sources cannot be read.
        RecipeError: the source does not exist, a weight is not a number from 0 to 1000, or all are 0.
    """
    for source, weight in weights.items():
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 <= weight <= 1000:
            raise RecipeError("recipe.source_weight", source=source, weight=repr(weight))
    of_photo = np.array([photos.source(index) for index in range(len(photos))], object)
    known = sorted(set(of_photo.tolist()))
    shares = []
    rest = np.ones(len(photos), bool)
    for source in sorted(weights):
        if source not in known:
            near = get_close_matches(source, known, 1, 0.0)[0]
            raise RecipeError("recipe.unknown_source", source=source, near=near)
        taken = of_photo == source
        rest &= ~taken
        shares.append(Share(np.flatnonzero(taken), float(weights[source])))
    shares.append(Share(np.flatnonzero(rest), 1.0))
    shares = [share for share in shares if len(share.indexes) and share.weight > 0]
    if not shares:
        raise RecipeError("recipe.no_sources")
    return shares
