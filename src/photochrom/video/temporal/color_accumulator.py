"""What the network said about the things in a frame, now and at other times, weighed and carried along motion."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photochrom.system.opencv import load_cv2
from photochrom.video.temporal.optical_flow import warp_layers

__all__ = ["ColorAccumulator"]

Plane = NDArray[np.float32]

#: less weight than this, and a cell's neighbours have a say in its colour
_ENOUGH = 0.03
#: a difference in L* up to the first is of the same thing; one of the second on top of it is another thing
_SAME, _OTHER = 4.0, 10.0


@dataclass(frozen=True, eq=False)
class ColorAccumulator:
    """Weighted sums of colours on the grid of the network's output; every method returns a new one.

    Attributes:
        sums: (h,w,4) float32: sums of weight times a*, times b*, times the L* the colours were predicted for, and of
            the weight itself, so that adding, warping and fading are the plain operations on arrays.
    """

    sums: Plane

    @classmethod
    def empty(cls, shape: tuple[int, ...]) -> "ColorAccumulator":
        """Returns one of this height and width without colours."""
        return cls(np.zeros((*shape, 4), np.float32))

    def accumulate(self, ab: Plane, light: Plane, weight: Plane) -> "ColorAccumulator":
        """Adds colours.

        Args:
            ab: (2,h,w), a*b* in Lab units.
            light: (h,w), L* of the things that have these colours.
            weight: (h,w), how much they count.
        """
        return ColorAccumulator(self.sums + np.stack([ab[0] * weight, ab[1] * weight, light * weight, weight], axis=-1))

    def merge(self, other: "ColorAccumulator") -> "ColorAccumulator":
        """Adds all colours of another one."""
        return ColorAccumulator(self.sums + other.sums)

    def lightness(self) -> Plane:
        """Returns the L* (h,w) of the things that the colours were predicted for; 0 where there are none."""
        light = self.sums[..., 2] / np.maximum(self.sums[..., 3], np.float32(1e-6))
        return light.astype(np.float32, copy=False)

    def agree(self, light: Plane) -> Plane:
        """Returns how far the colours are about what is there, (h,w) 0..1: a thing of their lightness.

        Flow follows a thing from frame to frame, and in a dissolve follows one picture into another. The lightness
        that came along tells them apart.

        Args:
            light: (h,w), L* of what is there.
        """
        cv2 = load_cv2()
        weight = self.sums[..., 3]
        gap = light - self.lightness()
        # flow is off by a part of a cell here and there, on both sides of an edge
        gap = np.abs(cv2.GaussianBlur(gap * (weight > _ENOUGH), (0, 0), 1.5))
        agreement: Plane = np.exp(-((np.maximum(gap - _SAME, 0.0) / _OTHER) ** 2))
        return agreement

    def fade(self, factor: Plane) -> "ColorAccumulator":
        """Multiplies all weights by a factor (h,w)."""
        return ColorAccumulator(self.sums * factor[..., None])

    def warp(self, flow: Plane, belief: Plane, fading: float) -> "ColorAccumulator":
        """Carries the colours to the next frame.

        Args:
            flow: (h,w,2), cells, from the frame they are carried to; it points into this one.
            belief: (h,w) 0..1, how far the flow is believed.
            fading: factor on all weights.
        """
        return ColorAccumulator(warp_layers(self.sums, flow) * (belief * np.float32(fading))[..., None])

    def resolve(self) -> Plane:
        """Returns the mean colours (2,h,w); where there is hardly any weight, those of the surroundings.

        Cells without weight are filled from coarser and coarser averages (pull and push; Gortler et al., *The
        Lumigraph*, SIGGRAPH 1996). A cell of weight 1 or more is the mean of its own colours.
        """
        cv2 = load_cv2()
        levels = [self.sums]
        while max(levels[-1].shape[:2]) > 1:
            height, width = ((side + 1) // 2 for side in levels[-1].shape[:2])
            coarser = cv2.resize(levels[-1], (width, height), interpolation=cv2.INTER_AREA)
            levels.append(coarser.reshape(height, width, 4))
        colors = levels[-1][..., :2] / np.maximum(levels[-1][..., 3:], 1e-9)
        for level in reversed(levels[:-1]):
            height, width = level.shape[:2]
            around = cv2.resize(colors, (width, height), interpolation=cv2.INTER_LINEAR).reshape(height, width, 2)
            lacking = _ENOUGH * np.clip(1.0 - level[..., 3:], 0.0, 1.0)
            colors = (level[..., :2] + lacking * around) / (level[..., 3:] + lacking)
        return np.ascontiguousarray(np.moveaxis(colors, -1, 0))
