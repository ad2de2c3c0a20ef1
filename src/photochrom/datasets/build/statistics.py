"""What can be said of one photo of a set without keeping it."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photochrom.datasets.build.deduplicate import difference_hash
from photochrom.color.fast_lab import FloatArray, bytes_to_srgb, decode_lab_bytes, pool_cells, bytes_to_lab
from photochrom.color.soft_bins import REACH, count_corners
from photochrom.datasets.sources.photo_set import Photos, load
from photochrom.errors import DataError

__all__ = ["CELL", "COLORLESS", "GRAYNESS", "SECTORS", "SIZE", "Facts", "Tallies", "examine", "grayness"]

#: photos are brought to this size before their colours are counted, and averaged over cells of this many pixels
SIZE, CELL = 128, 4
#: sectors of the hue circle, the first centred on a*
SECTORS = 24
#: chroma C* below which 95 of 100 cells lie in a gray photo, and in one that is nearly gray
GRAY, NEARLY = 2.0, 4.0
#: a photo of one hue: what lightness does not explain of its colour is less than this share of its chroma, or the mean
#: colour's chroma is more than this share of the mean chroma
UNEXPLAINED, ONE_HUE = 0.12, 0.9975
#: hue means little below this chroma
COLORED = 5.0

Grayness = Literal["", "gray", "nearly gray", "one hue"]
#: what a photo may be instead of many-coloured
GRAYNESS: tuple[Grayness, ...] = ("gray", "nearly gray", "one hue")
#: those from which nothing about colour can be learnt
COLORLESS = GRAYNESS[:2]


@dataclass(frozen=True)
class Facts:
    """One photo.

    Attributes:
        index: its place in the set.
        name: which photo.
        source: its folder, or what its shard says.
        error: why it cannot be read; empty for a readable photo. Nothing below is known of an unreadable one.
        width: pixels, upright.
        height: pixels, upright.
        hash: the 64-bit difference hash.
        chroma: mean C*.
        grayness: ``gray``, ``nearly gray``, ``one hue``, or empty for all others.
    """

    index: int
    name: str
    source: str
    error: str = ""
    width: int = 0
    height: int = 0
    hash: int = 0
    chroma: float = 0.0
    grayness: Grayness = ""


@dataclass
class Tallies:
    """What is counted over photos.

    Attributes:
        corners: see :func:`photochrom.color.soft_bins.count_corners`.
        hues: (SECTORS,) chroma by hue, of coloured cells, mean over each photo's cells.
    """

    corners: NDArray[np.float64]
    hues: NDArray[np.float64]

    @classmethod
    def zero(cls) -> "Tallies":
        """Returns tallies in which nothing is counted yet."""
        return cls(np.zeros((2 * REACH, 2 * REACH)), np.zeros(SECTORS))

    def add(self, other: "Tallies") -> None:
        """Counts another's too."""
        self.corners += other.corners
        self.hues += other.hues


def examine(photos: Photos, index: int, tallies: Tallies) -> tuple[Facts, Image.Image | None]:
    """Looks at one photo.

    Args:
        photos: the set.
        index: which of it.
        tallies: counts are added here.

    Returns:
        The facts, and the photo in sRGB, reduced but not below :data:`SIZE`; None for an unreadable one.
    """
    name, source = photos.name(index), photos.source(index)
    try:
        image, in_lab, width, height = load(photos, index, at_least=SIZE)
    except DataError as error:
        return Facts(index, name, source, error=str(error)), None
    square = np.asarray(image.resize((SIZE, SIZE), Image.Resampling.BILINEAR))
    lab = pool_cells(decode_lab_bytes(square) if in_lab else bytes_to_lab(square), CELL)
    if in_lab:
        image = Image.fromarray(bytes_to_srgb(np.asarray(image)))
    chroma = np.hypot(lab[1], lab[2])
    tallies.corners += count_corners(lab[1:])
    tallies.hues += _hues(lab, chroma)
    facts = Facts(
        index,
        name,
        source,
        width=width,
        height=height,
        hash=difference_hash(image),
        chroma=round(float(chroma.mean()), 3),
        grayness=grayness(lab),
    )
    return facts, image


def grayness(lab: FloatArray) -> Grayness:
    """Returns whether there is colour in a photo.

    A toned print (sepia, cyanotype) is of one hue, but so are a blue sky and a sunset: only an eye can tell.

    Args:
        lab: (3,h,w) L*, a*, b*.
    """
    chroma = np.hypot(lab[1], lab[2])
    most, mean = float(np.percentile(chroma, 95)), float(chroma.mean())
    if most < GRAY:
        return "gray"
    if most < NEARLY:
        return "nearly gray"
    ab = lab[1:].reshape(2, -1).T.astype(float)
    if np.hypot(*ab.mean(0)) > ONE_HUE * mean:
        return "one hue"
    # toning makes colour a function of lightness, nearly a parabola
    lightness = lab[0].ravel().astype(float) / 100
    terms = np.stack([np.ones_like(lightness), lightness, lightness**2], 1)
    left = ab - terms @ np.linalg.pinv(terms) @ ab
    return "one hue" if float(np.sqrt(np.square(left).sum(1).mean())) < UNEXPLAINED * mean else ""


def _hues(lab: FloatArray, chroma: FloatArray) -> NDArray[np.float64]:
    angle = np.arctan2(lab[2], lab[1]) * (SECTORS / (2 * np.pi))
    sector = np.rint(angle).astype(int) % SECTORS
    weight = np.where(chroma >= COLORED, chroma, 0) / chroma.size
    return np.asarray(np.bincount(sector.ravel(), weight.ravel(), SECTORS), np.float64)
