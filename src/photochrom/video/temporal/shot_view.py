"""A frame of a shot, as it is looked at: small each time, and at the network's size when the network sees it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photochrom.inference.views import downscale_view

__all__ = ["ShotView"]

Plane = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class ShotView:
    """A frame's lightness at two sizes.

    Attributes:
        light: (h/s,w/s) float32, L* 0..100, on the grid of the network's output, s being its stride.
        read: makes the (h,w) view the network sees; called for the frames it sees, and for no other.
    """

    light: Plane
    read: Callable[[], Plane]

    @classmethod
    def of(cls, view: Plane, cell: int) -> "ShotView":
        """Returns one of a view (h,w) that is there already; ``cell`` is the stride of the network's output."""
        return cls(downscale_view(view, (view.shape[0] // cell, view.shape[1] // cell)), lambda: view)
