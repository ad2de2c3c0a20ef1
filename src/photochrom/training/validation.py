"""The photos a training is validated with: as the benchmark cuts them, and as a batch like those of training."""

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.data import Dataset

from photochrom.color.conversion import srgb_to_lab
from photochrom.datasets.sources.photo_set import Photos, decode
from photochrom.errors import DataError
from photochrom.evaluation.inputs.protocol import SIZE, crop
from photochrom.training.data.dataset import Batch
from photochrom.training.data.hint_sampling import draw_hints
from photochrom.training.schema import BatchSize, HintOptions

__all__ = ["Truths", "most_common", "plain_batch"]


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
        """Returns one square, or the error that stands for it."""
        try:
            # decoded in full: a decoder's own reduction would change the benchmark's figures
            square = crop(decode(self.photos, index, at_least=0), SIZE)
        except DataError as error:
            return error
        return torch.from_numpy(np.moveaxis(square, -1, 0).copy())


def most_common(sizes: tuple[BatchSize, ...]) -> int:
    """Returns the image size of the kind of batch that a training sees most."""
    return max(sizes, key=lambda size: size.weight).image_size


def plain_batch(squares: Tensor, *, image_size: int, output_stride: int, hints: HintOptions, seeds: list[int]) -> Batch:
    """Squares as a batch of training would have them, had nothing been augmented.

    Args:
        squares: (N,3,H,W) uint8 RGB.
        image_size: height and width they are brought to.
        output_stride: pixels to one cell of the network's output.
        hints: how much of their colour is given away.
        seeds: of the hints' chance, one a square, so that a photo has the same hints each time.
    """
    small = (
        F.interpolate(squares.float(), size=(image_size, image_size), mode="bilinear", antialias=True)
        .round()
        .clamp(0, 255)
    )
    lab = srgb_to_lab(small / 255)
    pooled = F.avg_pool2d(lab, output_stride)
    cells = pooled.cpu().numpy()
    drawn = [
        draw_hints(planes[1:], planes[0], hints, np.random.default_rng([seed, 2]))
        for planes, seed in zip(cells, seeds, strict=True)
    ]
    given, ab = (torch.from_numpy(np.stack(arrays)).to(lab.device) for arrays in zip(*drawn, strict=True))
    return Batch(lab[:, :1], ab, given, photo_ab=pooled[:, 1:])
