"""A frame of a shot, as it is looked at: small each time, and at the network's size when the network sees it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from photochrom.inference.views import VIDEO, downscale_view
from photochrom.registry import ModelCard
from photochrom.video.temporal.optical_flow import Motion, find_motion

__all__ = ["ShotView", "view_size"]

Plane = NDArray[np.float32]

#: part of its side that a view is made narrower by, at most, to come to whole strides of the network
_SQUEEZED = 0.025


@dataclass(frozen=True, eq=False)
class ShotView:
    """A frame's lightness at two sizes.

    Attributes:
        light: (h/s,w/s) float32, L* 0..100, on the grid of the network's output, s being its stride.
        read: makes the (h,w) view the network sees; called for the frames it sees, and for no other.
        came: the ``light`` of another frame and the motion since, where they were worked out ahead.
    """

    light: Plane
    read: Callable[[], Plane]
    came: tuple[Plane, Motion] | None = None

    @classmethod
    def of(cls, view: Plane, cell: int) -> "ShotView":
        """Returns one of a view (h,w) that is there already; ``cell`` is the stride of the network's output."""
        return cls(downscale_view(view, (view.shape[0] // cell, view.shape[1] // cell)), lambda: view)

    def follow(self, before: Plane) -> "ShotView":
        """Returns it with the motion since a frame of this ``light``, the greater part of the work on most frames.

        Another thread may do that ahead of :func:`photochrom.video.temporal.stabilizer.color_shot`.
        """
        return replace(self, came=(before, find_motion(before, self.light)))

    def find_motion(self, before: Plane) -> Motion:
        """Returns the motion since a frame of this ``light``."""
        if self.came is not None and self.came[0] is before:
            return self.came[1]
        return find_motion(before, self.light)


def view_size(card: ModelCard, height: int, width: int, input_size: int | None = None) -> tuple[int, int]:
    """Returns height and width, pixels, at which a network sees a film's frame.

    Args:
        card: the network's.
        height: of the frame, pixels.
        width: of the frame, pixels.
        input_size: short side of the view, pixels; None for the network's largest.
    """
    side = input_size or max(card.sizes)
    shape = VIDEO.shape(height, width, short_side=side, cell=card.output_stride)
    rows, columns = (_cut_padding(length, card.stride) for length in shape)
    return rows, columns


def _cut_padding(side: int, stride: int) -> int:
    """Returns a side, pixels, without the little that would make the network work on a stride more."""
    over = side % stride
    return side - over if over <= side * _SQUEEZED else side
