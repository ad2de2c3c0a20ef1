"""The photos a training is validated with, cut as the benchmark's protocol cuts them."""

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from photochrom.data.photos import Photos, decode
from photochrom.errors import DataError
from photochrom.evaluation.protocol import SIZE, crop

__all__ = ["Truths"]


class Truths(Dataset[Any]):
    """Centre squares of the first photos of a list, (3,256,256) uint8 RGB.

    Args:
        photos: where they lie.
        limit: photos at most.
    """

    def __init__(self, photos: Photos, limit: int) -> None:
        self.photos, self.count = photos, min(limit, len(photos))

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Tensor | DataError:
        """One square, or the error that stands for it."""
        try:
            # decoded in full: a decoder's own reduction would change the benchmark's figures
            square = crop(decode(self.photos, index, at_least=0), SIZE)
        except DataError as error:
            return error
        return torch.from_numpy(np.moveaxis(square, -1, 0).copy())
