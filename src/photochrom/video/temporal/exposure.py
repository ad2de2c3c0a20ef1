"""Exposure within a shot: how far a frame is brighter than the shot is taken to be, so that colour does not follow it.

The network's colours depend on how light a thing is. A thing keeps its colour when the light or the camera changes, so
the network sees the frames of a shot at one exposure, that of its first frame, and later frames are scaled to it. A
factor on light is one on L* + 16 (CIE 1976), and that is what an exposure is here: its logarithm.
"""

import numpy as np
from numpy.typing import NDArray

from photochrom.video.temporal.optical_flow import Motion, warp_layers

__all__ = ["follow_exposure", "level"]

Plane = NDArray[np.float32]

#: black of the scale on which a factor on light is a factor
_OFFSET = 16.0
#: L* outside of which a cell may be clipped, and says nothing about exposure
_DARK, _BRIGHT = 4.0, 96.0
#: cells believed less do not count, and fewer than this part of them are not enough
_BELIEVED, _FEWEST = 0.5, 0.1
#: exposures further from the first are not followed: there is little left to be seen
_FURTHEST = 0.8
#: mean L* that a shot's exposure is taken to reach where its frames do: it may have begun in the dark, or in a glare
_LEAST_MEAN, _MOST_MEAN = 30.0, 75.0


def level(light: Plane, exposure: float) -> Plane:
    """Returns L* (h,w) 0..100 at the exposure of the shot, of a frame that has this exposure."""
    if not exposure:
        return light
    scaled: Plane = (light + np.float32(_OFFSET)) * np.float32(np.exp(-exposure)) - np.float32(_OFFSET)
    return np.clip(scaled, 0.0, 100.0)


def follow_exposure(exposure: float, earlier: Plane, later: Plane, motion: Motion) -> float:
    """Returns the exposure of a frame, from that of the one before it.

    Args:
        exposure: of the frame before, against the shot; 0 at its start.
        earlier: (h,w) float32, L* of the frame before.
        later: (h,w) float32, L* of the frame.
        motion: between the two.
    """
    before = warp_layers(earlier[..., None], motion.back)[..., 0]
    usable = (motion.kept > _BELIEVED) & (np.minimum(before, later) > _DARK) & (np.maximum(before, later) < _BRIGHT)
    if not motion.lost and usable.mean() > _FEWEST:
        change = np.log((later[usable] + _OFFSET) / (before[usable] + _OFFSET))
        exposure += float(np.median(change))
        # what enters the picture has never been seen at the first exposure
        exposure *= 1.0 - _find_entered(motion)
    return _keep_visible(exposure, float(later.mean()))


def _find_entered(motion: Motion) -> float:
    """Returns the part of the frame that lay outside of the one before."""
    height, width = motion.kept.shape
    x, y = (float(np.median(motion.back[..., axis])) for axis in (0, 1))
    return 1.0 - max(0.0, 1.0 - abs(x) / width) * max(0.0, 1.0 - abs(y) / height)


def _keep_visible(exposure: float, mean: float) -> float:
    """Returns the exposure, nearer to 0 where the frame would come to lie in a dark or a glare that it is out of."""
    brightest = np.log((mean + _OFFSET) / (min(mean, _LEAST_MEAN) + _OFFSET))
    darkest = np.log((mean + _OFFSET) / (max(mean, _MOST_MEAN) + _OFFSET))
    if exposure > brightest:
        exposure = max(float(brightest), 0.0)
    elif exposure < darkest:
        exposure = min(float(darkest), 0.0)
    return min(max(exposure, -_FURTHEST), _FURTHEST)
