"""What a network says about one image."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photochrom.image_io import Page
from photochrom.recolor import recolor

__all__ = ["ColorDistribution", "Prediction"]


@dataclass(frozen=True, eq=False)
class Prediction:
    """The colours of one image, edge to edge, at the network's own resolution.

    Attributes:
        ab: (2,h,w) float32, a*b* in Lab units.
        confidence: (h,w) float32, 0..1; None where the network has no distribution.
    """

    ab: NDArray[np.float32]
    confidence: NDArray[np.float32] | None

    def apply(self, page: Page, *, strength: float = 1.0, threads: int = 1) -> NDArray[np.generic]:
        """Returns the pixels of a page with these colours and its own lightness.

        The page may be a copy of another size of the one that was looked at.

        Args:
            page: gray or RGB, of any size.
            strength: 0 for the page's own colours, 1 for these, up to 1.5 for more.
            threads: strips worked on at once.

        Returns:
            (H,W,3), of the page's dtype, in its output colour space.
        """
        return recolor(page, self.ab, strength=strength, threads=threads)

    def cut(self, box: tuple[float, float, float, float], size: tuple[int, int]) -> "Prediction":
        """Returns the colours of a part of the image, as fine as its pixels.

        They are what the whole has there, so that parts put side by side show no seam.

        Args:
            box: left, top, right and bottom edge, 0..1 of the image.
            size: width and height of the part, pixels.
        """
        rows, columns = self.ab.shape[1:]
        cells = (box[0] * columns, box[1] * rows, box[2] * columns, box[3] * rows)
        planes = [Image.fromarray(plane).resize(size, Image.Resampling.BICUBIC, box=cells) for plane in self.ab]
        return Prediction(np.stack([np.asarray(plane) for plane in planes]), None)


@dataclass(frozen=True, eq=False)
class ColorDistribution:
    """What a network with a distribution says of an image, on its output grid of h x w cells.

    Attributes:
        lightness: (h,w) float32, L* 0..100, the mean of each cell.
        probability: (Q,h,w) float32 over the bins, sums to 1 at each cell; a palette's bias is in it.
        bins: (Q,2) float32, a*b* in Lab units.
        ab: (2,h,w) float32, the answer, Lab units.
        confidence: (h,w) float32, 0..1.
    """

    lightness: NDArray[np.float32]
    probability: NDArray[np.float32]
    bins: NDArray[np.float32]
    ab: NDArray[np.float32]
    confidence: NDArray[np.float32]
