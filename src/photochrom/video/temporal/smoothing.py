"""A frame's colours beside those of the frame before, carried to it: what trembles along the motion comes to rest.

What predictions say about a thing differs a little from frame to frame, for flow is off by a part of a cell, and
predictions come in and fade. A recursive filter along the motion (after Bonneel et al., *Blind Video Temporal
Consistency*, SIGGRAPH Asia 2015) takes that away. A large difference is another colour, and is left as it is.
"""

import numpy as np
from numpy.typing import NDArray

from photochrom.video.temporal.optical_flow import Motion, warp_layers

__all__ = ["smooth_colors"]

Plane = NDArray[np.float32]

#: the part of the frame before, where all of it is believed
_HELD = 0.9
#: a*b* apart at which a color is another one
_OTHER = 16.0
#: what is followed at all is the same thing, however much grain there is
_FOLLOWED = 2.0


def smooth_colors(colors: Plane, before: Plane, motion: Motion, *, agreement: Plane | None, strength: float) -> Plane:
    """Returns the colours of a frame, nearer to those of the frame before.

    Args:
        colors: (2,h,w) float32, a*b* of the frame.
        before: (2,h,w) float32, a*b* that the frame before was given.
        motion: between the two.
        agreement: (h,w) 0..1, how far the past is about what is there; None for all of it.
        strength: 0 for ``colors`` as they are, 1 for the default.
    """
    moved = warp_layers(np.ascontiguousarray(np.moveaxis(before, 0, -1)), motion.back)
    apart = np.moveaxis(moved, -1, 0) - colors
    belief = np.minimum(motion.kept * np.float32(_FOLLOWED), np.float32(1.0))
    if agreement is not None:
        belief = belief * agreement
    squared = apart[0] * apart[0] + apart[1] * apart[1]
    part = belief * np.exp(squared / np.float32(-_OTHER * _OTHER)) * np.float32(_HELD * strength)
    smoothed: Plane = colors + apart * part
    return smoothed
