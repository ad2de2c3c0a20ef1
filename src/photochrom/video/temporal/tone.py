"""How the lightness of one frame follows from that of another that shows the same things: a line, fitted robustly.

Cameras and printers that change exposure change contrast with it; a factor and an offset on L* are enough for both.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["SAME", "Tone", "fit_tone"]

Plane = NDArray[np.float32]

#: L* off the line at which a cell counts half: another thing, or one that has its own light
_OFF = 3.0
#: the spread of L* with which a fit is as sure of its factor as of what it was before
_DOUBT = 4.0
#: contrast may change by this factor, either way
_LEAST_GAIN = 0.4
#: L* outside of which a cell may be clipped
_DARK, _BRIGHT = 2.0, 98.0
#: fits from fewer cells are none
_FEWEST = 40
_ROUNDS = 4


class Tone(NamedTuple):
    """L* of a frame is ``gain`` times that of a reference, and ``offset``."""

    gain: float = 1.0
    offset: float = 0.0

    def level(self, light: Plane) -> Plane:
        """Returns what L* of the frame would be in the reference, 0..100."""
        if self == SAME:
            return light
        leveled: Plane = np.clip((light - np.float32(self.offset)) / np.float32(self.gain), 0.0, 100.0)
        return leveled

    def apply(self, light: Plane) -> Plane:
        """Returns what L* of the reference would be in the frame; not clipped."""
        if self == SAME:
            return light
        return light * np.float32(self.gain) + np.float32(self.offset)


SAME = Tone()


def fit_tone(reference: Plane, light: Plane, start: Tone = SAME) -> Tone:
    """Returns the tone of most cells.

    Args:
        reference: (n,) L* of things.
        light: (n,) L* of the same things in the frame; a good part may be of others.
        start: what it was before, which decides where the cells do not.
    """
    usable = (np.minimum(reference, light) > _DARK) & (np.maximum(reference, light) < _BRIGHT)
    x, y = reference[usable].astype(np.float64), light[usable].astype(np.float64)
    if len(x) < _FEWEST:
        return start
    gain, offset = start.gain, float(np.median(y - start.gain * x))
    for _ in range(_ROUNDS):
        weight = np.reciprocal(np.square(1.0 + np.square((y - gain * x - offset) / _OFF)))
        total = weight.sum()
        center_x, center_y = (weight * x).sum() / total, (weight * y).sum() / total
        apart = x - center_x
        spread = (weight * apart * apart).sum() + total * _DOUBT**2
        gain = ((weight * apart * (y - center_y)).sum() + total * _DOUBT**2 * start.gain) / spread
        gain = min(max(float(gain), _LEAST_GAIN), 1.0 / _LEAST_GAIN)
        offset = float(center_y - gain * center_x)
    return Tone(gain, offset)
