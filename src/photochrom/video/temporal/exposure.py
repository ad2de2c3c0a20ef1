"""Exposure within a shot: the tone of a frame against the shot, so that colour does not follow it.

The network's colours depend on how light a thing is. A thing keeps its colour when the light or the camera changes, so
the network sees the frames of a shot at one exposure, that at which their things were first seen.
"""

import numpy as np
from numpy.typing import NDArray

from photochrom.video.temporal.tone import Tone, fit_tone

__all__ = ["follow_exposure"]

Plane = NDArray[np.float32]

#: mean L* that the exposure of a shot reaches where its frames do: it may have begun in the dark, or in a glare
_LEAST_MEAN, _MOST_MEAN = 30.0, 75.0
#: a change of mean L* that is left as it is; of twice this, it is taken back whole
_SMALL = 2.5
#: mean L* by which a frame is moved at most
_FURTHEST = 30.0


def follow_exposure(last: Tone, light: Plane, before: Plane, known: NDArray[np.bool_]) -> Tone:
    """Returns the tone of a frame against its shot.

    Args:
        last: that of the frame before.
        light: (h,w) L* of the frame.
        before: (h,w) L* of the same things at the exposure of the shot.
        known: (h,w), whether the thing has been seen before.
    """
    # every fourth cell is enough for a line
    some = known[::2, ::2]
    found = fit_tone(before[::2, ::2][some], light[::2, ::2][some], Tone(1.0, last.offset))
    change = abs(float(light.mean()) - float(found.level(light).mean()))
    # small changes change no colour, and what is left alone cannot drift
    part = min(max((change - _SMALL) / _SMALL, 0.0), 1.0)
    return _keep_visible(Tone(1.0 + (found.gain - 1.0) * part, found.offset * part), light)


def _keep_visible(tone: Tone, light: Plane) -> Tone:
    """Returns the tone, moved where the frame would come to lie in a dark or a glare that it is out of, or far off."""
    mean, level = float(light.mean()), float(tone.level(light).mean())
    wanted = level
    if level < mean:
        wanted = max(level, min(mean, _LEAST_MEAN))
    elif level > mean:
        wanted = min(level, max(mean, _MOST_MEAN))
    wanted = min(max(wanted, mean - _FURTHEST), mean + _FURTHEST)
    if wanted == level:
        return tone
    # part of the way to no change at all: what is clipped cannot be moved back
    part = (wanted - level) / (mean - level)
    return Tone(tone.gain + (1.0 - tone.gain) * part, tone.offset * (1.0 - part))
