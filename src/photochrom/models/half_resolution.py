"""A network that looks at a picture at half its size: a small view holds large things together."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from photochrom.models.color_distribution import BinnedColors

__all__ = ["HalfSize"]


class HalfSize(BinnedColors):
    """Another network's answer to the picture at half its height and width, as one to the picture itself.

    Args:
        network: with a distribution; its stride must be even, and twice its output stride divide it.
    """

    def __init__(self, network: nn.Module) -> None:
        inner: Any = network
        super().__init__(inner.bins, inner.log_weight.exp())
        self.network = network
        self.stride, self.output_stride = inner.stride, inner.output_stride
        self.takes_hints = inner.takes_hints

    def logits(self, lightness: Tensor, hints: Tensor | None = None) -> Tensor:
        """Scores (N,Q,h,w) of L* (N,1,H,W), and hints (N,3,h,w) where the network takes them."""
        inner: Any = self.network
        cell = self.output_stride
        # half of a multiple of the stride may be none
        small = _enlarge(F.avg_pool2d(lightness, 2), self.stride)
        given = None if hints is None else _enlarge(_gather(hints), self.stride // cell)
        scores = inner.scores(small, given)
        scores = F.interpolate(scores, scale_factor=2.0, mode="bilinear", align_corners=False)
        found: Tensor = scores[:, :, : lightness.shape[2] // cell, : lightness.shape[3] // cell]
        return found


def _enlarge(planes: Tensor, multiple: int) -> Tensor:
    """Repeats the last row and column until height and width are multiples."""
    height, width = planes.shape[2:]
    return F.pad(planes, (0, -width % multiple, 0, -height % multiple), mode="replicate")


def _gather(hints: Tensor) -> Tensor:
    """Returns hints (N,3,h,w) on a grid of half the size, where a cell has the mean of those in it."""
    mask = hints[:, 2:]
    share = F.avg_pool2d(mask, 2)
    mean = F.avg_pool2d(hints[:, :2] * mask, 2) / share.clamp_min(0.25)
    return torch.cat([mean, (share > 0).to(hints.dtype)], 1)
