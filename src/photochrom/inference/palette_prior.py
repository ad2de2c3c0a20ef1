"""A palette: colours that a picture is pulled towards, where the network thinks them possible.

The palette is a preference over the network's colour bins, the same at every place: a bin near a palette colour keeps
its score, another loses up to some nats. Multiplied onto the distribution, that moves a place to the palette colour
that is likeliest there; where none is possible, all bins lose alike and the answer stays. Gray loses a little less
than colours do, so that what has none need not take one. The distribution of neighbouring places is alike, so regions
stay whole.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from photochrom.color.hex import hex_to_ab

__all__ = ["bin_bias"]

#: standard deviation, a*b* units, of nearness to a palette colour, and to gray
NEAR, NEAR_GRAY = 8.0, 6.0
#: what a bin can lose, nats, and what gray loses at the least
MOST, GRAY = 3.0, 2.5


def bin_bias(palette: Sequence[str], bins: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns what each bin's score loses under a palette.

    Args:
        palette: checked; empty for no bias.
        bins: (Q,2) a*b* in Lab units.

    Returns:
        (Q,) float32 nats, 0 or less; 0 everywhere without a palette.

    >>> bin_bias(["#808080"], np.array([[0, 0], [0, 60]], np.float32)).round(3).tolist()
    [-0.0, -3.0]
    """
    if not palette:
        return np.zeros(len(bins), np.float32)
    colors = np.array([hex_to_ab(color) for color in palette])
    squared = np.square(bins[:, None] - colors[None]).sum(-1).min(1)
    gray = GRAY + np.square(bins).sum(1) / (2 * NEAR_GRAY**2)
    lost = np.minimum(np.minimum(squared / (2 * NEAR**2), gray), MOST)
    # without the sign of a negative zero
    wanted: NDArray[np.float32] = (0.0 - lost).astype(np.float32)
    return wanted
