"""Error by the hue of the truth."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["HUE_NAMES", "LEAST_CHROMA", "SECTOR", "HueErrors"]

#: by hue angle in the a*b* plane: the sector around 0, 30, ..., 330 degrees
HUE_NAMES = (
    "pink", "red", "orange", "yellow", "lime", "green", "teal", "cyan", "sky blue", "blue", "violet", "magenta",
)  # fmt: skip
#: degrees
SECTOR = 30.0
#: below this chroma a pixel has no hue worth the name
LEAST_CHROMA = 10.0


class HueErrors:
    """Sums error and chroma of pixels by hue sector of their true colour.

    Attributes:
        sums: (12,4): pixels, summed a*b* error, summed chroma of the result, summed chroma of the truth.
    """

    def __init__(self) -> None:
        self.sums = np.zeros((len(HUE_NAMES), 4))

    def add(self, ab: NDArray[np.floating], truth: NDArray[np.floating], error: NDArray[np.floating]) -> None:
        """Counts a strip: a*b* of the result and of the truth, (2,H,W), and the error between, (H,W)."""
        chroma = np.hypot(*truth)
        hued = chroma > LEAST_CHROMA
        a, b = truth[:, hued]
        sector = np.rint(np.degrees(np.arctan2(b, a)) / SECTOR).astype(np.intp) % len(HUE_NAMES)
        for column, weights in enumerate((None, error[hued], np.hypot(*ab[:, hued]), chroma[hued])):
            self.sums[:, column] += np.bincount(sector, weights=weights, minlength=len(HUE_NAMES))
