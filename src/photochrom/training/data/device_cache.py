"""Photos that stay on the accelerator: decoded once, then cut and changed there, tens of thousands a second.

The same changes as :mod:`photochrom.training.augment.transforms` makes, but drawn for a whole batch at a time from a
generator that follows from the seed and the step, so a resumed training sees the batches it would have seen. Rotation,
shear, zoom and ageing are not made here.
"""

import itertools
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from photochrom.color.conversion import srgb_to_lab
from photochrom.datasets.sources.photo_set import Photos
from photochrom.training.data.batch_plan import BatchPlan, Draw
from photochrom.training.data.center_crop import centre_square
from photochrom.training.data.dataset import Batch
from photochrom.training.schema import AugmentationOptions, HintOptions

__all__ = ["ResidentBatches", "decode_all"]

#: hints of one photo at most, as when they are drawn one by one
MOST_HINTS = 160


def decode_all(photos: Photos, side: int) -> Tensor:
    """Decodes every photo to its centre square.

    Args:
        photos: where they lie.
        side: of the squares, pixels.

    Returns:
        (N,3,side,side) uint8 sRGB, on the CPU.

    Raises:
        DataError: a photo cannot be read.
    """
    found = torch.empty(len(photos), 3, side, side, dtype=torch.uint8)

    def decode(index: int) -> None:
        found[index] = torch.from_numpy(centre_square(photos, index, side).copy()).permute(2, 0, 1)

    # decoders release the interpreter's lock
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(decode, range(len(photos))):
            pass
    return found


class ResidentBatches:
    """Batches in planned order, made on the device the photos are on.

    Args:
        photos: (N,3,S,S) uint8 sRGB.
        plan: which photos, and how large.
        augmentation: how they are changed.
        hints: how much of their colour is given away.
        output_stride: pixels to one cell of the network's output.
        seed: of all chance.
    """

    def __init__(
        self,
        photos: Tensor,
        plan: BatchPlan,
        *,
        augmentation: AugmentationOptions,
        hints: HintOptions,
        output_stride: int,
        seed: int,
    ) -> None:
        self.photos, self.plan = photos, plan
        self.augmentation, self.hints = augmentation, hints
        self.output_stride, self.seed = output_stride, seed

    def __iter__(self) -> Iterator[Batch]:
        """Endless batches."""
        chance = torch.Generator(self.photos.device)
        # by a batch's place among those of all processes
        places = itertools.count(self.plan.start + self.plan.rank, self.plan.world)
        for place, draws in zip(places, self.plan, strict=False):
            chance.manual_seed((self.seed * 1_000_003 + place) % 2**63)
            yield self.batch(draws, chance)

    def batch(self, draws: Sequence[Draw], chance: torch.Generator) -> Batch:
        """Returns one batch, all chance from ``chance``."""
        indexes = torch.tensor([draw.index for draw in draws], device=self.photos.device)
        squares = self._crop(self.photos[indexes].float() / 255.0, draws[0].image_size, chance)
        lab = srgb_to_lab(squares)
        ab = F.avg_pool2d(lab[:, 1:], self.output_stride)
        return Batch(self._jitter(lab[:, :1], chance), ab, self._reveal(ab, chance))

    def _uniform(self, count: int, low: float, high: float, chance: torch.Generator) -> Tensor:
        return low + (high - low) * torch.rand(count, generator=chance, device=self.photos.device)

    def _crop(self, photos: Tensor, pixels: int, chance: torch.Generator) -> Tensor:
        options, count = self.augmentation, len(photos)
        side = self._uniform(count, options.min_crop_scale, 1.0, chance)
        side = torch.where(self._uniform(count, 0, 1, chance) < options.crop, side, torch.ones_like(side))
        mirror = torch.where(self._uniform(count, 0, 1, chance) < options.hflip, -1.0, 1.0)
        # the middle of the cut, in the coordinates of grid_sample: -1 to 1 over the photo
        x, y = ((1.0 - side) * self._uniform(count, -1, 1, chance) for _ in range(2))
        zero = torch.zeros_like(side)
        rows = [torch.stack([side * mirror, zero, x], 1), torch.stack([zero, side, y], 1)]
        grid = F.affine_grid(torch.stack(rows, 1), [count, 3, pixels, pixels], align_corners=False)
        return F.grid_sample(photos, grid, mode="bilinear", padding_mode="reflection", align_corners=False)

    def _jitter(self, lightness: Tensor, chance: torch.Generator) -> Tensor:
        options, count = self.augmentation, len(lightness)

        def normal(deviation: float) -> Tensor:
            drawn = torch.randn(count, generator=chance, device=lightness.device)
            return (drawn * deviation)[:, None, None, None]

        def chosen(probability: float) -> Tensor:
            return (self._uniform(count, 0, 1, chance) < probability)[:, None, None, None]

        gamma, contrast, offset = normal(0.2).exp(), normal(0.15).exp(), normal(4)
        toned = (((lightness / 100).clamp(0, 1) ** gamma - 0.5) * contrast * 100 + 50 + offset).clamp(0, 100)
        lightness = torch.where(chosen(options.tone), toned, lightness)
        strength = self._uniform(count, 1, 6, chance)[:, None, None, None]
        noise = torch.randn(lightness.shape, generator=chance, device=lightness.device) * strength
        lightness = torch.where(chosen(options.noise), (lightness + noise).clamp(0, 100), lightness)
        factor = 2 + int(torch.randint(0, 2, (), generator=chance, device=lightness.device))
        small = F.avg_pool2d(lightness, factor)
        blurred = F.interpolate(small, size=lightness.shape[-2:], mode="bilinear", align_corners=False)
        return torch.where(chosen(options.blur), blurred, lightness)

    def _reveal(self, ab: Tensor, chance: torch.Generator) -> Tensor:
        options, device = self.hints, ab.device
        count, _, height, width = ab.shape
        hints = ab.new_zeros(count, 3, height, width)
        if not options.probability:
            return hints
        few = torch.rand(count, generator=chance, device=device)
        # a geometric number, by the inverse of its distribution
        number = (1 + few.clamp_min(1e-9).log() / np.log(1 - 1 / options.mean_count + 1e-12)).floor()
        many = 20 + (140 * torch.rand(count, generator=chance, device=device)).floor()
        number = torch.where(
            torch.rand(count, generator=chance, device=device) < options.geometric_probability, number, many
        )
        number = torch.where(torch.rand(count, generator=chance, device=device) < options.probability, number, 0)
        slots = torch.arange(MOST_HINTS, device=device)[None] < number.clamp_max(MOST_HINTS)[:, None]
        photo = torch.arange(count, device=device)[:, None].expand(-1, MOST_HINTS)
        sides = torch.randint(1, options.max_patch_size + 1, slots.shape, generator=chance, device=device)
        places = [torch.rand(slots.shape, generator=chance, device=device) for _ in range(2)]
        for side in range(1, min(options.max_patch_size, height, width) + 1):
            mine = slots & (sides == side)
            owner = photo[mine]
            top, left = (
                (place[mine] * (size - side + 1)).long() for place, size in zip(places, (height, width), strict=True)
            )
            means = F.avg_pool2d(ab, side, 1)[owner, :, top, left]
            value = torch.cat([means, torch.ones_like(means[:, :1])], 1)
            for down in range(side):
                for right in range(side):
                    hints[owner, :, top + down, left + right] = value
        return hints
