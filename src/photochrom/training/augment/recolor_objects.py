"""Things in a photo given another colour, as a person would who clicks on a coat: what a hint must not spread beyond.

A photo's true colours go together, so a network that is only ever given true hints learns that one click tells of the
whole picture. Taught with recoloured things, it learns where a thing ends.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

__all__ = ["recolor"]

#: cells belong to one thing that are joined and differ from its middle by less, in a*b* and in L*
ALIKE_AB, ALIKE_LIGHT = 14.0, 20.0
#: spread of the new colours' a* and b*, Lab units
SPREAD = 25.0
#: beyond this no colour of sRGB lies
LARGEST = 105.0


def recolor(
    ab: NDArray[np.float32],
    lightness: NDArray[np.float32],
    place: tuple[int, int],
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    """Gives the thing at a place another colour; its shades stay.

    Args:
        ab: (2,h,w) a*b*, Lab units.
        lightness: (h,w) L* 0..100.
        place: row and column.
        rng: where the colour comes from.

    Returns:
        (2,h,w).
    """
    row, column = place
    here = ab[:, row, column]
    near = np.square(ab - here[:, None, None]).sum(0) < ALIKE_AB**2
    things, _ = ndimage.label(near & (np.abs(lightness - lightness[row, column]) < ALIKE_LIGHT))
    shift = (rng.normal(0.0, SPREAD, 2) - here).astype(np.float32)
    new: NDArray[np.float32] = ab + np.where(things == things[row, column], shift[:, None, None], np.float32(0))
    return np.clip(new, -LARGEST, LARGEST)
