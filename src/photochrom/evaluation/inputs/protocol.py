"""The written protocols behind our figures: how truth becomes gray, and how a colouring is scored.

``lab256``, version 1: a truth photo is resized (Lanczos) so that its short side is 256 px and cropped to the centre
square. ``full``, version 1: it keeps its size. The gray image is the 8-bit sRGB gray of the same L*. The colorizer
sees it as any user's photo; its 8-bit sRGB answer is scored. A change to any of this is a new version.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photochrom.color.conversion import lab_to_srgb, srgb_to_lab
from photochrom.errors import OptionError
from photochrom.evaluation.metrics import AreaUnderCurve, Colorfulness, psnr
from photochrom.evaluation.metrics.planes import rgb_planes, srgb8_to_lab, strips

__all__ = ["PROTOCOLS", "SIZE", "Pixels", "Protocol", "Scores", "crop", "find_protocol", "gray_of", "score"]

SIZE = 256
Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Protocol:
    """How a photo becomes the truth that is scored against.

    Attributes:
        name: as options have it.
        version: of what it does.
        size: side of the centre square, pixels; None for the photo as it is.
        description: for reports.
    """

    name: str
    version: int
    size: int | None
    description: str

    def truth_of(self, photo: Image.Image) -> Pixels:
        """Returns the truth of an upright RGB photo: (H,W,3) uint8."""
        return crop(photo, self.size) if self.size else np.asarray(photo.convert("RGB"))


_GRAY = "gray is the 8-bit sRGB gray of the same CIELAB L*; the colorizer gets and gives 8-bit PNG pixels"
PROTOCOLS = {
    protocol.name: protocol
    for protocol in (
        Protocol("lab256", 1, SIZE, f"short side to 256 px by Lanczos, centre square; {_GRAY}"),
        Protocol("full", 1, None, f"every photo at its own size; {_GRAY}"),
    )
}


@dataclass(frozen=True)
class Scores:
    """Figures over a set of photos.

    Attributes:
        photos: how many.
        psnr: mean over photos, dB, against the truth in sRGB.
        auc_raw: see :class:`~photochrom.evaluation.metrics.AreaUnderCurve`, 0..100.
        auc_rebalanced: the same, every colour of the set counting alike.
        colorfulness: mean over photos, Hasler & Süsstrunk.
        colorfulness_abs: mean over photos, as published with abs() first.
        colorfulness_truth: of the true photos, Hasler & Süsstrunk.
    """

    photos: int
    psnr: float
    auc_raw: float
    auc_rebalanced: float
    colorfulness: float
    colorfulness_abs: float
    colorfulness_truth: float


def find_protocol(name: str) -> Protocol:
    """Returns the protocol of that name.

    Raises:
        OptionError: there is none.
    """
    if name not in PROTOCOLS:
        raise OptionError("evaluation.unknown_protocol", name=name, choices=" or ".join(PROTOCOLS))
    return PROTOCOLS[name]


def crop(photo: Image.Image, size: int = SIZE) -> Pixels:
    """Returns the centre square of a photo, its short side brought to ``size``: (size,size,3) uint8."""
    width, height = photo.size
    scale = size / min(width, height)
    photo = photo.convert("RGB").resize((round(width * scale), round(height * scale)), Image.Resampling.LANCZOS)
    left, top = (photo.width - size) // 2, (photo.height - size) // 2
    return np.asarray(photo.crop((left, top, left + size, top + size)))


def gray_of(truth: Pixels) -> Pixels:
    """Returns the 8-bit sRGB gray image (H,W) with the L* of ``truth`` (H,W,3)."""
    height, width, _ = truth.shape
    gray = np.empty((height, width), np.uint8)
    for rows in strips(height, width):
        lab = srgb8_to_lab(truth[rows])
        lab[1:] = 0.0
        gray[rows] = np.rint(np.clip(lab_to_srgb(lab).mean(0), 0, 1) * 255)
    return gray


def score(truths: Iterable[Pixels], colorize: Callable[[Pixels], Pixels]) -> Scores:
    """Colours the gray image of every truth and scores the answers: the few figures that a training watches.

    Args:
        truths: (H,W,3) uint8 sRGB photos.
        colorize: gray (H,W) uint8 to colour (H,W,3) uint8.
    """
    area = AreaUnderCurve()
    rows = []
    for truth in truths:
        true, made = (rgb_planes(pixels) for pixels in (truth, colorize(gray_of(truth))))
        area.add(srgb_to_lab(made)[1:], srgb_to_lab(true)[1:])
        ours, theirs = Colorfulness(), Colorfulness()
        ours.add(made)
        theirs.add(true)
        rows.append((psnr(made, true), ours.faithful, ours.with_abs, theirs.faithful))
    means = np.mean(rows, axis=0).tolist()
    return Scores(len(rows), means[0], area.raw, area.rebalanced, *means[1:])
