"""Near duplicates by difference hash, without comparing each photo with each.

The hash (N. Krawetz, *Kind of Like That*, 2013): the photo as 9 by 8 grays, a bit for each that is darker than the one
on its right. Two photos are near duplicates where 3 bits or fewer differ. Cut into four bands of 16 bits, two such
hashes agree in a whole band, for three differences cannot lie in four bands; so only hashes that share a band are
compared: multi-index hashing (Norouzi, Punjani & Fleet, CVPR 2012). Photos that are cut alike, as aligned faces are,
may be taken for duplicates.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["DISTANCE", "difference_hash", "drop_near", "find_groups", "near_pairs"]

#: bits in which near duplicates may differ
DISTANCE = 3
#: pairs compared at once
CHUNK = 1 << 20
#: ones among the bits of each 16-bit number
BITS = np.array([number.bit_count() for number in range(1 << 16)], np.uint8)

Hashes = NDArray[np.uint64]
Pairs = NDArray[np.int64]


def difference_hash(image: Image.Image) -> int:
    """Returns the 64-bit difference hash of a picture, first row in the highest bits."""
    gray = np.asarray(image.convert("L").resize((9, 8), Image.Resampling.BOX))
    return int.from_bytes(np.packbits(gray[:, :-1] < gray[:, 1:]).tobytes(), "big")


def near_pairs(hashes: Hashes, others: Hashes | None = None) -> Pairs:
    """Pairs of hashes at most :data:`DISTANCE` bits apart.

    Args:
        hashes: (N,) uint64.
        others: (M,) uint64; None to look for pairs within ``hashes``.

    Returns:
        (P,2) int64, sorted: places in ``hashes`` and in ``others``; within one list, the smaller place first. Equal
        hashes within one list are linked to the first of them only, so that many equal photos make few pairs.
    """
    if others is None:
        distinct, first, which = np.unique(hashes, return_index=True, return_inverse=True)
        found = first[_near(distinct, distinct)]
        equal = np.stack([first[which], np.arange(len(hashes))], 1)
        pairs = np.sort(np.concatenate([found, equal]), axis=1)
        return np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0)
    return np.unique(_near(hashes, others), axis=0)


def _near(hashes: Hashes, others: Hashes) -> Pairs:
    found = [np.empty((0, 2), np.int64)]
    for band in range(4):
        shift = np.uint64(16 * band)
        ours, theirs = ((values >> shift).astype(np.uint16) for values in (hashes, others))
        order = np.argsort(theirs, kind="stable")
        low, high = (np.searchsorted(theirs[order], ours, side) for side in ("left", "right"))
        ends = np.cumsum(high - low)
        first = 0
        while first < len(ours):
            done = ends[first - 1] if first else 0
            last = max(int(np.searchsorted(ends, done + CHUNK, "right")), first + 1)
            many = (high - low)[first:last]
            left = np.repeat(np.arange(first, last), many)
            place = np.arange(len(left)) - np.repeat(np.cumsum(many) - many, many) + np.repeat(low[first:last], many)
            right = order[place]
            near = _count_bits(hashes[left] ^ others[right]) <= DISTANCE
            found.append(np.stack([left[near], right[near]], 1))
            first = last
    return np.concatenate(found)


def _count_bits(values: Hashes) -> NDArray[np.int64]:
    # numpy has a function for this from version 2 on only
    counts: NDArray[np.int64] = BITS[values.view(np.uint16)].reshape(-1, 4).sum(1, dtype=np.int64)
    return counts


def find_groups(pairs: Pairs) -> list[list[int]]:
    """Groups of photos that are linked by pairs, each sorted, the largest first."""
    parent: dict[int, int] = {}

    def root(place: int) -> int:
        parent.setdefault(place, place)
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    for left, right in pairs.tolist():
        a, b = root(left), root(right)
        parent[max(a, b)] = min(a, b)
    groups: dict[int, list[int]] = defaultdict(list)
    for place in sorted(parent):
        groups[root(place)].append(place)
    return sorted(groups.values(), key=lambda group: (-len(group), group[0]))


def drop_near(hashes: Hashes, order: Sequence[int]) -> set[int]:
    """Returns the photos to leave out so that no two near duplicates stay.

    Args:
        hashes: (N,) uint64.
        order: all places in ``hashes``, the ones rather kept first.
    """
    # equal hashes are one: the first in order stands for them
    rank = np.empty(len(hashes), np.int64)
    rank[np.asarray(order, np.int64)] = np.arange(len(hashes))
    best: dict[int, int] = {}
    for place in order:
        best.setdefault(int(hashes[place]), place)
    standing = np.array(sorted(best.values(), key=lambda place: rank[place]), np.int64)
    neighbours: dict[int, list[int]] = defaultdict(list)
    for left, right in near_pairs(hashes[standing]).tolist():
        neighbours[right].append(left)
    kept: set[int] = set()
    for place in range(len(standing)):
        if not _any_in(neighbours.get(place, ()), kept):
            kept.add(place)
    stay = set(standing[sorted(kept)].tolist())
    return {place for place in range(len(hashes)) if place not in stay}


def _any_in(places: Iterable[int], kept: set[int]) -> bool:
    return any(place in kept for place in places)
