"""Soft encoding: a colour as weights of the bins around it (after Zhang, Isola & Efros, ECCV 2016)."""

import torch
from torch import Tensor

from photochrom.color.conversion import BIN_STEP
from photochrom.color.soft_bins import REACH, nearest_bins

__all__ = ["GaussianEncoder", "SoftEncoder"]


class SoftEncoder:
    """Encodes a*b* over a set of bins.

    A corner of the grid that is not a bin (outside the gamut) is given to the nearest bin.

    Args:
        bins: (Q,2) a*b*, multiples of the bin step.

    Raises:
        ValueError: a bin lies off the grid.
    """

    def __init__(self, bins: Tensor) -> None:
        cells = torch.round(bins / BIN_STEP).long()
        if not torch.allclose(cells * float(BIN_STEP), bins.float()) or cells.abs().max() >= REACH:
            raise ValueError(f"bins must be multiples of {BIN_STEP} nearer than {REACH * BIN_STEP} to gray")
        #: (2*REACH, 2*REACH) the bin of each corner
        self.table = torch.from_numpy(nearest_bins(bins.cpu().numpy())).to(bins.device)

    def to(self, device: torch.device) -> "SoftEncoder":
        """Moves the table to a device, in place."""
        self.table = self.table.to(device)
        return self

    def __call__(self, ab: Tensor) -> tuple[Tensor, Tensor]:
        """Encodes colours.

        Args:
            ab: (P,2) a*b* in Lab units.

        Returns:
            Bins (P,4), int64, and their weights (P,4), which sum to 1. Their weighted mean is the colour itself
            wherever all four corners are bins. Two corners may share a bin.
        """
        place = (ab / BIN_STEP + REACH).clamp(0, 2 * REACH - 1)
        corner = place.floor().long().clamp(0, 2 * REACH - 2)
        i, j = corner.unbind(1)
        u, v = (place - corner).unbind(1)
        bins = torch.stack([self.table[i, j], self.table[i + 1, j], self.table[i, j + 1], self.table[i + 1, j + 1]], 1)
        return bins, torch.stack([(1 - u) * (1 - v), u * (1 - v), (1 - u) * v, u * v], 1)


class GaussianEncoder:
    """Encodes a*b* as the paper does: the five nearest bins, weighted by a Gaussian of 5 units.

    Args:
        bins: (Q,2) a*b*.
    """

    NEIGHBOURS = 5
    DEVIATION = 5.0
    #: a*b* are looked up to the nearest unit from -REACH to REACH; a byte per channel says no more
    REACH = 128

    def __init__(self, bins: Tensor) -> None:
        side = torch.arange(-self.REACH, self.REACH + 1, dtype=torch.float32)
        colors = torch.stack(torch.meshgrid(side, side, indexing="ij"), -1).reshape(-1, 2)
        near, self.found = torch.cdist(colors, bins.float()).topk(self.NEIGHBOURS, dim=1, largest=False)
        # relative to the nearest, so that a colour far from all bins still has weights
        weights = (-(near.square() - near[:, :1].square()) / (2 * self.DEVIATION**2)).exp()
        self.weights = weights / weights.sum(1, keepdim=True)

    def to(self, device: torch.device) -> "GaussianEncoder":
        """Moves the tables to a device, in place."""
        self.found, self.weights = self.found.to(device), self.weights.to(device)
        return self

    def __call__(self, ab: Tensor) -> tuple[Tensor, Tensor]:
        """Encodes colours (P,2): bins (P,5), int64, and their weights (P,5), which sum to 1."""
        a, b = (ab.round().clamp(-self.REACH, self.REACH).long() + self.REACH).unbind(1)
        row = a * (2 * self.REACH + 1) + b
        return self.found[row], self.weights[row]
