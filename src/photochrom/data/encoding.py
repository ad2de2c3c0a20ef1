"""Soft encoding: a colour as weights of the four bins around it, bilinearly (after Zhang, Isola & Efros, ECCV 2016)."""

import torch
from torch import Tensor

from photochrom.color import BIN_STEP

__all__ = ["SoftEncoder"]

#: the grid reaches this many cells from gray on every side, beyond any sRGB colour
REACH = 16


class SoftEncoder:
    """Encodes a*b* over a set of bins.

    A corner of the grid that is no bin (outside the gamut) is given to the nearest bin.

    Args:
        bins: (Q,2) a*b*, multiples of the bin step.

    Raises:
        ValueError: a bin lies off the grid.
    """

    def __init__(self, bins: Tensor) -> None:
        cells = torch.round(bins / BIN_STEP).long()
        if not torch.allclose(cells * float(BIN_STEP), bins.float()) or cells.abs().max() >= REACH:
            raise ValueError(f"bins must be multiples of {BIN_STEP} nearer than {REACH * BIN_STEP} to gray")
        side = torch.arange(-REACH, REACH, dtype=torch.float32) * BIN_STEP
        corners = torch.stack(torch.meshgrid(side, side, indexing="ij"), -1).reshape(-1, 2)
        #: (2*REACH, 2*REACH) the bin of each corner
        self.table = torch.cdist(corners, bins.float()).argmin(1).reshape(2 * REACH, 2 * REACH)

    def to(self, device: torch.device) -> "SoftEncoder":
        """Move the table to a device, in place."""
        self.table = self.table.to(device)
        return self

    def __call__(self, ab: Tensor) -> tuple[Tensor, Tensor]:
        """Encode colours.

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
