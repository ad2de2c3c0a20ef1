"""What a network sees of an image: its lightness at the network's size. One rule for photos, one for video frames."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from photochrom.image_io import Page
from photochrom.recolor import shrink
from photochrom.system.opencv import load_cv2

__all__ = ["PHOTO", "VIDEO", "FrameView", "LightnessSource", "PageView", "ViewPolicy", "downscale_view"]

Plane = NDArray[np.float32]


@dataclass(frozen=True)
class ViewPolicy:
    """How large a network sees an image of some shape.

    Attributes:
        longest: an image longer than this many short sides is seen smaller, so that no shape makes the input large.
        widest: an image with more pixels than one of this aspect ratio is seen smaller; infinite for no such limit.
    """

    longest: float = 4.0
    widest: float = float("inf")

    def shape(self, height: int, width: int, *, short_side: int, cell: int) -> tuple[int, int]:
        """Returns height and width of the view, pixels, multiples of ``cell``.

        Args:
            height: of the image, pixels.
            width: of the image, pixels.
            short_side: of the view, pixels.
            cell: input pixels of one cell of the network's output.
        """
        short, long = sorted((height, width))
        scale = short_side / max(short, long / self.longest)
        if np.isfinite(self.widest):
            scale = min(scale, short_side * (self.widest / (height * width)) ** 0.5)
        return max(1, round(height * scale / cell)) * cell, max(1, round(width * scale / cell)) * cell


#: photos are seen whole at the network's own short sides
PHOTO = ViewPolicy()
#: no film costs more a frame than one of 16:9
VIDEO = ViewPolicy(widest=16 / 9)


class LightnessSource(Protocol):
    """An image whose lightness can be had at several sizes."""

    @property
    def extent(self) -> tuple[float, float]:
        """Height and width, in the units that hints' places are in."""

    def lightness(self, short_side: int, *, cell: int) -> Plane:
        """Returns L* (h,w) float32, 0..100, of about this short side; both sides multiples of ``cell``."""


@dataclass(frozen=True, eq=False)
class PageView:
    """A page of a photo; each size is made from its full-size pixels.

    Attributes:
        page: the page.
    """

    page: Page

    @property
    def extent(self) -> tuple[float, float]:
        """Height and width, pixels."""
        return self.page.height, self.page.width

    def lightness(self, short_side: int, *, cell: int) -> Plane:
        """Returns L* at a size."""
        return shrink(self.page, PHOTO.shape(self.page.height, self.page.width, short_side=short_side, cell=cell))


@dataclass(frozen=True, eq=False)
class FrameView:
    """A frame of a film, read at the largest size that is wanted; smaller ones are made from that.

    Attributes:
        view: (h,w) float32, L* 0..100, multiples of the network's output stride.
        short_side: that it stands for, pixels; only ratios count.
    """

    view: Plane
    short_side: int

    @property
    def extent(self) -> tuple[float, float]:
        """Height and width, pixels of the view."""
        height, width = self.view.shape
        return height, width

    def lightness(self, short_side: int, *, cell: int) -> Plane:
        """Returns L* at a size, at most that of the view."""
        height, width = (max(1, round(side // cell * short_side / self.short_side)) * cell for side in self.view.shape)
        return downscale_view(self.view, (height, width))


def downscale_view(view: Plane, size: tuple[int, int]) -> Plane:
    """Returns a view (h,w), averaged down to another height and width."""
    if view.shape == size:
        return view
    cv2 = load_cv2()
    small: Plane = cv2.resize(view, size[::-1], interpolation=cv2.INTER_AREA)
    return small
