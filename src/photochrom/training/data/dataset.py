"""From a turn in the plan to arrays, and from arrays to a batch."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset

from photochrom.color.fast_lab import bytes_to_lab, decode_lab_bytes, pool_cells
from photochrom.datasets.sources.photo_set import Photos, load
from photochrom.errors import DataError
from photochrom.training.augment.aging import age
from photochrom.training.augment.transforms import crop, jitter
from photochrom.training.data.batch_plan import Draw
from photochrom.training.data.hint_sampling import draw_hints
from photochrom.training.schema import AugmentationOptions, HintOptions

__all__ = ["Batch", "Samples", "collate", "stack"]


class Batch(NamedTuple):
    """What a network learns from.

    Attributes:
        lightness: (N,1,S,S) L* 0..100.
        ab: (N,2,S/s,S/s) true a*b* averaged over the network's output cells.
        hints: (N,3,S/s,S/s) a*, b* and a 0/1 mask.
        features: what a frozen encoder said of the photos, where that is stored; the lightness is then that of the
            output's cells, (N,1,S/s,S/s).
        photo_ab: (N,2,S/s,S/s) the photos' own colours, where things in ``ab`` may be recoloured; None where not.
    """

    lightness: Tensor
    ab: Tensor
    hints: Tensor
    features: tuple[Tensor, ...] = ()
    photo_ab: Tensor | None = None


class Samples(Dataset[Any]):
    """Makes samples; every random choice follows from (seed, epoch, index), whatever worker makes it.

    Args:
        photos: where they lie.
        augmentation: how they are changed.
        hints: how much of their colour is given away.
        output_stride: pixels to one cell of the network's output.
        seed: of all chance.
        keep: decode every photo once and keep it in memory.

    Raises:
        DataError: with ``keep``, a photo that cannot be read.
    """

    def __init__(
        self,
        photos: Photos,
        *,
        augmentation: AugmentationOptions,
        hints: HintOptions,
        output_stride: int,
        seed: int,
        keep: bool = False,
    ) -> None:
        self.photos, self.augmentation, self.hints = photos, augmentation, hints
        self.output_stride, self.seed = output_stride, seed
        #: pixels, and whether they are Lab
        self.kept: list[tuple[NDArray[np.uint8], bool]] | None = None
        if keep:
            loaded = (load(photos, index, at_least=0) for index in range(len(photos)))
            self.kept = [(np.asarray(photo.image), photo.lab) for photo in loaded]

    def __len__(self) -> int:
        return len(self.photos)

    def __getitem__(self, draw: Draw) -> Any:
        """Returns one sample, or the DataError that stands for it (see :func:`collate`)."""
        try:
            return self.sample(draw)
        except DataError as error:
            return error

    def sample(self, draw: Draw) -> tuple[NDArray[np.float32], ...]:
        """Makes one sample: ``lightness``, ``ab``, ``hints`` and ``photo_ab`` of :class:`Batch`.

        Raises:
            DataError: the photo cannot be read.
        """
        # the later effects have chance of their own, so that switching one on changes nothing else
        rng, ageing, warping = (np.random.default_rng([self.seed, draw.epoch, draw.index, n]) for n in (1, 2, 3))
        if self.kept is None:
            # a crop may be as small as the smallest allowed, and should still have the pixels asked for
            needed = round(draw.image_size / self.augmentation.min_crop_scale)
            image, in_lab, *_ = load(self.photos, draw.index, at_least=needed)
        else:
            array, in_lab = self.kept[draw.index]
            image = Image.fromarray(array)
        square = crop(image, draw.image_size, self.augmentation, rng, warp_rng=warping)
        lab = decode_lab_bytes(square) if in_lab else bytes_to_lab(square)
        ab = pool_cells(lab[1:], self.output_stride)
        lightness = age(jitter(lab[0], self.augmentation, rng), self.augmentation, ageing)
        hints, hinted = draw_hints(ab, pool_cells(lab[:1], self.output_stride)[0], self.hints, rng)
        return lightness[None], hinted, hints, ab


def collate(samples: Sequence[Any]) -> Batch | DataError:
    """Stacks samples.

    An exception raised in a worker would arrive as a page of its traceback, so an error travels as a value.
    """
    for sample in samples:
        if isinstance(sample, DataError):
            return sample
    lightness, ab, hints, photo_ab = stack(samples)
    return Batch(lightness, ab, hints, photo_ab=photo_ab)


def stack(samples: Sequence[Sequence[NDArray[np.float32]]]) -> list[Tensor]:
    """Returns the arrays of all samples, the first ones as one tensor, and so on."""
    return [torch.from_numpy(np.stack(arrays)) for arrays in zip(*samples, strict=True)]
