"""The colour cast of a result: its mean signed difference from the truth in a*b*, by region.

Above 0, a* is towards red and b* towards yellow; below 0, a* is towards green and b* towards blue. A mean error cannot
tell a cast from colours that are wrong in every direction alike; a signed mean can.

A region is a mask plane: by lightness here, and in the same way by class of thing where a class map is known.
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["BANDS", "BAND_EDGES", "ColorCast", "compute_cast", "mask_bands", "mask_classes", "sum_cast"]

#: bands of the true lightness, and the L* between them: thirds of the scale
BANDS = ("dark", "mid", "light")
BAND_EDGES = (100.0 / 3.0, 200.0 / 3.0)

Mask = NDArray[np.bool_]


def mask_bands(lightness: NDArray[np.floating]) -> Mask:
    """Returns the pixels of each band of lightness: (H,W) L* to (3,H,W), dark, mid and light."""
    return mask_classes(np.digitize(lightness, BAND_EDGES), len(BANDS))


def mask_classes(classes: NDArray[np.integer], count: int) -> Mask:
    """Returns one mask plane a class: (H,W) class numbers to (count,H,W); other numbers belong to no class."""
    masks: Mask = np.asarray(classes)[None] == np.arange(count)[:, None, None]
    return masks


def sum_cast(ab: NDArray[np.floating], truth: NDArray[np.floating], masks: Mask) -> NDArray[np.float64]:
    """Sums signed differences over the pixels of each mask.

    Args:
        ab: (2,H,W) a*b* of the result, Lab units.
        truth: (2,H,W) of the truth.
        masks: (M,H,W), which pixels belong to each region; regions may overlap.

    Returns:
        (M,3): pixels, and the sums of result less truth in a* and in b*. Sums of parts of a photo, or of photos, add
        up.
    """
    difference = np.asarray(ab, np.float64) - truth
    weights = masks.reshape(len(masks), -1).astype(np.float64)
    columns = np.stack([np.ones(difference[0].size), *difference.reshape(2, -1)], axis=1)
    sums: NDArray[np.float64] = weights @ columns
    return sums


def compute_cast(sums: NDArray[np.floating]) -> NDArray[np.float64]:
    """Returns the signed means (...,M,2), a* and b* of result less truth, of sums (...,M,3); NaN without pixels."""
    pixels = sums[..., :1]
    empty = np.full((*sums.shape[:-1], 2), np.nan)
    means: NDArray[np.float64] = np.divide(sums[..., 1:], pixels, out=empty, where=pixels > 0)
    return means


class ColorCast:
    """Sums the cast of one photo strip by strip, over all pixels and by band of the true lightness.

    Attributes:
        sums: (4,3): all, dark, mid, light, each as :func:`sum_cast` has it.
    """

    def __init__(self) -> None:
        self.sums = np.zeros((1 + len(BANDS), 3))

    def add(self, lab: NDArray[np.floating], truth: NDArray[np.floating]) -> None:
        """Counts a strip: CIELAB (3,H,W) of the result and of the truth."""
        bands = mask_bands(truth[0])
        self.sums += sum_cast(lab[1:], truth[1:], np.concatenate([np.ones_like(bands[:1]), bands]))
