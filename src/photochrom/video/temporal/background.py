"""What is hidden for a while: the colours of things that rest with the camera, for when they come into view again.

What passes in front of a wall hides it, and the network sees what is uncovered as new: seldom in the colours that it
gave the wall before. So the colours of all that rests with the camera stay where they are while something else is in
front, as in the mosaics of layered video (Wang & Adelson, *Representing Moving Images with Layers*, 1994).
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from photochrom.video.temporal.color_accumulator import ColorAccumulator
from photochrom.video.temporal.optical_flow import Motion, warp_layers

__all__ = ["EVERY", "Background", "find_camera"]

Plane = NDArray[np.float32]

#: cells a frame by which a thing may move against the camera's motion and be at rest
_REST = 0.25
#: motion is that of the camera where so much of what is followed moves with it, so many cells apart at most
_MOST, _TOGETHER = 0.5, 0.5
#: cells a frame up to which the camera is at rest
_STILL = 0.05
#: a cell with less weight says nothing; one that agrees so far with what is there is about it
_UNKNOWN, _ALIKE = 0.03, 0.5
#: frames from one of which all that rests is remembered to the next: it changes slowly
EVERY = 4
#: frames for which something else rests in a place until what was there is given up: a bare side of what passes by
#: looks at rest as well
_PATIENCE = 120.0


@dataclass(frozen=True, eq=False)
class Background:
    """The colours of things at rest with the camera, (h,w) cells, those that are hidden among them.

    Attributes:
        colors: of things, each at its place in the last frame.
        doubt: (h,w) float32, frames for which something else has been at rest there.
    """

    colors: ColorAccumulator
    doubt: Plane

    @classmethod
    def empty(cls, shape: tuple[int, ...]) -> "Background":
        """Returns one of this height and width that knows nothing."""
        return cls(ColorAccumulator.empty(shape), np.zeros(shape, np.float32))

    def fade(self, factor: Plane | float) -> "Background":
        """Multiplies all weights by a factor, of each cell (h,w) or of all."""
        return replace(self, colors=self.colors.fade(np.broadcast_to(np.float32(factor), self.doubt.shape)))

    def follow(self, shift: Plane | None, fading: float) -> "Background":
        """Returns it on the next frame, moved as the camera was; empty where that cannot be told.

        Args:
            shift: what :func:`find_camera` returned for the motion between the two frames.
            fading: factor on all weights.
        """
        if shift is None:
            return Background.empty(self.doubt.shape)
        if np.abs(shift).max() <= _STILL:
            return self.fade(fading)
        height, width = self.doubt.shape
        rows, columns = np.ogrid[:height, :width]
        inside = np.abs(rows + shift[1] - (height - 1) / 2) <= height / 2
        inside = inside & (np.abs(columns + shift[0] - (width - 1) / 2) <= width / 2)
        flow = np.broadcast_to(shift, (height, width, 2))
        doubt = warp_layers(self.doubt, flow)
        return Background(self.colors.warp(flow, inside.astype(np.float32), fading), doubt)

    def uncover(self, colors: ColorAccumulator, light: Plane) -> tuple[ColorAccumulator, Plane]:
        """Gives what has come into view the colours that it had before it was hidden.

        Args:
            colors: what the past says about the frame; little where something has come into view.
            light: (h,w), L* of what is there.

        Returns:
            All colours, and how far those of each cell come from here, (h,w) float32 0..1.
        """
        known = self.colors.sums[..., 3]
        lacking: Plane = np.clip(1.0 - colors.sums[..., 3] / np.maximum(known, np.float32(_UNKNOWN)), 0.0, 1.0)
        lacking *= known > _UNKNOWN
        if lacking.max(initial=0.0) > _UNKNOWN:
            # something else may have come in the meantime
            lacking *= self.colors.agree(light)
            colors = colors.merge(self.colors.fade(lacking))
        return colors, lacking

    def remember(self, colors: ColorAccumulator, light: Plane, motion: Motion, shift: Plane | None) -> "Background":
        """Returns it with the colours of all that is at rest now; what is hidden stays as it is.

        Args:
            colors: of the frame.
            light: (h,w), L* of what is there.
            motion: since the frame before.
            shift: that of the camera.
        """
        if motion.lost or shift is None:
            return self
        resting = motion.kept > 0.5
        for axis in (0, 1):
            # a maximum over an axis of two is many times slower
            resting &= np.abs(motion.back[..., axis] - shift[axis]) <= _REST
        same = (self.colors.agree(light) > _ALIKE) | (self.colors.sums[..., 3] <= _UNKNOWN)
        doubt = np.where(resting & ~same, self.doubt + np.float32(EVERY), self.doubt)
        taken = resting & (same | (doubt > _PATIENCE))
        sums = np.where(taken[..., None], colors.sums, self.colors.sums)
        return Background(ColorAccumulator(sums), np.where(taken, np.float32(0.0), doubt))


def find_camera(motion: Motion) -> Plane | None:
    """Returns the motion of the camera, x and y in cells, (2,) float32; None where not enough moves as one."""
    if motion.lost:
        return np.zeros(2, np.float32)
    # every sixteenth cell says it
    kept = motion.kept[::4, ::4] > 0.5
    if not kept.any():
        return None
    across, down = (motion.back[::4, ::4, axis][kept] for axis in (0, 1))
    shift = np.array([np.median(across), np.median(down)], np.float32)
    together = (np.abs(across - shift[0]) <= _TOGETHER) & (np.abs(down - shift[1]) <= _TOGETHER)
    return shift if together.mean() >= _MOST else None
