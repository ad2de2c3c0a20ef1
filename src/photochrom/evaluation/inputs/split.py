"""Two halves of a data set: everything is chosen on ``select``, and figures are reported on ``report``.

The half of a photo follows from its content alone. Neither its name nor its place in the set matters, so the same
photos in a folder, in Parquet or in another order are divided alike.
"""

import hashlib
from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np

from photochrom.datasets.sources.photo_set import Photos
from photochrom.errors import EvaluationError, OptionError

__all__ = ["SPLITS", "Split", "check_split", "choose_photos", "hash_photo", "split_by_hash"]

Split = Literal["select", "report", "all"]
SPLITS: tuple[Split, ...] = get_args(Split)
#: hexadecimal digits of a photo's SHA-256 that settle its half
DIGITS = 8


def check_split(name: str) -> Split:
    """Returns the split of that name.

    Raises:
        OptionError: there is none.
    """
    for split in SPLITS:
        if split == name:
            return split
    raise OptionError("evaluation.unknown_split", name=name, choices=", ".join(SPLITS[:-1]) + f" or {SPLITS[-1]}")


def hash_photo(photos: Photos, index: int) -> str:
    """Returns the first eight hexadecimal digits of the SHA-256 of a photo's encoded bytes.

    Raises:
        DataError: the photo cannot be read.
    """
    content = photos.read(index)
    data = content if isinstance(content, bytes) else np.ascontiguousarray(content).tobytes()
    return hashlib.sha256(data).hexdigest()[:DIGITS]


def split_by_hash(hashes: Sequence[str]) -> tuple[list[int], list[int]]:
    """Returns the indices of both halves, in order: hashes below the median rank, and the others.

    Equal photos fall into the same half, so none is chosen on and reported on. Of an odd number the second half has
    one more.
    """
    middle = sorted(hashes)[len(hashes) // 2] if hashes else ""
    select = [index for index, each in enumerate(hashes) if each < middle]
    report = [index for index, each in enumerate(hashes) if each >= middle]
    return select, report


def choose_photos(photos: Photos, *, name: str, split: Split = "all", limit: int | None = None) -> list[int]:
    """Returns the indices of the photos to look at, in order.

    Args:
        photos: the whole set; for a half, each of its photos is read once.
        name: of the set, for errors.
        split: which half, or all.
        limit: only so many of them, spread evenly; None for all.

    Raises:
        DataError: a photo cannot be read.
        EvaluationError: the half has no photos.
        OptionError: ``limit`` is below 1.
    """
    if limit is not None and limit < 1:
        raise OptionError("evaluation.limit_out_of_range", value=limit)
    chosen = list(range(len(photos)))
    if split != "all":
        halves = split_by_hash([hash_photo(photos, index) for index in chosen])
        chosen = halves[0] if split == "select" else halves[1]
        if not chosen:
            raise EvaluationError("evaluation.split_empty", split=split, data=name)
    if limit is None or limit >= len(chosen):
        return chosen
    return [chosen[int(i)] for i in np.linspace(0, len(chosen) - 1, limit)]
